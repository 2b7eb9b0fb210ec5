//! Tests of the console over an API of canned answers.

mod frame;
mod live;
mod login;
mod markup;
mod world;
