"""When things are due: the beat, the feed catalogue and the rules of the next poll."""
