"""Faults at random moments, seeded; what was lost, what was doubled, and how long recovery took."""
