"""The same work as plain Celery does it: one task a step, late acknowledgement, what is to be done in the broker alone."""

from __future__ import annotations

import os
from functools import cache

import httpx
from celery import Celery
from redis import Redis

from workers.classify.core import classify as classify_text
from workers.classify.rulesets import load_ruleset
from workers.extract.core import extract as extract_article

URL = os.environ["PLAIN_REDIS_URL"]
DONE = "plain:done"  # a stream of results
STEPS = "plain:steps"  # how many tasks have ended
app = Celery("plain", broker=URL)
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # As quick to give back what a dead worker held as Celery's settings allow.
    broker_transport_options={
        "visibility_timeout": 20,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
        "unacked_mutex_expire": 5,
    },
)


@cache
def rules():
    return load_ruleset("rare_earth")


@cache
def redis() -> Redis:
    return Redis.from_url(URL, decode_responses=True)


@app.task(name="plain.fetch", autoretry_for=(Exception,), retry_backoff=1, max_retries=10)
def fetch(url: str) -> None:
    extract.delay(url, httpx.get(url, timeout=20).text)
    redis().incr(STEPS)


@app.task(name="plain.extract", autoretry_for=(Exception,), retry_backoff=1, max_retries=10)
def extract(url: str, html: str) -> None:
    article = extract_article(html, url).article
    classify.delay(url, article.title if article else "", list(article.paragraphs) if article else [])
    redis().incr(STEPS)


@app.task(name="plain.classify", autoretry_for=(Exception,), retry_backoff=1, max_retries=10)
def classify(url: str, title: str, paragraphs: list[str]) -> None:
    verdict = classify_text(rules(), title=title, paragraphs=paragraphs)
    redis().xadd(DONE, {"url": url, "decision": verdict.decision})
    redis().incr(STEPS)
