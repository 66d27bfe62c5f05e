"""Publishing on the real servers: once for each version, on every stream it belongs to, with the work's end or not at all."""

from __future__ import annotations

import json

from shared.events import CANARY_TYPE, PUBLISHED, RETRACTED, Canary, Sighting, envelope, parse
from shared.messages import PageFound
from shared.outcomes import Disposition, Later, Save
from shared.retractions import retract_gone
from shared.stores import keys
from shared.stores.articles import ArticleStore
from shared.stores.clusters import ClusterStore
from shared.stores.connection import Database
from shared.stores.streams import StreamStore
from shared.stores.work import Completion, WorkStore
from shared.topology import Stage
from tests.events import SEEN, STREAM, extracted, fill, publish, tagged
from workers.classify.core.publication import Ways
from workers.classify.core.sketch import sketch

STORY = tuple(
    f"In paragraph {number} the company says what output it expects of its mine in quarter {number}, and at what cost."
    for number in range(12)
)


def rows(database: Database, stream: str = STREAM) -> list[dict[str, str]]:
    return [fields for _, fields in StreamStore(database).range(stream)]


def test_an_entry_is_a_cloudevent_in_flat_fields(each_database: Database) -> None:
    publish(each_database, tagged())
    (fields,) = rows(each_database)
    assert list(fields) == [
        "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data", "sequence",
    ]  # fmt: skip
    assert fields["specversion"] == "1.0"
    assert fields["sequence"] == "0000000000000001"
    assert parse(fields).data.title == "Separation plant for dysprosium opens in the north"


def test_a_version_is_published_once_whoever_publishes_it_again(each_database: Database) -> None:
    assert publish(each_database, tagged())
    assert publish(each_database, tagged())
    assert publish(each_database, tagged(version=2, kind="updated"))
    assert publish(each_database, tagged())
    assert [(row["type"], row["sequence"]) for row in rows(each_database)] == [
        (PUBLISHED, "0000000000000001"),
        ("rarewire.article.updated.v1", "0000000000000002"),
    ]
    books = WorkStore(each_database).books()
    assert (books["stream:in"], books["stream:duplicate"]) == (2, 2)


def test_a_worker_that_lost_its_lease_publishes_nothing(each_database: Database) -> None:
    work = WorkStore(each_database)
    work.add([extracted()])
    (late,) = work.claim(Stage.CLASSIFY, most=1, lease=-1)
    work.sweep(Stage.CLASSIFY)
    (heir,) = work.claim(Stage.CLASSIFY, most=1, lease=30)
    ending = Completion(disposition=Disposition.FORWARDED, messages=(tagged(),))
    assert not work.complete(late, ending)
    assert rows(each_database) == []
    assert work.complete(heir, ending)
    assert len(rows(each_database)) == 1


def test_topics_have_versions_of_their_own(each_database: Database) -> None:
    other = tagged().model_copy(update={"topic": "lithium", "stream": "rarewire:lithium:v1", "event_id": "e2"})
    publish(each_database, tagged(), other)
    assert len(rows(each_database)) == len(rows(each_database, "rarewire:lithium:v1")) == 1
    assert ArticleStore(each_database).get("a1")["version:lithium"] == "1"


def test_a_filtered_stream_gets_the_same_event_with_a_number_of_its_own(each_database: Database) -> None:
    fill(each_database, 3)
    publish(each_database, tagged(ways=Ways(streams=(f"{STREAM}:only:plants",))))
    main, filtered = rows(each_database)[-1], rows(each_database, f"{STREAM}:only:plants")[0]
    assert main["id"] == filtered["id"]
    assert (main["sequence"], filtered["sequence"]) == ("0000000000000004", "0000000000000001")


def test_the_list_holds_the_newest_events_and_the_channel_says_them(each_database: Database) -> None:
    listener = each_database.redis.pubsub(ignore_subscribe_messages=True)
    listener.subscribe(f"{STREAM}:channel")
    listener.get_message(timeout=5)
    for number in range(3):
        publish(each_database, tagged(f"a{number}", ways=Ways(list_most=2, announce=True)))
    said = json.loads(listener.get_message(timeout=5)["data"])
    listener.close()
    kept = [json.loads(text) for text in each_database.redis.lrange(f"{STREAM}:list", 0, -1)]
    assert said["data"]["article_id"] == "a0"
    assert [one["data"]["article_id"] for one in kept] == ["a2", "a1"]
    written = rows(each_database)[-1]
    assert kept[0] == json.loads(envelope({name: text for name, text in written.items() if name != "sequence"}))


def test_the_next_look_at_a_page_waits_for_its_time(each_database: Database) -> None:
    work = WorkStore(each_database)
    soon = work.now() + 3_600
    again = PageFound(article_id="a1", url="https://e.org/1", feed_id="f", found_at=SEEN, why="recheck")
    publish(each_database, tagged(), later=(Later(message=again, at=soon),))
    assert work.claim(Stage.FETCH, most=1, lease=30) == []
    assert work.backlog()[Stage.FETCH]["waiting"] == 1
    each_database.now = soon + 1
    (claimed,) = work.claim(Stage.FETCH, most=1, lease=30)
    assert PageFound.model_validate_json(claimed.message) == again


def test_a_feed_that_shows_a_change_does_not_wait_for_the_next_look(each_database: Database) -> None:
    work = WorkStore(each_database)
    again = PageFound(article_id="a1", url="https://e.org/1", feed_id="f", found_at=SEEN, why="recheck")
    publish(each_database, tagged(), later=(Later(message=again, at=work.now() + 3_600),))
    changed = again.model_copy(update={"url": "https://e.org/2"})
    assert work.add([changed]) == 0
    (claimed,) = work.claim(Stage.FETCH, most=1, lease=30)
    assert PageFound.model_validate_json(claimed.message) == changed
    assert work.books()["fetch:in"] == 1


def test_work_that_waits_after_a_failed_try_is_not_brought_forward(each_database: Database) -> None:
    work = WorkStore(each_database)
    page = PageFound(article_id="a1", url="https://e.org/1", feed_id="f", found_at=SEEN, why="recheck")
    work.add([page])
    (claimed,) = work.claim(Stage.FETCH, most=1, lease=30)
    work.complete(claimed, Completion(disposition=Disposition.RETRIED, reason="timeout", retry_at=work.now() + 60))
    work.add([page])
    assert work.claim(Stage.FETCH, most=1, lease=30) == []


def test_a_page_that_is_gone_takes_its_article_back_once(each_database: Database) -> None:
    stands: dict[str, str | None] = {
        "stands:rare_earth": "1", "streams:rare_earth": f"{STREAM}:only:plants", "url": "https://e.org/1", "title": "T",
    }  # fmt: skip
    publish(
        each_database,
        tagged(ways=Ways(streams=(f"{STREAM}:only:plants",))),
        saves=(Save(record="article", id="a1", fields=stands),),
    )
    store = ArticleStore(each_database)
    events, save = retract_gone("a1", store.get("a1"), at=SEEN)
    publish(each_database, *events, saves=(save,))
    for stream in (STREAM, f"{STREAM}:only:plants"):
        last = parse(rows(each_database, stream)[-1])
        assert (last.type, last.data.reason, last.data.version) == (RETRACTED, "gone", 2)
    assert retract_gone("a1", store.get("a1"), at=SEEN)[0] == ()


def test_a_canary_comes_once_a_minute_and_is_no_article(each_database: Database) -> None:
    streams = StreamStore(each_database)
    fill(each_database, 2)
    each_database.now = SEEN
    assert streams.canary(STREAM)
    assert not streams.canary(STREAM)
    each_database.now = SEEN + 60
    assert streams.canary(STREAM)
    canaries = [parse(row) for row in rows(each_database) if row["type"] == CANARY_TYPE]
    assert [event.sequence for event in canaries] == [2, 2]
    assert canaries[0].data == Canary(minute="2026-09-21T14:13:00Z", articles=2)
    assert canaries[0].id != canaries[1].id
    assert "stream:in" not in WorkStore(each_database).books()
    assert streams.extent(STREAM).articles == 2
    assert len(streams.newest(STREAM, 10)) == 2


def test_a_long_text_lies_under_a_key_by_its_hash(each_database: Database) -> None:
    reference = StreamStore(each_database).keep_text("Dysprosium – ディスプロシウム", at=SEEN, lifetime=100)
    assert each_database.redis.get(reference.key) == "Dysprosium – ディスプロシウム"
    assert reference.characters == 21
    assert reference.key.endswith(reference.sha256)
    assert 100 < each_database.redis.ttl(reference.key) <= 3_700


def seen(article: str, site: str) -> Sighting:
    return Sighting(article_id=article, url=f"https://{site}/{article}", site=site)


def test_a_wire_story_on_another_site_joins_the_cluster_of_the_first(each_database: Database) -> None:
    clusters = ClusterStore(each_database)
    first = clusters.join(seen("a", "one.example"), sketch(STORY))
    copied = ("The agency that sent this story is named here.", *STORY[:-1])
    second = clusters.join(seen("b", "two.example"), sketch(copied))
    other = clusters.join(seen("c", "one.example"), sketch([line.replace("mine", "bank")[::-1] for line in STORY]))
    assert (first.id, first.others) == ("a", ())
    assert (second.id, second.others) == ("a", (seen("a", "one.example"),))
    assert other.id == "c"


def test_joining_again_gives_the_same_cluster(each_database: Database) -> None:
    clusters = ClusterStore(each_database)
    clusters.join(seen("a", "one.example"), sketch(STORY))
    second = clusters.join(seen("b", "two.example"), sketch(STORY))
    assert clusters.join(seen("b", "two.example"), sketch(STORY)) == second
    rewritten = clusters.join(seen("b", "two.example"), sketch([line[::-1] for line in STORY]), known=second.id)
    assert rewritten.id == second.id


def test_short_texts_are_no_story(each_database: Database) -> None:
    clusters = ClusterStore(each_database)
    assert sketch(("Prices were unchanged.",)) == ()
    assert clusters.join(seen("a", "one.example"), ()).id == "a"
    assert clusters.join(seen("b", "two.example"), ()).id == "b"


def test_every_key_that_is_written_has_a_lifetime_or_a_bound(each_database: Database) -> None:
    ClusterStore(each_database).join(seen("a", "one.example"), sketch(STORY))
    for key in each_database.redis.scan_iter(match=f"{keys.PREFIX}*"):
        assert each_database.redis.ttl(key) > 0
