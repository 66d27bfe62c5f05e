"""What an older release left behind (state, doorbells, an archive) is read by this one."""
