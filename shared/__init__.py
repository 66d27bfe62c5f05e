"""What the parts of rarewire must agree on; imports nothing else of ours."""
