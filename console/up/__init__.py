"""Running the whole system on one machine: the embedded server, and a supervisor over the processes."""
