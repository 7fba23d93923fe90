//! What may happen to a request on its way, and what each kind means for the server.

/// A fault of the network, of a gateway, or of the server, as a client meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    // ---- the request is not carried out
    /// The connection is reset, and for a moment every other one, too.
    Refuse,
    /// The connection is reset before the body was read.
    Reset,
    /// The connection ends after the request, without an answer.
    CutBefore,
    /// 408, 429 or 503, often with `Retry-After`.
    Busy,
    /// 503 before the body was read, and the connection ends.
    EarlyBusy,
    /// 500.
    Internal,
    /// Nothing, until the client goes away.
    Stall,
    /// The request's length is changed on its way to the server.
    RequestLength,
    // ---- the request is carried out
    /// No answer: the connection ends.
    Lose,
    /// The connection ends within the answer's head.
    CutHead,
    /// The connection ends within the answer's body.
    CutBody,
    /// The answer lacks its last byte.
    CutEnd,
    /// The connection ends after the whole answer.
    CutAfter,
    /// The answer comes in small pieces, and late.
    Dribble,
    /// The request reaches the server twice.
    Duplicate,
    /// What comes back is not HTTP.
    Garbage,
    /// A part of the answer, then nothing, until the client goes away.
    StallBody,
    /// The body ends early, and the head says so.
    Truncate,
    /// Another length in the answer's head.
    AnswerLength,
    /// One bit of the answer's head is another one.
    FlipHead,
    // ---- either
    /// 502 or 504; the request may have been carried out or not.
    Gateway,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::Refuse,
        Self::Reset,
        Self::CutBefore,
        Self::Busy,
        Self::EarlyBusy,
        Self::Internal,
        Self::Stall,
        Self::RequestLength,
        Self::Lose,
        Self::CutHead,
        Self::CutBody,
        Self::CutEnd,
        Self::CutAfter,
        Self::Dribble,
        Self::Duplicate,
        Self::Garbage,
        Self::StallBody,
        Self::Truncate,
        Self::AnswerLength,
        Self::FlipHead,
        Self::Gateway,
    ];

    /// What a client must hide from its program if it does not happen to one request too often.
    pub const HIDDEN: [Self; 15] = [
        Self::Refuse,
        Self::Reset,
        Self::CutBefore,
        Self::Busy,
        Self::EarlyBusy,
        Self::Internal,
        Self::Lose,
        Self::CutHead,
        Self::CutBody,
        Self::CutEnd,
        Self::CutAfter,
        Self::Dribble,
        Self::Duplicate,
        Self::Garbage,
        Self::Gateway,
    ];

    /// Whether it may happen to a request of this method. 500 says of a change that it is at fault;
    /// only questions are asked again.
    pub fn applies_to(self, method: &str) -> bool {
        self != Self::Internal || method == "GET"
    }
}
