"""Compilation of the inner loops, and the cache of compiled code.

Compiled code is cached in the package's own ``__pycache__``, or in the data directory if that is not
writable. If neither is writable, nothing is cached and each process compiles for itself. A user's own
``NUMBA_CACHE_DIR`` takes precedence.

numba looks for changes only in the file of the function that it loads. But compiled code also contains the
functions that it calls and the constants that it uses, from other files. So the cache folder's name holds a
hash of all these files: editing one of them recompiles everything.
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
"""Where numba keeps compiled code; a user may set it."""

_PREFIX = "compiled-"
_KEPT_FOLDERS = 3
"""Cache folders of earlier sources: another version or branch may still be running."""

_PACKAGE = Path(__file__).parent.parent
_IMPORTED = re.compile(rb"^\s*(?:from|import) pongarena\.?([\w.]*)(?: import ([\w, ]+))?", re.MULTILINE)


def cache_folder(package: Path, data: Path, environment: Mapping[str, str]) -> Path | None:
    """Return the folder for compiled code; None if no folder is writable.

    Note: creates the folder, and removes those of old sources beside it.

    Args:
        package: The package's folder.
        data: The user's data directory.
        environment: May hold `CACHE_VARIABLE`; a value set by another pongarena process is ignored.
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
    """Hash all sources of compiled code."""
    digest = hashlib.sha256()
    for path in sorted(_sources(package)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _sources(package: Path) -> set[Path]:
    """Find the files with compiled functions, and all that they import, directly or indirectly."""
    texts = {path: path.read_bytes() for path in package.rglob("*.py")}
    found: set[Path] = set()
    ahead = [path for path, text in texts.items() if b"from pongarena.core.compilation import" in text]
    while ahead:
        path = ahead.pop()
        if path in texts and path not in found:
            found.add(path)
            if path != package / "core" / Path(__file__).name:  # its imports end up in no compiled code
                ahead += _imports(package, texts[path])
    return found


def _imports(package: Path, text: bytes) -> Iterable[Path]:
    """List the files that a module may import; some may not exist."""
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
_config.reload_config()  # numba may have been imported before

_OPTIONS: Mapping[str, Any] = {
    "cache": _folder is not None,
    "nogil": True,
    "fastmath": {"reassoc", "contract", "nsz"},
    "error_model": "numpy",
}


def compiled(function: Callable[..., Any] | None = None, /, **options: object) -> Callable[..., Any]:
    """Compile a function on its first call; it then runs without the interpreter's lock (GIL).

    Sums may be reordered and multiplications fused with additions. NaN and infinity are kept, and division by
    zero gives them as in numpy.

    Args:
        function: The function; its types are inferred from the arguments of the call.
        options: Options of `numba.njit` that override the defaults.
    """
    decorate: Callable[..., Any] = numba.njit(**{**_OPTIONS, **options})  # its types depend on its version
    return decorate if function is None else decorate(function)


def is_warm(name: str) -> bool:
    """Return whether `note_warm` was called with this name and the current sources: nothing to compile."""
    return _folder is not None and _mark(_folder, name).is_file()


def note_warm(name: str) -> None:
    """Mark in the cache that everything under this name was compiled from the current sources.

    Note: writes a file, if the cache is writable.
    """
    if _folder is not None:
        with suppress(OSError):
            _mark(_folder, name).touch()


def _mark(folder: Path, name: str) -> Path:
    # numba's cache also depends on its own version and on the processor
    machine = f"{numba.__version__}-{platform.machine()}"
    return folder / f"{name}-{_fingerprint(_PACKAGE)}-{machine}.warm"
