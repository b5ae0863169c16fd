"""Training in the foreground."""

import json

import pytest

from pongarena.cli.train import train
from pongarena.library.models import Library
from tests.cli.running import TRAIN, run


def test_a_seed_that_no_reader_would_believe_makes_no_model(home):
    done = run("train", "deep", "--seed", 10**150, "--episodes", 1)
    assert done.exit_code == 2 and "expected 0 to 9223372036854775807" in done.output
    assert all(model.bundled for model in Library().models())


def test_no_number_of_seconds_is_refused(home):
    done = run("estimate", "--measure", "--seconds", "nan")
    assert done.exit_code == 2 and "expected 0.1 to 600, got 'nan'" in done.output


def test_training_in_the_foreground_ends_after_its_episodes_and_can_go_on():
    first = run("train", *TRAIN, "--episodes", "1")
    assert first.exit_code == 0, first.output
    assert "karpathy-1 is finished at game 1" in first.stdout
    assert "at game 2 " in run("train", "karpathy-1", "--episodes", "1").stdout
    result = json.loads(run("eval", "karpathy-1", "--games", "2", "--json").stdout)
    assert (result["model"], result["episode"], result["games"]) == ("karpathy-1", 2, 2)
    assert len(result["scores"]) == 2


def test_a_training_on_the_emulator_is_asked_for_by_a_word():
    made = run("train", "slow", *TRAIN, "--emulator", "--episodes", "1")
    assert made.exit_code == 0, made.output
    assert Library().model("slow").recipe.emulator == 1
    assert "--emulator " in run("train", "--help").stdout


def test_training_in_the_foreground_says_whether_it_learns():
    first = run("train", "deep", *TRAIN, "--episodes", "2")
    assert first.exit_code == 0, first.output
    assert "Too early to tell" in first.stderr
    assert "points won: –" in first.stderr


def test_self_play_in_the_foreground_tells_its_rating_and_the_ai_as_a_check():
    small = {"games": 2, "first_games": 2, "rollout_steps": 8, "critic_units": 4, "max_frames": 400}
    settings = [word for name, value in small.items() for word in ("--set", f"{name}={value}")]
    first = run("train", "twin", "--recipe", "self-play", "--hidden-units", "8", *settings, "--episodes", "1")
    assert first.exit_code == 0, first.output
    again = run("train", "twin", "--episodes", "1")  # its ratings so far are on the disk
    assert "rating " in again.stderr and "among its older selves" in again.stderr
    assert "Check against the CPU, not learned from: points won: –" in again.stderr


@pytest.mark.parametrize(("new", "old"), [("--parallel-games", "--games"), ("--sticky-actions", "--sticky")])
def test_a_setting_s_older_option_works_and_is_not_shown(new, old):
    told = run("train", "--help").stdout
    assert new in told and f"{old} NUMBER" not in told
    for option in (new, old):
        with train.make_context("train", ["x", option, "3"]) as context:
            assert "3" in {context.params["games"], context.params["sticky"]}
