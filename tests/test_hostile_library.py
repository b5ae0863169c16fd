"""A data directory full of traps: the terminal gets nothing to obey, and nothing dies."""

import json
import os
import re
import shutil
import unicodedata
from dataclasses import replace

import psutil
import pytest
from click.testing import CliRunner

from pongarena.cli import cli
from pongarena.core import paths
from pongarena.library.models import Library
from pongarena.library.sessions.client import log_tail
from pongarena.nn.checkpoint import read_checkpoint, write_checkpoint
from pongarena.tui.app import PongArenaApp
from tests.test_formats import FORMATS
from tests.tui.conftest import screen_text, until

TRAP = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e[/][@click=app.quit]x[/]\r\x00é"
FILE = TRAP.replace("/", "").replace("\0", "")
COMMANDS = [
    ("models",), ("models", "list", "--json"), ("models", "show", "karpathy"), ("models", "show", "turbo"),
    ("sessions", "--all"), ("sessions", "--all", "--json"), ("ladder",), ("ratings",), ("ratings", "--json"),
    ("replay", "--list"), ("replay", "x"), ("export", "karpathy", "-o", "/nowhere/x.pongarena"),
    ("models", "show", TRAP), ("import", f"{FILE}.npz"), ("play", TRAP, "ai"), ("resume", TRAP),
    ("fork", TRAP), ("estimate",), ("doctor",),
    ("tournament",), ("tournament", "list", "--json"), ("tournament", "show"),
    ("tournament", "show", "bf37b7"), ("tournament", "show", "pipe"), ("tournament", "show", TRAP),
    ("tournament", "start", TRAP, "ai"), ("tournament", "delete", FILE, "--yes"),
    ("lab", "list"), ("lab", "list", "--json"), ("lab", "report"), ("lab", "report", "tight-crop-2"),
    ("lab", "delete", FILE, "--yes"), ("lab", "delete", TRAP), ("lab", "restore"), ("lab", "restore", TRAP),
    ("tournament", "restore"), ("tournament", "restore", TRAP), ("tournament", "resume", "bf37b7"),
    ("lab", "report", "tight-crop-3"), ("lab", "report", FILE), ("lab", "run", TRAP), ("lab", "stop", TRAP),
]  # fmt: skip

pytestmark = pytest.mark.skipif(os.name != "posix", reason="such names cannot be on Windows")


def change(path, **values):
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


@pytest.fixture
def traps(home):
    models = home / "models"
    shutil.copytree(FORMATS / "models", models)
    spoil_a_model(models / "karpathy")
    change(models / "turbo-first" / "model.json", created="0001-01-01T00:00:00")
    change(models / "turbo-first" / "status.json", episode=10**60, updated=1e300)
    shutil.copy(FORMATS / "card-1.json", models / "turbo" / "card.json")
    change(models / "turbo" / "card.json", about=TRAP, machine=TRAP, commands=[TRAP])
    for name in (FILE, "[b", os.fsdecode(b"bad \xff name"), "CON", "a b"):
        (models / name).mkdir()
    match = json.loads((FORMATS / "matches-2.jsonl").read_text())
    changes = ({"left": TRAP, "pongarena": TRAP, "score": [21, 3]}, {"id": f"../{TRAP}"}, {"seed": -1})
    lines = [json.dumps({**match, **each}) for each in changes]
    paths.matches_log().write_text("\n".join([*lines, "\x1b[2J", ""]))
    paths.matches_dir().mkdir()
    shutil.copy(FORMATS / "recording-2.npz", paths.matches_dir() / f"{FILE}.npz")
    spoil_a_tournament(home / "tournaments")
    spoil_the_lab(home / "lab")
    liked = {"format_version": 1, "theme": TRAP, "default_recipe": TRAP, TRAP: TRAP}
    (home / "preferences.json").write_text(json.dumps(liked))
    (home / "measured.json").write_text(json.dumps({"format_version": TRAP}))
    settings = {"format_version": 1, "volume": 1e5, "crt": TRAP, "keys": {TRAP: TRAP}}
    paths.settings_file().write_text(json.dumps(settings))
    return Library()


def spoil_a_model(model):
    change(model / "model.json", lineage=[TRAP, f"{TRAP}@3"])
    change(model / "status.json", message=TRAP, traceback=f"{TRAP}\n{TRAP}", state="crashed")
    (model / "notes.json").write_text(json.dumps({"format_version": 1, "text": TRAP, "tags": [TRAP, "[/]"]}))
    (model / "train.log").write_text(f"{TRAP}\n" * 20)
    (path,) = (model / "checkpoints").iterdir()
    checkpoint = read_checkpoint(path)
    card = replace(checkpoint.card, model=TRAP, recipe=TRAP, lineage=(TRAP,), created=TRAP, pongarena=TRAP)
    write_checkpoint(path, replace(checkpoint, card=card))


def spoil_a_tournament(folder):
    shutil.copytree(FORMATS / "tournaments", folder)
    (cup,) = folder.iterdir()
    missing = {"format_version": 1, "running": False, "pid": 1, "created": 1.0, "workers": 1, "message": TRAP}
    (cup / "run.json").write_text(json.dumps({**missing, "missing": {TRAP: TRAP}}))
    for number, values in enumerate(({"pongarena": TRAP}, {"rounds": TRAP}, {"created": "0001-01-01"})):
        shutil.copytree(cup, folder / f"{number}{FILE}")
        change(folder / f"{number}{FILE}" / "tournament.json", **values)
    os.mkfifo(folder / "20261121-120242-bf37b7" / "x")
    (folder / ".trash").mkdir()
    (folder / ".trash" / f"20261121T101500123456Z-4f1c~{FILE}").mkdir()
    (folder / "pipe").mkdir()
    os.mkfifo(folder / "pipe" / "tournament.json")


def spoil_the_lab(folder):
    shutil.copytree(FORMATS / "lab", folder)
    arm = json.loads((folder / "tight-crop-1" / "plan.json").read_text())["arms"][0]
    spoilt = [
        {"arms": [{**arm, "name": TRAP}]}, {"experiment": None}, {"experiment": TRAP}, {"created": TRAP},
        {"arms": [{**arm, "method": TRAP}]}, {"length": {"name": TRAP, "decisions": 1, "seeds": 10**11}},
    ]  # fmt: skip
    for number, values in enumerate(spoilt, 2):
        shutil.copytree(folder / "tight-crop-1", folder / f"tight-crop-{number}")
        change(folder / f"tight-crop-{number}" / "plan.json", **values)
    shutil.copytree(folder / "tight-crop-2", folder / FILE)
    change_status = {"format_version": 1, "state": "crashed", "message": TRAP}
    (folder / "tight-crop-1" / "status.json").write_text(json.dumps(change_status))


def assert_harmless(text):
    kinds = {unicodedata.category(letter) for letter in text if letter != "\n"}
    assert not kinds & {"Cc", "Cf", "Cs"}, text


@pytest.mark.parametrize(
    "command", COMMANDS, ids=[f"{number} {words[0]}" for number, words in enumerate(COMMANDS)]
)
def test_no_command_prints_what_a_terminal_would_obey(traps, command):
    done = CliRunner().invoke(cli, command)
    assert done.exit_code in ((0, 1, 2) if command[0] == "doctor" else (0, 2)), done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert_harmless(re.sub(r"\x1b\[[0-9;]*m", "", done.output))


def test_the_end_of_a_log_is_printable(traps):
    assert_harmless(log_tail(traps.model("karpathy")))


@pytest.mark.parametrize(
    ("mode", "size"),
    [("library", (140, 45)), ("training", (80, 24))],
)
async def test_the_app_shows_a_library_of_traps_and_lives(traps, mode, size):
    # a session that seems to live here has a card on the dashboard
    me = {"pid": os.getpid(), "created": psutil.Process().create_time(), "state": "running"}
    change(traps.root / "karpathy" / "status.json", **me)
    app = PongArenaApp()
    async with app.run_test(size=size) as pilot:
        await app.switch_mode(mode)
        await until(pilot, lambda: "karpathy" in screen_text(app))
        for _ in range(len(traps.models())):
            assert_harmless(screen_text(app))
            await pilot.press("down")
        await pilot.press("question_mark")
        await pilot.pause()
        assert_harmless(screen_text(app))
        assert app.is_running


@pytest.mark.parametrize(("mode", "known"), [("tournament", "finished"), ("lab", "Tighter crop")])
async def test_rooms_full_of_traps_live_too(traps, mode, known):
    app = PongArenaApp()
    async with app.run_test(size=(140, 45)) as pilot:
        await app.switch_mode(mode)
        await until(pilot, lambda: known in screen_text(app))
        for _ in range(5):
            assert_harmless(screen_text(app))
            await pilot.press("down")
        assert_harmless(screen_text(app))
        assert app.is_running


def test_a_model_of_a_trapped_name_can_be_deleted(traps):
    names = [model.name for model in traps.models() if model.fault]
    assert len(names) >= 5
    for name in names:
        traps.delete(name)
    assert all(model.fault is None for model in traps.models())
