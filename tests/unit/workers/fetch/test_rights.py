"""noarchive and TDM reservation."""

from __future__ import annotations

import pytest

from workers.fetch.core.markup import Markup
from workers.fetch.core.rights import rights


def of(head: str = "", **headers: str) -> str:
    return rights(
        {name.replace("_", "-"): value for name, value in headers.items()}, Markup(f"<html><head>{head}</head></html>")
    )


def test_a_page_without_a_word_on_it_may_be_passed_on() -> None:
    assert of('<meta name="robots" content="index, follow, max-snippet:-1">', x_robots_tag="noindex") == ""


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="robots" content="noarchive">',
        "<META NAME=ROBOTS CONTENT='noindex,NOARCHIVE'>",
        '<meta content="follow, noarchive" name="robots">',
        '<meta name="rarewire" content="noarchive"/>',
    ],
)
def test_noarchive_in_the_page_is_honoured(head: str) -> None:
    assert of(head) == "noarchive"


@pytest.mark.parametrize(
    "value",
    [
        "noarchive",
        "noindex, noarchive",
        "rarewire: noarchive",
        "googlebot: noindex, rarewire: nofollow, noarchive",
        "unavailable_after: 25 Jun 2030, noarchive",
        "max-snippet: 5, NOARCHIVE",
    ],
)
def test_noarchive_in_the_header_is_honoured(value: str) -> None:
    assert of(x_robots_tag=value) == "noarchive"


@pytest.mark.parametrize(
    "value",
    [
        "googlebot: noarchive",
        "googlebot: noindex, noarchive",
        "archive",
        "noarchives",
        "rarewire: index, otherbot: noarchive",
    ],
)
def test_what_is_said_to_others_is_not_said_to_us(value: str) -> None:
    assert of('<meta name="googlebot" content="noarchive">', x_robots_tag=value) == ""


def test_a_tdm_reservation_is_honoured_from_header_and_page_and_goes_first() -> None:
    assert of(tdm_reservation="1") == "tdm-reservation"
    assert of('<meta name="tdm-reservation" content="1"><meta name="robots" content="noarchive">') == "tdm-reservation"


def test_a_tdm_reservation_of_0_is_none() -> None:
    assert of('<meta name="tdm-reservation" content="0">', tdm_reservation="0") == ""
