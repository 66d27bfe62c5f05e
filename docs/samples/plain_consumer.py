"""A consumer in Python with nothing but redis-py, written from the contract (docs/events/README.md).

    python plain_consumer.py

Where to read stands in the environment: RAREWIRE_REDIS_URL, RAREWIRE_STREAM, RAREWIRE_GROUP.
"""

import json
import os
import platform
import signal
import sys
import time

import redis

STREAM = os.environ.get("RAREWIRE_STREAM", "rarewire:rare-earth:v1")
GROUP = os.environ["RAREWIRE_GROUP"]
NAME = os.environ.get("RAREWIRE_CONSUMER") or f"{platform.node()}-{os.getpid()}"
CLAIM_AFTER_MS = int(os.environ.get("RAREWIRE_CLAIM_AFTER_MS", "60000"))
MAX_DELIVERIES = int(os.environ.get("RAREWIRE_MAX_DELIVERIES", "5"))
REMEMBER = 14 * 86_400  # seconds for which the ids of done events are kept
TYPES = {f"rarewire.article.{kind}.v1" for kind in ("published", "updated", "retracted")}

client = redis.Redis.from_url(os.environ["RAREWIRE_REDIS_URL"], decode_responses=True)
stopping = False


def work(event_id: str, data: dict) -> None:
    """Do what is to be done with an event; an exception is a failed try."""
    print(event_id, flush=True)


def acknowledge(entry: str, event_id: str = "") -> None:
    """Acknowledge an entry and remember its event, together or not at all."""
    pipe = client.pipeline()
    if event_id:
        pipe.set(f"{STREAM}:seen:{GROUP}:{event_id}", "1", ex=REMEMBER)
    pipe.xack(STREAM, GROUP, entry)
    pipe.execute()


def bury(entry: str, fields: dict, why: str) -> None:
    """Put an entry on the group's dead stream, whole, and acknowledge it."""
    pipe = client.pipeline()
    pipe.xadd(f"{STREAM}:dead:{GROUP}", {**fields, "deadreason": "failed", "deaderror": why, "deadentry": entry})
    pipe.xack(STREAM, GROUP, entry)
    pipe.execute()


def handle(entry: str, fields: dict) -> None:
    """Work on one entry, or pass over what is not for us."""
    if fields.get("type", "").startswith("rarewire.") and fields["type"] not in TYPES:
        acknowledge(entry)  # a canary, or a type of a later version
        return
    try:
        event_id, data = fields["id"], json.loads(fields["data"])
    except (KeyError, ValueError) as error:
        bury(entry, fields, f"unreadable: {error}")
        return
    if client.exists(f"{STREAM}:seen:{GROUP}:{event_id}"):
        acknowledge(entry)  # a duplicate
        return
    try:
        work(event_id, data)
    except Exception as error:  # it stays pending and is given again
        print(f"{event_id} failed: {error}", file=sys.stderr)
        return
    acknowledge(entry, event_id)


def take_over() -> None:
    """Take over what others have held for too long; what was delivered too often is buried."""
    start = "0-0"
    while True:
        start, entries, _trimmed = client.xautoclaim(STREAM, GROUP, NAME, CLAIM_AFTER_MS, start_id=start, count=50)
        for entry, fields in entries:
            (pending,) = client.xpending_range(STREAM, GROUP, entry, entry, 1)
            if pending["times_delivered"] > MAX_DELIVERIES:
                bury(entry, fields, f"given {MAX_DELIVERIES} times and never acknowledged")
            else:
                handle(entry, fields)
        if start == "0-0":
            return


def main() -> None:
    def stop(*_: object) -> None:
        global stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    swept = 0.0
    while not stopping:
        try:
            if time.monotonic() - swept > min(CLAIM_AFTER_MS / 2000, 5):
                take_over()
                swept = time.monotonic()
            for _, entries in client.xreadgroup(GROUP, NAME, {STREAM: ">"}, count=10, block=500) or ():
                for entry, fields in entries:
                    handle(entry, fields)
        except (redis.ConnectionError, redis.TimeoutError) as error:
            print(f"the server is away: {error}", file=sys.stderr)
            time.sleep(0.2)


if __name__ == "__main__":
    main()
