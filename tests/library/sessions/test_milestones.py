"""Milestones: noticed once, told by the session itself, and no command can harm it."""

import shlex
import stat
import sys

import pytest

from pongarena.jobs.status import State, read_status
from pongarena.library.models import Library
from pongarena.library.preferences import FILE, update_preferences
from pongarena.library.progress import Share
from pongarena.library.sessions.client import Plan
from pongarena.library.sessions.milestones import Milestone, Milestones, News, command_of
from pongarena.library.sessions.session import run_session
from tests.library.sessions.test_session import QUICK
from tests.waiting import wait_until

ALL = ["first point", "25 %", "past the CPU"]
WRITE = "import sys; open(sys.argv[1], 'a').write(sys.argv[2] + '\\n')"


def test_each_is_told_once_and_only_when_it_is_no_chance():
    watch = Milestones(())
    watch.add(0, 100)
    assert watch.news() == []
    watch.add(1, 20)
    assert watch.news() == [Milestone.FIRST_POINT]
    watch.add(30, 60)  # a quarter of too few points
    assert watch.news() == []
    watch.add(300, 600)
    assert watch.news() == [Milestone.QUARTER]
    watch.add(525, 475)  # more than half, which may be chance
    assert watch.news() == []
    watch.add(700, 300)
    assert watch.news() == [Milestone.PAST_CPU]
    watch.add(0, 5000)
    watch.add(5000, 0)
    assert watch.news() == [] and list(watch.reached) == ALL


def test_what_a_model_could_do_before_is_no_news():
    assert Milestones.so_far(5, Share.of(300, 1000)).reached == ("first point", "25 %")
    assert Milestones.so_far(0, None).reached == ()


def test_a_session_tells_its_command_and_remembers_what_it_told(tmp_path):
    library = Library(bundled=tmp_path / "none")
    model = library.create("quick", QUICK, 3)
    told, heard = tmp_path / "told", []
    command = shlex.join([sys.executable, "-c", WRITE, str(told)])

    def hear(event, now):
        if isinstance(event, News):
            heard.append(event.milestone)

    run_session("quick", plan=Plan(2, tell=command), library=library, on_event=hear)
    assert heard[-1] is Milestone.FINISHED
    wait_until(lambda: told.is_file() and "has finished" in told.read_text())
    reached = read_status(model.path / "status.json").reached
    assert list(reached) == [str(each) for each in heard[:-1]]
    again = Milestones.of(library.model("quick"))
    again.add(1, 0)
    assert (Milestone.FIRST_POINT in again.news()) is ("first point" not in reached)


def test_a_command_that_fails_harms_no_session_and_is_logged(tmp_path, capfd):
    library = Library(bundled=tmp_path / "none")
    library.create("quick", QUICK, 3)
    status = run_session("quick", plan=Plan(2, tell="/no/such/program"), library=library, detached=True)
    assert status.state is State.FINISHED
    assert "'/no/such/program' cannot be run" in capfd.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_command_that_others_could_have_written_is_not_run(home):
    assert command_of(home) == ""
    update_preferences(home, tell_command="notify-send")
    assert command_of(home) == "notify-send"
    (home / FILE).chmod(stat.S_IRUSR | stat.S_IWUSR | stat.S_IWGRP)
    assert command_of(home) == ""
    (home / FILE).chmod(0o600)
    (home / FILE).rename(home / "elsewhere")
    (home / FILE).symlink_to(home / "elsewhere")
    assert command_of(home) == ""
