"""What lies in a file's place and is none, or has no end: pipes, devices, folders, holes, links."""

import os
import random
import shutil
from pathlib import Path

__all__ = ["clear", "set_trap"]


def set_trap(path: Path, content: bytes, outside: Path, rng: random.Random) -> None:
    """Puts something into a file's place.

    Args:
        path: The place, which is free.
        content: What a whole file holds.
        outside: A file elsewhere, of the same content, which must stay as it is.
        rng: Chooses what.
    """
    choice = rng.randrange(8)
    if choice == 0:
        os.mkfifo(path)
    elif choice == 1:
        path.symlink_to(rng.choice(("/dev/zero", "/dev/full", "/dev/tty")))
    elif choice == 2:
        path.symlink_to(path.name)
    elif choice == 3:
        path.mkdir()
    elif choice == 4:
        path.symlink_to(outside)
    elif choice == 5:
        os.link(outside, path)
    elif choice == 6:  # a hole behind what is whole
        path.write_bytes(content)
        os.truncate(path, 1 << rng.choice((31, 40)))
    else:  # and one in front of it
        with path.open("wb") as file:
            file.truncate(1 << rng.choice((31, 40)))
            file.seek(0, os.SEEK_END)
            file.write(content)


def clear(path: Path) -> None:
    """Removes whatever lies there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
