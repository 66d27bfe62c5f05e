"""A consumer that does one thing wrong, by name; the conformance kit must say which. No test, but run by tests."""

from __future__ import annotations

import json
import os
import signal
import sys
import time

import redis

STREAM, GROUP = os.environ["RAREWIRE_STREAM"], os.environ["RAREWIRE_GROUP"]
NAME, CLAIM_AFTER = os.environ["RAREWIRE_CONSUMER"], int(os.environ["RAREWIRE_CLAIM_AFTER_MS"])
MOST = int(os.environ["RAREWIRE_MAX_DELIVERIES"])
FAULT = sys.argv[1]
ARTICLES = tuple(f"rarewire.article.{kind}.v1" for kind in ("published", "updated", "retracted"))
if FAULT == "ignores SIGTERM":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

client = redis.Redis.from_url(os.environ["RAREWIRE_REDIS_URL"], decode_responses=True)
done: set[str] = set()


def say(event: str) -> None:
    sys.stdout.write(f"{event}\n")
    sys.stdout.flush()


def is_known(fields: dict[str, str]) -> bool:
    known = fields.get("type", ARTICLES[0]) in (ARTICLES[:1] if FAULT == "wants news only" else ARTICLES)
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
            about = {} if FAULT == "buries without a name" else {"deadentry": entry}
            client.xadd(f"{STREAM}:dead:{GROUP}", {**fields, **about})
        client.xack(STREAM, GROUP, entry)
        return
    if FAULT == "acknowledges first":
        client.xack(STREAM, GROUP, entry)
    if event not in done or FAULT == "does duplicates":
        say(event)
    done.add(event)
    if FAULT not in {"acknowledges first", "never acknowledges"}:
        client.xack(STREAM, GROUP, entry)


def take_over(entry: str, fields: dict[str, str]) -> None:
    (pending,) = client.xpending_range(STREAM, GROUP, entry, entry, 1)
    if pending["times_delivered"] <= MOST or FAULT in {"never gives up", "never acknowledges"}:
        handle(entry, fields)
        return
    if FAULT != "forgets what it gave up":
        client.xadd(f"{STREAM}:dead:{GROUP}", {**fields, "deadentry": entry})
    client.xack(STREAM, GROUP, entry)


def turn() -> None:
    if FAULT != "never takes over":
        _, stale, trimmed = client.xautoclaim(STREAM, GROUP, NAME, CLAIM_AFTER)
        if trimmed and FAULT == "dies of trimmed entries":
            raise SystemExit("where is it?")
        for entry, fields in stale:
            take_over(entry, fields)
    if FAULT == "lists all keys":
        client.keys("*")
    noack = FAULT == "reads without acknowledging"
    for _, entries in client.xreadgroup(GROUP, NAME, {STREAM: ">"}, count=10, block=100, noack=noack) or ():
        if FAULT == "acknowledges its batch first":
            client.xack(STREAM, GROUP, *(entry for entry, _ in entries))
        for entry, fields in entries:
            if FAULT == "acknowledges its batch first":
                time.sleep(0.05)
            handle(entry, fields)
            if FAULT == "deletes what it has read":
                client.xdel(STREAM, entry)


while True:
    try:
        turn()
    except redis.ConnectionError:
        if FAULT == "dies with the server":
            raise
        time.sleep(0.05)
