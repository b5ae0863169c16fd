"""Placeholder, replaced by the branch `trust`."""


def objection() -> str:
    """Why the compiled game may not stand for the emulator; empty when it may."""
    return ""
