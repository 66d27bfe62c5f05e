"""What a person does: the `rarewire` command and the web console."""
