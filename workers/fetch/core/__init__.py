"""What fetching decides: robots, statuses, kinds of content, walls, rights, where to go on. Pure."""
