"""Matches as demonstrations: what a player saw, and which way it moved, read from the logs of inputs.

A recorded match is played once more on the emulator. Its player is seen from its own side, on the right; what
it did in the frames of a decision becomes a direction: keys as they were held; a mouse's knob, and the
cartridge's own player, by how far the paddle went.
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
"""Rows that a paddle goes in a frame with a direction held."""

_MOVES_FROM = 0.25
"""Of the full speed: whoever moves a paddle less in a decision's time lets it stay."""

_LATEST = 20
"""Matches that are taken where none are named."""


@dataclass(frozen=True)
class Source:
    """What there is to imitate.

    Attributes:
        player: Who is imitated, as the match log has it.
        recordings: Its matches.
        left_out: Why others of its matches are not taken, by their ids; `demonstrations_of` adds those that
            no longer go as they were played. None where all that were named have to do.
    """

    player: str
    recordings: tuple[Recording, ...]
    left_out: dict[str, str] | None


def find_matches(names: Sequence[str] = (), player: str = HUMAN) -> Source:
    """The matches to imitate a player from.

    Args:
        names: Ids of matches, or their beginnings or ends; of none, the player's latest ones that will do.
        player: Who is imitated, as the match log has it.

    Raises:
        UnknownNameError: When there is no such match, or it was deleted.
        MatchError: When there is none, or one that was named will not do.
        LibraryError: When the file of one that was named is damaged.
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
    return MatchError(f"expected matches of {player} to learn from, got none that will do{why}; {remedy}")


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
    """Why a match will not do; empty when it may."""
    result = recording.result
    if not _names(recording, player):
        return f"{player} did not play in it, but {result.left} and {result.right}"
    if result.rewound:
        return "it was played on from an earlier moment, so that some of it was done by who knew what follows"
    if not _sides(recording, player):
        return f"somebody else took over {player}'s paddle"
    return ""


def _names(recording: Recording, player: str) -> list[Side]:
    """The sides of a player, of a model with any checkpoint of it."""
    names = (recording.result.left, recording.result.right)
    return [side for side, name in zip(Side, names, strict=True) if player in (name, name.partition("@")[0])]


def demonstrations_of(
    source: Source,
    spec: AgentSpec,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> Demonstrations:
    """What the player of these matches saw and did, as a network of this kind would have.

    Every moment that a decision could have begun at is one: a match gives as many rows as it has frames, and
    each decision is seen `spec.frame_skip` times. Where a network has to move (two actions), moments at which
    the player did not are left out.

    Args:
        source: The matches.
        spec: What the network is shown, may do, and how long its decisions last.
        on_progress: Called with (matches read, matches) after each.

    Raises:
        MatchError: When a match that was named no longer goes as it was played, or there is no other one.
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
    """What a network of this kind can learn from one side of a match."""
    kept = np.flatnonzero(np.isin(moves, spec.moves))
    shown = SparseFrames.concatenate([frames[row] for row in kept.tolist()])
    return Demonstrations(
        replace(shown, inputs=spec.observation.inputs),  # of no frames too
        np.searchsorted(np.array(spec.moves), moves[kept]).astype(np.int8),
        begin + kept,
        views=spec.frame_skip,
    )


def _sides(recording: Recording, player: str) -> list[Side]:
    taken = dict(zip(Side, recording.result.taken_over, strict=True))
    return [side for side in _names(recording, player) if not taken[side]]


def _watch(recording: Recording, side: Side, spec: AgentSpec) -> tuple[list[SparseFrames], NDArray[np.int64]]:
    """Plays a match again.

    Returns:
        What would have been seen at each frame but the last few, and the move that followed, −1, 0 or +1.
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
    """What a control does in a frame, in full speeds, downwards: −1..1."""
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
    """Whether the cartridge itself moves players of this kind."""
    return word in KINDS and KINDS[word].by_cartridge


def _check(match: Match, recording: Recording) -> None:
    """Refuses a match that another cartridge, or another program, played.

    Raises:
        MatchError: When it now goes another way.
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
    """Makes a model that begins as a player's imitation, and trains on by its recipe.

    Its folder tells how well it imitates: see `Model.cloned`.

    Args:
        library: Where it is made.
        name: Its name.
        recipe: How it will train, and what network it has.
        seed: Of its first weights and its games.
        source: Whom it imitates, and from which matches.
        on_progress: Called with what is being done, in words.

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
