"""kill -9, at any moment and between any two calls: nothing is lost but what was not yet saved."""

import pytest

from pongarena.jobs.status import State
from pongarena.library.models import Library
from pongarena.match.log import read_log, read_recording, recorded
from pongarena.nn.checkpoint import read_resume
from tests.torture.conftest import LONG, QUICK, everything, left_behind, require_readable

KILLS, TARGET, CALLS = (100, 60, 10_000) if LONG else (4, 16, 3)


@pytest.fixture
def whole(sabotage, library):
    """How a training ends that nobody disturbs."""

    def until(episodes):
        name = f"whole-{episodes}"
        model = library.create(name, QUICK, 7)
        said = sabotage("session", model=name, episodes=episodes)
        assert (said["state"], said["episode"]) == ("finished", episodes)
        return everything(model), said["calls"]

    return until


def finish(sabotage, library, name, target):
    model = library.model(name)
    assert model.status().state in (State.NEW, State.CRASHED)
    done = owed = 0
    if (resume := model.path / "resume.npz").exists():
        state = read_resume(resume)[1]
        done, owed = state["session"]["episode"], state["history"]["number"] not in model.checkpoints()
    if done < target:
        said = sabotage("session", model=name, episodes=target - done)
        assert "error" not in said, said
        assert left_behind(library) == []
    elif owed:  # killed between the state and the checkpoint of the end: the next session writes it
        return finish(sabotage, library, name, target + QUICK.batch_episodes)
    return everything(model)


def ended(done):
    return done["state"]["session"]["episode"]


@pytest.mark.timeout(5400 if LONG else 900)
def test_a_session_killed_again_and_again_ends_as_if_nothing_had_been(sabotage, library, whole, dice, tally):
    expected, _ = whole(TARGET)
    model = library.create("victim", QUICK, 7)
    for _ in range(KILLS):
        before = model.checkpoints()
        said = sabotage("session", model="victim", episodes=TARGET, kill_after_s=dice.uniform(0.02, 1.2))
        tally["kill −9 at a random moment"] += said["killed"]
        require_readable(library)
        episodes, saved = model.curve().episodes, model.checkpoints()
        assert set(before) <= set(saved) or len(saved) > 30
        if len(episodes):
            assert episodes[-1] - saved[-1] <= QUICK.checkpoint_every + QUICK.batch_episodes
        assert not model.status().active
        if saved and saved[-1] > TARGET // 2:  # begins anew, or it would be done too soon
            library.delete("victim")
            model = library.create("victim", QUICK, 7)
    done = finish(sabotage, library, "victim", TARGET)
    assert done == (expected if ended(done) == TARGET else whole(ended(done))[0])


@pytest.mark.timeout(5400 if LONG else 900)
@pytest.mark.parametrize("fault", ["kill_at", "tear_at"])
def test_a_session_killed_at_a_call_loses_nothing(sabotage, library, whole, dice, tally, fault):
    target = 8
    expected, calls = whole(target)
    later, _ = whole(target + QUICK.batch_episodes)
    # the same number of calls, give or take the status, which goes by the clock
    chosen = sorted(dice.sample(range(len(calls)), min(CALLS, len(calls))))
    for number in chosen:
        model = library.create("victim", QUICK, 7)
        said = sabotage("session", model="victim", episodes=target, **{fault: number})
        tally["kill −9 at a chosen call" if fault == "kill_at" else "kill −9 within a write"] += said[
            "killed"
        ]
        require_readable(library)
        if (episodes := model.curve().episodes).size:
            assert episodes[-1] - model.checkpoints()[-1] <= QUICK.checkpoint_every + QUICK.batch_episodes
        if model.status().state is not State.FINISHED:
            done = finish(sabotage, library, "victim", target)
            assert done == (expected if ended(done) == target else later), (
                f"killed at call {number}, {calls[number]}"
            )
        library.delete("victim")


def test_a_change_of_the_library_killed_at_any_call_happens_wholly_or_not_at_all(sabotage, library, tally):
    library.create("parent", QUICK, 7)
    sabotage("session", model="parent", episodes=2)
    tasks = {
        "create": {"model": "new"},
        "fork": {"model": "parent", "new_name": "new"},
        "rename": {"model": "old", "new_name": "new"},
        "delete": {"model": "old"},
    }
    for do, task in tasks.items():
        number, survived = 0, False
        while not survived:
            for name in ("old", "new"):
                if name in [each.name for each in library.models()]:
                    library.delete(name)
            library.fork(library.checkpoint("parent"), "old")
            said = sabotage(do, **task, kill_at=number)
            survived = not said["killed"]
            assert "error" not in said, said
            tally["kill −9 in a change of the library"] += not survived
            require_readable(library)
            names = {each.name for each in library.models()}
            allowed = {
                "create": [{"parent", "old"}, {"parent", "old", "new"}],
                "fork": [{"parent", "old"}, {"parent", "old", "new"}],
                "rename": [{"parent", "old"}, {"parent", "new"}],
                "delete": [{"parent", "old"}, {"parent"}],
            }[do]
            assert names in allowed
            if survived:
                assert names == allowed[1]
            number += 1
        assert number > 1


def test_a_match_that_is_logged_is_logged_whole_or_not_at_all(sabotage, tally):
    for fault in ("kill_at", "tear_at"):
        number, killed = 0, True
        while killed:
            before = len(read_log().results)
            said = sabotage("match", seed=number, **{fault: number})
            killed = said["killed"]
            assert "error" not in said, said
            tally["kill −9 while a match is logged"] += killed
            log = read_log()
            assert len(log.results) - before in (0, 1)
            for name in recorded():
                read_recording(name)
            number += 1
    survivors = read_log()
    assert len(survivors.results) >= 2
    assert Library().models() is not None
