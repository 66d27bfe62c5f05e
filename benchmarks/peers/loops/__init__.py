"""One program a peer, run by the peer's own interpreter: `NAME.py FEEDS.json OUT.jsonl CONCURRENCY`. None imports ours.

FEEDS.json is a list of feed URLs; OUT.jsonl gets one object an article, with its `url` and `text`.
"""
