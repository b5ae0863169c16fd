"""The compiler of the inner loops, and where the code that it makes is kept.

Compiled code is cached in the package's own ``__pycache__``; where that cannot be written, in the data
directory; where nothing can be written, it is not kept, and each process compiles for itself. A user's own
``NUMBA_CACHE_DIR`` comes before all of them.

numba looks for changes only in the file of the function that it loads, but the code of a function contains
that of the functions it calls, and the constants that it uses, from other files. So the cache's folder is
named after the content of all these files, too: whoever edits one of them gets everything compiled anew.
"""

import hashlib
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pongarena import __version__
from pongarena.core import paths
from pongarena.core.files import make_folder

__all__ = ["CACHE_VARIABLE", "cache_folder", "compiled", "is_warm", "note_warm"]

CACHE_VARIABLE = "NUMBA_CACHE_DIR"
"""Where numba keeps what it compiled; a user may set it."""

_PREFIX = "compiled-"
_KEPT_FOLDERS = 3
"""Of earlier sources: another version of the program, or of a developer's branch, may still run."""

_PACKAGE = Path(__file__).parent.parent
_IMPORTED = re.compile(rb"^\s*(?:from|import) pongarena\.?([\w.]*)(?: import ([\w, ]+))?", re.MULTILINE)


def cache_folder(package: Path, data: Path, environment: Mapping[str, str]) -> Path | None:
    """Where compiled code is kept; None where it cannot be.

    Note: makes the folder, and removes those of old sources beside it.

    Args:
        package: The program's folder.
        data: The user's data directory.
        environment: May hold `CACHE_VARIABLE`; one that another pongarena process set is not the user's.
    """
    given = environment.get(CACHE_VARIABLE, "")
    if given and not Path(given).name.startswith(_PREFIX):
        return Path(given) if _is_writable(Path(given)) else None
    name = (
        f"{_PREFIX}{__version__}-py{sys.version_info.major}{sys.version_info.minor}-{_fingerprint(package)}"
    )
    for place in (package / "__pycache__", data / "cache"):
        if _is_writable(place / name):
            _forget_old(place)
            return place / name
    return None


def _is_writable(folder: Path) -> bool:
    try:
        make_folder(folder)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _forget_old(place: Path) -> None:
    folders = sorted(place.glob(f"{_PREFIX}*"), key=lambda each: each.stat().st_mtime)
    for each in folders[: -_KEPT_FOLDERS - 1]:
        shutil.rmtree(each, ignore_errors=True)


def _fingerprint(package: Path) -> str:
    """Of everything that compiled code is made of."""
    digest = hashlib.sha256()
    for path in sorted(_sources(package)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _sources(package: Path) -> set[Path]:
    """The files with compiled functions, and those that they import, directly or not."""
    texts = {path: path.read_bytes() for path in package.rglob("*.py")}
    found: set[Path] = set()
    ahead = [path for path, text in texts.items() if b"from pongarena.core.compilation import" in text]
    while ahead:
        path = ahead.pop()
        if path in texts and path not in found:
            found.add(path)
            if path != package / "core" / Path(__file__).name:  # what this file uses is in no compiled code
                ahead += _imports(package, texts[path])
    return found


def _imports(package: Path, text: bytes) -> Iterable[Path]:
    """The files that a module may import; some may not exist."""
    for module, names in _IMPORTED.findall(text):
        folder = package.joinpath(*module.decode().split(".")) if module else package
        yield folder.with_suffix(".py")
        for name in names.decode().split(","):
            yield folder / f"{name.strip()}.py"


_folder = cache_folder(_PACKAGE, paths.data_dir(), os.environ)
if _folder is not None:
    os.environ[CACHE_VARIABLE] = str(_folder)

import numba  # noqa: E402  # reads the variable when it is imported

_config: Any = numba.config
_config.reload_config()  # somebody else may have imported it before

_OPTIONS: Mapping[str, Any] = {
    "cache": _folder is not None,
    "nogil": True,
    "fastmath": {"reassoc", "contract", "nsz"},
    "error_model": "numpy",
}


def compiled(function: Callable[..., Any] | None = None, /, **options: object) -> Callable[..., Any]:
    """Compile a function when it is first called; it then runs without the interpreter's lock.

    Sums may be reordered and multiplications fused with additions, NaN and infinity are kept, and a division
    by zero gives them as numpy does.

    Args:
        function: What to compile; its types are those it is called with.
        options: Of `numba.njit`, instead of these.
    """
    decorate: Callable[..., Any] = numba.njit(**{**_OPTIONS, **options})  # its types depend on its version
    return decorate if function is None else decorate(function)


def is_warm(name: str) -> bool:
    """Whether `note_warm` was called for the present sources: what it stands for need not be compiled."""
    return _folder is not None and _mark(_folder, name).is_file()


def note_warm(name: str) -> None:
    """Note, in the cache, that what this name stands for was compiled from the present sources.

    Note: writes a file; nothing where nothing can be written.
    """
    if _folder is not None:
        with suppress(OSError):
            _mark(_folder, name).touch()


def _mark(folder: Path, name: str) -> Path:
    # the compiler looks at its own version, and at the processor, too
    machine = f"{numba.__version__}-{platform.machine()}"
    return folder / f"{name}-{_fingerprint(_PACKAGE)}-{machine}.warm"
