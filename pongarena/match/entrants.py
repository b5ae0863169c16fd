"""Find the entrants of a tournament from the words that name them."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from pongarena.core.errors import CheckpointError, MatchError, UnknownNameError
from pongarena.library.models import CheckpointRef, Library, Model
from pongarena.match.foreign import ForeignSource, find_source
from pongarena.match.player_names import typed_player
from pongarena.match.players import KINDS, PlayerSpec
from pongarena.match.ratings import ANCHOR
from pongarena.match.tournament import Entrant
from pongarena.nn.checkpoint import read_checkpoint
from pongarena.nn.policy import PolicyNetwork

__all__ = ["enter", "every", "find_refs", "fingerprint", "seat"]

_EVERY = re.compile(r"every(\d{1,9})", re.ASCII)


Named: TypeAlias = CheckpointRef | ForeignSource | None
"""A checkpoint, a file that makes players, or None for the cartridge's CPU."""


def find_refs(library: Library, words: Iterable[str]) -> tuple[Named, ...]:
    """Find the players that words name, each once, in order.

    Args:
        library: Where the models are.
        words: ``ai`` or ``cpu``, ``model``, ``model@game``, ``model@latest``, ``model@all``, or
            ``model@every200``: checkpoints 200 games apart, and the latest; or a file for `find_source`.

    Raises:
        UnknownNameError: When there is no such model or checkpoint.
        MatchError: For a person, who cannot play so fast; for a kind of player that has no fingerprint; for
            a file that makes no player.
    """
    refs: dict[str, Named] = {}
    for word in (typed_player(library, each) for each in words):
        if word == ANCHOR:
            refs[ANCHOR] = None
        elif word in KINDS and KINDS[word].choice:
            raise MatchError(
                f"expected ai, a model, or model@game, got {word}: "
                + (
                    "tournaments run many times faster than a person can play"
                    if KINDS[word].is_person
                    else "a tournament must recognise its players by their weights or their file"
                )
                + "; play single matches with pongarena play"
            )
        else:
            refs |= _refs(library, word)
    return tuple(refs.values())


def every(episodes: Sequence[int], step: int) -> tuple[int, ...]:
    """Pick the first episode at or after each multiple of ``step``, and the last episode.

    Args:
        episodes: In ascending order.
        step: Games between two picks, 1 or more.
    """
    reached: dict[int, int] = {}
    for episode in episodes:
        reached.setdefault(episode // step, episode)
    return tuple(sorted({*reached.values(), *episodes[-1:]}))


def enter(
    refs: Sequence[Named], on_progress: Callable[[int, int], None] | None = None
) -> tuple[Entrant, ...]:
    """Take the networks' fingerprints, and test players from files with one decision.

    Raises:
        CheckpointError: When a checkpoint is damaged.
        MatchError: When a file's player cannot play.
    """
    entrants = []
    for place, ref in enumerate(refs, 1):
        if ref is None:
            entrants.append(Entrant(ANCHOR))
        elif isinstance(ref, ForeignSource):
            ref.try_out()
            ref.process().close()
            entrants.append(Entrant(ref.name, ref.digest, ref.place))
        else:
            entrants.append(Entrant(str(ref), fingerprint(read_checkpoint(ref.path).policy)))
        if on_progress is not None:
            on_progress(place, len(refs))
    return tuple(entrants)


def seat(library: Library, entrant: Entrant) -> PlayerSpec:
    """Load an entrant as a player that is ready to play.

    Raises:
        UnknownNameError: When the checkpoint is gone.
        CheckpointError: When it is damaged, or is not the network that entered.
        MatchError: When its file is gone or has changed.
    """
    if entrant.name == ANCHOR:
        return PlayerSpec.ai()
    if entrant.source:
        source = find_source(entrant.source)
        if source is None or source.digest != entrant.weights:
            raise MatchError(
                f"expected {entrant.source} as it entered the tournament, got a changed file; "
                "start a new tournament"
            )
        return PlayerSpec("foreign", entrant.name, source=source)
    checkpoint = read_checkpoint(library.checkpoint(entrant.name).path)
    if fingerprint(checkpoint.policy) != entrant.weights:
        raise CheckpointError(
            f"expected {entrant.name} as it entered the tournament, got another network of that name; "
            "start a new tournament"
        )
    return PlayerSpec("model", entrant.name, checkpoint)


def fingerprint(policy: PolicyNetwork) -> str:
    """SHA-256 of the weights: the first layer pixel by pixel, then the second layer."""
    digest = hashlib.sha256(np.ascontiguousarray(policy.w1.T).data)
    for array in (policy.w2, *policy.deeper):
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _refs(library: Library, word: str) -> Mapping[str, Named]:
    """The entrants that a word names, by their names in the tournament."""
    name, _, moment = word.partition("@")
    step = _EVERY.fullmatch(moment)
    if step is None and moment != "all":
        try:
            return _named(library.checkpoint(word))
        except UnknownNameError as error:
            if (source := find_source(word)) is not None:
                return {source.name: source}
            raise UnknownNameError(
                f"{error}; a player is ai, a model, model@game, model@every200 or model@all, or a .py, .onnx "
                "or .zip"
            ) from error
    if step is not None and int(step[1]) < 1:
        raise UnknownNameError(f"expected a number of games of at least 1 after 'every', got {word!r}")
    model = library.model(name)
    return _named(*(model.checkpoint(each) for each in every(_some(model), int(step[1]) if step else 1)))


def _named(*refs: CheckpointRef) -> dict[str, Named]:
    return {str(ref): ref for ref in refs}


def _some(model: Model) -> list[int]:
    """All checkpoints of a model.

    Raises:
        UnknownNameError: When there is none.
    """
    model.checkpoint()
    return model.checkpoints()
