"""What rarewire makes of one page, without storing anything: fetched or read, extracted, tagged, and why."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

from shared.events import rfc3339
from shared.http_client import HTTPClient, Reach, user_agent
from shared.settings import settings
from shared.urls import canonical
from workers.classify.judging import judge, thresholds_of
from workers.classify.rulesets import load_ruleset
from workers.extract.core import extract


def read_page(source: str, *, url: str = "") -> tuple[bytes, str]:
    """Return the bytes of a URL or a file, and the address they belong to.

    Raises OSError for a file that cannot be read, StageError for a page that cannot be fetched.
    """
    if "://" not in source:
        return Path(source).read_bytes(), url
    chosen = settings()
    reach = Reach(ports=frozenset(chosen.ports), allow_loopback=chosen.allow_loopback)
    with HTTPClient(agent=user_agent(version("rarewire"), chosen.contact), reach=reach) as client:
        response = client.get(canonical(source))
    return response.body, response.url


def explain_page(source: str, *, url: str = "") -> dict[str, Any]:
    """Return title, text and tags of a page with the evidence for them, or why there is no article."""
    body, address = read_page(source, url=url)
    found = extract(body, address)
    if found.article is None:
        return {"url": address, "title": "", "dropped": found.drop, "detail": found.detail}
    article = found.article
    verdict = judge(article, load_ruleset(settings().topics[0]), thresholds_of(settings()))
    return {
        "url": address,
        "title": article.title,
        "language": article.language,
        "authors": list(article.authors),
        "published_at": rfc3339(article.published_at),
        "path": article.path,
        "quality": article.quality,
        "paragraphs": list(article.paragraphs),
        "decision": verdict.decision,
        "probability": round(verdict.probability, 4),
        "tags": [
            f"{tag.facet}:{tag.id} ({tag.label}) "
            + "; ".join(f"{e.field}[{e.start}:{e.end}] {e.text!r}" for e in tag.evidence[:3])
            for tag in verdict.tags
        ],
    }
