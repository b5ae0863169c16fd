"""Comparing runs while they train."""

import re

import pytest

from pongarena.jobs.status import State
from pongarena.tui.messages import LibraryChanged
from pongarena.tui.screens.compare import CompareScreen
from pongarena.tui.screens.library import LibraryScreen
from pongarena.tui.screens.model_actions import stop
from tests.tui.conftest import screen_text, until

NAMES = tuple(f"run-{number}" for number in range(1, 7))


async def compare(pilot, make_model):
    for won, name in enumerate(NAMES, 1):
        make_model(name, state=State.RUNNING, points=(won, 21))
    app = pilot.app
    await until(pilot, lambda: len(app.look.entries) == len(NAMES))
    app.push_screen(CompareScreen(NAMES))
    await until(pilot, lambda: len(app.look.curves) == len(NAMES) and app.wanted == frozenset(NAMES))
    await until(pilot, lambda: all(app.look.curves[name].share_read == 1 for name in NAMES))


async def test_what_trains_meanwhile_takes_no_curve_away(app, make_model):
    async with app.run_test(size=(80, 24)) as pilot:
        await compare(pilot, make_model)
        below = app.screen_stack[0]
        assert isinstance(below, LibraryScreen)
        app.on_library_changed(LibraryChanged(app.look))  # as it comes every second
        assert app.wanted == frozenset(NAMES)


async def test_a_question_above_the_dashboard_leaves_followed_runs_alone(app, make_model):
    make_model("deep", state=State.RUNNING)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: app.look.entry("deep") is not None)
        stop(app, app.look.entry("deep"))
        await until(pilot, lambda: app.screen.query("#yes"))
        app.follow("deep", "another")
        app.on_library_changed(LibraryChanged(app.look))
        assert app.wanted == frozenset({"deep", "another"})


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_the_cursor_reads_every_run(app, make_model, size):
    async with app.run_test(size=size) as pilot:
        await compare(pilot, make_model)
        await pilot.press("end")
        shares = [f"{100 * won / (won + 21):.1f}" for won in range(1, 7)]

        def is_read():
            lines = screen_text(app).splitlines()
            rows = {line.split()[2]: line.split()[3] for line in lines if re.match(r" *\d \S+ +run-", line)}
            return [rows.get(name) for name in NAMES] == shares and all(
                any(share in line for line in lines[:3]) for share in shares
            )

        await until(pilot, is_read, 10)
