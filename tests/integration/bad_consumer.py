"""A consumer that does one thing wrong, by name; the conformance kit must say which. No test, but run by tests."""

from __future__ import annotations

import json
import os
import sys
import time

import redis

STREAM, GROUP = os.environ["RAREWIRE_STREAM"], os.environ["RAREWIRE_GROUP"]
NAME, CLAIM_AFTER = os.environ["RAREWIRE_CONSUMER"], int(os.environ["RAREWIRE_CLAIM_AFTER_MS"])
FAULT = sys.argv[1]
ARTICLES = tuple(f"rarewire.article.{kind}.v1" for kind in ("published", "updated", "retracted"))

client = redis.Redis.from_url(os.environ["RAREWIRE_REDIS_URL"], decode_responses=True)
done: set[str] = set()


def say(event: str) -> None:
    sys.stdout.write(f"{event}\n")
    sys.stdout.flush()


def is_known(fields: dict[str, str]) -> bool:
    known = fields.get("type", ARTICLES[0]) in ARTICLES
    if FAULT == "works on canaries":
        known |= "canary" in fields.get("type", "")
    return known or FAULT == "works on everything"


def read(fields: dict[str, str]) -> str:
    if FAULT == "refuses unknown fields" and "traceparent" in fields:
        raise SystemExit("what is a traceparent?")
    if FAULT == "wants text" and "text" not in json.loads(fields["data"]):
        raise SystemExit("no text")
    json.loads(fields["data"])
    return fields["id"]


def handle(entry: str, fields: dict[str, str]) -> None:
    if not is_known(fields):
        client.xack(STREAM, GROUP, entry)
        return
    try:
        event = read(fields)
    except (KeyError, ValueError):
        if FAULT == "dies of poison":
            raise
        if FAULT != "forgets poison":
            client.xadd(f"{STREAM}:dead:{GROUP}", {**fields, "deadentry": entry})
        client.xack(STREAM, GROUP, entry)
        return
    if FAULT == "acknowledges first":
        client.xack(STREAM, GROUP, entry)
    if event not in done or FAULT == "does duplicates":
        say(event)
    done.add(event)
    if FAULT not in {"acknowledges first", "never acknowledges"}:
        client.xack(STREAM, GROUP, entry)


def turn() -> None:
    if FAULT != "never takes over":
        for entry, fields in client.xautoclaim(STREAM, GROUP, NAME, CLAIM_AFTER)[1]:
            handle(entry, fields)
    noack = FAULT == "reads without acknowledging"
    for _, entries in client.xreadgroup(GROUP, NAME, {STREAM: ">"}, count=10, block=100, noack=noack) or ():
        for entry, fields in entries:
            handle(entry, fields)
            if FAULT == "deletes what it has read":
                client.xdel(STREAM, entry)


if FAULT == "ignores SIGTERM":
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
    try:
        turn()
    except redis.ConnectionError:
        if FAULT == "dies with the server":
            raise
        time.sleep(0.05)
