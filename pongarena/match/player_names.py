"""Who plays, by name: ``human``, ``ai``, a model, ``model@game``, a file; who played a recorded match."""

from pongarena.core.errors import CheckpointError, MatchError, UnknownNameError
from pongarena.library.models import Library
from pongarena.library.names import player_word
from pongarena.match.foreign import find_source
from pongarena.match.players import KINDS, PlayerSpec
from pongarena.nn.checkpoint import read_checkpoint

__all__ = ["LIVE", "find_player", "find_recorded", "followed_model", "typed_player"]

LIVE = "live"
"""In the place of an episode: whatever the model's session saved last, and what it will save."""


def typed_player(library: Library, typed: str) -> str:
    """What files call the player that somebody typed: ``cpu`` is ``ai``, but for a model of that name."""
    word = player_word(typed)
    return typed if word != typed and any(path.name == typed for path in library.folders()) else word


def find_player(
    library: Library, name: str, *, greedy: bool = False, people: bool = True, files: bool = True
) -> PlayerSpec:
    """The player of this name: of a kind that needs no more, a model's latest checkpoint, or model@game.

    Args:
        library: Where the models are.
        name: As typed.
        greedy: Whether a network takes the likelier move instead of drawing it.
        people: Whether a person can play, which needs somebody to look on.
        files: Whether a file of somebody else's can, which is loaded for it.

    Raises:
        MatchError: For a human where nobody can play, or a file that cannot.
        UnknownNameError: When there is no such model or checkpoint.
    """
    name = typed_player(library, name)
    who = ", ".join(word for word, kind in KINDS.items() if kind.choice and (people or not kind.is_person))
    if name in KINDS and KINDS[name].choice:
        if KINDS[name].is_person and not people:
            raise MatchError(
                f"expected {who}, a model, or model@game: nobody can play without a window; "
                "play it with pongarena play, then film it with pongarena replay -o"
            )
        return PlayerSpec(name, name)
    try:
        ref = library.checkpoint(name)
    except UnknownNameError as error:
        if files and (source := find_source(name)) is not None:
            source.try_out()
            return PlayerSpec("foreign", source.name, greedy=greedy, source=source)
        also = ", model@game, or a .py, .onnx or .zip" if files else ", or model@game"
        raise UnknownNameError(f"{error}; a player is {who}, a model{also}") from error
    return PlayerSpec.model(read_checkpoint(ref.path), greedy=greedy)


def find_recorded(library: Library, name: str, kind: str, *, greedy: bool = False) -> PlayerSpec:
    """The player of a recorded match, for looking on; of one that is gone only the moves are left.

    Args:
        library: Where the models are.
        name: As the match log calls the player.
        kind: Likewise.
        greedy: Whether a network took the likelier move.
    """
    if kind not in KINDS or KINDS[kind].from_file:
        return PlayerSpec.recording(name)
    if not KINDS[kind].plays_checkpoint:
        return PlayerSpec(kind, name)
    try:
        return PlayerSpec.model(read_checkpoint(library.checkpoint(name).path), greedy=greedy)
    except (UnknownNameError, CheckpointError):
        return PlayerSpec.recording(name)


def followed_model(name: str) -> str | None:
    """The model whose session ``model@live`` follows; None for every other player."""
    model, _, moment = name.partition("@")
    return model if moment == LIVE else None
