"""What is posted."""

from __future__ import annotations

import json

from tests.events import tagged
from workers.deliver.core.payload import MOST, payload

FIELDS = {"id": "e1", "type": "rarewire.article.published.v1", "time": "2026-11-24T10:00:00Z", "data": tagged().data}


def test_the_body_is_the_event_in_structured_mode_with_the_time_under_both_names():
    event = json.loads(payload(FIELDS))
    assert (event["id"], event["type"], event["timestamp"]) == ("e1", FIELDS["type"], FIELDS["time"])
    assert event["data"] == json.loads(FIELDS["data"])
    assert "textomitted" not in event


def test_an_endpoint_may_have_it_without_the_text():
    event = json.loads(payload(FIELDS, text=False))
    assert event["textomitted"] == "setting"
    assert {"text", "paragraphs"}.isdisjoint(event["data"])
    assert event["data"]["content_hash"]
    assert event["data"]["tags"]


def test_a_body_that_is_too_large_goes_without_the_text_and_says_so():
    data = json.loads(FIELDS["data"])
    fields = {**FIELDS, "data": json.dumps({**data, "text": "稀土" * MOST, "unknown": 1})}
    body = payload(fields)
    assert len(body) < MOST
    assert json.loads(body)["textomitted"] == "size"
    assert json.loads(body)["data"]["unknown"] == 1


def test_what_has_no_text_is_passed_on_as_it_is():
    retraction = {**FIELDS, "data": '{"article_id": "a", "reason": "gone"}'}
    assert "textomitted" not in json.loads(payload(retraction, text=False))
    assert json.loads(payload({**FIELDS, "data": "no json"}, text=False))["data"] == "no json"


def test_letters_of_every_script_travel_as_they_are():
    assert "稀土" in payload({**FIELDS, "data": '{"title": "稀土"}'}).decode()
