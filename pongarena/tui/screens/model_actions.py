"""What every screen can do with a model's session: pause it or go on, stop it, save a checkpoint."""

from typing import TYPE_CHECKING

from pongarena.jobs.status import State
from pongarena.library.names import fresh_name
from pongarena.library.sessions import client as session
from pongarena.library.sessions.queue import leave_line
from pongarena.training.registry import RECIPES
from pongarena.training.settings import check_setting
from pongarena.tui.screens.ask import AskScreen
from pongarena.tui.screens.confirm import ask_before
from pongarena.tui.screens.shelf_actions import check_new_name

if TYPE_CHECKING:
    from pongarena.library.models import Model
    from pongarena.tui.app import PongArenaApp
    from pongarena.tui.data.library_watcher import Entry

__all__ = ["change_learning_rate", "fork_and_train", "pause_or_go_on", "save_checkpoint", "stop"]


def pause_or_go_on(app: "PongArenaApp", entry: "Entry") -> None:
    """Pause a running session, resume any other."""
    if entry.status.state in (State.RUNNING, State.STARTING):
        _ask(app, entry.model, "pause", f"{entry.name} pauses at the next step")
    elif entry.status.state is State.PAUSED:
        _ask(app, entry.model, "resume", f"{entry.name} goes on")
    elif entry.status.waits:
        _start_now(app, entry)
    else:
        app.attempt(lambda: app.start_session(entry.model))


def stop(app: "PongArenaApp", entry: "Entry") -> None:
    """Stop a session, after a question: what it learned is kept. One that waits leaves the line."""
    if entry.status.waits:

        def leave() -> str:
            leave_line(entry.model)
            return f"{entry.name} waits no longer; space starts it"

        app.attempt(leave)
        return
    if not entry.status.active:
        app.notify(f"{entry.name} has no session to stop; space starts one", severity="warning", markup=False)
        return
    question = f"Stop training {entry.name}? It saves a checkpoint first; space resumes it from there."

    ask_before(app, question, "Stop", lambda: _ask(app, entry.model, "stop", f"{entry.name} saves and stops"))


def _start_now(app: "PongArenaApp", entry: "Entry") -> None:
    """Let one that waits in line begin at once, after a question."""
    question = (
        f"{entry.name} waits for its turn. Start it now? It then shares the processor with the sessions that "
        "train already, and all of them get slower."
    )

    ask_before(
        app, question, "Start now", lambda: app.attempt(lambda: app.start_session(entry.model, now=True))
    )


def change_learning_rate(app: "PongArenaApp", entry: "Entry", latest: float | None) -> None:
    """Ask for another learning rate of a running session.

    Args:
        app: The app.
        entry: The model.
        latest: The rate that it has now, where that is known.
    """
    recipe = entry.model.recipe
    if recipe is None or not entry.status.active:
        app.notify(f"{entry.name} is not training; space starts it", severity="warning", markup=False)
        return
    kind, own = RECIPES[recipe.name], "auto"

    def check(line: str) -> None:
        if line != own:
            check_setting(kind, "learning_rate", line)

    def answered(answer: tuple[str, int | None] | None) -> None:
        if answer is None:
            return
        value = 0.0 if answer[0] == own else check_setting(kind, "learning_rate", answer[0])
        words = "its recipe's own learning rate" if not value else f"the learning rate {value:g}"
        _ask(app, entry.model, "learning_rate", f"{entry.name} goes on with {words}", value)

    way = (
        "This recipe steers its rate by itself; a number holds it there, and auto lets it steer again."
        if recipe.steers_rate
        else f"auto goes back to the model's own, {recipe.learning_rate:g}."
    )
    question = f"New learning rate of {entry.name}, from the next update on? {way}"
    text = f"{latest if latest is not None else recipe.learning_rate:.3g}"
    app.push_screen(AskScreen(question, "Set", text=text, check=check), answered)


def fork_and_train(app: "PongArenaApp", entry: "Entry") -> None:
    """Ask for a name, make a model from one of the checkpoints, and train it."""
    if not entry.checkpoints:
        app.notify(f"{entry.name} has no checkpoint yet; c saves one", severity="warning", markup=False)
        return
    taken = {each.name.lower() for each in app.look.entries}

    def answered(answer: tuple[str, int | None] | None) -> None:
        if answer is None:
            return
        name, episode = answer

        def task() -> str:
            fork = app.library.fork(entry.model.checkpoint(episode), name)
            return app.start_session(fork)

        app.attempt(task)

    question = f"Fork {entry.name}: the new model starts with its weights and trains on. Its name?"
    ask = AskScreen(
        question,
        "Fork and train",
        text=fresh_name(entry.name[:27], taken),
        check=lambda line: check_new_name(line, app.look),
        checkpoints=entry.checkpoints,
    )
    app.push_screen(ask, answered)


def save_checkpoint(app: "PongArenaApp", entry: "Entry") -> None:
    """Save a checkpoint of a running session now."""
    _ask(app, entry.model, "checkpoint", f"{entry.name} saves a checkpoint")


def _ask(app: "PongArenaApp", model: "Model", verb: str, words: str, value: float | None = None) -> None:
    def task() -> str:
        session.request(model, verb, value)
        return words

    app.attempt(task)
