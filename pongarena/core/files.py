"""Safe writing of files: never half written, even after a power cut, and private to the user.

A new file is as readable as its folder. pongarena's own folders are private (0700), and so are the files in
them (0600), until the user opens a folder to others, for example to a class.
"""

import errno
import json
import os
import re
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from pongarena.core.errors import DiskFullError, LibraryError
from pongarena.core.reading import open_ordinary, skip_hole
from pongarena.core.system import rename

__all__ = [
    "LONGEST_PART",
    "TEMPORARY",
    "advice_on",
    "copy_ordinary",
    "kind_of",
    "make_folder",
    "open_mode",
    "open_to_append",
    "overwrite_in_place",
    "require_new_file",
    "require_own",
    "write_atomically",
    "write_error",
    "write_json_atomically",
]

TEMPORARY = re.compile(r"\..+\.(?:(?P<pid>\d+)-[0-9a-f]{8}|[a-z0-9_]{8})\.part", re.ASCII)
"""Names of unfinished files. They hold the writer's process id, except those of older versions."""

LONGEST_PART = 50
"""In characters: a temporary name holds as much of the final one, which may be as long as a name can be."""

_ADVICE = {
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EEXIST: "choose another folder",
    errno.ENOTDIR: "choose another folder",
}
"""What to do about some errors of the system."""

_NO_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)

_BLOCK = 1 << 20

_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def write_atomically(path: Path, content: bytes | Callable[[BinaryIO], None]) -> None:
    """Replace ``path`` atomically: write a temporary file beside it, flush it to the disk, rename it.

    Args:
        path: The file to create or replace; its folder must exist.
        content: The bytes, or a function that writes them into the open file.

    Raises:
        DiskFullError: When the disk is full; ``path`` is then unchanged.
        LibraryError: When the folder cannot be written; ``path`` is then unchanged.
    """
    temporary = path.with_name(f".{path.name[:LONGEST_PART]}.{os.getpid()}-{os.urandom(4).hex()}.part")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(temporary, flags, open_mode(path.parent)), "wb") as file:
            if callable(content):
                content(file)
            else:
                file.write(content)
            file.flush()
            os.fsync(file.fileno())
        rename(temporary, path)
        _flush_folder(path.parent)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise write_error(path, error) from error
        raise


def require_new_file(path: Path, *, force: bool = False) -> None:
    """Check, before the work starts, that an output file can be created; `force` allows overwriting.

    Raises:
        LibraryError: When it is a folder, it exists, or its folder does not exist.
    """
    if path.is_dir():
        raise LibraryError(f"expected a file to write, got the folder {path}; add a name")
    if os.path.lexists(path) and not force:
        raise LibraryError(f"{path} exists already; choose another name, or overwrite it with --force")
    if not path.absolute().parent.is_dir():
        raise LibraryError(f"there is no folder {path.parent}; create it, or choose another one")


def write_json_atomically(path: Path, value: object) -> None:
    """Replace ``path`` with ``value`` as JSON; see `write_atomically`."""
    write_atomically(path, json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False).encode() + b"\n")


def overwrite_in_place(path: Path, content: bytes) -> None:
    """Overwrite a file in place: the last resort on a full disk, because it takes no new space.

    The content is padded with spaces to the old length and written in one call, so a reader sees either the
    old or the new content.

    Raises:
        LibraryError: When the file does not exist, is a link, or cannot be written.
    """
    require_own(path)
    try:
        handle = os.open(path, os.O_WRONLY | _NO_LINKS)
        with os.fdopen(handle, "wb", buffering=0) as file:
            file.write(content.ljust(os.fstat(handle).st_size))
    except OSError as error:
        raise write_error(path, error) from error


def open_to_append(path: Path, mode: int) -> int:
    """Open a log for appending and reading; create it with the permissions `mode` if it is missing.

    Returns:
        The file's handle.

    Raises:
        OSError: When it cannot be opened.
        LibraryError: When it is a link, or not a regular file.
    """
    require_own(path)  # before opening: open() would block on a pipe
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | _NO_LINKS, mode)
    try:
        _require_own(os.fstat(handle), path)
    except LibraryError:
        os.close(handle)
        raise
    return handle


def require_own(path: Path) -> None:
    """Refuse a link as a file that is changed in place.

    A folder from somebody else may hold a log or a lock linked to any file; a hard link looks like a file.

    Raises:
        LibraryError: When it is a symbolic or hard link, or not a regular file.
    """
    with suppress(FileNotFoundError, NotADirectoryError):
        _require_own(path.lstat(), path)


def _require_own(found: os.stat_result, path: Path) -> None:
    if stat.S_ISLNK(found.st_mode) or (stat.S_ISREG(found.st_mode) and found.st_nlink > 1):
        raise LibraryError(
            f"expected a file of its own at {path}, got a link: writing there would also change another "
            "file; remove it or replace it with a copy, then try again"
        )
    if not stat.S_ISREG(found.st_mode):
        raise LibraryError(
            f"expected a regular file at {path}, got something else; remove it, then try again"
        )


def copy_ordinary(source: str | Path, target: str | Path) -> None:
    """Copy a regular file with its times and holes; a ``copy_function`` for `shutil.copytree`.

    Raises:
        OSError: When it cannot be read or written, or is not a regular file.
    """
    with open_ordinary(Path(source)) as old, Path(target).open("wb") as new:
        skip_hole(old)
        new.seek(old.tell())
        while block := old.read(_BLOCK):
            new.write(block)
            skip_hole(old)
            new.seek(old.tell())
        new.truncate(old.tell())
    shutil.copystat(source, target)


def make_folder(folder: Path) -> None:
    """Create a folder and its missing parents, private to the user; existing ones stay unchanged.

    Raises:
        OSError: When it cannot be created.
    """
    for each in (*reversed(folder.parents), folder):
        if not each.is_dir():
            each.mkdir(mode=0o700, exist_ok=True)


def open_mode(folder: Path) -> int:
    """Return the permissions of a new file: as readable as its folder. The system applies the umask."""
    return 0o600 | (folder.stat().st_mode & 0o044)


def stamp_of(path: Path) -> tuple[int, int] | None:
    """Return a file's modification time in ns and its size in bytes; None if it is not accessible."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def kind_of(error: OSError) -> type[LibraryError]:
    """Return the class of our error for one of the system: `DiskFullError` is worth another try."""
    return DiskFullError if error.errno in _FULL else LibraryError


def advice_on(error: OSError, otherwise: str) -> str:
    """Return what to do about an error of the system; `otherwise` for one that nothing special helps."""
    return _ADVICE.get(error.errno or 0, otherwise)


def write_error(path: Path, error: OSError, then: str = "try again") -> LibraryError:
    """Return the error to raise for a file that cannot be written; `then` says what to do afterwards."""
    kind = kind_of(error)
    reason = error.strerror or str(error)
    advice = advice_on(error, "free some space or make the folder writable")
    return kind(f"cannot write {path}: {reason}; {advice}, then {then}")


def _flush_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where the system supports it."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
