"""Classify, the shell: reads an extracted article, asks the core for each topic, and hands events to the streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from shared.article import Article
from shared.errors import PermanentError
from shared.events import content_hash
from shared.outcomes import Drop, Forward, Outcome, Reason, Save
from workers.classify.core import news_of
from workers.classify.judging import judge, thresholds_of
from workers.classify.telling import Case, next_look, tell
from workers.classify.telling import Ports as TellingPorts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.messages import ArticleExtracted
    from shared.stores.articles import ArticleStore
    from shared.stores.blobs import BlobStore
    from shared.tags import Verdict
    from workers.classify.core import Ruleset
    from workers.classify.telling import Told


class Ports(TellingPorts, Protocol):
    """What classification needs of the world."""

    @property
    def texts(self) -> BlobStore: ...  # noqa: D102
    @property
    def articles(self) -> ArticleStore: ...  # noqa: D102


def classify(message: ArticleExtracted, ports: Ports, rulesets: Sequence[Ruleset]) -> Outcome:
    """Tag an article for every topic; what is new to consumers becomes events: published, updated or retracted."""
    kept = ports.texts.read(message.article_key)
    if kept is None:
        raise PermanentError(Reason.PAGE_EXPIRED, "the article's text is no longer kept; retry the fetch instead")
    article = Article.model_validate_json(kept)
    thresholds = thresholds_of(ports.settings)
    verdicts = [judge(article, rules, thresholds) for rules in rulesets]
    case = Case(
        message=message,
        article=article,
        news=lambda: news_of(rulesets[0], article.title, article.paragraphs),
        record=ports.articles.get(message.article_id),
    )
    told = [tell(case, verdict, ports) for verdict in verdicts]
    best = max(verdicts, key=lambda verdict: verdict.probability)
    note = {"decision": best.decision, "probability": f"{best.probability:.3f}", "tags": str(len(best.tags))}
    saves = (_saved(case, best, told),)
    stands = any(one.after.stands for one in told)
    later = next_look(case, ports.settings) if stands else ()
    events = tuple(one.event for one in told if one.event)
    if events:
        return Forward(messages=events, note=note, saves=saves, later=later)
    return Drop(reason=Reason.UNCHANGED if stands else _off_topic(best), note=note, saves=saves, later=later)


def _off_topic(best: Verdict) -> Reason:
    return Reason.PASSING_MENTION if best.decision == "passing_mention" else Reason.NOT_RARE_EARTH


def _saved(case: Case, best: Verdict, told: Sequence[Told]) -> Save:
    fields: dict[str, str | None] = {
        "title": case.article.title[:300],
        "decision": best.decision,
        "probability": f"{best.probability:.4f}",
        "content_hash": content_hash(case.article.title, case.article.text),
        # What tagging it again must know, when the message is long gone.
        "final_url": case.message.url,
        "fetched_at": f"{case.message.fetched_at:.3f}",
        "content_source": case.message.content_source,
        "rights": case.message.rights,
    }
    for one in told:
        if one.event:
            fields |= one.after.fields()
        if one.cluster:
            fields["cluster"] = one.cluster
    return Save(record="article", id=case.message.article_id, fields=fields)
