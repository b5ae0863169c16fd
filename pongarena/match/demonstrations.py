"""Turn recorded matches into demonstrations: what a player saw, and which way it moved.

A recorded match is replayed on the emulator. The player's screen is seen from its own side, mirrored to the
right. Its inputs in the frames of a decision become a direction: keys count as held; a mouse, and the
cartridge's own player, count by how far the paddle moved.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pongarena.core.errors import MatchError, PongArenaError, UnknownNameError
from pongarena.envs.observation import FrameDifferencer, SparseFrames, mirror
from pongarena.game.types import Control, Knob, Side
from pongarena.library.model import Cloned, Model
from pongarena.library.models import Library
from pongarena.library.names import check_name
from pongarena.match.log import Recording, read_log, read_recording, recorded
from pongarena.match.match import Match
from pongarena.match.players import KINDS, PlayerSpec
from pongarena.match.ratings import HUMAN
from pongarena.nn.spec import AgentSpec
from pongarena.training.cloning import Demonstrations, clone
from pongarena.training.recipe import Recipe

__all__ = ["Source", "clone_matches", "demonstrations_of", "find_matches"]

_FULL_SPEED = 5.75
"""Rows that a paddle moves per frame while a direction is held."""

_MOVES_FROM = 0.25
"""Fraction of the full speed below which a decision counts as STAY."""

_LATEST = 20
"""Number of matches used when none are named."""


@dataclass(frozen=True)
class Source:
    """The matches from which a player is imitated.

    Attributes:
        player: The player to imitate, named as in the match log.
        recordings: The matches.
        left_out: Match id → why it is not used. `demonstrations_of` adds matches whose replay takes another
            course. None when all named matches are required.
    """

    player: str
    recordings: tuple[Recording, ...]
    left_out: dict[str, str] | None


def find_matches(names: Sequence[str] = (), player: str = HUMAN) -> Source:
    """Find the matches from which to imitate a player.

    Args:
        names: Ids of matches, or their beginnings or ends. Empty for the player's latest suitable matches.
        player: The player to imitate, named as in the match log.

    Raises:
        UnknownNameError: When a named match does not exist or was deleted.
        MatchError: When a named match is not suitable, or there is none at all.
        LibraryError: When the file of a named match is damaged.
    """
    if names:
        taken = {recording.result.id: recording for recording in (_named(name, player) for name in names)}
        return Source(player, tuple(taken.values()), None)
    recordings: list[Recording] = []
    left_out: dict[str, str] = {}
    for name in reversed(recorded()):
        if len(recordings) == _LATEST:
            break
        try:
            recording = read_recording(name)
        except PongArenaError as error:
            left_out[name] = str(error)
            continue
        if not _names(recording, player):
            continue
        if reason := _unfit(recording, player):
            left_out[name] = reason
        else:
            recordings.append(recording)
    if not recordings:
        raise _nothing_left(player, left_out)
    return Source(player, tuple(recordings), left_out)


def _nothing_left(player: str, left_out: dict[str, str]) -> MatchError:
    why = "".join(f"; {name}: {reason}" for name, reason in list(left_out.items())[:3])
    remedy = "play some: pongarena play ai human" if player == HUMAN else "see pongarena replay --list"
    return MatchError(f"expected matches of {player} to learn from, found no suitable one{why}; {remedy}")


def _named(name: str, player: str) -> Recording:
    recording = _read(name)
    if reason := _unfit(recording, player):
        raise MatchError(f"cannot learn from match {recording.result.id}: {reason}; name another one")
    return recording


def _read(name: str) -> Recording:
    try:
        return read_recording(name)
    except UnknownNameError:
        if any(each.id and each.id.endswith(name) for each in read_log().results):
            raise UnknownNameError(
                f"expected the inputs of match {name}, got only its result: its recording was deleted, or "
                "never made; name another one, see pongarena replay --list"
            ) from None
        raise


def _unfit(recording: Recording, player: str) -> str:
    """Why a match is not suitable; empty when it is."""
    result = recording.result
    if not _names(recording, player):
        return f"{player} did not play in it, but {result.left} and {result.right}"
    if result.rewound:
        return "it was continued from an earlier moment, so the player knew what would follow"
    if not _sides(recording, player):
        return f"somebody else took over {player}'s paddle"
    return ""


def _names(recording: Recording, player: str) -> list[Side]:
    """The sides that a player had; a model's name stands for all of its checkpoints."""
    names = (recording.result.left, recording.result.right)
    return [side for side, name in zip(Side, names, strict=True) if player in (name, name.partition("@")[0])]


def demonstrations_of(
    source: Source,
    spec: AgentSpec,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> Demonstrations:
    """Collect what the player saw and did, as a network of this kind would have seen and done it.

    Every frame can begin a decision. So a match gives as many rows as it has frames, and each decision is
    seen `spec.frame_skip` times. If the network has only two actions and so must move, frames at which the
    player stayed are left out.

    Args:
        source: The matches.
        spec: The network's observation, actions and frame skip.
        on_progress: Called with (matches read, matches) after each.

    Raises:
        MatchError: When the replay of a named match takes another course, or no match is left.
    """
    parts: list[Demonstrations] = []
    begin = 0
    for number, recording in enumerate(source.recordings, 1):
        try:
            watched = [_watch(recording, side, spec) for side in _sides(recording, source.player)]
        except MatchError as error:
            if source.left_out is None:
                raise
            source.left_out[recording.result.id] = str(error)
            watched = []
        for frames, moves in watched:
            parts.append(_shown(frames, moves, begin, spec))
            begin += len(moves)
        if on_progress is not None:
            on_progress(number, len(source.recordings))
    if not parts:
        raise _nothing_left(source.player, source.left_out or {})
    return Demonstrations(
        SparseFrames.concatenate([each.frames for each in parts]),
        np.concatenate([each.actions for each in parts]),
        np.concatenate([each.times for each in parts]),
        views=spec.frame_skip,
    )


def _shown(
    frames: list[SparseFrames], moves: NDArray[np.int64], begin: int, spec: AgentSpec
) -> Demonstrations:
    """Keep the frames of one side of a match in which the player's move is one of the network's actions."""
    kept = np.flatnonzero(np.isin(moves, spec.moves))
    shown = SparseFrames.concatenate([frames[row] for row in kept.tolist()])
    return Demonstrations(
        replace(shown, inputs=spec.observation.inputs),  # also when there are no frames
        np.searchsorted(np.array(spec.moves), moves[kept]).astype(np.int8),
        begin + kept,
        views=spec.frame_skip,
    )


def _sides(recording: Recording, player: str) -> list[Side]:
    taken = dict(zip(Side, recording.result.taken_over, strict=True))
    return [side for side in _names(recording, player) if not taken[side]]


def _watch(recording: Recording, side: Side, spec: AgentSpec) -> tuple[list[SparseFrames], NDArray[np.int64]]:
    """Replay a match.

    Returns:
        The observation at each frame except the last few, and the move that followed: −1, 0 or +1.
    """
    skip = spec.frame_skip
    eyes = [FrameDifferencer(spec.observation) for _ in range(skip)]
    seen: list[SparseFrames] = []
    pushes: list[float] = []
    match = _again(recording)
    try:
        while not match.over:
            screen = match.screen if side is Side.RIGHT else mirror(match.screen)
            seen.append(eyes[match.frames % skip].look(screen))
            i = 0 if side is Side.LEFT else 1
            control, y = recording.input_log[match.frames][i], match.paddles[i]
            match.step()
            moved = match.specs[i].traits.by_cartridge
            pushes.append(_push(Knob(match.paddles[i]) if moved else control, y))
        _check(match, recording)
    finally:
        match.close()
    if len(pushes) < skip:
        return [], np.zeros(0, np.int64)
    means = np.convolve(np.array(pushes), np.ones(skip) / skip, mode="valid")
    moves = np.where(np.abs(means) > _MOVES_FROM, np.sign(means), 0).astype(np.int64)
    return seen[: len(moves)], moves


def _push(control: Control | None, y: int) -> float:
    """How fast a control moves the paddle, as a fraction of full speed: −1..1, positive is down."""
    if isinstance(control, Knob):
        return float(np.clip((control.y - y) / _FULL_SPEED, -1, 1)) if y and control.y else 0.0
    return float(control or 0)


def _again(recording: Recording) -> Match:
    result = recording.result
    left, right = (
        PlayerSpec(kind, name) if _by_cartridge(kind) else PlayerSpec.recording(name)
        for kind, name in zip(result.kinds, (result.left, result.right), strict=True)
    )
    return recording.match(left, right)


def _by_cartridge(word: str) -> bool:
    """Whether the cartridge itself moves this kind of player."""
    return word in KINDS and KINDS[word].by_cartridge


def _check(match: Match, recording: Recording) -> None:
    """Check that the replay ended like the original match.

    Raises:
        MatchError: When it did not.
    """
    before, now = recording.result, match.result()
    if (now.score, now.frames, now.rallies) != (before.score, before.frames, before.rallies):
        raise MatchError(
            f"cannot learn from match {before.id}: expected it to end {before.score[0]} : {before.score[1]} "
            f"after {before.frames:,} frames, got {now.score[0]} : {now.score[1]} after {now.frames:,}; it "
            f"was played with an older cartridge (pongarena {before.pongarena or 'unknown'}): leave it out"
        )


def clone_matches(
    library: Library,
    name: str,
    recipe: Recipe,
    seed: int,
    source: Source,
    *,
    on_progress: Callable[[str], None] | None = None,
) -> Model:
    """Create a model that starts as an imitation of a player and then trains by its recipe.

    Its folder records how well it imitates: see `Model.cloned`.

    Args:
        library: Where to create it.
        name: Its name.
        recipe: Its network and how it will train.
        seed: Seed of its first weights and its games.
        source: The player to imitate, and the matches.
        on_progress: Called with the current activity, in words.

    Raises:
        MatchError: When there is too little to learn from.
        PongArenaError: As ``Library.create``.
    """
    check_name(name)
    library.require_free(name)
    tell = on_progress or (lambda _: None)
    seen = demonstrations_of(
        source,
        recipe.spec,
        on_progress=lambda done, count: tell(f"reading the matches: {done} of {count}"),
    )
    policy, imitation = clone(
        recipe.new_network(np.random.default_rng(seed)),
        seen,
        seed=seed,
        on_progress=lambda epoch, agreement: tell(f"imitating: pass {epoch}, agrees in {agreement:.0%}"),
    )
    left_out = source.left_out or {}
    used = tuple(each.result.id for each in source.recordings if each.result.id not in left_out)
    return library.add(name, recipe, seed, policy=policy, cloned=Cloned(source.player, used, imitation))
