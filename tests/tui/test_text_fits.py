"""Text fits: no screen of any size shows a part of a word, and what is read stands out from its ground."""

import os
import re
from datetime import UTC, datetime
from functools import cache
from itertools import cycle
from pathlib import Path

import pytest
from textual.widgets import OptionList, TabbedContent

from pongarena.core import paths
from pongarena.jobs.status import State
from pongarena.lab.experiments import Length, experiment
from pongarena.lab.store import create_run
from pongarena.library.models import Library
from pongarena.match.result import MatchResult
from pongarena.match.tournament import Entrant, create
from pongarena.tui.navigation import PLACES
from pongarena.tui.theme import THEMES
from tests.tui.conftest import UnsettledError, screen_text, until
from tests.tui.screens.test_lab import play, say
from tests.tui.screens.test_tournament import add
from tests.tui.test_theme import contrast

ROOT = Path(__file__).parents[2]

OPPONENTS = tuple(path.name for path in (ROOT / "assets" / "opponents").iterdir())

SIZES = ((80, 24), (100, 30), (140, 45), (200, 60))

LEAST_CONTRAST = 4.5

PARTS_AT = SIZES[::2]
"""Where the library differs: one part below the other, and side by side."""

LONG = (
    "nebulous-flibbertigibbet-snark-cloud",
    "quixotically-zephyrous-thunderclap",
    "zigzagging-hullabaloo-of-yesteryear",
)
"""Names of models: no part of these words is a word of ours."""


@cache
def vocabulary():
    """Every word of the package and of its texts, and of the names."""
    files = [*(ROOT / "pongarena").rglob("*.py"), *(ROOT / "assets").glob("*.md")]
    texts = [path.read_text(encoding="utf-8") for path in files]
    texts += [
        *LONG,
        *pieces(str(paths.data_dir())),
        *OPPONENTS,
        datetime.now(UTC).strftime("%a %A %b %B"),
        "pgup pgdn",
    ]
    return {word.lower() for text in texts for word in re.findall(LETTERS, text)}


def pieces(path):
    """What may be left of a path in a line: it has no spaces to be broken at."""
    return [path[a:b] for a in range(len(path)) for b in range(a + 3, min(a + 20, len(path)) + 1)]


LETTERS = r"[^\W\d_]{3,}"

NO_WORDS = r"\b[0-9a-f]{6}\b|/\S+"
"""Colours and paths; those are broken anywhere."""


def cut_words(text, names=(*LONG, *OPPONENTS)):
    """Parts of words on a screen; a name may end in an ellipsis."""
    whole = [word for name in names for word in re.findall(LETTERS, name)]
    found = []
    for line in text.splitlines():
        for match in re.finditer(LETTERS, re.sub(NO_WORDS, lambda cut: " " * len(cut[0]), line)):
            word, rest = match[0].lower(), line[match.end() :]
            is_name = rest.startswith("…") and any(each.startswith(word) for each in whole)
            if not (word in vocabulary() or word.removesuffix("s") in vocabulary() or is_name):
                found.append(f"{match[0]}  in  {line.strip()}")
    return found


def fill(make_model):
    """Makes much of everything, by long names."""
    for name, state in zip(LONG, (State.CRASHED, State.RUNNING, State.PAUSED), strict=True):
        make_model(name, games=60, state=state, points=(9, 12))
    players = ("ai", *(f"{name}@60" for name in LONG), "champion@19862", "rival@300")
    cup = create(tuple(Entrant(name) for name in players))
    add(cup, cup.matches // 2)
    run = create_run(experiment("tight-crop"), Length("own", 10_000, 4))
    play(run, (0.2, 0.6))
    say(run, State.RUNNING, steps=run.amount // 2)
    for number, right in enumerate(("ai", f"{LONG[0]}@60", "champion@19862")):
        result = MatchResult(
            left="human", right=right, score=(21, 12), winner="left", finished=True, frames=9000, seed=number,
            ball="constant", points=21, longest_rally=9, id=f"20260101-{number:06}",
            kinds=("human", "ai" if right == "ai" else "model"), time=datetime.now(UTC).isoformat(),
        )  # fmt: skip
        with paths.matches_log().open("a") as file:
            file.write(result.to_line() + "\n")


@pytest.fixture
def busy(app, make_model, home):
    fill(make_model)
    app.library = Library()
    return app


def box_of(app):
    """What is to be read: all of a main screen, the box of a dialog."""
    box = next(iter(app.screen.query(".dialog, .cup-form")), None)
    return app.screen.region if box is None else box.region


def read(app):
    """The words of a screen, or of its dialog."""
    box, lines = box_of(app), screen_text(app).splitlines()
    return "\n".join(line[box.x : box.right] for line in lines[box.y : box.bottom])


async def main_screens(app):
    """Every main screen in turn, by its name."""
    for place in PLACES:
        await app.switch_mode(place.name)
        yield place.name


async def tabs(app):
    """What there is of a model."""
    await app.switch_mode("library")
    content = app.screen.query_one("#tabs", TabbedContent)
    for pane in [each.id for each in content.query("TabPane")]:
        content.active = pane
        yield f"library {pane}"


async def parts(app):
    """Other parts of main screens that are not seen at first."""
    await app.switch_mode("tournament")
    for panel in ("list", "ratings", "matches"):
        app.screen.action_panel(panel)
        yield f"tournament {panel}"
    await app.switch_mode("lab")
    app.screen.query_one(OptionList).highlighted = 1
    yield "lab run"


async def dialogs(app, pilot):
    """Every form and dialog."""
    for place, keys in (
        ("home", ["n", "p", "comma", "question_mark"]),
        ("library", ["w", "f"]),
        ("training", ["enter"]),
        ("tournament", ["n"]),
    ):
        for key in keys:
            await app.switch_mode(place)
            await until(pilot, lambda: LONG[1][:12] in screen_text(app))
            await pilot.press(key)
            await until(pilot, lambda: len(app.screen_stack) > 1)
            yield f"{place} {key}"
            if (place, key) == ("home", "n"):
                await pilot.press("f2")
                yield "home n f2"
            await pilot.press("escape")
            await until(pilot, lambda: len(app.screen_stack) == 1)


def pale_words(app):
    """What is written with less contrast to its ground than WCAG 2 asks for."""
    box = box_of(app)
    found = set()
    for strip in app.screen._compositor.render_strips()[box.y : box.bottom]:
        for segment in strip.crop(box.x, box.right):
            ink, ground = segment.style and segment.style.color, segment.style and segment.style.bgcolor
            if re.search(r"\w", segment.text) and ink and ground and ink.triplet and ground.triplet:
                ratio = contrast(ink.triplet.hex, ground.triplet.hex)
                if ratio < LEAST_CONTRAST:
                    found.add(f"{segment.text.strip():.40} ({ratio:.1f}: {ink.name} on {ground.name})")
    return sorted(found)


def out_of_the_box(app):
    """Fields and buttons of a dialog that lie beyond its right edge."""
    box = box_of(app)
    fields = [each for each in app.screen.query("Input, Select, Button") if each.region.width]
    return [f"{each} is cut off" for each in fields if each.region.right > box.right]


async def faults(pilot, shown, size):
    """What cannot be read, or reached, on some screens."""
    found, where = [], f"at {size[0]}×{size[1]} in {pilot.app.theme}"
    async for name in shown:
        if pilot.app.size != size:
            await pilot.resize_terminal(*size)
        wrong = await settled_faults(pilot)
        if folder := os.environ.get("PONGARENA_SCREENS"):
            Path(folder, f"{name}-{size[0]}.txt".replace(" ", "-")).write_text(screen_text(pilot.app))
        found += [f"{name} {where}: {each}" for each in wrong]
    return found


async def settled_faults(pilot):
    """Those of the present screen that are still there after a while: it may just be drawn anew."""
    wrong = []
    for pause_s in (0.15, 0.5, 2.0, 5.0):
        await pilot.pause(pause_s)
        try:
            wrong = cut_words(read(pilot.app)) + pale_words(pilot.app) + out_of_the_box(pilot.app)
        except UnsettledError as error:
            wrong = [str(error)]
        if not wrong:
            break
    return wrong


async def test_every_word_is_whole_and_stands_out(busy):
    async with busy.run_test(size=SIZES[0]) as pilot:
        await until(pilot, lambda: busy.has_looked)
        found = await faults(pilot, dialogs(busy, pilot), SIZES[0])
        for size, theme in zip(SIZES, cycle(THEMES)):
            busy.theme = theme
            found += await faults(pilot, main_screens(busy), size)
            if size in PARTS_AT:
                found += await faults(pilot, tabs(busy), size)
        found += await faults(pilot, parts(busy), SIZES[0])
    assert not found, "\n".join(found)
