"""Matches without a window: players, the match itself, the match log, ratings and tournaments."""
