"""A small fake press on loopback, to see the whole system run without the internet."""
