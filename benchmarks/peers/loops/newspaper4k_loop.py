"""newspaper4k: its own feed reading (`Source`), its own threads for download and parsing (`fetch_news`)."""

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

from newspaper import Article, Config, Source
from newspaper.mthreading import fetch_news
from newspaper.source import Feed

feeds, out, concurrency = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]), int(sys.argv[3])
config = Config()
config.memorize_articles = False
config.number_threads = concurrency
config.request_timeout = 20

wanted: dict[str, Article] = {}
for url in feeds:
    source = Source("{0.scheme}://{0.netloc}".format(urlsplit(url)), config=config)
    source.feeds = [Feed(url=url)]
    source.download_feeds()
    for article in source.feeds_to_articles():
        wanted.setdefault(article.url, article)
with out.open("w") as file:
    for article in fetch_news(list(wanted.values()), threads=concurrency):
        file.write(json.dumps({"url": article.original_url, "text": article.text}) + "\n")
