"""What consumers are told of an article over its life: each state once, in rising versions, on every stream that knew it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.article import Article
from shared.events import PUBLISHED, RETRACTED, UPDATED, Sighting, TextReference
from shared.retractions import standing
from shared.settings import Settings
from shared.stores.clusters import Cluster
from shared.tags import Tag, Verdict
from tests.events import ARTICLE, SEEN, STREAM, extracted, verdict
from workers.classify.telling import Case, Told, next_look, tell

PLANTS = {"plants": ("event:plant_opening",), "elements": ("element:*",)}
OPENING = Tag(facet="event", id="plant_opening", label="Opening")


@dataclass
class World:
    """An article's record, and everything that was told; `kept` are the texts that were put under keys."""

    settings: Settings = field(default_factory=lambda: Settings(facet_streams=PLANTS))
    record: dict[str, str] = field(default_factory=dict)
    told: list[Any] = field(default_factory=list)
    kept: list[tuple[str, float]] = field(default_factory=list)
    others: tuple[Sighting, ...] = ()
    cluster: str = "a1"

    def tell(self, article: Article = ARTICLE, found: Verdict | None = None, **changes: Any) -> Told:
        """Tell, and write down what the script that publishes writes."""
        case = Case(
            message=extracted(**changes), article=article, news=lambda: article.paragraphs, record=dict(self.record)
        )
        found = found or verdict()
        told = tell(case, found, self)  # type: ignore[arg-type]
        if told.event:
            fields = {name: text for name, text in told.after.fields().items() if text is not None}
            self.record |= {**fields, f"version:{found.topic}": str(told.event.version)}
            self.told.append(told.event)
        return told

    @property
    def clusters(self) -> Any:
        return SimpleNamespace(
            join=lambda _who, _sketch, known="": Cluster(id=known or self.cluster, others=self.others)
        )

    @property
    def streams(self) -> Any:
        return SimpleNamespace(keep_text=self.keep)

    def keep(self, text: str, *, at: float, lifetime: float) -> TextReference:
        self.kept.append((text, lifetime))
        return TextReference(key="k", sha256="s", characters=len(text), expires_at=f"{at}")


def edited(number: int) -> Article:
    return ARTICLE.model_copy(update={"paragraphs": (*ARTICLE.paragraphs, f"Edition {number}.")})


def data(event: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(event.data)
    return found


def test_a_life_of_an_article() -> None:
    world = World()
    off = verdict(decision="not", probability=0.1)
    for article, found in (
        (ARTICLE, off), (ARTICLE, None), (ARTICLE, None), (edited(1), None), (edited(1), off), (edited(1), off), (edited(1), None),
    ):  # fmt: skip
        world.tell(article, found)
    assert [(event.type, event.version) for event in world.told] == [
        (PUBLISHED, 1), (UPDATED, 2), (RETRACTED, 3), (PUBLISHED, 4),
    ]  # fmt: skip
    assert data(world.told[2]) == {
        "article_id": "a1", "version": 3, "topic": "rare_earth", "reason": "no_longer_matches",
        "first_seen_at": "2026-09-21T14:14:20Z",
    }  # fmt: skip


def test_what_is_told_again_after_a_lost_second_has_the_same_id() -> None:
    world = World()
    world.tell()
    before = dict(world.record)
    first = world.tell(edited(1)).event
    world.record = before  # the server forgot
    assert world.tell(edited(1)).event == first


def test_tags_alone_make_an_update() -> None:
    world = World()
    world.tell(found=verdict(tags=()))
    assert world.tell(found=verdict(tags=(OPENING,))).event.type == UPDATED  # type: ignore[union-attr]
    assert world.tell(found=verdict(tags=(OPENING.model_copy(update={"weight": 7.0}),))).event is None
    assert world.tell(found=verdict(tags=(OPENING,), probability=0.71)).event is None


def test_an_update_goes_to_the_filtered_streams_that_the_article_left_as_well() -> None:
    world = World()
    assert world.tell().event.also == (f"{STREAM}:only:plants", f"{STREAM}:only:elements")  # type: ignore[union-attr]
    left = world.tell(found=verdict(tags=())).event
    assert left is not None
    assert left.also == (f"{STREAM}:only:plants", f"{STREAM}:only:elements")
    gone = world.tell(found=verdict(decision="not")).event
    assert gone is not None
    assert gone.also == left.also


def test_passing_mentions_are_told_where_the_operator_wants_them() -> None:
    passing = verdict(decision="passing_mention", probability=0.5)
    assert World().tell(found=passing).event is None
    wanted = World(settings=Settings(publish_passing=True))
    assert data(wanted.tell(found=passing).event)["decision"] == "passing_mention"
    assert wanted.tell(found=verdict(decision="not")).event.type == RETRACTED  # type: ignore[union-attr]


def test_an_article_that_becomes_a_passing_mention_is_taken_back() -> None:
    world = World()
    world.tell()
    assert world.tell(found=verdict(decision="passing_mention")).event.type == RETRACTED  # type: ignore[union-attr]


def test_topics_do_not_know_each_other() -> None:
    world = World()
    world.tell()
    lithium = Verdict(topic="lithium", decision="lithium", probability=0.9)
    event = world.tell(found=lithium).event
    assert event is not None
    assert (event.version, event.stream) == (1, "rarewire:lithium:v1")
    assert standing(world.record, "rare_earth").version == 1


def test_a_text_that_is_too_long_to_travel_lies_under_a_key_for_longer_than_the_retention() -> None:
    world = World(settings=Settings(inline_text=50, retention_days=2))
    said = data(world.tell().event)
    assert (said["text_ref"]["key"], "text" in said, "paragraphs" in said) == ("k", False, False)
    assert world.kept == [(ARTICLE.text, 9 * 86_400)]


def test_where_a_reservation_stands_no_text_goes_out_in_any_form() -> None:
    world = World(settings=Settings(inline_text=50))
    said = data(world.tell(rights="tdm-reservation").event)
    assert said["rights"] == "tdm-reservation"
    assert not {"text", "paragraphs", "text_ref"} & said.keys()
    assert world.kept == []


def test_the_first_of_a_story_is_the_original_and_the_others_are_told() -> None:
    other = Sighting(article_id="w", url="https://wire.example/1", site="wire.example")
    copy = data(World(cluster="w", others=(other,)).tell().event)
    assert (copy["role"], copy["cluster_id"], copy["also_seen"]) == ("copy", "w", [other.model_dump()])
    assert "role" not in data(World().tell().event)


def test_first_sight_is_what_the_record_says_not_when_it_was_found_again() -> None:
    world = World(record={"found_at": f"{SEEN - 900:.3f}"})
    assert data(world.tell().event)["first_seen_at"] == "2026-09-21T13:58:20Z"
    assert data(World().tell().event)["first_seen_at"] == "2026-09-21T14:13:20Z"


def test_fan_outs_are_the_settings() -> None:
    event = World(settings=Settings(list_fan_out=7, pubsub_fan_out=True)).tell().event
    assert event is not None
    assert (event.list_most, event.announce) == (7, True)


def test_the_next_look_is_for_the_same_page_and_says_why() -> None:
    case = Case(message=extracted(why="operator"), article=ARTICLE, news=tuple, record={"found_at": f"{SEEN - 60}"})
    (later,) = next_look(case, Settings())
    assert later.at == SEEN - 60 + 86_400
    assert (later.message.why, later.message.found_at, later.message.missing) == ("recheck", SEEN - 60, 0)  # type: ignore[attr-defined]
    assert next_look(case, Settings(recheck_after=())) == ()


ACTS = st.lists(
    st.tuples(
        st.integers(0, 2),  # the edition
        st.sampled_from(["rare_earth", "rare_earth", "passing_mention", "not"]),
        st.lists(st.sampled_from([OPENING, Tag(facet="element", id="terbium", label="Terbium")]), max_size=2),
        st.booleans(),  # whether the server forgets what was told last
    ),
    max_size=30,
)


@given(ACTS)
def test_consumers_always_end_up_knowing_the_present_state(acts: list[tuple[int, str, list[Tag], bool]]) -> None:
    """A reader that drops equal ids and lower versions holds what is so, whatever was told again."""
    world, ids, state, version = World(), set[str](), None, 0
    for number, decision, tags, forgets in acts:
        before = dict(world.record)
        told = world.tell(edited(number), verdict(decision=decision, tags=tuple(tags)))
        if told.event and forgets:
            world.record = before
            assert world.tell(edited(number), verdict(decision=decision, tags=tuple(tags))).event == told.event
        if told.event:
            assert told.event.event_id not in ids
            assert told.event.version == version + 1
            assert (told.event.type == PUBLISHED) == (state is None)
            ids.add(told.event.event_id)
            version = told.event.version
            state = None if told.event.type == RETRACTED else (data(told.event)["text"], told.event.type)
        assert (state is not None) == (decision == "rare_earth")
        if state is not None:
            assert state[0] == edited(number).text
