"""Format what commands show: tables for people, JSON for scripts, ages and numbers in words."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from pongarena.cli.tables import print_table
from pongarena.core.text import printable, unix_time
from pongarena.jobs.status import State, Status
from pongarena.library.models import Model
from pongarena.library.strength import Strength, strength_of
from pongarena.library.trash import Bin, Trashed

__all__ = [
    "START_PATIENCE_S",
    "age",
    "ancestor_words",
    "checkpoint_words",
    "compiles",
    "number",
    "print_json",
    "queued_words",
    "restore_folder",
    "show_trash",
    "size_text",
    "starting_words",
    "state_text",
    "status_json",
    "strength_cells",
    "strength_words",
    "trash_json",
]

START_PATIENCE_S = 30.0
"""How long a command waits until a session trains; longer is no error."""

_AGES = ((86_400 * 365, "year"), (86_400 * 30, "month"), (86_400, "day"), (3600, "hour"), (60, "minute"))


def age(then: float | str, now: float | None = None) -> str:
    """Say how long ago a moment was: ``"3 hours ago"``.

    Args:
        then: Unix time in seconds, or an ISO date and time; an empty one gives ``""``.
        now: The present as Unix time; by default the clock's.
    """
    if not then:
        return ""
    moment = unix_time(then) if isinstance(then, str) else then
    seconds = (time.time() if now is None else now) - moment
    for size, unit in _AGES:
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def restore_folder(
    trash: Bin, wanted: str | None, command: str, *, empty: bool, as_json: bool = False
) -> None:
    """Restore the ``wanted`` item of a trash; for None, list all items, or remove them after asking.

    Raises:
        PongArenaError: When an item cannot be restored or removed.
    """
    if wanted is None:
        items = trash.items()
        if as_json:
            print_json(trash_json(items))
            return
        show_trash(trash, items, f"{command} ID", f"{command} --empty")
        if items and empty:
            click.confirm(f"Remove these {len(items)} for good? There is no way back", abort=True)
            click.echo(f"{trash.empty()} removed for good")
    else:
        item = trash.find(wanted)
        trash.bring_back(item)
        click.echo(f"{item} is back")


def trash_json(items: Sequence[Trashed]) -> list[dict[str, Any]]:
    """Return deleted items as JSON types."""
    return [{"name": str(item), "deleted": item.deleted, "bytes": item.size} for item in items]


def show_trash(trash: Bin, items: Sequence[Trashed], restore: str, empty: str) -> None:
    """List deleted items, their folder, and the commands that restore them or remove them for good."""
    if not items:
        click.echo("the trash is empty")
        return
    sizes = [item.size for item in items]
    rows = [
        (str(item), age(item.deleted), f"{size / 1e6:,.1f} MB")
        for item, size in zip(items, sizes, strict=True)
    ]
    print_table(("deleted", "when", "#size"), rows)
    click.echo(f"{sum(sizes) / 1e6:,.1f} MB in {printable(str(trash.folder))}")
    click.echo(f"bring one back: {restore}; remove them for good: {empty}")


def number(value: float | None, digits: int = 1) -> str:
    """Format a number; None is a dash."""
    return "–" if value is None else f"{value:,.{digits}f}".replace("-", "−")


def strength_cells(known: Strength | None) -> tuple[str, str]:
    """Format the share of points won, and the score that it means."""
    if known is None:
        return "–", "–"
    return f"{known.share:.0%}", f"{known.score:+.1f}".replace("-", "−")


def strength_words(known: Strength | None, name: str) -> str:
    """Describe a model's strength, or how to measure it."""
    return f"not known; measure it: pongarena eval {name}" if known is None else str(known)


def ancestor_words(model: Model) -> str:
    """Describe a model's ancestors, oldest first."""
    began = "at random" if model.cloned is None else "as an imitation"
    return " → ".join(model.lineage) or f"none: began {began}"


def checkpoint_words(model: Model) -> str:
    """List a model's checkpoints: ``2: @100, @200``."""
    episodes = model.checkpoints()
    if not episodes:
        return "none yet"
    return f"{len(episodes):,}: {', '.join(f'@{each}' for each in episodes)}"


def state_text(status: Status) -> Text:
    """Format a state in its colour."""
    colours = {
        "running": "green",
        "starting": "green",
        "paused": "yellow",
        "crashed": "red",
        "queued": "cyan",
    }
    return Text(str(status.state), style=colours.get(status.state, ""))


def queued_words(name: str) -> str:
    """Say that a model waits in line, and how to change that."""
    return (
        f"{name} waits in line: enough sessions train already, and it begins when one ends; start it now: "
        f"pongarena resume {name} --now · take it out of the line: pongarena stop {name}"
    )


def compiles(status: Status) -> bool:
    """Whether a starting session has said what takes so long; commands then stop waiting."""
    return status.state is State.STARTING and bool(status.message)


def starting_words(status: Status) -> str:
    """Describe what a starting session does."""
    return f"starting: {status.message or 'it loads its games'}"


def print_json(value: object) -> None:
    """Print a value as JSON."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    # control characters are escaped, so that a terminal does not obey them
    click.echo(text if printable(text, lines=True) == text else json.dumps(value, indent=2))


def status_json(model: Model) -> dict[str, Any]:
    """Return a model's session as JSON types."""
    strength = strength_of(model)
    return {"name": model.name, "strength": strength and strength.to_json(), **model.status().to_json()}


def size_text(path: Path) -> str:
    """Return a file's size in words."""
    size = path.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"
