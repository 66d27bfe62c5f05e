"""Extract the clean article from a page's bytes."""
