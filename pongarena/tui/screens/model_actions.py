"""The dialogs before an action on a model's session; ``services.sessions`` holds the actions."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pongarena.core.text import printable
from pongarena.jobs.status import State
from pongarena.library.names import fresh_name
from pongarena.training.registry import RECIPES
from pongarena.training.settings import check_setting
from pongarena.tui.screens.ask import ask
from pongarena.tui.screens.confirm import ask_before
from pongarena.tui.services import sessions
from pongarena.tui.services.shelf import check_new_name

if TYPE_CHECKING:
    from pongarena.tui.app import PongArenaApp
    from pongarena.tui.data.library_watcher import Entry

__all__ = [
    "change_learning_rate",
    "export_curve",
    "fork_and_train",
    "imitate_and_train",
    "pause_or_go_on",
    "save_checkpoint",
    "stop",
]


def export_curve(app: "PongArenaApp", names: Sequence[str]) -> None:
    """Ask for a file, and save the learning curves of some models there."""

    def save(line: str, _: int | None) -> None:
        path = Path(line).expanduser()

        def task() -> str:
            from pongarena.exports.curve_chart import write_curves  # noqa: PLC0415

            write_curves([app.library.model(name) for name in names], path)
            return f"the curve{'s are' if len(names) > 1 else ' is'} saved as {printable(str(path))}"

        app.attempt(task)

    shown = names[0] if len(names) == 1 else f"{len(names)} models"
    ask(
        app,
        f"Save the learning curve of {shown} as which file? (.csv: a table; .svg, .png: a picture)",
        "Save",
        save,
        text=str(Path.home() / f"{names[0] if len(names) == 1 else 'curves'}.svg"),
    )


def pause_or_go_on(app: "PongArenaApp", entry: "Entry") -> None:
    """Pause a running session, resume any other; ask whether to start a queued one at once."""
    if entry.status.state in (State.RUNNING, State.STARTING):
        app.attempt(lambda: sessions.ask(entry.model, "pause"))
    elif entry.status.state is State.PAUSED:
        app.attempt(lambda: sessions.ask(entry.model, "resume"))
    elif entry.status.waits:
        question = (
            f"{entry.name} waits in line. Start it now? It then shares the processor with the running "
            "sessions, and all of them get slower."
        )
        ask_before(app, question, "Start now", lambda: app.attempt(partial(_start, app, entry, now=True)))
    else:
        app.attempt(partial(_start, app, entry))


def _start(app: "PongArenaApp", entry: "Entry", *, now: bool = False) -> str:
    return app.sessions.start(entry.model, now=now, cancelled=app.is_cancelled)


def stop(app: "PongArenaApp", entry: "Entry") -> None:
    """Ask, then stop a session; take a queued one out of the queue without asking."""
    if entry.status.waits:
        app.attempt(lambda: sessions.leave(entry.model))
    elif not entry.status.active:
        app.notify(f"{entry.name} has no session to stop; space starts one", severity="warning", markup=False)
    else:
        question = f"Stop training {entry.name}? It saves a checkpoint first; space resumes it from there."
        ask_before(app, question, "Stop", lambda: app.attempt(lambda: sessions.ask(entry.model, "stop")))


def save_checkpoint(app: "PongArenaApp", entry: "Entry") -> None:
    """Save a checkpoint of a running session now."""
    app.attempt(lambda: sessions.ask(entry.model, "checkpoint"))


def change_learning_rate(app: "PongArenaApp", entry: "Entry", latest: float | None) -> None:
    """Ask for a new learning rate of a running session, and set it.

    Args:
        app: The app.
        entry: The model.
        latest: The present rate, if known.
    """
    recipe = entry.model.recipe
    if recipe is None or not entry.status.active:
        app.notify(f"{entry.name} is not training; space starts it", severity="warning", markup=False)
        return
    kind = RECIPES[recipe.name]

    def rate(line: str) -> float:
        return 0.0 if line == "auto" else check_setting(kind, "learning_rate", line)

    way = (
        "This recipe adapts its rate by itself; a number fixes it, and auto lets it adapt again."
        if recipe.steers_rate
        else f"auto goes back to the model's own, {recipe.learning_rate:g}."
    )
    ask(
        app,
        f"New learning rate of {entry.name}, from the next update on? {way}",
        "Set",
        lambda line, _: app.attempt(lambda: sessions.set_learning_rate(entry.model, rate(line))),
        text=f"{latest if latest is not None else recipe.learning_rate:.3g}",
        check=rate,
    )


def fork_and_train(app: "PongArenaApp", entry: "Entry") -> None:
    """Ask for a name and a checkpoint, fork the model, and train the fork."""
    if not entry.checkpoints:
        app.notify(f"{entry.name} has no checkpoint yet; c saves one", severity="warning", markup=False)
        return

    def fork(name: str, episode: int | None) -> None:
        task = partial(app.sessions.fork, entry.model, episode, name, cancelled=app.is_cancelled)
        app.attempt(task)

    ask(
        app,
        f"Fork {entry.name}: the new model starts with its weights and trains on. Its name?",
        "Fork and train",
        fork,
        text=fresh_name(entry.name[:27], app.look.taken_names),
        check=lambda line: check_new_name(line, app.look.taken_names),
        checkpoints=entry.checkpoints,
    )


def imitate_and_train(app: "PongArenaApp", matches: Sequence[str]) -> None:
    """Ask for a name, make a model that imitates the person in these matches, and train it.

    Args:
        app: The app.
        matches: The ids of the matches; empty for the person's latest ones.
    """

    def imitate(name: str, _: int | None) -> None:
        app.notify("reading the matches; long ones take a minute", title="Imitate")
        app.attempt(partial(app.sessions.imitate, matches, name, cancelled=app.is_cancelled))

    which = "this match" if matches else "your latest matches"
    ask(
        app,
        f"Clone me: a new model imitates what you did in {which}, then trains on. Its name?",
        "Imitate and train",
        imitate,
        text=fresh_name("clone", app.look.taken_names),
        check=lambda line: check_new_name(line, app.look.taken_names),
    )
