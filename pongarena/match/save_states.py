"""Named save states: moments of matches to go on from, each in a file of its own.

A state is the recording of the match up to that moment. To go on, the match is played again from its first
frame, which takes a second or two, and must come out as it was. What is played from there is never rated.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pongarena.core import paths
from pongarena.core.errors import InvalidNameError, LibraryError, MatchError, UnknownNameError
from pongarena.core.files import make_folder, write_atomically, write_error
from pongarena.library.names import check_state
from pongarena.match.log import Recording, pack_recording, read_recording_file
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.match.result import MatchResult

__all__ = ["Restoration", "SavedState", "delete_state", "fresh_state", "read_state", "save_state", "states"]

_ADVICE = "delete this state, or choose another one"

_MOST = 200
"""States that are listed."""


@dataclass(frozen=True)
class SavedState:
    """One file of a state.

    Attributes:
        name: As the person typed it.
        result: How the match stood; None for a file that cannot be read.
        fault: Why it cannot be read; empty if it can.
    """

    name: str
    result: MatchResult | None
    fault: str = ""


def save_state(match: Match, name: str) -> str:
    """Save the present moment of a match.

    Returns:
        The name, without spaces around it.

    Raises:
        InvalidNameError: When no file can be called so, or a state has the name already.
        MatchError: When there is nothing to go on with: no frame yet, a match that is over, a player's file.
        LibraryError: When the file cannot be written.
    """
    name = check_state(name)
    if not match.frames:
        raise MatchError("expected a match that has begun; play a moment, then save it")
    if match.winner is not None:
        raise MatchError("expected a match that goes on, got one that is won; save a moment of the next one")
    if any(spec.traits.from_file for spec in match.specs):
        raise MatchError("a player from a file may be another one by then; save states of other matches")
    if name.lower() in {each.lower() for each in _names()}:
        raise InvalidNameError(f"there is a state called {name!r} already; choose another name")
    path = _place(name)
    try:
        make_folder(path.parent)
    except OSError as error:
        raise write_error(path, error) from error
    write_atomically(path, pack_recording(Recording(match.result(), match.input_log.copy(match.frames))))
    return name


def states() -> list[SavedState]:
    """All states, the newest first; those that cannot be read say why."""
    found = []
    for name in _names()[:_MOST]:
        try:
            found.append(SavedState(name, read_state(name).result))
        except UnknownNameError:
            continue  # deleted meanwhile
        except LibraryError as error:
            found.append(SavedState(name, None, str(error)))
    return found


def read_state(name: str) -> Recording:
    """Read a state.

    Raises:
        UnknownNameError: When there is none of this name.
        LibraryError: When its file is damaged, or a newer pongarena wrote it.
    """
    path = _place(check_state(name))
    if not path.is_file():
        raise UnknownNameError(f"there is no saved state called {name!r}; see the list of saved moments")
    recording = read_recording_file(path, _ADVICE)
    result = recording.result
    if result.finished or not 0 < result.frames == len(recording.input_log):
        raise LibraryError(
            f"expected a moment of a match in {path}, got {len(recording.input_log):,} inputs for "
            f"{result.frames:,} frames; {_ADVICE}"
        )
    return recording


def delete_state(name: str) -> None:
    """Delete a state.

    Raises:
        LibraryError: When its file cannot be deleted.
    """
    path = _place(check_state(name))
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise write_error(path, error) from error


def fresh_state(match: Match) -> str:
    """A name that no state has yet, with the score in it: "rival 3-2"."""
    rivals = [spec.name.partition("@")[0] for spec in match.specs if not spec.is_person]
    stem = " ".join(" ".join(rivals).split())[:20] or "match"
    score = "-".join(map(str, match.score))
    taken = {each.lower() for each in _names()}
    names = [f"{stem} {score}", *(f"{stem} {score} {number}" for number in range(2, len(taken) + 3))]
    return next(each for each in names if each.lower() not in taken)


class Restoration:
    """Plays a state's match again up to its moment, piece by piece, while a window goes on drawing.

    Attributes:
        name: Of the state.
        match: The match; it can be played on after `finish`.
    """

    def __init__(self, name: str, recording: Recording, players: Sequence[PlayerSpec]) -> None:
        """Set up the match.

        Args:
            name: Of the state.
            recording: The state.
            players: Who plays left and right.

        Raises:
            MatchError: When one of them is no longer there.
        """
        for spec in players:
            if spec.traits.absent:
                raise MatchError(
                    f"{spec.name} is no longer there, so this match cannot go on; delete the state"
                )
        self.name = name
        self._before = recording.result
        self.match = recording.match(*players, sound=True)

    @property
    def share(self) -> float:
        """How far it is, 0 to 1."""
        return self.match.frames / self._before.frames

    def work(self, seconds: float) -> bool:
        """Go on for a while.

        Returns:
            Whether the moment is reached.
        """
        end = time.perf_counter() + seconds
        while not self.match.over and time.perf_counter() < end:
            self.match.step()
        return self.match.over

    def finish(self) -> Match:
        """Let the match go on from here; it counts for no rating.

        Raises:
            MatchError: When it came out otherwise than it was.
        """
        again, before = self.match.result(), self._before
        if (again.frames, again.score, again.rallies) != (before.frames, before.score, before.rallies):
            raise MatchError(
                f"expected {before.words()} after {before.frames:,} frames, got {again.words()} after "
                f"{again.frames:,}; the state was saved with pongarena {before.pongarena}: {_ADVICE}"
            )
        self.match.go_on(before)
        return self.match


def _place(name: str) -> Path:
    return paths.states_dir() / f"{name}.npz"


def _names() -> list[str]:
    """Names of all states, the newest first; files with other names are none."""
    found = []
    for path in paths.states_dir().glob("*.npz"):
        try:
            if check_state(path.stem) == path.stem:
                found.append((path.stat().st_mtime, path.stem))
        except (InvalidNameError, OSError):
            continue
    return [name for _, name in sorted(found, reverse=True)]
