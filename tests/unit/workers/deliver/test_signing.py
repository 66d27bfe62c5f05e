"""Signatures and secrets."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.deliver.core.signing import LEAST, MOST, SecretError, headers, secret_of, secrets_in

keys = st.binary(min_size=LEAST, max_size=MOST)


def test_the_signature_of_the_specification_s_libraries_is_ours():
    # The example that the reference libraries of Standard Webhooks share.
    key = secrets_in("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', key)
    assert made == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_each_of_several_secrets_signs_the_newest_first():
    old, new = b"o" * 24, b"n" * 24
    both = headers("e", 1, b"x", secrets_in(f"{secret_of(new)}\n{secret_of(old)}\n"))["webhook-signature"].split()
    assert both == [headers("e", 1, b"x", [key])["webhook-signature"] for key in (new, old)]


@given(keys)
def test_a_secret_as_handed_out_is_read_back(key):
    assert secrets_in(secret_of(key)) == (key,)


@given(keys, st.binary(max_size=200), st.integers(0, 2**40))
def test_another_time_id_or_body_is_another_signature(key, body, at):
    sign = lambda event, moment, data: headers(event, moment, data, [key])["webhook-signature"]  # noqa: E731
    own = sign("e", at, body)
    assert own not in {sign("f", at, body), sign("e", at + 1, body), sign("e", at, body + b" ")}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no secret"),
        ("  \n", "no secret"),
        ("hunter2hunter2hunter2hunter2", "does not begin with whsec_"),
        ("whsec_ü" + "A" * 32, "not base64"),
        ("whsec_AAAA*AAAA", "not base64"),
        ("whsec_" + base64.b64encode(b"k" * 23).decode(), "23 bytes"),
        ("whsec_" + base64.b64encode(b"k" * 65).decode(), "65 bytes"),
        ("whsec_" + base64.b64encode(b"k" * 24).decode() + " whsec_short", "secret 2"),
    ],
)
def test_a_bad_secret_is_refused_without_being_quoted(text, why):
    with pytest.raises(SecretError, match=why) as caught:
        secrets_in(text)
    for word in text.split():
        assert word.removeprefix("whsec_") not in str(caught.value)
