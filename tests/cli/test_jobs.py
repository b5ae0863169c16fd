"""The list of background work."""

import json

from pongarena.jobs.status import State
from pongarena.lab.experiments import Length, experiment
from pongarena.lab.store import create_run
from tests.cli.running import run
from tests.lab.test_background import say


def test_background_work_is_listed_for_people_and_for_scripts(home):
    assert "nothing runs in the background" in run("jobs").stdout
    assert json.loads(run("jobs", "--json").stdout) == []
    made = create_run(experiment("tight-crop"), Length("own", 10_000, 2))
    say(made, State.PAUSED, made.amount // 2)
    row = next(line.split() for line in run("jobs").stdout.splitlines() if made.id in line)
    assert row[:4] == ["lab", made.id, "paused", "50%"]
    assert json.loads(run("jobs", "--json").stdout) == [
        {"kind": "lab", "name": made.id, "state": "paused", "done": 0.5, "words": "whole field, seed 1",
         "seconds_left": None}
    ]  # fmt: skip
