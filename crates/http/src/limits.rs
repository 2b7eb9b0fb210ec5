//! The limits of the server by name and unit.

use std::time::Duration;

/// Bytes of a JSON or form body. S3 bodies stream and have no such limit.
pub const BODY_BYTES_MAX: usize = tastemaker_wire::codec::BODY_BYTES_MAX;
/// Bytes of an oversized body that are read and dropped, so that the client reads the refusal instead of a reset.
pub const BODY_DRAIN_BYTES_MAX: usize = 64 << 20;
/// Requests served at once, S3 transfers not counted; more are refused as throttled at once.
pub const REQUESTS_IN_FLIGHT_MAX: usize = 4096;
/// Requests of one campaign that wait for their turn to be computed; more are throttled at once.
pub const WAITING_PER_CAMPAIGN_MAX: usize = 512;
/// Time that a request of the API waits for its turn before it is throttled.
pub const ADMISSION_WAIT_MAX: Duration = Duration::from_millis(500);
/// The part of a campaign's `minProvisionedTPS` that an idle campaign may save up and use at once.
pub const FLOOR_SAVED_MAX: Duration = Duration::from_secs(1);
/// Campaigns whose queues are kept while nobody waits in them.
pub const ADMISSION_QUEUES_MAX: usize = 1024;
/// PutEvents and the other calls of personalize-events served at once; more are throttled at once.
pub const EVENTS_IN_FLIGHT_MAX: usize = 1024;
/// Bytes of all bodies that are held at once; a request beyond them is throttled.
pub const BODIES_BYTES_MAX: usize = 256 << 20;
/// Bytes of a form without a signature, whose sender is known by the token in it.
pub const STRANGERS_FORM_BYTES_MAX: usize = 64 << 10;
/// Connections open at once; more wait to be accepted.
pub const CONNECTIONS_MAX: usize = 16_384;
/// Connections of one client address; more are closed at once. A load balancer or a network behind one address stays below.
pub const CONNECTIONS_PER_ADDRESS_MAX: usize = 4096;
/// An address may have one part in so many of the requests under way and of the memory for bodies.
pub const PARTS_PER_ADDRESS: usize = 2;
/// Time for one request from its head to its answer; S3 transfers are not timed.
pub const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);
/// Time in which some bytes of a body must arrive.
pub const BODY_PROGRESS_TIME_MAX: Duration = Duration::from_secs(10);
/// Time from a connection to its first whole request head, silence included.
pub const FIRST_HEAD_TIME_MAX: Duration = Duration::from_secs(15);
/// Time for a later request's head to arrive, which also ends idle connections.
pub const HEAD_TIME_MAX: Duration = Duration::from_secs(75);
/// Time in which the client must take something of an answer; a program may work on a piece of a download before the next.
pub const ANSWER_PROGRESS_TIME_MAX: Duration = Duration::from_secs(300);
/// Bytes of an answer that a client must take for each second that it lets the server wait, in windows of twice
/// [`ANSWER_PROGRESS_TIME_MAX`]; a piece of 64 KiB in each of these times is more.
pub const ANSWER_BYTES_PER_SECOND_MIN: f64 = 128.0;
/// Time for requests under way to finish once shutdown began.
pub const DRAIN_TIME_MAX: Duration = Duration::from_secs(25);
/// Requests after which the histograms' raw samples are folded into buckets.
pub const METRICS_UPKEEP_REQUESTS: u64 = 4096;
/// Campaign names listed in one error message.
pub const CAMPAIGNS_NAMED_MAX: usize = 10;
/// Pages of the console made at once.
pub const CONSOLE_PAGES_MAX: usize = 64;
/// Uploads to the console under way at once.
pub const CONSOLE_UPLOADS_MAX: usize = 16;
/// Live pages of the console open at once.
pub const CONSOLE_STREAMS_MAX: usize = 64;
/// Time in which something of a form or an upload to the console must arrive.
pub const CONSOLE_BODY_SILENCE_MAX: Duration = Duration::from_secs(60);
