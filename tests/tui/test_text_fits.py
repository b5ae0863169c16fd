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
        *pieces(str(paths.data_dir() / "preferences.json")),
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
    box = next(iter(app.screen.query(".dialog, .cup-form, #--container")), None)
    return app.screen.region if box is None else box.region


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


DIALOGS = (
    ("home", "n", "f2"),
    ("home", "p"),
    ("home", "comma"),
    ("home", "question_mark"),
    ("home", "ctrl+p"),
    ("library", "w"),
    ("library", "f"),
    ("library", "d"),
    ("library", "m down m v"),
    ("training", "l"),
    ("training", "enter"),
    ("tournament", "n"),
)
"""Where each form, dialog and window is opened, and by which keys; further ones show more of it."""


async def dialogs(app, pilot):
    """Every form and dialog."""
    for place, *steps in DIALOGS:
        await app.switch_mode(place)
        await until(pilot, lambda: LONG[1][:12] in screen_text(app))
        behind = app.screen.query_one("#body")
        for keys in steps:
            await pilot.press(*keys.split())
            await until(pilot, lambda: len(app.screen_stack) > 1)
            # nobody looks at what lies behind, and it would be laid out and drawn anew for every size
            behind.display, app.screen.styles.background = False, "black"
            yield f"{place} {keys}"
        behind.display = True
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)


def seen(app):
    """The strips of a screen, or of its dialog; rendered once, for all that looks at them.

    Raises:
        UnsettledError: The screen was resized and is not laid out yet.
    """
    box, strips = box_of(app), app.screen._compositor.render_strips()
    if len(strips) != app.size.height:
        raise UnsettledError(f"the screen has {app.size.height} lines, of which {len(strips)} are laid out")
    return [strip.crop(box.x, box.right) for strip in strips[box.y : box.bottom]]


@cache
def ratio(ink, ground):
    """The contrast of two colours."""
    return contrast(ink, ground)


def pale_words(strips):
    """What is written with less contrast to its ground than WCAG 2 asks for."""
    found = set()
    for segment in (segment for strip in strips for segment in strip):
        ink, ground = segment.style and segment.style.color, segment.style and segment.style.bgcolor
        if re.search(r"\w", segment.text) and ink and ground and ink.triplet and ground.triplet:
            found_ratio = ratio(ink.triplet.hex, ground.triplet.hex)
            if found_ratio < LEAST_CONTRAST:
                found.add(f"{segment.text.strip():.40} ({found_ratio:.1f}: {ink.name} on {ground.name})")
    return sorted(found)


def out_of_the_box(app):
    """Fields and buttons of a dialog that lie beyond its right edge."""
    box = box_of(app)
    fields = [each for each in app.screen.query("Input, Select, Button") if each.region.width and each.id]
    return [f"{each} is cut off" for each in fields if each.region.right > box.right]


async def faults(pilot, shown, sizes):
    """What cannot be read, or reached, on some screens; each is shown in all of ``sizes``."""
    found = []
    async for name in shown:
        if pilot.app.size == sizes[-1]:
            sizes = sizes[::-1]  # one change of size less for each screen
        for size in sizes:
            if pilot.app.size != size:
                await pilot.resize_terminal(*size)
            wrong = await settled_faults(pilot)
            if folder := os.environ.get("PONGARENA_SCREENS"):
                Path(folder, f"{name}-{size[0]}.txt".replace(" ", "-")).write_text(screen_text(pilot.app))
            found += [f"{name} at {size[0]}×{size[1]} in {pilot.app.theme}: {each}" for each in wrong]
    return found


async def settled_faults(pilot):
    """Those of the present screen that are still there after a while: it may just be drawn anew."""
    wrong = []
    for pause_s in (0.05, 0.2, 0.5, 2.0, 5.0):
        await pilot.pause(pause_s)
        try:
            strips = seen(pilot.app)
            text = "\n".join("".join(segment.text for segment in strip) for strip in strips)
            wrong = cut_words(text) + pale_words(strips) + out_of_the_box(pilot.app)
        except UnsettledError as error:
            wrong = [str(error)]
        if not wrong:
            break
    return wrong


async def test_every_word_is_whole_and_stands_out(busy):
    async with busy.run_test(size=SIZES[0]) as pilot:
        await until(pilot, lambda: busy.has_looked)
        found = await faults(pilot, dialogs(busy, pilot), SIZES)
        found += await faults(pilot, parts(busy), [SIZES[0]])
        for size, theme in zip(SIZES, cycle(THEMES)):
            busy.theme = theme
            found += await faults(pilot, main_screens(busy), [size])
            if size in PARTS_AT:
                found += await faults(pilot, tabs(busy), [size])
    assert not found, "\n".join(found)
