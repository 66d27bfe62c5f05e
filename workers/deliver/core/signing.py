"""Signatures by Standard Webhooks 1.0 (https://www.standardwebhooks.com): HMAC-SHA256 over id, time and body. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PREFIX = "whsec_"
LEAST, MOST = 24, 64  # bytes of a secret


class SecretError(ValueError):
    """A secret that cannot be used; the text never holds any of it."""


def secrets_in(text: str) -> tuple[bytes, ...]:
    """Return the secrets in a text, the newest first: `whsec_` and base64, white space between. Raises SecretError.

    More than one is how a secret is changed: all of them sign, and the receiver takes whichever it knows.
    """
    words = text.split()
    if not words:
        raise SecretError("there is no secret in it")
    return tuple(_secret(word, number) for number, word in enumerate(words, 1))


def _secret(word: str, number: int) -> bytes:
    if not word.startswith(PREFIX):
        raise SecretError(f"secret {number} does not begin with {PREFIX}")
    try:
        key = base64.b64decode(word.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise SecretError(f"secret {number} is not base64 after {PREFIX}") from None  # the cause would quote it
    if not LEAST <= len(key) <= MOST:
        raise SecretError(f"secret {number} has {len(key)} bytes; it must have {LEAST} to {MOST}")
    return key


def secret_of(key: bytes) -> str:
    """Return a secret as it is handed to a receiver."""
    return PREFIX + base64.b64encode(key).decode()


def headers(event: str, at: int, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """Return the three header fields of one attempt, `at` epoch seconds, with one signature a key."""
    signed = b".".join((event.encode(), str(at).encode(), body))
    marks = (base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in keys)
    return {
        "webhook-id": event,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
    }
