"""Find players by name: ``human``, ``ai``, a model, ``model@game``, a file, or from a recorded match."""

from pongarena.core.errors import CheckpointError, MatchError, UnknownNameError
from pongarena.library.models import Library
from pongarena.library.names import player_word
from pongarena.match.foreign import find_source
from pongarena.match.players import KINDS, PlayerSpec
from pongarena.nn.checkpoint import read_checkpoint

__all__ = ["LIVE", "find_player", "find_recorded", "followed_model", "typed_player"]

LIVE = "live"
"""Used after ``@``: follow the model's session, and switch to each checkpoint that it saves."""


def typed_player(library: Library, typed: str) -> str:
    """The name in files of a player that was typed: ``cpu`` means ``ai``, unless a model has that name."""
    word = player_word(typed)
    return typed if word != typed and any(path.name == typed for path in library.folders()) else word


def find_player(
    library: Library, name: str, *, greedy: bool = False, people: bool = True, files: bool = True
) -> PlayerSpec:
    """Find the player of a name: the word of a kind, a model (its latest checkpoint), model@game, or a file.

    Args:
        library: Where the models are.
        name: The name as typed.
        greedy: Whether a network takes the likeliest move instead of sampling.
        people: Whether to accept a person.
        files: Whether to accept a file, which is then loaded.

    Raises:
        MatchError: For a person without ``people``, or a file that cannot play.
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


def find_recorded(
    library: Library, name: str, kind: str, *, greedy: bool = False, nickname: str = ""
) -> PlayerSpec:
    """Find a player of a recorded match, to show its decisions; if it is gone, only its moves are left.

    Args:
        library: Where the models are.
        name: The player's name in the match log.
        kind: The player's kind in the match log.
        greedy: Whether a network took the likeliest move.
        nickname: What a person was called.
    """
    if kind not in KINDS or KINDS[kind].from_file:
        return PlayerSpec.recording(name)
    if not KINDS[kind].plays_checkpoint:
        return PlayerSpec(kind, name, nickname=nickname)
    try:
        return PlayerSpec.model(read_checkpoint(library.checkpoint(name).path), greedy=greedy)
    except (UnknownNameError, CheckpointError):
        return PlayerSpec.recording(name)


def followed_model(name: str) -> str | None:
    """The model that ``model@live`` follows; None for all other names."""
    model, _, moment = name.partition("@")
    return model if moment == LIVE else None
