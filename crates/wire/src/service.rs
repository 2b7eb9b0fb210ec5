//! The three services that share a listener.

/// One of the three services that share a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// `personalize`: the control plane, JSON 1.1, routed by `X-Amz-Target`.
    Personalize,
    /// `personalize-runtime`: REST-JSON, routed by path.
    Runtime,
    /// `personalize-events`: REST-JSON, routed by path.
    Events,
}

impl Service {
    /// The media type of request and response bodies.
    pub fn content_type(self) -> &'static str {
        match self {
            Service::Personalize => "application/x-amz-json-1.1",
            Service::Runtime | Service::Events => "application/json",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_have_the_media_type_of_their_service() {
        assert_eq!(Service::Personalize.content_type(), "application/x-amz-json-1.1");
        assert_eq!(Service::Runtime.content_type(), "application/json");
        assert_eq!(Service::Events.content_type(), "application/json");
    }
}
