"""The algorithms: each learns from what was played."""
