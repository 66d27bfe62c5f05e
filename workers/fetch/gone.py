"""A published article whose page is gone: looked for once more after a 404 and then taken back, at once after a 410.

A page that says "not found" with status 200 is taken for a 404: it was an article before.

Consumers are told with the same stroke that ends the fetch (`Drop.events`). Pages that were never published are simply
dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.outcomes import Drop, Later, Reason
from shared.retractions import retract_gone

if TYPE_CHECKING:
    from shared.messages import PageFound
    from shared.stores.articles import ArticleStore

# A 404 may be a site's bad moment. Two, an hour apart, on a page that was there before are not.
LOOK_AGAIN = 3_600.0
LOOKS = 2
MISSING = frozenset({Reason.GONE, Reason.NOT_FOUND, Reason.SOFT_404})  # what may mean that a page is gone


def gone(message: PageFound, reason: Reason, articles: ArticleStore, *, now: float) -> Drop:
    """Return how the fetch of a missing page ends; `reason` is one of `MISSING`, `now` in epoch seconds."""
    missing = message.missing + 1
    if reason is not Reason.GONE and missing < LOOKS:
        again = message.model_copy(update={"missing": missing})
        return Drop(reason=reason, detail="looked for again", later=(Later(message=again, at=now + LOOK_AGAIN),))
    events, save = retract_gone(message.article_id, articles.get(message.article_id), at=now)
    return Drop(reason=reason, detail="retracted" if events else "", events=events, saves=(save,) if events else ())
