"""The extract step on the real server: each page teaches its site once, and what is learnt is used on the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from shared.errors import PermanentError
from shared.messages import PageFetched
from shared.outcomes import Drop, Forward, Notice, Outcome, Reason
from shared.stores import blobs
from shared.stores.blobs import BlobStore
from shared.stores.sites import SiteStore
from workers.extract.step import extract
from workers.ports import teach

if TYPE_CHECKING:
    from shared.stores.connection import Database

ABOUT = "The Harbour Paper answers to no owner of a mine or a mill, and its newsroom has spoken for the coast since it began."
SENTENCE = (
    "The {} council met by the quay in {} to speak about the price of ore, and its members went home late that evening."
)
WORDS = "old new young tall short broad narrow bright dark quiet loud early late first last spare".split()  # noqa: SIM905


@dataclass(frozen=True)
class Ports:
    pages: BlobStore
    sites: SiteStore
    told: list[Notice] = field(default_factory=list)


@pytest.fixture
def ports(database: Database) -> Ports:
    return Ports(pages=blobs.pages(database), sites=SiteStore(database))


def read(ports: Ports, number: int, *, html: str | None = None, source: str = "page") -> Outcome:
    words = [WORDS[(number + place) % len(WORDS)] + "x" * number for place in range(5)]
    body = "".join(f"<p>{SENTENCE.format(word, word[::-1])}</p>" for word in words)
    page = f"<html><body><article><h1>{words[0]} news of the quay</h1>{body}<p>{ABOUT}</p></article></body></html>"
    key = ports.pages.keep(f"article-{number}", (html or page).encode())
    message = PageFetched(
        article_id=f"article-{number}", url=f"https://www.paper.example/{number}", final_url=f"https://www.paper.example/{number}",
        feed_id="feed", found_at=1.0, fetched_at=2.0, page_key=key, content_source=source,
    )  # fmt: skip
    outcome = extract(message, ports)
    assert isinstance(outcome, Forward | Drop)
    if outcome.teaches:
        (news,) = teach(ports.sites, [outcome.teaches])
        ports.told.extend([news] if news else [])
    return outcome


def text(outcome: Outcome) -> str:
    assert isinstance(outcome, Forward)
    return outcome.keeps[0].data.decode()


def test_what_came_back_is_left_out_of_the_next_article(ports: Ports) -> None:
    assert ABOUT in text(read(ports, 1))
    for number in range(2, 6):
        read(ports, number)
    found = text(read(ports, 6))
    assert ABOUT not in found
    assert "council met by the quay" in found


def test_work_that_is_done_again_teaches_nothing_twice(ports: Ports) -> None:
    for _ in range(4):
        read(ports, 1)
    assert [row["pages"] for row in ports.sites.list()] == [1]


def test_a_text_that_came_in_a_feed_teaches_nothing(ports: Ports) -> None:
    read(ports, 1, source="feed")
    assert ports.sites.count() == 0


def test_a_redesign_is_told_once(ports: Ports) -> None:
    outcomes = [read(ports, number) for number in range(40)]
    outcomes += [read(ports, number, html="<html><body><p>Nothing.</p></body></html>") for number in range(40, 60)]
    assert all(isinstance(outcome, Drop) for outcome in outcomes[40:])
    assert [(notice.kind, notice.about) for notice in ports.told] == [("drift", "paper.example")]


def test_a_page_that_is_no_longer_kept_is_dead(ports: Ports, database: Database) -> None:
    message = PageFetched(
        article_id="a",
        url="https://a.example/",
        final_url="https://a.example/",
        feed_id="f",
        found_at=1.0,
        fetched_at=1.0,
        page_key="gone",
    )
    with pytest.raises(PermanentError) as caught:
        extract(message, ports)
    assert caught.value.reason is Reason.PAGE_EXPIRED
