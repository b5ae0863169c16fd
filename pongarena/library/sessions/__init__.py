"""The sessions that train models: the process itself, and how it is seen from outside."""
