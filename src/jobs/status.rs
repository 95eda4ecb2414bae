//! The states of a job and the only ways between them. Plain data; knows nothing else.

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Waits for a place among the running jobs of its kind.
    Queued,
    /// Works.
    Running,
    /// Holds still at a safe point until it is resumed.
    Paused,
    /// Has done what was asked.
    Succeeded,
    /// Has ended with an error.
    Failed,
    /// Was stopped by a person, or by the limit on a freeze.
    Cancelled,
}

impl Status {
    /// Whether the job is over; a job that is over leaves this state by a retry alone.
    #[must_use]
    pub const fn ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }

    /// Whether a job in this state may go to `next`.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Queued => matches!(next, Self::Running | Self::Cancelled),
            Self::Running => !matches!(next, Self::Queued | Self::Running),
            // A paused job that was at its last step may still end.
            Self::Paused => !matches!(next, Self::Queued | Self::Paused),
            Self::Succeeded => false,
            Self::Failed | Self::Cancelled => matches!(next, Self::Queued),
        }
    }

    /// Goes to `next` if that is a way; otherwise stays and returns false.
    pub fn become_if_allowed(&mut self, next: Self) -> bool {
        let allowed = self.may_become(next);
        if allowed {
            *self = next;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::Status;

    #[test]
    fn a_late_result_does_not_overwrite_a_cancel() {
        let mut status = Status::Cancelled;
        assert!(!status.become_if_allowed(Status::Succeeded));
        assert!(!status.become_if_allowed(Status::Failed));
        assert_eq!(status, Status::Cancelled);
    }

    #[test]
    fn what_succeeded_is_final_and_what_did_not_can_be_tried_again() {
        for next in [Status::Queued, Status::Running, Status::Cancelled, Status::Failed] {
            assert!(!Status::Succeeded.may_become(next));
        }
        assert!(Status::Failed.may_become(Status::Queued));
        assert!(Status::Cancelled.may_become(Status::Queued));
        assert!(!Status::Running.may_become(Status::Queued));
    }
}
