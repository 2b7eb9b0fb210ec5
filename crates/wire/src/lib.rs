//! The AWS shapes of the three Personalize services: inputs, outputs, errors, the operation table, codecs and request signatures.
