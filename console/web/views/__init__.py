"""The screens of the web console, one module each."""
