"""A newcomer's first evening, in a real terminal of 80 × 24."""

import json
from collections.abc import Callable

import pytest

from tests.e2e.conftest import PATIENCE_S, Installed, Terminal, eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(4 * PATIENCE_S)]


def _states(installed: Installed) -> dict[str, str]:
    """Every model's state, as the command line sees it."""
    models = json.loads(installed.run("models", "list", "--json").stdout)
    return {model["name"]: model["status"]["state"] for model in models if not model["bundled"]}


def _open_app(terminal: Terminal) -> None:
    terminal.type("pongarena")
    terminal.press("Enter")


def test_a_session_is_started_watched_left_found_again_and_stopped(
    installed: Installed, open_terminal: Callable[..., Terminal]
) -> None:
    terminal = open_terminal(installed)
    _open_app(terminal)
    terminal.await_text("Welcome!")
    terminal.press("n")
    terminal.await_text("New training session")
    terminal.press("C-s")
    terminal.await_text("● running")
    metrics = installed.home / "data/models/agent-1/metrics.jsonl"
    eventually(
        lambda: metrics.exists() and '"kind":"update"' in metrics.read_text().replace(" ", ""),
        what="the first update",
    )
    terminal.press("q")
    farewell = terminal.await_text("1 session keeps running")
    assert "agent-1" in farewell
    assert _states(installed) == {"agent-1": "running"}
    _open_app(terminal)
    terminal.await_text("● agent-1")
    terminal.press("2")
    terminal.await_text("● running")
    terminal.press("s")
    terminal.await_text("Stop training agent-1?")
    terminal.press("y")
    terminal.await_text("■ stopped")
    assert _states(installed) == {"agent-1": "stopped"}
    terminal.press("q")


def test_a_session_survives_the_terminals_closing(
    installed: Installed, open_terminal: Callable[..., Terminal]
) -> None:
    terminal = open_terminal(installed)
    terminal.type("pongarena train night --set hidden_units=8 --set games=4 --background")
    terminal.press("Enter")
    terminal.await_text("in the background")
    eventually(lambda: _states(installed) == {"night": "running"}, what="the session to run")
    terminal.close()
    log = installed.home / "data/models/night/metrics.jsonl"
    size = log.stat().st_size
    eventually(lambda: log.stat().st_size > size, what="metrics after the terminal has gone")
    assert _states(installed) == {"night": "running"}
    assert installed.run("stop", "night").returncode == 0


def test_the_help_lists_the_keys_and_fits(
    installed: Installed, open_terminal: Callable[..., Terminal]
) -> None:
    terminal = open_terminal(installed)
    _open_app(terminal)
    terminal.await_text("Welcome!")
    terminal.press("?")
    screen = terminal.await_text("Start a new training session")
    assert len(screen.rstrip("\n").splitlines()) <= 24
