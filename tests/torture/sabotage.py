"""A process that runs real sessions and real changes of the library, and lets them fail where it is told to.

It imports everything once and forks for every task, so that a hundred deaths cost seconds. Run as
``python -m tests.torture.sabotage``: one task a line on stdin, one outcome a line on stdout, as JSON.

The fault sits between pongarena and the system: every call that changes files (open, write, fsync, rename,
unlink ...) is counted, and at the n-th one the process is killed, a write is torn in the middle, or the disk
is full for a while. Nothing in pongarena knows of it.
"""

import builtins
import errno
import io
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

_COUNTED = ("fsync", "replace", "rename", "unlink", "mkdir", "rmdir", "ftruncate", "remove")
_NEED_SPACE = ("create", "write", "mkdir")


class Faults:
    """Counts the calls that change files, and fails as the task wants.

    A task asks for ``kill_at`` (before the n-th call), ``tear_at`` (in the middle of the first write from the
    n-th call on), or ``full_at`` and ``full_for`` (no space for so many calls from the n-th on).
    """

    def __init__(self, task: dict[str, Any]) -> None:
        self.calls: list[str] = []
        self._kill_at = task.get("kill_at", -1)
        self._tear_at = task.get("tear_at", -1)
        full_at = task.get("full_at", -1)
        self._full = range(full_at, full_at + task.get("full_for", 3)) if full_at >= 0 else range(0)

    def call(self, name: str, do: Callable[[], Any]) -> Any:
        """One call without data."""
        number = self._count(name)
        if number in self._full and name in _NEED_SPACE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return do()

    def write(self, do: Callable[[memoryview], int], data: Any) -> int:
        """One write; it may be cut short."""
        number, view = self._count("write"), memoryview(data).cast("B")
        if 0 <= self._tear_at <= number:
            do(view[: len(view) // 2])
            die()
        if number in self._full:
            if number == self._full.start and len(view) > 1:
                return do(view[: len(view) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return do(view)

    def _count(self, name: str) -> int:
        self.calls.append(name)
        if len(self.calls) - 1 == self._kill_at:
            die()
        return len(self.calls) - 1

    def install(self) -> None:
        """Take the place of the system's calls in this process."""
        for name in _COUNTED:
            setattr(os, name, self._counted(name, getattr(os, name)))
        true_open, true_write, faults = os.open, os.write, self

        def os_open(path: Any, flags: int, *rest: Any, **options: Any) -> int:
            if flags & os.O_CREAT:
                return faults.call("create", lambda: true_open(path, flags, *rest, **options))
            return true_open(path, flags, *rest, **options)

        class Raw(io.FileIO):
            def write(self, data: Any) -> int:
                return faults.write(super().write, data)

        plain_fdopen = os.fdopen

        def fdopen(handle: int, mode: str = "r", buffering: int = -1, *rest: Any, **options: Any) -> Any:
            if mode != "wb":
                return plain_fdopen(handle, mode, buffering, *rest, **options)
            raw = Raw(handle, mode.replace("b", ""))
            return raw if buffering == 0 else io.BufferedWriter(raw)

        plain_open = builtins.open

        def any_open(file: Any, mode: str = "r", buffering: int = -1, *rest: Any, **options: Any) -> Any:
            if mode == "a+b" and buffering == 0:
                return Raw(os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "a+")
            return plain_open(file, mode, buffering, *rest, **options)

        os.open, os.fdopen, builtins.open = os_open, fdopen, any_open
        os.write = lambda handle, data: faults.write(lambda part: true_write(handle, part), data)

    def _counted(self, name: str, true: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **options: self.call(name, lambda: true(*args, **options))


def die() -> None:
    """As the kernel's killer does it: without a last word."""
    os.kill(os.getpid(), signal.SIGKILL)


def set_back(seconds: float) -> None:
    """From now on the wall clock is wrong, as after it was set."""
    now, now_ns = time.time, time.time_ns
    time.time = lambda: now() - seconds
    time.time_ns = lambda: now_ns() - int(seconds * 1e9)


def _session(task: dict[str, Any]) -> dict[str, Any]:
    from pongarena.jobs import retry as patience
    from pongarena.library.sessions import history
    from pongarena.library.sessions import session as runner

    patience._TRY_EVERY_S, patience._LOOK_EVERY_S = 0.02, 0.01
    turned = []

    def on_event(event: object, _: object) -> None:
        if task.get("clock_back_s") and type(event).__name__ == "Updated" and not turned:
            turned.append(event)
            set_back(task["clock_back_s"])

    # whatever is due is saved, so that the clock decides nothing
    spacing = history.Spacing(checkpoint_s=0, growth=0, cost=0, every_row=True)
    status = runner.run_session(
        task["model"], episodes=task["episodes"], detached=True, on_event=on_event, spacing=spacing
    )
    return {"state": str(status.state), "episode": status.episode}


def _change(task: dict[str, Any]) -> dict[str, Any]:
    from pongarena.library.models import Library
    from pongarena.training.registry import recipe

    library, name = Library(), task["model"]
    match task["do"]:
        case "create":
            library.create(name, recipe("karpathy", hidden_units=8), 1)
        case "fork":
            library.fork(library.checkpoint(name), task["new_name"])
        case "rename":
            library.rename(name, task["new_name"])
        case "delete":
            library.delete(name)
    return {}


def _change_elsewhere(task: dict[str, Any]) -> dict[str, Any]:
    """Changes of what lies beside the models, and of what people wrote about them."""
    from pongarena.core import paths
    from pongarena.lab import experiments, store
    from pongarena.library import exchange, notes, preferences
    from pongarena.library.models import Library
    from pongarena.library.sessions import client as session
    from pongarena.library.sessions import queue
    from pongarena.match import tournament

    match task["do"]:
        case "prefer":
            preferences.update_preferences(paths.data_dir(), session_limit=7)
        case "note":
            notes.write_notes(Library().model(task["model"]), "after " * 2000, ["later"])
        case "export":
            exchange.export_file(Library().checkpoint(task["model"]), Path(task["path"]), overwrite=True)
        case "wait in line":
            library = Library()
            queue.start_or_wait(library, library.model(task["model"]), session.Plan(episodes=2))
        case "new tournament":
            tournament.create([tournament.Entrant("ai"), tournament.Entrant("x@1", "0" * 64)])
        case "delete tournament":
            tournament.delete(tournament.find())
        case "new lab run":
            store.create_run(experiments.experiment("tight-crop"), experiments.LENGTHS[0])
        case "delete lab run":
            store.delete_run(store.lab_runs()[0])
    return {}


def _tournament(_: dict[str, Any]) -> dict[str, Any]:
    from pongarena.match.tournament import find
    from pongarena.match.tournament_run import run

    played: list[int] = []
    end = run(find(), workers=1, on_game=lambda game: played.append(game.number))
    return {"played": played, "message": end.message}


def _lab(task: dict[str, Any]) -> dict[str, Any]:
    from pongarena.lab import runner

    runner._SAVE_EVERY_S = 0.0  # after every update, not every minute
    return {"state": str(runner.run_lab(task["run"]).state)}


def _log_match(task: dict[str, Any]) -> dict[str, Any]:
    from pongarena.match.log import log_match
    from pongarena.match.match import Match
    from pongarena.match.players import PlayerSpec

    match = Match(PlayerSpec.ai(), PlayerSpec.human(), seed=task["seed"])
    while match.frames < 300:
        match.step()
    return {"id": log_match(match).id}


_DO: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "session": _session,
    "match": _log_match,
    "tournament": _tournament,
    "lab": _lab,
    **dict.fromkeys(("create", "fork", "rename", "delete"), _change),
}


def _perform(task: dict[str, Any], answer: int) -> None:
    home = Path(task["home"])
    os.environ["PONGARENA_HOME"] = str(home)
    log = os.open(home.parent / "sabotage.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    faults = Faults(task)
    tell = os.write
    do = _DO.get(task["do"], _change_elsewhere)
    faults.install()
    try:
        said = do(task)
    except Exception as error:
        said = {"error": type(error).__name__, "message": str(error)}
    tell(answer, json.dumps({**said, "calls": faults.calls}).encode())
    os._exit(0)


def _run(task: dict[str, Any]) -> dict[str, Any]:
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        _perform(task, theirs)
    os.close(theirs)
    if "kill_after_s" in task:
        time.sleep(task["kill_after_s"])
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    with os.fdopen(ours, "rb") as pipe:
        said = pipe.read()
    _, code = os.waitpid(pid, 0)
    return {"killed": os.WIFSIGNALED(code), **(json.loads(said) if said else {})}


def main() -> None:
    """Serve tasks until stdin ends."""
    # what every task needs, once
    import pongarena.lab.runner
    import pongarena.library.exchange
    import pongarena.library.sessions.queue
    import pongarena.library.sessions.session
    import pongarena.match.match
    import pongarena.match.tournament_run
    import pongarena.training.algorithms.karpathy_trainer  # noqa: F401

    for line in sys.stdin:
        print(json.dumps(_run(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
