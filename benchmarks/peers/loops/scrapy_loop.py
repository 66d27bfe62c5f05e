"""Scrapy fetches, feedparser reads the feeds, trafilatura extracts; politeness is off as for all."""

import json
import sys
from pathlib import Path

import feedparser
import scrapy
import trafilatura
from scrapy.crawler import CrawlerProcess

feeds, out, concurrency = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]), int(sys.argv[3])


class Press(scrapy.Spider):
    """Feeds to articles."""

    name = "press"

    async def start(self):
        for url in feeds:
            yield scrapy.Request(url, self.feed)

    def feed(self, response):
        entries = feedparser.parse(response.body).entries
        links = [entry.link for entry in entries] or [item["url"] for item in json.loads(response.body)["items"]]
        for link in links:
            yield scrapy.Request(link, self.article, cb_kwargs={"link": link})

    def article(self, response, link):
        yield {"url": link, "text": trafilatura.extract(response.body, url=link) or ""}


process = CrawlerProcess(
    {
        "CONCURRENT_REQUESTS": concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": False,
        "LOG_LEVEL": "ERROR",
        "FEEDS": {str(out): {"format": "jsonlines", "overwrite": True}},
    }
)
process.crawl(Press)
process.start()
