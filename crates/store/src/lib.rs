//! What we ask of memory: four small traits, versioned record formats, an in-memory implementation, one conformance suite.
