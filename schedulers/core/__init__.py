"""When a feed is polled, and what a poll means for it. Pure: states and answers in, decisions out.

request_headers(state, now=…)                     what to send
after_poll(state, result, now=…, random=…)        what follows
own_outage(answers, now=…)                        whether it is us
new_feed(url, now=…, random=…)                    the state of a feed that was never polled
"""

from schedulers.core.decide import after_poll, deferred_until
from schedulers.core.newcomers import new_feed
from schedulers.core.outage import HostAnswer, own_outage, reached_at
from schedulers.core.policy import PollingPolicy
from schedulers.core.state import FeedState
from schedulers.core.validators import request_headers
from schedulers.core.values import Decision, Document, EventKind, FeedEvent, PollResult

__all__ = [
    "Decision",
    "Document",
    "EventKind",
    "FeedEvent",
    "FeedState",
    "HostAnswer",
    "PollResult",
    "PollingPolicy",
    "after_poll",
    "deferred_until",
    "new_feed",
    "own_outage",
    "reached_at",
    "request_headers",
]
