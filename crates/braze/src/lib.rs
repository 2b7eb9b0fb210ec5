//! What Braze needs: the /recommendations family and its response shapes.
