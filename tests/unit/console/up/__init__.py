"""Tests of what runs a whole system on one machine."""
