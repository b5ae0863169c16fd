"""A process in the background: start it, lock, status, requests, signals, its share of the processor."""
