"""Every key that rarewire keeps in Redis, what it holds and how long it lives. Pure data.

The `1` is the layout's version: a release that changes the layout writes under the next number and migrates.
The public streams stand apart (`rarewire:<topic>:v<major>`), because their names are a contract with other teams.
"""

from __future__ import annotations

from dataclasses import dataclass

LAYOUT = 1
LAYOUT_KEY = "rarewire:layout"  # stands above the layouts: a string, kept, that says which of them the state is in
PREFIX = f"rarewire:{LAYOUT}:"
DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class Key:
    """A family of keys: `pattern` with `{}` for ids, Redis type, lifetime in seconds (None: kept; see `bound`)."""

    pattern: str
    type: str
    lifetime: int | None
    holds: str
    bound: str = ""

    def __call__(self, *parts: str) -> str:
        """Return the full key of the given ids."""
        return PREFIX + self.pattern.format(*parts)


READY = Key(
    pattern="{}:ready",
    type="zset",
    lifetime=None,
    holds="work ids of a stage by the time they are due",
    bound="the work that waits",
)
LEASES = Key(
    pattern="{}:leases",
    type="zset",
    lifetime=None,
    holds="claimed work ids of a stage by the end of their lease",
    bound="the work in progress",
)
WORK = Key(
    pattern="work:{}:{}",
    type="hash",
    lifetime=None,
    holds="a piece of work: m message, t lease token, r tries, d lost workers, h attempts, f first queued, s slot",
    bound="the work that waits or is in progress; deleted with its outcome",
)
RETRIES = Key(
    pattern="retries",
    type="zset",
    lifetime=None,
    holds="`stage/id` of failed work that waits for its next try, by that time",
    bound="the work that waits",
)
BELL = Key(pattern="{}:bell", type="string", lifetime=2, holds="a doorbell of this stage is on its way")
BOOKS = Key(
    pattern="books",
    type="hash",
    lifetime=None,
    holds="counters `stage:in`, `stage:forwarded`, `stage:dropped:<reason>`, …",
    bound="stages x reasons",
)
MINUTE = Key(
    pattern="minute:{}",
    type="hash",
    lifetime=26 * 3600,
    holds="the same counters for one minute (epoch / 60), for rates",
)
FEEDS = Key(pattern="feeds", type="set", lifetime=None, holds="ids of all feeds", bound="the feeds")
FEED = Key(
    pattern="feed:{}", type="hash", lifetime=None, holds="a feed: its source and all it remembers", bound="the feeds"
)
SEEN = Key(
    pattern="seen:{}",
    type="hash",
    lifetime=400 * DAY,
    holds="a feed's known entries: identity hash -> entry hash and day last seen",
    bound="what the feed lists, and 5,000 more at most",
)
ARTICLE = Key(pattern="article:{}", type="hash", lifetime=90 * DAY, holds="an article's record and its trace by stage")
PAGE = Key(pattern="page:{}", type="string", lifetime=3 * DAY, holds="a fetched page's bytes, zstd")
TEXT = Key(pattern="text:{}", type="string", lifetime=30 * DAY, holds="an extracted article as JSON, zstd")
ENTRY = Key(pattern="entry:{}", type="string", lifetime=3 * DAY, holds="the full text a feed carries of an entry, zstd")
DEAD = Key(
    pattern="dead:{}",
    type="string",
    lifetime=None,
    holds="a dead letter as JSON, by `stage/id`",
    bound="until an operator retries or discards it",
)
DEAD_INDEX = Key(
    pattern="dead", type="zset", lifetime=None, holds="all dead letters by last failure", bound="dead letters"
)
DEAD_BY = Key(
    pattern="dead-by:{}:{}",
    type="zset",
    lifetime=None,
    holds="dead letters of one facet's value (stage, reason, host, feed, error class, group) by last failure",
    bound="dead letters",
)
DEAD_FACET = Key(
    pattern="dead-facet:{}",
    type="zset",
    lifetime=None,
    holds="a facet's values by number of dead letters",
    bound="dead letters",
)
LINEAGE = Key(
    pattern="lineage:{}",
    type="list",
    lifetime=90 * DAY,
    holds="what operators did with a piece of work (`stage/id`), as JSON, oldest first; 50 at most",
)
AUDIT = Key(
    pattern="audit:{}", type="hash", lifetime=400 * DAY, holds="one act that changed something: who, when, what, why"
)
AUDIT_INDEX = Key(
    pattern="audit", type="zset", lifetime=None, holds="the acts by time", bound="the acts of the last 400 days"
)
RECENT = Key(
    pattern="recent:{}",
    type="list",
    lifetime=7 * DAY,
    holds="ids of the last 100 pieces of work of one `stage:outcome:reason`, newest first",
)
PULSE = Key(
    pattern="pulse",
    type="hash",
    lifetime=None,
    holds="when each stage was last looked at by a worker, when the last tick came, when each process showed life",
    bound="stages and processes",
)
PROCESSES = Key(
    pattern="processes",
    type="hash",
    lifetime=None,
    holds="what each supervisor says of its processes, as JSON",
    bound="supervisors; those unheard of for a day are removed",
)
FEED_HEALTH = Key(
    pattern="feed-health",
    type="string",
    lifetime=DAY,
    holds="a summary of all feeds as JSON: numbers by state, and those that are silent or failing",
)
FEED_ORDER = Key(
    pattern="feed-order",
    type="zset",
    lifetime=DAY,
    holds="all feed ids in the order that lists show them: by state, then by name, as of the last summary",
)
ALERTS = Key(
    pattern="alerts",
    type="hash",
    lifetime=None,
    holds="the causes that are watched or alerted, as JSON",
    bound="causes; gone when they are over",
)
WATCH = Key(pattern="watch", type="string", lifetime=60, holds="which console watches and sends the notices")
SESSION = Key(
    pattern="session:{}",
    type="hash",
    lifetime=12 * 3600,
    holds="a login: user, role, since; by the hash of its cookie",
)
ATTEMPTS = Key(pattern="login:{}", type="string", lifetime=300, holds="failed logins of one address or name, counted")
PUSH_KEY = Key(
    pattern="push-key",
    type="string",
    lifetime=None,
    holds="the master key of WebSub secrets and callback addresses, made at random once",
    bound="one",
)
NOTICES = Key(
    pattern="notices",
    type="list",
    lifetime=None,
    holds="what operators should know, newest first",
    bound="1,000 entries",
)
ANSWERS = Key(
    pattern="answers",
    type="list",
    lifetime=DAY,
    holds="whether the hosts asked last answered at all, newest first, for the own-outage guard",
)
HOST = Key(
    pattern="host:{}",
    type="hash",
    lifetime=40 * DAY,
    holds="a host's next free slot, its last request, until when it is held and how long it wants us to wait",
)
SITES = Key(
    pattern="sites",
    type="zset",
    lifetime=None,
    holds="sites by when they were last learnt from",
    bound="the sites of the last 60 days",
)
SITE = Key(
    pattern="site:{}",
    type="hash",
    lifetime=60 * DAY,
    holds="a site: pages learnt from, the articles they had, blocks that come back, drift, as JSON",
    bound="300 articles a site",
)
SITE_BLOCKS = Key(
    pattern="site-blocks:{}",
    type="hash",
    lifetime=60 * DAY,
    holds="what is known of each block of a site by its fingerprint, as JSON",
    bound="1,000 blocks a site",
)
SITE_ORDER = Key(
    pattern="site-order:{}",
    type="zset",
    lifetime=60 * DAY,
    holds="the same blocks by the page on which they stood last; the oldest leave first",
    bound="1,000 blocks a site",
)
ROBOTS = Key(pattern="robots:{}", type="string", lifetime=DAY, holds="what of an origin's robots.txt speaks to us")
SEQUENCES = Key(
    pattern="sequences",
    type="hash",
    lifetime=None,
    holds="how many article events each public stream has carried",
    bound="the streams",
)
GROUPS = Key(
    pattern="groups:{}",
    type="hash",
    lifetime=None,
    holds="a stream's registered groups: owner, since, position and what was lost, as JSON",
    bound="the groups",
)
STREAM = Key(
    pattern="stream:{}",
    type="hash",
    lifetime=None,
    holds="what housekeeping knows of a public stream: last canary, last trim, alarm",
    bound="the streams",
)
WEBHOOKS = Key(
    pattern="webhooks",
    type="hash",
    lifetime=None,
    holds="the webhook endpoints that the sender was told of last: stream, group, address and owner, as JSON",
    bound="the endpoints",
)
WEBHOOK = Key(
    pattern="webhook:{}",
    type="hash",
    lifetime=None,
    holds="a webhook endpoint: attempts by outcome, failures in a row, until when it is left alone, whether disabled",
    bound="the endpoints that were ever configured and not forgotten",
)
SHINGLE = Key(
    pattern="shingle:{}",
    type="list",
    lifetime=10 * DAY,
    holds="the last articles whose sketch has this hash of a shingle among its 32 smallest, newest first",
    bound="30 articles a hash",
)
SKETCH = Key(
    pattern="sketch:{}", type="hash", lifetime=10 * DAY, holds="an article's cluster and its sketch: 64 hashes as JSON"
)
CLUSTER = Key(pattern="cluster:{}", type="hash", lifetime=10 * DAY, holds="a cluster's members as JSON, by article")

ALL: tuple[Key, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Key))
