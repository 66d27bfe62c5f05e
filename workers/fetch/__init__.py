"""Fetch a page the feeds announced."""
