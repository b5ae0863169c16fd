"""Who plays, by name: ``human``, ``ai``, a model, or ``model@episode``."""

from pongarena.core.errors import MatchError, UnknownNameError
from pongarena.library.models import Library
from pongarena.match.players import PlayerSpec
from pongarena.nn.checkpoint import read_checkpoint

__all__ = ["LIVE", "find_player", "followed_model"]

LIVE = "live"
"""In the place of an episode: whatever the model's session saved last, and what it will save."""


def find_player(library: Library, name: str, *, greedy: bool = False, people: bool = True) -> PlayerSpec:
    """The player of this name: human, ai, a model's latest checkpoint, or model@episode.

    Args:
        library: Where the models are.
        name: As typed.
        greedy: Whether a network takes the likelier move instead of drawing it.
        people: Whether a person can play, which needs somebody to look on.

    Raises:
        MatchError: For a human where nobody can play.
        UnknownNameError: When there is no such model or checkpoint.
    """
    if name == "human":
        if people:
            return PlayerSpec.human()
        raise MatchError(
            "expected ai, a model, or model@episode: nobody can play without a window; "
            "play it with pongarena play, then film it with pongarena replay -o"
        )
    if name == "ai":
        return PlayerSpec.ai()
    try:
        ref = library.checkpoint(name)
    except UnknownNameError as error:
        who = "human, ai" if people else "ai"
        raise UnknownNameError(f"{error}; a player is {who}, a model, or model@episode") from error
    return PlayerSpec.model(read_checkpoint(ref.path), greedy=greedy)


def followed_model(name: str) -> str | None:
    """The model whose session ``model@live`` follows; None for every other player."""
    model, _, moment = name.partition("@")
    return model if moment == LIVE else None
