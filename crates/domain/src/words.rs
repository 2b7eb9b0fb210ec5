//! Enumerations whose variants are words, on the wire and in records.

/// An enumeration that is stored and sent as one word.
pub trait Word: Sized {
    /// The word.
    fn word(self) -> &'static str;

    /// The variant with this word.
    fn from_word(word: &str) -> Option<Self>;
}

/// Declares an enumeration with a word for each variant: `ALL`, `as_str`, `parse` and [`Word`] follow from the list.
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
        }

        impl $name {
            /// Every variant, in the order of their declaration.
            pub const ALL: &[$name] = &[$($name::$variant,)+];

            /// The word.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)+
                }
            }

            /// The variant spelled by `text`.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|variant| variant.as_str() == text)
            }
        }

        impl $crate::words::Word for $name {
            fn word(self) -> &'static str {
                self.as_str()
            }

            fn from_word(word: &str) -> Option<Self> {
                Self::parse(word)
            }
        }
    };
}

pub(crate) use words;
