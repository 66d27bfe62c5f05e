"""The fingerprint of a failure (class, place, normalised message): ten thousand equal failures are one row. Pure."""

from __future__ import annotations

import hashlib
import re

# What differs between two instances of one failure. Order matters: longer shapes first.
_VARIES = (
    (re.compile(r"https?://\S+"), "<url>"),
    (re.compile(r"\b[0-9a-f]{8,}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"\b(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}\b", re.IGNORECASE), "<host>"),
    (re.compile(r"'[^']{0,200}'|\"[^\"]{0,200}\""), "<text>"),
    (re.compile(r"\d+(?:\.\d+)?"), "<n>"),
)


def normalised(message: str) -> str:
    """Return a message with its URLs, hosts, ids, quoted texts and numbers replaced; at most 200 characters."""
    message = message[:1_000]
    for shape, name in _VARIES:
        message = shape.sub(name, message)
    return " ".join(message.split())[:200]


def fingerprint(*, stage: str, error_class: str, message: str, place: str) -> str:
    """Return 12 hexadecimal characters that equal failures share."""
    parts = "\x00".join((stage, error_class, place, normalised(message)))
    return hashlib.sha256(parts.encode()).hexdigest()[:12]
