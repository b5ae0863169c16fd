"""What the torture needs: a place to fail in, dice whose seed is told, and a tally of what was tried."""

import json
import os
import random
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pongarena.library.metrics import MetricsTail
from pongarena.library.models import TRASH_FOLDER, Library, Model
from pongarena.nn.checkpoint import read_checkpoint, read_resume
from pongarena.training.registry import recipe

ROOT = Path(__file__).parent.parent.parent

LONG = bool(os.environ.get("PONGARENA_TORTURE"))
"""Whether to do the long form: 100 kills, and a fault at every single call."""

SEED = int(os.environ.get("PONGARENA_TORTURE_SEED") or random.SystemRandom().randrange(1 << 32))

# a game is cut off after 400 frames, so that an episode takes a tenth of a second
QUICK = recipe(
    "karpathy",
    hidden_units=8,
    batch_episodes=2,
    games=2,
    checkpoint_every=4,
    max_frames=400,
    learning_rate=1e-3,
)

Sabotage = Callable[..., dict[str, Any]]


@pytest.fixture
def tally(record_property: Callable[[str, object], None]) -> Iterator[Counter[str]]:
    """What was done to pongarena, for the table at the end of the run."""
    counts: Counter[str] = Counter()
    yield counts
    record_property("torture", dict(counts))


@pytest.fixture
def dice(record_property: Callable[[str, object], None], request: pytest.FixtureRequest) -> random.Random:
    """Chance that can be had again: PONGARENA_TORTURE_SEED."""
    record_property("torture seed", SEED)
    print(f"PONGARENA_TORTURE_SEED={SEED}")
    return random.Random(f"{SEED} {request.node.name}")


@pytest.fixture(scope="session")
def workshop() -> Iterator["subprocess.Popen[str]"]:
    """The process that forks the tasks."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.torture.sabotage"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.stdin.close()


@pytest.fixture
def sabotage(workshop: "subprocess.Popen[str]", home: Path) -> Sabotage:
    """Performs a task in a process of its own, with the faults asked for; tells how it went."""

    def perform(do: str, **task: Any) -> dict[str, Any]:
        workshop.stdin.write(json.dumps({"do": do, "home": str(home), **task}) + "\n")
        workshop.stdin.flush()
        outcome: dict[str, Any] = json.loads(workshop.stdout.readline())
        return outcome

    return perform


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(bundled=tmp_path / "none")


def require_readable(library: Library) -> None:
    """Every file of every model can be read, and none is half there."""
    for model in library.models():
        assert model.fault is None, model.fault
        model.status()
        for episode in model.checkpoints():
            read_checkpoint(model.checkpoint(episode).path)
        if (model.path / "resume.npz").exists():
            read_resume(model.path / "resume.npz")
        tail = MetricsTail(model.path / "metrics.jsonl")
        tail.read_new()
        assert tail.damaged <= 1


def everything(model: Model, episode: int | None = None) -> dict[str, Any]:
    """What must be the same after any number of deaths.

    Args:
        model: The model.
        episode: Of the checkpoint to look at; the latest by default. A session that died between the writing
            of a checkpoint and that of the state to go on from has a checkpoint more than it goes on from.
    """
    arrays, state = read_resume(model.path / "resume.npz")
    policy = read_checkpoint(model.checkpoint(episode).path).policy
    curve = model.curve()
    return {
        "weights": [each.tobytes() for each in (policy.w1, policy.w2)],
        "memory": {name: array.tobytes() for name, array in arrays.items()},
        "state": state,
        "checkpoints": model.checkpoints(),
        "curve": (curve.episodes.tolist(), curve.rewards.tolist(), curve.running.tolist()),
    }


def open_to_others(folder: Path) -> list[str]:
    """What in a folder others may read, or the user may not."""
    found = [(each, stat.S_IMODE(each.stat().st_mode)) for each in (folder, *folder.rglob("*"))]
    return [f"{each}: {mode:04o}" for each, mode in found if mode != (0o700 if each.is_dir() else 0o600)]


def left_behind(library: Library) -> list[str]:
    """Unfinished files and folders in the library, but for what a model took into the trash."""
    found = [each for name in ("*.part", ".new-*", ".deleted-*") for each in library.root.rglob(name)]
    names = [each.relative_to(library.root) for each in found]
    return [str(each) for each in names if each.parts[0] != TRASH_FOLDER]


def unusable(slave: int, before: list[Any], shown: bytes) -> list[str]:
    """What a process has left of its terminal that a shell could not go on with.

    Args:
        slave: The end of the terminal that programs use.
        before: Its settings before the process.
        shown: All that the terminal received.
    """
    import termios

    wrong = ["the terminal's settings"] if termios.tcgetattr(slave) != before else []
    for mode in (b"1049", b"1000", b"1003", b"2004"):
        if shown.rfind(b"\x1b[?%bh" % mode) > shown.rfind(b"\x1b[?%bl" % mode):
            wrong.append(f"the mode {mode.decode()}")
    if shown.rfind(b"\x1b[?25l") > shown.rfind(b"\x1b[?25h"):
        wrong.append("no cursor")
    return wrong
