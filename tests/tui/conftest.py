"""A library with models in it, and the words of a screen."""

import os
import time

import numpy as np
import psutil
import pytest
from textual.css.query import NoMatches

from pongarena.jobs.status import State, Status, write_status
from pongarena.library.metrics import MetricsWriter
from pongarena.library.models import Library, checkpoint_path
from pongarena.nn.checkpoint import Card, Checkpoint, write_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.training.registry import recipe
from pongarena.tui.app import PongArenaApp
from tests.waiting import PATIENCE_S

TINY = {"hidden_units": 4, "batch_episodes": 1, "games": 1, "max_frames": 1000}


@pytest.fixture
def library(home, tmp_path):
    return Library(bundled=tmp_path / "none")


@pytest.fixture
def app(library):
    app = PongArenaApp("library")
    app.library = library
    return app


@pytest.fixture
def make_model(library):
    """Makes a model that played ``games`` games; ``live`` ones seem to be trained by this process.

    ``points`` are those won and lost in each game, as its updates tell of them; None for no updates.
    """

    def make(name, games=30, state=State.STOPPED, points=None, made=None, **words):
        model = library.create(name, made or recipe("karpathy", **TINY), 0)
        writer = MetricsWriter(model.path / "metrics.jsonl")
        for episode in range(1, games + 1):
            reward = -21 + episode % 5
            writer.append(
                {"kind": "episode", "episode": episode, "won": 0, "lost": 21, "reward": reward,
                 "running_reward": -20.0 + episode / 100, "steps": 9, "total_steps": 9 * episode, "time": 1e9}
            )  # fmt: skip
            if points is not None:
                writer.append(
                    {"kind": "update", "episode": episode, "steps": 9 * episode, "won": points[0],
                     "lost": points[1], "time": 1e9 + episode}
                )  # fmt: skip
        writer.close()
        if games:
            card = Card(
                model=name, recipe="karpathy", episode=games, updates=games, steps=9 * games, seed=0,
                running_reward=-19.7, points_won=0, points_lost=9, lineage=(), created=model.created,
                pongarena="0.1.0",
            )  # fmt: skip
            policy = PolicyNetwork.random(4, np.random.default_rng(1))
            write_checkpoint(checkpoint_path(model.path, games), Checkpoint(policy, card))
        live = state in (State.RUNNING, State.PAUSED)
        write_status(
            model.path / "status.json",
            Status(
                state=state, pid=os.getpid() if live else 0, created=psutil.Process().create_time(),
                episode=games,
                running_reward=-19.7, updated=time.time(), **words,
            ),
        )  # fmt: skip
        return model

    return make


class UnsettledError(AssertionError):
    """The screen has another size than what was laid out last."""


def screen_text(app):
    """What is on the screen, line by line.

    Raises:
        UnsettledError: The screen was resized and is not laid out yet.
    """
    height = app.size.height
    strips = app.screen._compositor.render_strips()
    lines = ["".join(segment.text for segment in strip) for strip in strips]
    if len(lines) != height:
        raise UnsettledError(f"the screen has {height} lines, of which {len(lines)} are laid out")
    return "\n".join(lines)


def reason(app):
    """What the form on the screen says is wrong with it; empty when nothing is."""
    return str(app.screen.query_one("#reason").render())


async def until(pilot, condition, timeout_s=PATIENCE_S):
    """Wait until ``condition()`` holds.

    While a screen is built anew or resized, what the condition looks at may be missing: that is "not yet".
    """
    end = time.monotonic() + timeout_s
    while True:
        try:
            if condition():
                return
        except (NoMatches, UnsettledError):
            if time.monotonic() > end:
                raise
        assert time.monotonic() < end, "\n" + screen_text(pilot.app)
        await pilot.pause(0.05)


async def shows(pilot, *words):
    """Wait until all of ``words`` are on the screen."""
    await until(pilot, lambda: all(word in screen_text(pilot.app) for word in words))
