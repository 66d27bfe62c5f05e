"""Alerts: what is wrong now, told once a cause, with a recovery notice."""
