//! Recipes, with their algorithms and feature transformations.

pub mod describe;
pub mod describe_algorithm;
pub mod describe_feature_transformation;
pub mod list;
pub mod wire;
