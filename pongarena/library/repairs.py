"""Repair the data directory after kills, full disks and power cuts; nothing is lost.

Each repair first moves or copies what it changes into a backup folder in the data directory. It holds the
model's lock, so that files of a running session or another command are left alone.
"""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from pongarena.core import paths
from pongarena.core.errors import LibraryError, PongArenaError
from pongarena.core.files import copy_ordinary, make_folder, write_atomically
from pongarena.core.reading import lines_of, open_ordinary, parse_json
from pongarena.core.records import NewerRecordError, read_record
from pongarena.core.system import rename
from pongarena.jobs.lock import held, model_lock
from pongarena.jobs.requests import pending_requests
from pongarena.jobs.status import (
    FORMAT_VERSION,
    LARGEST_STATUS,
    State,
    Status,
    read_status,
    write_status,
)
from pongarena.library import curve_cache as kept_curve
from pongarena.library.models import Library, Model
from pongarena.library.staging import unfinished_files, unfinished_folders
from pongarena.nn.archive import is_whole
from pongarena.nn.checkpoint import Card, read_card

__all__ = ["Backup", "Repair", "needed_repairs", "perform"]

_LONGEST_LINE = 1 << 20
"""Bytes; a longer line of a log is damage."""

_AFTERWARDS = {
    "resume.npz": "; training goes on from the last checkpoint, with a fresh memory of the optimiser",
    kept_curve.FILE: "; it is written again",
}
"""What happens when one of these archives is gone."""


class Backup:
    """A folder for what repairs change or remove; created when it is first needed.

    Attributes:
        folder: Its path.
    """

    def __init__(self) -> None:
        self._root = paths.data_dir()
        moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        self.folder = self._root / "backups" / moment

    def move(self, path: Path) -> None:
        """Move a file or folder into the backup.

        Raises:
            OSError: When it cannot be moved; it then stays where it was.
        """
        rename(path, self._place(path))

    def copy(self, path: Path) -> None:
        """Copy a file into the backup; move it if it is not an ordinary file, which might have no end.

        Raises:
            OSError: When it cannot be copied.
        """
        if path.is_file():
            copy_ordinary(path, self._place(path))
        else:
            self.move(path)

    def _place(self, path: Path) -> Path:
        place = self.folder / path.relative_to(self._root)
        make_folder(place.parent)
        return place


@dataclass(frozen=True)
class Repair:
    """A fault that can be repaired.

    Attributes:
        subject: Which file or model.
        found: What is wrong.
        remedy: What will be done.
        model: The folder of the model whose lock is needed; None when no lock is.
        do: The function that repairs it.
    """

    subject: str
    found: str
    remedy: str
    model: Path | None
    do: Callable[[Backup], None]


def needed_repairs(library: Library) -> list[Repair]:
    """Find everything that can be repaired; change nothing.

    Raises:
        LibraryError: When the library exists and cannot be listed.
    """
    data, found = paths.data_dir(), list(_of_the_data_directory(paths.data_dir()))
    for room, what in (
        (library.root, "a model"),
        (paths.tournaments_dir(), "a tournament"),
        (paths.lab_dir(), "a run of the lab"),
    ):
        for path in unfinished_folders(room):
            found.append(_removal(path, data, f"{what} that was being made or deleted when the program died"))
    for model in library.models():
        if not model.bundled and not model.status().active:
            found += _of_a_model(model, data)
    return found


def perform(repair: Repair, backup: Backup) -> None:
    """Do one repair.

    Raises:
        LibraryError: When it fails; the message says why. Other repairs can still be tried.
    """
    try:
        with model_lock(repair.model) if repair.model is not None else nullcontext():
            repair.do(backup)
    except OSError as error:
        raise LibraryError(
            f"cannot repair {repair.subject}: {error.strerror or error}; free some space or make the folder "
            "writable, then try again"
        ) from error


def _of_the_data_directory(data: Path) -> Iterator[Repair]:
    with suppress(OSError):
        mode = stat.S_IMODE(data.stat().st_mode)
        if os.name == "posix" and mode & 0o022:
            yield Repair(
                str(data),
                f"others may write into it ({mode:04o}), and so change what you play against",
                "let others at most read",
                None,
                lambda _: data.chmod(mode & ~0o022),
            )
    rooms = [data, paths.matches_dir(), paths.states_dir(), paths.clips_dir(), paths.screenshots_dir()]
    rooms += [*_folders(paths.tournaments_dir()), *(runs := _folders(paths.lab_dir()))]
    rooms += [each / "runs" for each in runs]
    for path in unfinished_files(*rooms):
        yield _removal(path, data, "a file that was being written when the program died")
    yield from _of_a_log(paths.matches_log(), data, None)
    for room, logs in ((paths.tournaments_dir(), "matches.jsonl"), (paths.lab_dir(), "runs/*.jsonl")):
        for folder in _folders(room):
            if not _is_held(folder):
                for log in sorted(folder.glob(logs)):
                    yield from _of_a_log(log, data, folder)
                yield from _of_a_status(folder, lambda: Status(State.STOPPED, message="restored"))


def _folders(room: Path) -> list[Path]:
    try:
        return sorted(each for each in room.iterdir() if each.is_dir() and not each.name.startswith("."))
    except OSError:
        return []


def _is_held(folder: Path) -> bool:
    """Whether a process works in a folder; files that it is writing are not damaged."""
    lock = folder / "lock"
    if not lock.is_file():
        return False
    try:
        with held(lock, 0, "another process works here"):
            return False
    except LibraryError:
        return True


def _of_a_model(model: Model, data: Path) -> Iterator[Repair]:
    folder = model.path
    lock = folder / "lock"
    if lock.is_symlink() or (lock.exists() and not lock.is_file()):
        # a lock that a process holds is an ordinary file
        yield replace(_removal(lock, data, "it is no lock, and no session can begin"), model=None)
        return
    for name in ("checkpoints", "requests"):
        if model.fault is None and not (folder / name).exists():
            make = partial(_make, folder / name)
            yield Repair(
                str((folder / name).relative_to(data)), "the folder is missing", "make it", folder, make
            )
    for path in unfinished_files(folder, folder / "checkpoints"):
        yield _removal(path, data, "a file that was being written when the program died", folder)
    for request in pending_requests(folder):
        yield _removal(request.path, data, "a request that no session serves any more", folder)
    saved = sorted((folder / "checkpoints").glob("ep*.npz"))
    # files that training needs are read completely; the others may be gigabytes and are only opened
    for path in [*saved, *(folder / name for name in _AFTERWARDS)]:
        if path.is_file() and _is_damaged(path, thoroughly=path not in saved[:-1]):
            remedy = "put it aside" + _AFTERWARDS.get(path.name, "")
            yield _removal(path, data, "it is damaged or cut off", folder, remedy)
    yield from _of_a_log(folder / "metrics.jsonl", data, folder)
    yield from _of_a_status(folder, partial(_known, model))


def _of_a_status(folder: Path, known: Callable[[], Status]) -> Iterator[Repair]:
    """Find sessions that died without updating their status, and damaged status files."""
    path = folder / "status.json"
    subject = str(path.relative_to(paths.data_dir()))
    try:
        said = read_record(path, Status, limit=LARGEST_STATUS, version=FORMAT_VERSION).state
    except (FileNotFoundError, NewerRecordError):
        return
    except (OSError, ValueError):
        remedy = "write it again, from what was saved last"
        yield Repair(subject, "it cannot be read", remedy, folder, lambda it: _say(path, known(), it))
        return
    status = read_status(path)
    if status.state is State.CRASHED and said is not State.CRASHED:
        found = "it names a session whose process is gone"
        after = replace(status, state=State.STOPPED, pid=0, message="interrupted; it can be resumed")
        remedy = "mark it as stopped; it can be resumed"
        yield Repair(subject, found, remedy, folder, partial(_say, path, after))


def _of_a_log(path: Path, data: Path, model: Path | None) -> Iterator[Repair]:
    try:
        with open_ordinary(path) as file:
            damaged = sum(1 for line in _lines(file) if line is None)
    except OSError:
        return
    if damaged:
        found = f"{damaged} of its lines cannot be read"
        clean = partial(_clean, path)
        yield Repair(str(path.relative_to(data)), found, "leave them out", model, clean)


def _removal(
    path: Path, data: Path, found: str, model: Path | None = None, remedy: str = "put it aside"
) -> Repair:
    return Repair(str(path.relative_to(data)), found, remedy, model, lambda backup: backup.move(path))


def _make(folder: Path, _: Backup) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)


def _say(path: Path, status: Status, backup: Backup) -> None:
    backup.copy(path)
    write_status(path, status)


def _known(model: Model) -> Status:
    """Return the status of a stopped session at the last readable checkpoint."""
    for episode in reversed(model.checkpoints()):
        with suppress(PongArenaError):
            card: Card = read_card(model.checkpoint(episode).path)
            return Status(
                State.STOPPED,
                episode=card.episode,
                updates=card.updates,
                steps=card.steps,
                running_reward=card.running_reward,
                message="restored from the last checkpoint",
            )
    return Status()


def _clean(path: Path, backup: Backup) -> None:
    def copy(target: BinaryIO) -> None:
        with open_ordinary(path) as source:
            target.writelines(line + b"\n" for line in _lines(source) if line)

    backup.copy(path)
    write_atomically(path, copy)


def _lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Yield the lines without their ends, except empty ones; None for a line that is not a JSON object."""
    for line in lines_of(file, _LONGEST_LINE):
        whole = line.rstrip(b"\r\n")
        if whole or not line.endswith(b"\n"):
            yield whole if len(line) <= _LONGEST_LINE and _is_object(whole) else None


def _is_object(line: bytes) -> bool:
    if line.startswith(b'{"') and line.endswith(b"}") and line.count(b"{") == 1:
        return True  # enough to find what kills and power cuts leave, and ten times as fast
    try:
        return isinstance(parse_json(line), dict)
    except ValueError:
        return False


def _is_damaged(path: Path, *, thoroughly: bool) -> bool:
    try:
        return not is_whole(path, thoroughly=thoroughly)
    except OSError:
        return False  # it cannot be read at the moment, which is no damage
