"""A consumer in Python with rarewire's helper, which keeps the whole contract.

    python helper_consumer.py

Where to read stands in the environment: RAREWIRE_REDIS_URL, RAREWIRE_STREAM, RAREWIRE_GROUP.
"""

import os

from redis import Redis

from shared.consumer import Consumer, Delivery, Policy

CLAIM_AFTER = int(os.environ.get("RAREWIRE_CLAIM_AFTER_MS", "60000")) / 1000
TRIES = int(os.environ.get("RAREWIRE_MAX_DELIVERIES", "5"))


def work(delivery: Delivery) -> None:
    """Do what is to be done with an event; an exception is a failed try."""
    print(delivery.event.id, flush=True)


def main() -> None:
    consumer = Consumer(
        Redis.from_url(os.environ["RAREWIRE_REDIS_URL"], decode_responses=True),
        stream=os.environ.get("RAREWIRE_STREAM", "rarewire:rare-earth:v1"),
        group=os.environ["RAREWIRE_GROUP"],
        name=os.environ.get("RAREWIRE_CONSUMER", ""),
        policy=Policy(waits=(CLAIM_AFTER,) * TRIES),
    )
    consumer.stop_on_signals()
    consumer.run(work)


if __name__ == "__main__":
    main()
