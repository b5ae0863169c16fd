"""The installed wheel, a real terminal and a real screen."""

import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from filelock import FileLock

from tests.waiting import PATIENCE_S

T = TypeVar("T")

ROOT = Path(__file__).parent.parent.parent


def _require(*programs: str) -> None:
    missing = [program for program in programs if shutil.which(program) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"CI must have installed {', '.join(missing)}")
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")


def eventually(look: Callable[[], T], *, timeout_s: float = PATIENCE_S, what: str = "") -> T:
    """Call ``look`` until it returns something true; fail with what was awaited when it never does."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            pytest.fail(f"waited {timeout_s} s in vain for {what or look}")
        time.sleep(0.1)


@dataclass(frozen=True)
class Installed:
    """pongarena as a user has it: a wheel in an environment of its own, far from the checkout."""

    program: Path
    environment: dict[str, str]
    home: Path

    def run(self, *arguments: str, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
        """Run one command line to its end."""
        return subprocess.run(
            [str(self.program), *arguments],
            env=self.environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one test install, and compile, at the very start; all others that need this come late.

    In their places they would keep all workers waiting for the first one's installation.
    """
    needy = [item for item in items if _needs_it(item)]
    for item in needy:
        item.add_marker(pytest.mark.timeout(4 * PATIENCE_S))
    others = [item for item in items if not _needs_it(item)]
    late = len(others) * 3 // 4  # and yet not last: they are long
    items[:] = [*needy[:1], *others[:late], *needy[1:], *others[late:]]


def _needs_it(item: pytest.Item) -> bool:
    return "installed_program" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def installed_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build sdist and wheel, install this into a fresh environment, and give the console script.

    Tests that run side by side share what the first of them made.
    """
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    base = tmp_path_factory.getbasetemp()
    place = (base if alone else base.parent) / "installed"
    with FileLock(f"{place}.lock"):
        if not (place / "done").exists():
            _install(place)
            (place / "done").touch()
    return place / "venv/bin/pongarena"


def _install(place: Path) -> None:
    """Into an environment with nothing else in it, not even pip; what is imported first is compiled then."""
    python = [sys.executable, "-m"]
    subprocess.run(
        [*python, "build", "--no-isolation", "--outdir", place, ROOT], check=True, capture_output=True
    )
    subprocess.run([*python, "venv", "--without-pip", place / "venv"], check=True, capture_output=True)
    (wheel,) = place.glob("*.whl")
    into = ["--python", place / "venv/bin/python", "install", "-q", "--no-compile"]
    subprocess.run([*python, "pip", *into, wheel], check=True, capture_output=True)
    _train_for_the_first_time(place)


def _train_for_the_first_time(place: Path) -> None:
    """Compiles, as on a new user's machine; so that not each of several workers does it for itself."""
    environment = os.environ | {"PONGARENA_HOME": str(place / "home")}
    environment.pop("PYTHONPATH", None)
    for recipe, settings in (("turbo", ["critic_units=4", "rollout_steps=8"]), ("karpathy", [])):
        pairs = [part for each in ("hidden_units=4", "games=2", *settings) for part in ("--set", each)]
        command = [place / "venv/bin/pongarena", "train", recipe, "--recipe", recipe, *pairs]
        done = subprocess.run(
            [*command, "--minutes", "0.001"],
            env=environment,
            cwd=place,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0 and "compiling" in done.stderr, done.stderr


@pytest.fixture
def installed(installed_program: Path, tmp_path: Path) -> Iterator[Installed]:
    """The installed program with a data directory of its own; sessions left running are stopped."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "PYTHONPATH")
    }
    environment |= {"PONGARENA_HOME": str(home / "data"), "SDL_AUDIODRIVER": "dummy", "PYTHONUTF8": "1"}
    pongarena = Installed(installed_program, environment, home)
    yield pongarena
    for model in (home / "data/models").glob("*"):
        pongarena.run("stop", model.name)


@dataclass(frozen=True)
class Terminal:
    """One tmux window of a tmux server of its own."""

    socket: str

    def _tmux(self, *arguments: str) -> str:
        return subprocess.run(
            ["tmux", "-L", self.socket, *arguments], check=True, capture_output=True, text=True
        ).stdout

    def press(self, *keys: str) -> None:
        """Press keys by their tmux names: ``q``, ``Enter``, ``C-c``, ``Down``."""
        self._tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type text letter by letter."""
        self._tmux("send-keys", "-l", text)

    def screen(self) -> str:
        """What a person reads now."""
        return self._tmux("capture-pane", "-p")

    def close(self) -> None:
        """Close the terminal, as a person does who clicks it away."""
        self._tmux("kill-server")

    def await_text(self, text: str, *, timeout_s: float = PATIENCE_S) -> str:
        """Wait until the screen shows ``text`` and return the screen."""
        deadline = time.monotonic() + timeout_s
        while text not in (screen := self.screen()):
            if time.monotonic() > deadline:
                pytest.fail(f"waited {timeout_s} s in vain for {text!r} on the screen:\n{screen}")
            time.sleep(0.1)
        return screen


@pytest.fixture
def open_terminal() -> Iterator[Callable[..., Terminal]]:
    """Open a real terminal of 80 × 24 that runs a shell with the given environment."""
    _require("tmux")
    sockets: list[str] = []

    def opened(pongarena: Installed, *, columns: int = 80, rows: int = 24, **extra: str) -> Terminal:
        socket = f"pongarena-{uuid.uuid4().hex[:8]}"
        sockets.append(socket)
        size = ["-x", str(columns), "-y", str(rows)]
        path = f"{pongarena.program.parent}:{pongarena.environment['PATH']}"
        environment = pongarena.environment | {"PATH": path} | extra
        subprocess.run(
            [
                "tmux",
                "-L",
                socket,
                "-f",
                "/dev/null",
                "new-session",
                "-d",
                *size,
                "-c",
                pongarena.home,
                "/bin/sh",
            ],
            check=True,
            env=environment,
        )
        terminal = Terminal(socket)
        eventually(lambda: terminal.screen().strip(), what="the shell's prompt")
        return terminal

    yield opened
    for socket in sockets:
        subprocess.run(["tmux", "-L", socket, "kill-server"], check=False, capture_output=True)


@dataclass(frozen=True)
class Screen:
    """A virtual X screen with a keyboard."""

    display: str

    def xdotool(self, *arguments: str) -> str:
        """Drive the keyboard and the mouse, or find windows."""
        return subprocess.run(
            ["xdotool", *arguments],
            env=os.environ | {"DISPLAY": self.display},
            check=False,
            capture_output=True,
            text=True,
        ).stdout.strip()

    def window(self) -> str:
        """The id of pongarena's window, or nothing while there is none."""
        return self.xdotool("search", "--onlyvisible", "--class", "pongarena").partition("\n")[0]


@pytest.fixture
def screen() -> Iterator[Screen]:
    """A 1366 × 768 screen under Xvfb."""
    _require("Xvfb", "xdotool")
    reading, writing = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1366x768x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(writing)
        with os.fdopen(reading) as number:
            display = f":{number.readline().strip()}"
        yield Screen(display)
        server.terminate()
