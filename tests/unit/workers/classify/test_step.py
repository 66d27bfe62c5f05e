"""The step asks the settings where news begins."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from shared.article import Article
from shared.errors import PermanentError
from shared.messages import ArticleExtracted, ArticleTagged
from shared.outcomes import Drop, Forward, Outcome, Reason
from shared.settings import Settings
from shared.stores.clusters import Cluster
from workers.classify.core import Ruleset
from workers.classify.step import Ports, classify

ARTICLE = Article(
    title="Port opens new quay",
    paragraphs=(
        "The quay will take timber, wool and cheese, and rare earths from a mine inland, the port said on Monday.",
        "Its cranes came by ship from Busan in March. The old quay will become a park with a pool and a playground.",
    ),
)
MESSAGE = ArticleExtracted(
    article_id="a", url="https://press.example/a", feed_id="f", found_at=1.0, fetched_at=2.0, article_key="a"
)


def outcome(rules: Ruleset, text: bytes | None, *others: Ruleset, **chosen: float) -> Outcome:
    ports: Any = SimpleNamespace(
        texts=SimpleNamespace(read=lambda _key: text),
        articles=SimpleNamespace(get=lambda _id: {}),
        clusters=SimpleNamespace(join=lambda *_seen, **_known: Cluster(id="a", others=())),
        settings=Settings(**chosen),  # type: ignore[arg-type]
    )
    return classify(MESSAGE, cast("Ports", ports), [rules, *others])


def test_a_passing_mention_is_dropped_as_one(rare_earth: Ruleset) -> None:
    found = outcome(rare_earth, ARTICLE.model_dump_json().encode())
    assert isinstance(found, Drop)
    assert (found.reason, found.note["decision"]) == (Reason.PASSING_MENTION, "passing_mention")


def test_the_settings_say_what_counts_as_a_mention(rare_earth: Ruleset) -> None:
    once = ARTICLE.model_copy(update={"title": "Rare-earth-free motor", "paragraphs": ("It runs.",)})
    text = once.model_dump_json().encode()
    deaf, keen = (outcome(rare_earth, text, mention_threshold=least, topic_threshold=0.98) for least in (0.9, 0.1))
    assert isinstance(deaf, Drop)
    assert isinstance(keen, Drop)
    assert (deaf.reason, keen.reason) == (Reason.NOT_RARE_EARTH, Reason.PASSING_MENTION)


@pytest.mark.parametrize(
    ("title", "streams"),
    [
        ("Lithium carbonate price doubles", ["rarewire:lithium:v1"]),
        ("Rare earth price doubles", ["rarewire:rare-earth:v1"]),
        ("Rare earth and lithium carbonate prices double", ["rarewire:rare-earth:v1", "rarewire:lithium:v1"]),
        ("Cheese price doubles", []),
    ],
)
def test_each_topic_has_its_own_stream(title: str, streams: list[str], rare_earth: Ruleset, lithium: Ruleset) -> None:
    found = outcome(rare_earth, Article(title=title, paragraphs=()).model_dump_json().encode(), lithium)
    told = found.messages if isinstance(found, Forward) else ()
    assert [message.stream for message in told if isinstance(message, ArticleTagged)] == streams


def test_a_text_that_is_no_longer_kept_is_told_as_such(rare_earth: Ruleset) -> None:
    with pytest.raises(PermanentError, match="no longer kept"):
        outcome(rare_earth, None)
