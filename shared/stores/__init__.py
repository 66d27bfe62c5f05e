"""All that is kept in Redis, one class a concern; the only package that speaks Redis. `keys.py` lists every key."""
