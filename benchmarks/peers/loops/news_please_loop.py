"""news-please: feedparser for the feeds (its own RSS crawler wants Scrapy projects on disk), `from_urls` for the articles."""

import json
import sys
from pathlib import Path

import feedparser
from newsplease import NewsPlease

feeds, out = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])


def links(url: str) -> list[str]:
    found = feedparser.parse(url)
    if found.entries:
        return [entry.link for entry in found.entries]
    import requests

    return [item["url"] for item in requests.get(url, timeout=20).json()["items"]]


urls = list(dict.fromkeys(link for url in feeds for link in links(url)))
with out.open("w") as file:
    for url, article in NewsPlease.from_urls(urls, request_args={"timeout": 20}).items():
        text = getattr(article, "maintext", None) or ""
        file.write(json.dumps({"url": url, "text": text}) + "\n")
