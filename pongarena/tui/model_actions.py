"""What every screen can do with a model's session: pause it or go on, stop it, save a checkpoint."""

from typing import TYPE_CHECKING

from pongarena.library import session
from pongarena.library.status import State
from pongarena.tui.screens.confirm import ConfirmScreen

if TYPE_CHECKING:
    from pongarena.library.models import Model
    from pongarena.tui.app import PongArenaApp
    from pongarena.tui.watch import Entry

__all__ = ["pause_or_go_on", "save_checkpoint", "stop"]


def pause_or_go_on(app: "PongArenaApp", entry: "Entry") -> None:
    """Pause a running session, resume any other."""
    if entry.status.state in (State.RUNNING, State.STARTING):
        _ask(app, entry.model, "pause", f"{entry.name} pauses at the next step")
    elif entry.status.state is State.PAUSED:
        _ask(app, entry.model, "resume", f"{entry.name} goes on")
    else:
        app.attempt(lambda: app.start_session(entry.model))


def stop(app: "PongArenaApp", entry: "Entry") -> None:
    """Stop a session, after a question: what it learned is kept."""
    if not entry.status.active:
        app.notify(f"{entry.name} has no session to stop; space starts one", severity="warning", markup=False)
        return
    question = f"Stop training {entry.name}? It saves a checkpoint first; space resumes it from there."

    def answered(yes: bool | None) -> None:
        if yes:
            _ask(app, entry.model, "stop", f"{entry.name} saves and stops")

    app.push_screen(ConfirmScreen(question, "Stop"), answered)


def save_checkpoint(app: "PongArenaApp", entry: "Entry") -> None:
    """Save a checkpoint of a running session now."""
    _ask(app, entry.model, "checkpoint", f"{entry.name} saves a checkpoint")


def _ask(app: "PongArenaApp", model: "Model", verb: str, words: str) -> None:
    def task() -> str:
        session.request(model, verb)
        return words

    app.attempt(task)
