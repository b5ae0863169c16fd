"""Who takes part in a tournament, from the words that name them."""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from pongarena.core.errors import CheckpointError, MatchError, UnknownNameError
from pongarena.library.models import CheckpointRef, Library, Model
from pongarena.match.player_names import typed_player
from pongarena.match.players import KINDS, PlayerSpec
from pongarena.match.ratings import ANCHOR
from pongarena.match.tournament import Entrant
from pongarena.nn.checkpoint import read_checkpoint
from pongarena.nn.policy import PolicyNetwork

__all__ = ["enter", "every", "find_refs", "fingerprint", "seat"]

_EVERY = re.compile(r"every(\d{1,9})", re.ASCII)


def find_refs(library: Library, words: Iterable[str]) -> tuple[CheckpointRef | None, ...]:
    """The checkpoints that words name, each once, in their order; None stands for the cartridge's CPU.

    Args:
        library: Where the models are.
        words: ``ai`` or ``cpu``, ``model``, ``model@game``, ``model@latest``, ``model@all``, or
            ``model@every200``: the checkpoints that are 200 games apart, and the latest.

    Raises:
        UnknownNameError: When there is no such model or checkpoint.
        MatchError: For a person, who cannot play so fast, and for kinds that cannot be known again.
    """
    refs: dict[str, CheckpointRef | None] = {}
    for word in (typed_player(library, each) for each in words):
        if word == ANCHOR:
            refs[ANCHOR] = None
        elif word in KINDS and KINDS[word].choice:
            raise MatchError(
                f"expected ai, a model, or model@game, got {word}: "
                + (
                    "tournaments are played many times faster than anybody could"
                    if KINDS[word].is_person
                    else "a tournament must know its players again by their weights"
                )
                + "; play single matches with pongarena play"
            )
        else:
            refs |= {str(ref): ref for ref in _refs(library, word)}
    return tuple(refs.values())


def every(episodes: Sequence[int], step: int) -> tuple[int, ...]:
    """Those of the episodes that are first to reach a multiple of ``step``, and the last.

    Args:
        episodes: In growing order.
        step: Games between two, 1 or more.
    """
    reached: dict[int, int] = {}
    for episode in episodes:
        reached.setdefault(episode // step, episode)
    return tuple(sorted({*reached.values(), *episodes[-1:]}))


def enter(
    refs: Sequence[CheckpointRef | None], on_progress: Callable[[int, int], None] | None = None
) -> tuple[Entrant, ...]:
    """Reads the networks, to know them again.

    Raises:
        CheckpointError: When one is damaged.
    """
    entrants = []
    for place, ref in enumerate(refs, 1):
        if ref is None:
            entrants.append(Entrant(ANCHOR))
        else:
            entrants.append(Entrant(str(ref), fingerprint(read_checkpoint(ref.path).policy)))
        if on_progress is not None:
            on_progress(place, len(refs))
    return tuple(entrants)


def seat(library: Library, entrant: Entrant) -> PlayerSpec:
    """The player, ready to play.

    Raises:
        UnknownNameError: When the checkpoint is gone.
        CheckpointError: When it is damaged, or another network than the one that entered.
    """
    if entrant.name == ANCHOR:
        return PlayerSpec.ai()
    checkpoint = read_checkpoint(library.checkpoint(entrant.name).path)
    if fingerprint(checkpoint.policy) != entrant.weights:
        raise CheckpointError(
            f"expected {entrant.name} as it entered the tournament, got another network of that name; "
            "start a new tournament"
        )
    return PlayerSpec("model", entrant.name, checkpoint)


def fingerprint(policy: PolicyNetwork) -> str:
    """SHA-256 of the weights, pixel by pixel, then of the second layer's."""
    digest = hashlib.sha256(np.ascontiguousarray(policy.w1.T).data)
    for array in (policy.w2, *policy.deeper):
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _refs(library: Library, word: str) -> list[CheckpointRef]:
    name, _, moment = word.partition("@")
    step = _EVERY.fullmatch(moment)
    if step is None and moment != "all":
        try:
            return [library.checkpoint(word)]
        except UnknownNameError as error:
            raise UnknownNameError(
                f"{error}; a player is ai, a model, model@game, model@every200 or model@all"
            ) from error
    if step is not None and int(step[1]) < 1:
        raise UnknownNameError(f"expected a number of games from 1 on after 'every', got {word!r}")
    model = library.model(name)
    return [model.checkpoint(each) for each in every(_some(model), int(step[1]) if step else 1)]


def _some(model: Model) -> list[int]:
    """All checkpoints.

    Raises:
        UnknownNameError: When there is none.
    """
    model.checkpoint()
    return model.checkpoints()
