"""Keeps the developer's own machine out of the tests: data, screen, sound and left-over processes."""

import contextlib
import gc
import importlib
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from hypothesis import settings

from pongarena.core.reading import read_json
from pongarena.match.players import PlayerSpec
from pongarena.nn.checkpoint import Card, Checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.spec import CLASSIC, AgentSpec
from pongarena.training.recipe import Recipe
from pongarena.training.registry import RECIPES
from tests.waiting import PATIENCE_S

# how long a case takes says more of the machine than of the code
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def pytest_configure() -> None:
    """Answer the signals that end a process: under nohup, or behind a shell's ``&``, children ignore them."""
    for number, answer in {
        "SIGHUP": signal.SIG_DFL, "SIGQUIT": signal.SIG_DFL, "SIGINT": signal.default_int_handler
    }.items():  # fmt: skip
        if hasattr(signal, number) and signal.getsignal(getattr(signal, number)) is signal.SIG_IGN:
            signal.signal(getattr(signal, number), answer)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long tests first: at the end, no worker has much left while the others wait."""

    def place(item: pytest.Item) -> tuple[bool, bool]:
        is_long = "slow" in item.keywords or item.path.name == "test_house.py"
        return "timeout" not in item.keywords, not is_long

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """What was loaded by now stays: the collections during the tests need not look at it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data directory of the test's own, no window, no sound; what it leaves running is killed.

    Note: the directory does not exist yet, as on a fresh machine. Child processes inherit all of it.
    """
    data = tmp_path / "home"
    monkeypatch.setenv("PONGARENA_HOME", str(data))
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    # hundreds of processes would read the sources anew
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    yield data
    for status in data.glob("models/*/status.json"):
        _kill_session(status)
    for child in psutil.Process().children(recursive=True):
        _kill_if_of(data, child)


@pytest.fixture
def spawn() -> Iterator[Callable[..., "subprocess.Popen[Any]"]]:
    """Starts processes as `subprocess.Popen` does; at the end none runs, and no pipe is open.

    Otherwise a test that fails leaves them to the next one, which then fails, too.
    """
    started: list[subprocess.Popen[Any]] = []

    def start(*arguments: Any, **settings: Any) -> "subprocess.Popen[Any]":
        started.append(subprocess.Popen(*arguments, **settings))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        with process:
            pass  # closes its pipes, and waits for it


@pytest.fixture
def spawn_app() -> Iterator[Callable[..., Any]]:
    """Starts ``pongarena`` in a pseudo-terminal, as `pexpect.spawn` does; none runs at the end."""
    import pexpect

    started: list[pexpect.spawn[bytes]] = []

    def start(*arguments: str, **settings: Any) -> "pexpect.spawn[bytes]":
        words = ["-m", "pongarena", *arguments]
        started.append(pexpect.spawn(sys.executable, words, timeout=PATIENCE_S, **settings))
        return started[-1]

    yield start
    for app in started:
        app.close(force=True)


@pytest.fixture
def climb_package(tmp_path: Path) -> Path:
    """A folder as of an installed package, which brings the recipe "climb"."""
    folder = tmp_path / "site"
    shutil.copytree(Path(__file__).parent / "fixtures" / "climb", folder)
    return folder


@pytest.fixture
def climb(climb_package: Path, monkeypatch: pytest.MonkeyPatch) -> type[Recipe]:
    """That recipe, registered in this process."""
    monkeypatch.syspath_prepend(climb_package)
    kind: type[Recipe] = importlib.import_module("climb").Climb
    monkeypatch.setattr(RECIPES, "_known", dict(RECIPES))
    RECIPES.register(kind)
    return kind


def _kill_session(status: Path) -> None:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, psutil.Error):
        record = read_json(status, limit=1 << 20)
        process = psutil.Process(record["pid"])
        # a pid alone may meanwhile be somebody else's
        if abs(process.create_time() - record["created"]) < 1.0 and "session" in process.cmdline():
            process.kill()
            process.wait(timeout=PATIENCE_S)


def _kill_if_of(data: Path, child: psutil.Process) -> None:
    """Kill a process that works in ``data``: a session that has not said so yet, a match window."""
    with contextlib.suppress(OSError, psutil.Error):
        # Python's own helper of multiprocessing serves all tests; who kills it gets a warning
        ours = "multiprocessing.resource_tracker" not in " ".join(child.cmdline())
        if ours and child.environ().get("PONGARENA_HOME") == str(data):
            child.kill()
            child.wait(timeout=PATIENCE_S)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the fuzz and torture tests did to pongarena, added up over all processes of the run."""
    # a test's properties are complete when it is torn down
    reports = [
        each
        for several in terminalreporter.stats.values()
        for each in several
        if getattr(each, "when", "") == "teardown"
    ]
    found = [each for report in reports for each in getattr(report, "user_properties", [])]
    _tell_fuzz(terminalreporter, [value for name, value in found if name == "fuzz"])
    counts: Counter[str] = Counter()
    for name, value in found:
        if name == "torture":
            counts.update(value)
    _tell_torture(terminalreporter, counts, {value for name, value in found if name == "torture seed"})


def _tell_fuzz(terminalreporter: pytest.TerminalReporter, rows: list[list[Any]]) -> None:
    if not rows:
        return
    terminalreporter.section("fuzz")
    terminalreporter.write_line(f"{'files':>9} {'refused':>10} {'most s':>7} {'most MB':>8}  kind (seed)")
    for kind, seed, cases, good, seconds, megabytes in sorted(rows):
        said = f"{cases:9,} {cases - good:10,} {seconds:7.2f} {megabytes:8.1f}  {kind}" + f" ({seed})" * bool(
            seed
        )
        terminalreporter.write_line(said)
    worst = f"{max(row[4] for row in rows):7.2f} {max(row[5] for row in rows):8.1f}"
    cases, good = sum(row[2] for row in rows), sum(row[3] for row in rows)
    terminalreporter.write_line(
        f"{cases:9,} {cases - good:10,} {worst}  in all: our own errors, and nothing else"
    )


def _tell_torture(terminalreporter: pytest.TerminalReporter, counts: "Counter[str]", seeds: set[Any]) -> None:
    if not counts:
        return
    failed = sum("torture" in report.nodeid for report in terminalreporter.stats.get("failed", []))
    terminalreporter.section("torture")
    for what, count in sorted(counts.items()):
        terminalreporter.write_line(f"{count:8,}  {what}")
    outcome = "nothing lost" if not failed else f"{failed} tests found a loss"
    said = ", ".join(f"PONGARENA_TORTURE_SEED={seed}" for seed in sorted(seeds))
    terminalreporter.write_line(f"{sum(counts.values()):8,}  in all: {outcome}  {said}")


@pytest.fixture
def model() -> Callable[..., PlayerSpec]:
    """Makes players with random networks."""

    def make(
        seed: int = 0, hidden: int = 20, spec: AgentSpec = CLASSIC, deeper: tuple[int, ...] = ()
    ) -> PlayerSpec:
        card = Card("m", "karpathy", 100, 10, 1, 0, -20.0, 0, 0, (), "2026-01-01T00:00:00+00:00", "0")
        policy = PolicyNetwork.random(hidden, np.random.default_rng(seed), spec, deeper=deeper)
        return PlayerSpec.model(Checkpoint(policy, card))

    return make
