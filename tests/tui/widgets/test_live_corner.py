"""A network plays in the corner of its session's dashboard while it learns."""

from dataclasses import replace

import numpy as np

from pongarena.core import paths
from pongarena.jobs.status import State, read_status, write_status
from pongarena.library.models import checkpoint_path
from pongarena.nn.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.tui.screens.session import SessionScreen
from pongarena.tui.screens.watch import WatchScreen
from pongarena.tui.widgets.live_corner import LiveCorner
from tests.tui.conftest import shows, until
from tests.tui.screens.test_session import open_session


async def corner_of(app, pilot, name):
    await until(pilot, lambda: app.has_looked)
    open_session(app, name)
    await until(pilot, lambda: isinstance(app.screen, SessionScreen))
    return app.screen.query_one(LiveCorner)


def frames(corner):
    return corner.table.showing.match.frames if corner.table else 0


async def moves_on(pilot, corner):
    before = frames(corner)
    await until(pilot, lambda: frames(corner) > before)


async def stands_still(pilot, corner):
    await until(pilot, lambda: not corner.is_playing)
    before = frames(corner)
    await pilot.pause(0.3)
    return frames(corner) == before


def save_checkpoint(model, number):
    policy = PolicyNetwork.random(4, np.random.default_rng(2))
    card = read_checkpoint(checkpoint_path(model.path, 30)).card
    write_checkpoint(checkpoint_path(model.path, number), Checkpoint(policy, replace(card, episode=number)))


async def test_it_plays_the_newest_network_and_logs_nothing(app, make_model):
    model = make_model("deep", state=State.RUNNING)
    async with app.run_test(size=(140, 45)) as pilot:
        corner = await corner_of(app, pilot, "deep")
        await until(pilot, lambda: corner.is_playing)
        await moves_on(pilot, corner)
        await shows(pilot, "as of game 30")
        save_checkpoint(model, 40)
        await shows(pilot, "as of game 40")
        await pilot.press("escape")
        await until(pilot, lambda: not corner.is_attached)
    assert not paths.matches_log().exists()


async def test_nobody_plays_behind_a_dialog_or_another_panel(app, make_model):
    make_model("deep", state=State.RUNNING)
    async with app.run_test(size=(80, 24)) as pilot:
        corner = await corner_of(app, pilot, "deep")
        await pilot.pause()
        assert not corner.is_playing  # the first panel has the curve of points
        await pilot.press("g")
        await until(pilot, lambda: corner.is_playing)
        await moves_on(pilot, corner)
        await pilot.press("l")
        assert await stands_still(pilot, corner)
        await pilot.press("escape")
        await moves_on(pilot, corner)
        await pilot.press("right")
        assert await stands_still(pilot, corner)
        await pilot.press("g", "g")
        await until(pilot, lambda: isinstance(app.screen, WatchScreen) and "-playing" in app.screen.classes)


async def test_it_rests_when_the_training_does(app, make_model):
    model = make_model("deep", state=State.RUNNING)
    async with app.run_test(size=(140, 45)) as pilot:
        corner = await corner_of(app, pilot, "deep")
        await until(pilot, lambda: corner.is_playing)
        for state, words in ((State.PAUSED, "paused, as the training"), (State.STOPPED, "training ended")):
            status = read_status(model.path / "status.json")
            write_status(model.path / "status.json", replace(status, state=state))
            app.follow("deep")  # at once
            await shows(pilot, words)
            assert await stands_still(pilot, corner)
