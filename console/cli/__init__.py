"""The `rarewire` command: one module a noun."""
