"""What a feed says, worked out from its bytes alone: no request, no clock, no store. `now` is an argument.

parse(body, url=…, now=…)   RSS, RDF, Atom, CDF, JSON Feed, news sitemaps -> ParsedFeed
unseen(entries, seen)       what is new, what changed, what to remember
body_hash(body)             equal body, no parse
feeds_in_page(…)            the feeds that a page names
websub                      hub discovery, subscription, verification, signatures
"""

from workers.poll.core.identity import body_hash
from workers.poll.core.parse import parse
from workers.poll.core.seen import Seen, Unseen, unseen
from workers.poll.core.values import Entry, ParsedFeed

__all__ = ["Entry", "ParsedFeed", "Seen", "Unseen", "body_hash", "parse", "unseen"]
