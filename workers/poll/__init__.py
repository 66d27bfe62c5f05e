"""Poll a feed: conditional GET, parse, find what is unseen."""
