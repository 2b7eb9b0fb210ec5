//! The AWS recipe names, each bound to algorithms, hyperparameter table and policy.
