"""Content codings are undone under a cap, and only when they are whole."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import PermanentError, RetryableError, StageError
from shared.http.decoding import MEMBERS, Decoder
from shared.outcomes import Reason

LIMIT = 10_000


def raw(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


CODED = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "X-GZIP": gzip.compress,
    "deflate": zlib.compress,
    " Deflate ": raw,
}


def decoded(coding: str, data: bytes, *, step: int = 0, limit: int = LIMIT) -> bytes:
    decoder = Decoder(coding, limit)
    for start in range(0, len(data), step or len(data) or 1):
        decoder.feed(data[start : start + (step or len(data))])
    return decoder.finish()


@given(st.binary(max_size=LIMIT), st.sampled_from(list(CODED)), st.sampled_from([0, 1, 2, 3, 7]))
def test_what_was_coded_comes_back_however_it_is_cut(data: bytes, coding: str, step: int) -> None:
    assert decoded(coding, CODED[coding](data), step=step) == data


@given(st.binary(min_size=1, max_size=500), st.sampled_from(["gzip", "deflate"]), st.data())
def test_a_stream_that_is_cut_off_is_never_taken_for_whole(data: bytes, coding: str, draw: st.DataObject) -> None:
    coded = CODED[coding](data)
    cut = draw.draw(st.integers(1, len(coded) - 1))
    with pytest.raises(RetryableError) as caught:
        decoded(coding, coded[:cut])
    assert caught.value.reason is Reason.TRUNCATED


@given(st.binary(max_size=2_000), st.sampled_from(["gzip", "deflate", "", "br"]), st.sampled_from([0, 1, 5]))
def test_any_bytes_end_in_a_body_within_the_limit_or_a_reason(data: bytes, coding: str, step: int) -> None:
    try:
        size = len(decoded(coding, data, step=step, limit=1_000))
    except StageError as error:
        reason = error.reason
    else:
        assert size <= 1_000
        reason = None
    assert reason in {None, Reason.TOO_LARGE, Reason.TRUNCATED, Reason.BAD_ENCODING}


@pytest.mark.parametrize("coding", list(CODED))
def test_one_byte_more_than_the_limit_is_too_large(coding: str) -> None:
    assert decoded(coding, CODED[coding](b"a" * LIMIT)) == b"a" * LIMIT
    with pytest.raises(PermanentError) as caught:
        decoded(coding, CODED[coding](b"a" * (LIMIT + 1)))
    assert caught.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize(
    "coding", ["br", "zstd", "compress", "gzip, gzip", "gzip,deflate", "identity, gzip", "x" * 9_000]
)
def test_a_coding_that_was_not_asked_for_is_refused(coding: str) -> None:
    with pytest.raises(PermanentError) as caught:
        Decoder(coding, LIMIT)
    assert caught.value.reason is Reason.BAD_ENCODING


def test_members_of_a_gzip_are_joined_wherever_they_are_cut() -> None:
    two = gzip.compress(b"one ") + gzip.compress(b"two")
    assert all(decoded("gzip", two, step=step) == b"one two" for step in range(1, len(two)))


def test_padding_after_the_end_is_ignored() -> None:
    assert decoded("gzip", gzip.compress(b"one") + b"\0" * 99, step=5) == b"one"
    assert decoded("deflate", zlib.compress(b"one") + b"padding", step=3) == b"one"


def test_more_members_than_anyone_needs_are_refused() -> None:
    with pytest.raises(PermanentError):
        decoded("gzip", gzip.compress(b"") * (MEMBERS + 1))


def test_no_bytes_are_an_empty_body_in_any_coding() -> None:
    assert all(decoded(coding, b"") == b"" for coding in CODED)
