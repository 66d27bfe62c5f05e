"""Tag an article and decide whether it is published."""
