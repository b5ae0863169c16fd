"""Makes our games known to Gymnasium by name."""

import gymnasium

__all__ = ["ENVIRONMENT_ID", "register"]

ENVIRONMENT_ID = "pongarena/Pong-v0"
"""The name to give to `gymnasium.make` and `gymnasium.make_vec`."""

_MAKERS = "pongarena.match.gymnasium_opponents"
"""Knows opponents by name, which this room does not; loaded when an environment is made."""


def register() -> None:
    """Registers, once."""
    if ENVIRONMENT_ID not in gymnasium.registry:
        gymnasium.register(
            id=ENVIRONMENT_ID,
            entry_point=f"{_MAKERS}:make_env",
            vector_entry_point=f"{_MAKERS}:make_vector_env",
        )
