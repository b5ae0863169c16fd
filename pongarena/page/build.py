"""Build the page: style, script and agent in one file that loads nothing else.

The script is this folder's JavaScript files, concatenated. A content security policy holds the hashes of
script and style: nothing else in the page can run, and nothing can be loaded or sent.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from pongarena import __version__
from pongarena.core.files import require_new_file, write_atomically
from pongarena.library.model import CheckpointRef
from pongarena.library.models import Library
from pongarena.nn.checkpoint import read_checkpoint
from pongarena.page.agent import agent_record

__all__ = ["RULES", "SUFFIXES", "is_page", "page_of", "script_of", "write_page"]

SUFFIXES = (".html", ".htm")
"""File extensions of a page."""

RULES = ("game.js", "network.js", "match.js", "picture.js", "agent.js")
"""The scripts that need no browser."""

_SCRIPTS = (*RULES, "sound.js", "mind.js", "card.js", "app.js")

_PLACE = re.compile(r"\{\{([\w-]+)\}\}")


def is_page(path: Path) -> bool:
    """Whether a file name is that of a page."""
    return path.suffix.lower() in SUFFIXES


def write_page(ref: CheckpointRef, path: Path, *, overwrite: bool = False) -> None:
    """Write the page of a checkpoint.

    Args:
        ref: The checkpoint.
        path: The file; its folder must exist.
        overwrite: Whether it may replace a file.

    Raises:
        CheckpointError: When the checkpoint is damaged.
        LibraryError: When `path` exists and may not be overwritten, or cannot be written.
    """
    require_new_file(path, force=overwrite)
    folder = ref.path.parent.parent
    model = Library(folder.parent, bundled=folder.parent).model(folder.name)
    write_atomically(path, page_of(agent_record(model, read_checkpoint(ref.path))).encode())


def page_of(agent: Mapping[str, Any]) -> str:
    """Build the page of an agent.

    Args:
        agent: The agent's record; see `agent.agent_record`.
    """
    style, script = _source("style.css"), script_of(_SCRIPTS)
    parts = {
        "agent": _json(agent),
        "script": script,
        "script-hash": _hash(script),
        "style": style,
        "style-hash": _hash(style),
        "title": html.escape(str(agent["name"])),
        "version": html.escape(__version__),
    }
    # one pass: placeholders in inserted text are not replaced
    return _PLACE.sub(lambda place: parts[place[1]], _source("page.html"))


def script_of(names: tuple[str, ...]) -> str:
    """Concatenate JavaScript files of this folder."""
    return "".join(_source(name) for name in names)


def _source(name: str) -> str:
    return files("pongarena.page").joinpath(name).read_text("utf-8")


def _json(value: Mapping[str, Any]) -> str:
    """Return JSON that cannot end the element that holds it."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _hash(source: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
