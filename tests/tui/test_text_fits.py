"""Text fits: no screen of any size shows a part of a word, and what is read stands out from its ground."""

import ast
import os
import re
import time
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from textual.widgets import TabbedContent

from pongarena.core import paths
from pongarena.jobs.status import State
from pongarena.lab.experiments import Length, experiment
from pongarena.lab.store import create_run
from pongarena.library.models import Library
from pongarena.match.result import MatchResult
from pongarena.match.tournament import Entrant, create
from pongarena.tui.navigation import PLACES
from tests.tui.conftest import UnsettledError, screen_text, until
from tests.tui.screens.test_lab import play, say
from tests.tui.screens.test_tournament import add

ROOT = Path(__file__).parents[2]

SIZES = ((80, 24), (100, 30), (140, 45), (200, 60))

LONG = ("quixotically-zephyrous-thunderclap", "nebulous-flibbertigibbet-w-parachute")
"""Names of models: no part of these words is a word of ours."""


@cache
def vocabulary():
    """Every word of the package's texts, and of the names."""
    words = set(re.findall(LETTERS, " ".join(LONG)))
    for path in (ROOT / "pongarena").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words |= set(re.findall(LETTERS, node.value.lower()))
            elif isinstance(node, ast.Name):
                words |= set(re.findall(LETTERS, node.id.lower()))
    for path in (*(ROOT / "assets").glob("*.md"), *(ROOT / "assets").rglob("*.json")):
        words |= set(re.findall(LETTERS, path.read_text(encoding="utf-8").lower()))
    words |= {"pgup", "pgdn"} | set(re.findall(LETTERS, str(paths.data_dir()).lower()))
    return words | set(re.findall(LETTERS, datetime.now(UTC).strftime("%a %A %b %B").lower()))


LETTERS = r"[^\W\d_]{3,}"


def cut_words(text, names=LONG):
    """Parts of words on a screen; a name may end in an ellipsis."""
    whole = [word for name in names for word in re.findall(LETTERS, name)]
    found = []
    for line in text.splitlines():
        for match in re.finditer(LETTERS, line):
            word = match[0].lower()
            shortened = line[match.end() : match.end() + 1] == "…"
            known = word in vocabulary() or word.removesuffix("s") in vocabulary()
            if (known and not shortened) or (shortened and any(each.startswith(word) for each in whole)):
                continue
            found.append(f"{match[0]}{'…' * shortened}  in  {line.strip()}")
    return found


@pytest.fixture
def busy(app, make_model, home):
    """Much of everything, by long names."""
    app.library = Library()
    for name, state in zip(LONG, (State.RUNNING, State.PAUSED), strict=True):
        make_model(name, games=300, state=state, points=(9, 12))
    make_model("old", state=State.CRASHED, message="weights not finite")
    players = ("ai", *(f"{name}@300" for name in LONG), "champion@19862", "rival@300")
    cup = create(tuple(Entrant(name) for name in players))
    add(cup, cup.matches // 2)
    run = create_run(experiment("tight-crop"), Length("own", 10_000, 4))
    play(run, (0.2, 0.6))
    say(run, State.RUNNING, steps=run.amount // 2)
    for number, right in enumerate(("ai", f"{LONG[0]}@300", "champion@19862")):
        result = MatchResult(
            left="human", right=right, score=(21, 12), winner="left", finished=True, frames=9000, seed=number,
            ball="constant", points=21, longest_rally=9, id=f"match-{number}",
            kinds=("human", "ai" if right == "ai" else "model"), time=datetime.now(UTC).isoformat(),
        )  # fmt: skip
        with paths.matches_log().open("a") as file:
            file.write(result.to_line() + "\n")
    return app


def read(app):
    """What is to be read: all of a main screen, the box of a dialog."""
    lines = screen_text(app).splitlines()
    box = next(iter(app.screen.query(".dialog, .cup-form")), None)
    if box is None:
        return "\n".join(lines)
    at = box.region
    return "\n".join(line[at.x : at.right] for line in lines[at.y : at.bottom])


async def at_rest(pilot):
    """Wait until the screen has been the same for a moment."""
    last, same = None, 0
    while same < 2:
        await pilot.pause(0.05)
        with suppress(UnsettledError):
            text = screen_text(pilot.app)
            same = same + 1 if text == last else 0
            last = text


async def views(pilot):
    """Every screen in turn, by a name of it."""
    app = pilot.app
    for place in PLACES:
        await app.switch_mode(place.name)
        yield place.name
        if place.name == "library":
            tabs = app.screen.query_one("#tabs", TabbedContent)
            for pane in [each.id for each in tabs.query("TabPane")]:
                tabs.active = pane
                yield f"library {pane}"
            for name, *keys in (("notes", "w"), ("rename", "r"), ("delete", "d"), ("fork", "f")):
                await pilot.press(*keys)
                yield name
                await pilot.press("escape")
            await pilot.press("m", "down", "m", "v")
            yield "compare"
            await pilot.press("escape")
        if place.name == "training":
            await pilot.press("enter")
            yield "session"
            await pilot.press("escape")
        if place.name == "tournament":
            for panel in "lrm":
                await pilot.press(panel)
                yield f"tournament {panel}"
            await pilot.press("n")
            yield "new tournament"
            await pilot.press("escape")
        if place.name == "lab":
            await pilot.press("down")
            yield "lab run"
    await app.switch_mode("home")
    for key, name in (("n", "new"), ("p", "play"), ("comma", "settings"), ("question_mark", "help")):
        await pilot.press(key)
        yield name
        if key == "n":
            await pilot.press("f2")
            yield "new advanced"
        await pilot.press("escape")


async def test_all(busy):
    app = busy
    out = []
    async with app.run_test(size=SIZES[0]) as pilot:
        await until(pilot, lambda: app.has_looked)
        start = time.process_time()
        async for name in views(pilot):
            await at_rest(pilot)
            for size in SIZES:
                await pilot.resize_terminal(*size)
                await until(pilot, lambda: read(app))
                text = read(app)
                if os.environ.get("DUMP"):
                    file = f"{name.replace(' ', '-')}-{size[0]}.txt"
                    Path(os.environ["DUMP"], file).write_text(screen_text(app))
                out += [f"{name} {size[0]}: {each}" for each in cut_words(text)]
        print(time.process_time() - start)
    print("\n".join(out))
    assert not out
