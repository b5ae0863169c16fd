"""The lab's screen."""

import os
import re
import time

import psutil
import pytest

from pongarena.jobs.status import State, Status, write_status
from pongarena.lab.experiments import LENGTHS, Length, experiment
from pongarena.lab.store import create_run, lab_runs, trash
from pongarena.library.metrics import MetricsWriter
from tests.tui.conftest import screen_text, until


def play(run, shares):
    """Fills a run with points as if they had been played: a share for each arm."""
    for part in run.parts():
        writer = MetricsWriter(part.metrics)
        for update in range(1, 21):
            won = round(50 * shares[part.number] * update / 20)
            writer.append(
                {"kind": "update", "episode": update, "won": won,
                 "steps": run.length.decisions * update // 20, "lost": 50 - won, "seconds": 1.0 * update}
            )  # fmt: skip
        writer.close()


def say(run, state, **words):
    live = state in (State.RUNNING, State.PAUSED)
    status = Status(
        state,
        pid=os.getpid() if live else 0,
        created=psutil.Process().create_time(),
        updated=time.time(),
        **words,
    )
    write_status(run.path / "status.json", status)


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_every_experiment_says_what_it_asks(app, size):
    async with app.run_test(size=size) as pilot:
        await pilot.press("7")
        await until(pilot, lambda: "Does the network know that pixels lie side by side?" in screen_text(app))
        text = screen_text(app)
        assert "Not tried yet" in text and "about" in text and "Short run" in text
        await pilot.press("down")
        await until(pilot, lambda: "Does it help to hide what comes too late?" in screen_text(app))


async def test_a_complete_run_shows_its_chart_and_its_claims(app):
    run = create_run(experiment("tight-crop"), Length("own", 10_000, 4))
    play(run, (0.2, 0.6))
    say(run, State.FINISHED, steps=run.amount)
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.press("7", "down")
        await until(pilot, lambda: "tight crop won more than whole field" in screen_text(app))
        text = screen_text(app)
        assert re.search(r"2 \S+ tight crop +1 \S+ whole field", text), text
        assert "4/4" in text and f"{run.id} is complete" in text, text


async def test_progress_is_shown_and_a_run_can_be_paused(app):
    run = create_run(experiment("tight-crop"), LENGTHS[0])
    say(run, State.RUNNING, steps=run.amount // 4, message="whole field, seed 1")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("7", "down")
        await until(pilot, lambda: "25%" in screen_text(app) and "whole field, seed 1" in screen_text(app))
        await pilot.press("space")
        await until(pilot, lambda: list((run.path / "requests").glob("*.pause")))
        await pilot.press("s")
        await until(pilot, lambda: f"Stop {run.id}? What was played is kept" in screen_text(app))
        assert not list((run.path / "requests").glob("*.stop"))
        await pilot.press("y")
        await until(pilot, lambda: list((run.path / "requests").glob("*.stop")))
        await pilot.press("r")
        await until(pilot, lambda: any("is at work" in each.message for each in app._notifications))
    assert len(lab_runs()) == 1


async def test_a_run_is_deleted_after_a_question_and_can_be_brought_back(app):
    run = create_run(experiment("tight-crop"), LENGTHS[0])
    say(run, State.STOPPED, steps=5)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("7", "down")
        await until(pilot, lambda: run.id in screen_text(app))
        await pilot.press("d")
        await until(pilot, lambda: f"Delete {run.id} with all" in screen_text(app))
        await pilot.press("n")
        assert lab_runs() == [run]
        await pilot.press("d")
        await until(pilot, lambda: f"Delete {run.id} with all" in screen_text(app))
        await pilot.press("y")
        await until(pilot, lambda: any("lab restore" in each.message for each in app._notifications))
        await until(pilot, lambda: "Not tried yet" in screen_text(app))
    assert lab_runs() == []
    assert [each.model for each in trash().items()] == [run.id]


async def test_a_damaged_run_is_named_and_the_rest_works(app):
    sound, broken = (create_run(experiment("tight-crop"), LENGTHS[0]) for _ in range(2))
    (broken.path / "plan.json").write_text("{")
    (sound.path / "runs" / "1-1.jsonl").write_text("nothing\n[\n")
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.press("7", "down")
        await until(pilot, lambda: f"{broken.id}" in screen_text(app) and "plan.json" in screen_text(app))
        assert sound.id in screen_text(app)
