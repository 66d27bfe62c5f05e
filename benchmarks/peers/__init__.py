"""rarewire beside other news readers on the same press, each in an environment of its own."""
