"""What is posted: the event as CloudEvents' structured JSON, as `rarewire consume` gives it to a program. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from shared.events import envelope

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
MOST = 256 * 1024  # bytes of a body; a longer one goes without the article's text
TEXT = ("paragraphs", "text")


def payload(fields: Mapping[str, str], *, text: bool = True) -> bytes:
    """Return the body for a stream entry's fields; `timestamp` beside `time` is the name that Standard Webhooks uses.

    Without the text, or where it would be too long, `textomitted` says why: `setting` or `size`.
    """
    event: dict[str, Any] = json.loads(envelope(fields))
    event["timestamp"] = event.get("time", "")
    whole = _bytes(event)
    if text and len(whole) <= MOST:
        return whole
    data = event.get("data")
    if not isinstance(data, dict) or not any(name in data for name in TEXT):
        return whole
    slim = {name: value for name, value in data.items() if name not in TEXT}
    return _bytes({**event, "data": slim, "textomitted": "size" if text else "setting"})


def _bytes(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
