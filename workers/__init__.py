"""The work: poll a feed, fetch a page, extract its article, classify and publish it. `tasks.py` reads as the flow."""
