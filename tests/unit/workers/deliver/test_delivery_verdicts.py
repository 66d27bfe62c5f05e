"""What an attempt came to."""

from __future__ import annotations

import pytest

from shared.errors import PermanentError, RetryableError
from shared.http.answer import Headers, Response
from shared.outcomes import Reason
from workers.deliver.core.verdicts import OUTCOMES, READ, of_answer, of_error, wants_body

NOW = 1_800_000_000.0


def answer(status: int, body: bytes = b"", **fields: str):
    headers = Headers((name.replace("_", "-"), value) for name, value in fields.items())
    return of_answer(Response(url="https://h/", status=status, headers=headers, body=body, elapsed=0.2), now=NOW)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 226, 299])
def test_any_2xx_is_a_delivery(status):
    assert answer(status).delivered


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (301, "redirected"), (302, "redirected"), (308, "redirected"), (400, "client_error"), (401, "forbidden"),
        (404, "not_found"), (410, "gone"), (429, "rate_limited"), (500, "server_error"), (503, "server_error"),
        (599, "server_error"), (600, "protocol"), (999, "protocol"),
    ],
)  # fmt: skip
def test_nothing_else_is(status, outcome):
    verdict = answer(status)
    assert (verdict.outcome, verdict.delivered, verdict.gone) == (outcome, False, outcome == "gone")


def test_retry_after_is_read_as_seconds_and_as_a_date():
    assert answer(503, retry_after="120").retry_after == 120
    assert answer(503, retry_after="Fri, 15 Jan 2027 08:01:00 GMT").retry_after == 60
    assert answer(503, retry_after="soon").retry_after is None


def test_what_a_receiver_says_is_kept_short_and_on_one_line():
    detail = answer(500, body=b"<h1>\n\x00 no " + b"\xff" * 500).detail
    assert detail.startswith("status 500: <h1>")
    assert "\n" not in detail
    assert len(detail) < 250


@pytest.mark.parametrize("reason", list(Reason))
def test_every_error_s_outcome_is_one_of_the_labels(reason):
    for error in (RetryableError(reason, "x" * 999), PermanentError(reason)):
        assert of_error(error).outcome in OUTCOMES
        assert len(of_error(error).detail) <= 200


@pytest.mark.parametrize(
    ("length", "wanted"),
    [("0", True), (str(READ), True), (str(READ + 1), False), ("", False), ("-1", False), ("²", False)],
)
def test_only_an_answer_that_says_it_is_short_is_read(length, wanted):
    assert wants_body(200, Headers([("content-length", length)] if length else [])) is wanted
