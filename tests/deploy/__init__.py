"""What runs rarewire elsewhere (image, compose, Kubernetes, systemd) is checked here, without any of them running."""
