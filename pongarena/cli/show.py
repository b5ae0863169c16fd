"""How the commands show things: tables for people, JSON for scripts, ages and numbers in words."""

import json
import time
from collections.abc import Sequence
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
    "starting_words",
    "state_text",
    "status_json",
    "strength_cells",
    "strength_words",
    "trash_json",
]

START_PATIENCE_S = 30.0
"""How long a command waits for a session to train; longer is no error."""

_AGES = ((86_400 * 365, "year"), (86_400 * 30, "month"), (86_400, "day"), (3600, "hour"), (60, "minute"))


def age(then: float | str, now: float | None = None) -> str:
    """How long ago a moment was, in words: ``"3 hours ago"``.

    Args:
        then: Unix time in seconds, or an ISO date and time; an empty one gives ``""``.
        now: The present, unix time; the clock's by default.
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
    """Bring something of a trash back; when nothing is wanted, list all of it, or remove it after asking.

    Raises:
        PongArenaError: When it cannot be brought back, or removed.
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
    """What was deleted, for scripts."""
    return [{"name": str(item), "deleted": item.deleted, "bytes": item.size} for item in items]


def show_trash(trash: Bin, items: Sequence[Trashed], restore: str, empty: str) -> None:
    """List what was deleted, where it is, and the commands that bring it back or remove it for good."""
    if not items:
        click.echo("the trash is empty")
        return
    sizes = [item.size for item in items]
    rows = [
        (str(item), age(item.deleted), f"{size / 1e6:,.1f} MB")
        for item, size in zip(items, sizes, strict=True)
    ]
    print_table(("deleted", "when", "#size"), rows)
    click.echo(f"{sum(sizes) / 1e6:,.1f} MB in {trash.folder}")
    click.echo(f"bring one back: {restore}; remove them for good: {empty}")


def number(value: float | None, digits: int = 1) -> str:
    """A number, or a dash for none."""
    return "–" if value is None else f"{value:,.{digits}f}".replace("-", "−")


def strength_cells(known: Strength | None) -> tuple[str, str]:
    """The share of points won, and the score that goes with it."""
    if known is None:
        return "–", "–"
    return f"{known.share:.0%}", f"{known.score:+.1f}".replace("-", "−")


def strength_words(known: Strength | None, name: str) -> str:
    """How strong a model is, or how to find out."""
    return f"not known; measure it: pongarena eval {name}" if known is None else str(known)


def ancestor_words(model: Model) -> str:
    """Whose weights a model began with, oldest first."""
    began = "at random" if model.cloned is None else "as an imitation"
    return " → ".join(model.lineage) or f"none: began {began}"


def checkpoint_words(model: Model) -> str:
    """How many checkpoints a model has, and their names: ``2: @100, @200``."""
    episodes = model.checkpoints()
    if not episodes:
        return "none yet"
    return f"{len(episodes):,}: {', '.join(f'@{each}' for each in episodes)}"


def state_text(status: Status) -> Text:
    """A state in its colour."""
    colours = {
        "running": "green",
        "starting": "green",
        "paused": "yellow",
        "crashed": "red",
        "queued": "cyan",
    }
    return Text(str(status.state), style=colours.get(status.state, ""))


def queued_words(name: str) -> str:
    """That a model waits in line, and what one can do about it."""
    return (
        f"{name} waits in line: enough sessions train already, and it begins when one ends; start it now: "
        f"pongarena resume {name} --now · take it out of the line: pongarena stop {name}"
    )


def compiles(status: Status) -> bool:
    """Whether a session that starts has said what takes it so long: nobody need wait for that."""
    return status.state is State.STARTING and bool(status.message)


def starting_words(status: Status) -> str:
    """What a session does that does not train yet."""
    return f"starting: {status.message or 'it loads its games'}"


def print_json(value: object) -> None:
    """A value as JSON on stdout."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    # scripts get every letter as it is, and a terminal nothing to obey
    click.echo(text if printable(text, lines=True) == text else json.dumps(value, indent=2))


def status_json(model: Model) -> dict[str, Any]:
    """A model's session for scripts."""
    strength = strength_of(model)
    return {"name": model.name, "strength": strength and strength.to_json(), **model.status().to_json()}
