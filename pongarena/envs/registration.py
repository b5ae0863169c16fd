"""Registration of our environments with Gymnasium."""

import gymnasium

__all__ = ["ENVIRONMENT_ID", "register"]

ENVIRONMENT_ID = "pongarena/Pong-v0"
"""The name to give to `gymnasium.make` and `gymnasium.make_vec`."""

_MAKERS = "pongarena.match.gymnasium_opponents"
"""Resolves opponents' names, which this package cannot; imported when an environment is made."""


def register() -> None:
    """Register the environments, once."""
    if ENVIRONMENT_ID not in gymnasium.registry:
        gymnasium.register(
            id=ENVIRONMENT_ID,
            entry_point=f"{_MAKERS}:make_env",
            vector_entry_point=f"{_MAKERS}:make_vector_env",
        )
