"""The append-only log of all matches, and for each match a small file with which it can be replayed.

A line of the log is a `MatchResult`. ``matches/<id>.npz`` holds the same line, the inputs and what was muted,
but no networks: a match to 21 takes some ten kilobytes. A running match is saved in
``matches/unfinished/<id>.npz``, with the process that plays it; see `journal`.
"""

import io
import json
import os
from collections import deque
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.core import paths
from pongarena.core.arrays import BoolArray
from pongarena.core.errors import CheckpointError, LibraryError, PongArenaError, UnknownNameError
from pongarena.core.files import make_folder, open_mode, open_to_append, write_atomically
from pongarena.core.reading import is_newer, lines_of, open_ordinary, parse_json
from pongarena.core.records import decode
from pongarena.core.text import printable
from pongarena.game.types import Serve
from pongarena.jobs.lock import held
from pongarena.jobs.process import ProcessMark
from pongarena.match.input_log import InputLog, MuteEvent
from pongarena.match.match import Match, MatchResult
from pongarena.match.player import PlayerSpec
from pongarena.match.result import FORMAT_VERSION
from pongarena.match.variant import PLAIN
from pongarena.nn.archive import Archive

__all__ = [
    "Log",
    "Recording",
    "append_to_log",
    "log_match",
    "pack_recording",
    "place_of",
    "read_log",
    "read_recording",
    "read_recording_file",
    "recorded",
    "write_recording",
]

RECORDING_VERSION = 4
"""Format of a recording. Version 1 had no number, version 3 added the serve. Version 4 is for variants of the
game; all other files are still written as version 3."""

_LARGEST = 64 << 20
"""Bytes; a larger array of inputs is damage: an hour takes half a megabyte, unpacked."""

_LONGEST_LINE = 1 << 20
"""Bytes; a longer line is damage: a point takes forty bytes."""

_PARTS = {"controls": _LARGEST, "muted_at": 1 << 20, "muted": 16 << 20}
"""The arrays of a recording, and the most bytes that each may take."""

_PATIENCE_S = 1.0

_MOST_RESULTS = 200_000
"""The most matches to keep in memory, the latest ones; more than anybody has played."""


@dataclass(frozen=True)
class Log:
    """The content of the match log.

    Attributes:
        results: All readable matches, oldest first.
        damaged: Number of unreadable lines, which were skipped.
        newer: How many of those a newer pongarena wrote.
    """

    results: tuple[MatchResult, ...]
    damaged: int
    newer: int = 0

    @property
    def usual(self) -> tuple[MatchResult, ...]:
        """Matches of the usual game; variants (small paddles, a faster ball) do not count for ratings."""
        return tuple(each for each in self.results if each.variant == PLAIN)


@dataclass(frozen=True)
class Recording:
    """A match that can be replayed.

    Attributes:
        result: Its result when it was recorded.
        input_log: Both players' inputs.
    """

    result: MatchResult
    input_log: InputLog

    def match(self, left: PlayerSpec, right: PlayerSpec, *, sound: bool = False) -> Match:
        """Prepare a replay from the inputs.

        Args:
            left: The player shown on the left.
            right: The player shown on the right.
            sound: Whether to produce sound.
        """
        result = self.result
        return Match(
            left,
            right,
            seed=result.seed,
            variant=result.variant,
            serve=Serve(result.serve),
            points=result.points,
            sound=sound,
            input_log=self.input_log,
        )


def log_match(match: Match) -> MatchResult:
    """Add a match, ended or not, to the log, and write its recording.

    Raises:
        LibraryError: When either cannot be written; the log is written first.
    """
    result = match.result()
    append_to_log(result)
    write_recording(Recording(result, match.input_log.copy(match.frames)))
    return result


def append_to_log(result: MatchResult) -> None:
    """Add one line of JSON, and flush it to the disk.

    Raises:
        LibraryError: When the log cannot be written.
    """
    log = paths.matches_log()
    line = result.to_line().encode() + b"\n"
    try:
        make_folder(log.parent)
        handle = open_to_append(log, open_mode(log.parent))
        with os.fdopen(handle, "a+b", buffering=0) as file:
            length = file.seek(0, os.SEEK_END)
            if length:  # a line cut off by a full disk must not damage this one
                file.seek(length - 1)
                line = line if file.read(1) == b"\n" else b"\n" + line
            if file.write(line) != len(line):
                raise OSError(28, "no space left on the device")
            os.fsync(file.fileno())
    except OSError as error:
        raise LibraryError(
            f"cannot write {log}: {error.strerror or error}; free some space or make the folder writable; "
            f"the match ended {result.score[0]}:{result.score[1]}"
        ) from error


def read_log() -> Log:
    """Read the whole log, lines of format version 1 too. Add matches whose process was killed first.

    Raises:
        LibraryError: When the log cannot be opened.
    """
    _log_the_killed()
    return _read_lines()


def _read_lines() -> Log:
    log = paths.matches_log()
    results: deque[MatchResult] = deque(maxlen=_MOST_RESULTS)
    damaged = newer = 0
    try:
        with open_ordinary(log) as file:
            for line in lines_of(file, _LONGEST_LINE):
                if not line.strip():
                    continue
                try:
                    if len(line) > _LONGEST_LINE:
                        raise ValueError(f"expected at most {_LONGEST_LINE} bytes in a line")
                    record = parse_json(line)
                    newer += is_newer(record, FORMAT_VERSION)
                    results.append(MatchResult.from_json(record))
                except ValueError:
                    damaged += 1
    except FileNotFoundError:
        return Log((), 0)
    except OSError as error:
        raise LibraryError(
            f"cannot read {log}: {error.strerror or error}; make it readable, or set "
            f"{paths.HOME_VARIABLE} to another folder"
        ) from error
    return Log(tuple(results), damaged, newer)


def _log_the_killed() -> None:
    """Log the saved matches whose process was killed; a lock lets one process do it at a time."""
    folder = paths.unfinished_matches_dir()
    if not _recordings(folder):
        return
    # files that cannot be read or written now are left for the next time
    with suppress(PongArenaError, OSError), held(folder / "lock", _PATIENCE_S, "others do it"):
        killed: dict[Path, Recording] = {}
        for path in _recordings(folder):
            with suppress(CheckpointError, ValueError, FileNotFoundError):
                recording, player = _read(path)
                if player is None or not player.alive:
                    killed[path] = recording
        known = {each.id for each in _read_lines().results} if killed else set()
        for path, recording in killed.items():
            if recording.result.id not in known:
                append_to_log(recording.result)
            write_recording(recording)
            path.unlink()


def write_recording(recording: Recording, player: ProcessMark | None = None) -> Path:
    """Write ``matches/<id>.npz``, or ``matches/unfinished/<id>.npz`` for a running match.

    Args:
        recording: The match.
        player: The process that plays a running match.

    Returns:
        The file.

    Raises:
        LibraryError: When it cannot be written; no partial file is left then.
    """
    path = place_of(recording.result.id, unfinished=player is not None)
    content = pack_recording(recording, player)
    try:
        make_folder(path.parent)
    except OSError as error:
        raise LibraryError(
            f"cannot make {path.parent}: {error.strerror or error}; "
            "free some space or make the folder writable"
        ) from error
    write_atomically(path, content)
    return path


def pack_recording(recording: Recording, player: ProcessMark | None = None) -> bytes:
    """A recording as the bytes of an `.npz` archive; see `write_recording`."""
    input_log = recording.input_log
    marks = [(each.frame, each.side, len(each.muted)) for each in input_log.mutings]
    arrays: dict[str, Any] = {
        "format_version": np.array(_version(recording.result), np.int64),
        "result": np.frombuffer(recording.result.to_line().encode(), np.uint8),
        "controls": input_log.to_array(),
        "muted_at": np.array(marks, np.int64).reshape(-1, 3),
        "muted": np.concatenate([np.zeros(0, np.bool_), *(each.muted for each in input_log.mutings)]),
    }
    if player is not None:
        arrays["player"] = np.frombuffer(json.dumps(asdict(player)).encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def _version(result: MatchResult) -> int:
    """The oldest version that fits: an older pongarena can then replay matches of the usual game."""
    return RECORDING_VERSION if "variant" in result.to_json() else RECORDING_VERSION - 1


def read_recording(name: str) -> Recording:
    """Find a match that can be replayed.

    Args:
        name: Its id, or a unique beginning or end of it.

    Raises:
        UnknownNameError: When there is none, or more than one.
        LibraryError: When its file is damaged.
    """
    return read_recording_file(place_of(_full_name(name)), _ADVICE)


def read_recording_file(path: Path, advice: str) -> Recording:
    """Read the file of a match.

    Args:
        path: The file.
        advice: What to do where it is damaged.

    Raises:
        LibraryError: When it is missing or damaged, or a newer pongarena wrote it.
    """
    try:
        return _read(path, advice)[0]
    except CheckpointError as error:
        raise LibraryError(str(error)) from error
    except ValueError as error:
        raise LibraryError(
            f"expected the inputs of a match in {path}, got a damaged file ({error}); "
            f"it cannot be played again: {advice}"
        ) from error


def recorded() -> list[str]:
    """The ids of all matches that can be replayed, oldest first."""
    _log_the_killed()
    return sorted(path.stem for path in _recordings(paths.matches_dir()))


def _recordings(folder: Path) -> list[Path]:
    return [path for path in folder.glob("[!.]*.npz") if path.stem == printable(path.stem)]


_EXPECTED, _ADVICE = "the inputs of a match", "choose another one with pongarena replay --list"


def place_of(name: str, *, unfinished: bool = False) -> Path:
    """The file of a recorded match, or of a running one."""
    return (paths.unfinished_matches_dir() if unfinished else paths.matches_dir()) / f"{name}.npz"


def _full_name(name: str) -> str:
    have = recorded()
    if name in have:
        return name
    fitting = [each for each in have if name and (each.startswith(name) or each.endswith(name))]
    if len(fitting) == 1:
        return fitting[0]
    found = f"{len(fitting)} ids begin or end like that" if fitting else "there is none"
    raise UnknownNameError(
        f"expected the id of a recorded match, got {name!r}: {found}; see pongarena replay --list"
    )


def _read(path: Path, advice: str = _ADVICE) -> tuple[Recording, ProcessMark | None]:
    """Read a recording, and the process that was still playing it when it was written."""
    player = None
    with Archive(path, _EXPECTED, advice) as archive:
        if archive.has("format_version"):
            version = archive.array("format_version", 1024)
            if version.shape or version.dtype.kind not in "iu":
                raise archive.damaged(f"its format version is {version.dtype} of shape {version.shape}")
            archive.require_no_newer(int(version), RECORDING_VERSION)
        result = MatchResult.from_json(parse_json(archive.array("result", _LONGEST_LINE).tobytes()))
        if not result.kinds:
            raise ValueError("expected the kinds of the players, got none")
        parts = {name: archive.array(name, limit) for name, limit in _PARTS.items()}
        if archive.has("player"):
            player = decode(parse_json(archive.array("player", 4096).tobytes()), ProcessMark)
    mutings = _mutings(parts["muted_at"], parts["muted"])
    return Recording(result, InputLog.from_array(parts["controls"], mutings)), player


def _mutings(marks: NDArray[np.int64], muted: BoolArray) -> tuple[MuteEvent, ...]:
    """Rebuild the mute events from rows of (frame, side, number of units), and all units in one array."""
    if marks.ndim != 2 or marks.shape[1] != 3 or marks.dtype.kind != "i":
        raise ValueError(f"expected rows of frame, side and units, got {marks.shape}")
    if muted.dtype != np.bool_ or muted.ndim != 1:
        raise ValueError(f"expected a row of booleans for muted units, got {muted.dtype} of {muted.shape}")
    # each number of units is limited too, because a sum of large ones could wrap around
    if (marks < 0).any() or (marks[:, 1:] > [1, len(muted)]).any() or marks[:, 2].sum() != len(muted):
        raise ValueError("expected sides 0 and 1, and rows that cover all units")
    parts = np.split(muted, np.cumsum(marks[:, 2])[:-1]) if len(marks) else []
    return tuple(
        MuteEvent(int(frame), int(side), part) for (frame, side, _), part in zip(marks, parts, strict=True)
    )
