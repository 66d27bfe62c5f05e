"""Walls: pages that answer 200 and are no article. Pure.

A wall is told by what it says (`phrases`), where it stands and how it is made, weighed against the prose that is left
when what it says is taken out. Most pages are let through at a glance: they have paragraphs enough, and no title that
names a wall. Runs in the fetch stage, so it builds no tree; see `markup` and `prose`.
"""

from __future__ import annotations

from shared.outcomes import Drop, Reason
from workers.fetch.core.seen import PLENTY, Seen
from workers.fetch.core.weighing import Weighing

REASONS = {
    "captcha": Reason.CAPTCHA,
    "consent": Reason.CONSENT_WALL,
    "login": Reason.LOGIN_WALL,
    "paywall": Reason.PAYWALL,
    "soft_404": Reason.SOFT_404,
    "error": Reason.ERROR_PAGE,
    "shell": Reason.JAVASCRIPT_SHELL,
}
# Where one of these stops the page, the full text that the feed itself carries may be used instead.
FEED_TEXT_SERVES = frozenset(
    {
        Reason.CAPTCHA,
        Reason.CONSENT_WALL,
        Reason.LOGIN_WALL,
        Reason.PAYWALL,
        Reason.JAVASCRIPT_SHELL,
        Reason.FORBIDDEN,
        Reason.ROBOTS,
    }
)


def judge_wall(seen: Seen) -> Drop | None:
    """A Drop with the kind of wall, or None if the page may hold an article. Half a millisecond for most pages."""
    if _sent_home(seen):
        return Drop(reason=Reason.SOFT_404, detail="the article's address leads to the front page")
    if not seen.title_kinds and _reads_like_an_article(seen):
        return None
    kind = Weighing(seen).kind
    return Drop(reason=REASONS[kind], detail=f"the page is a wall: {kind}") if kind else None


def _reads_like_an_article(seen: Seen) -> bool:
    """The glance. Much text alone does not do it: a wall that asks for consent may quote a whole policy."""
    return len(seen.extracted) >= PLENTY or (seen.running_text >= PLENTY and seen.is_signed)


def _sent_home(seen: Seen) -> bool:
    def is_home(url: str) -> bool:
        return url.partition("://")[2].partition("/")[2] in {"", "index.html", "index.php", "?"}

    return bool(seen.asked) and is_home(seen.url) and not is_home(seen.asked) and not seen.is_the_entry
