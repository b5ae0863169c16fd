"""Background processes: start, lock, status, requests, signals, CPU share."""
