"""News of trainings, from one look at the library to the next; and how the app tells it."""

import shlex
import sys
from dataclasses import replace

from pongarena.core import paths
from pongarena.jobs.status import State, Status
from pongarena.library.preferences import update_preferences
from pongarena.tui.data.library_watcher import LibrarySnapshot, LibraryWatcher
from pongarena.tui.data.news import news_between
from pongarena.tui.messages import LibraryChanged
from tests.tui.conftest import until

RUNNING = Status(State.RUNNING, pid=1, reached=())


def looks(library, make_model, *statuses):
    make_model("ada")
    entry = LibraryWatcher(library).look(set()).entry("ada")
    return [LibrarySnapshot((replace(entry, status=each),)) for each in statuses]


def told(library, make_model, then, now):
    return [str(each) for each in news_between(*looks(library, make_model, then, now))]


def test_milestones_are_told_when_the_status_has_more_of_them(library, make_model):
    first = replace(RUNNING, reached=("first point",))
    assert told(library, make_model, RUNNING, first) == ["ada won its first point"]


def test_nothing_is_told_twice_or_of_what_was_never_seen(library, make_model):
    one, two = looks(library, make_model, RUNNING, replace(RUNNING, reached=("first point",)))
    assert news_between(LibrarySnapshot(), two) == [] and news_between(two, two) == []
    assert news_between(replace(one, entries=(replace(one.entries[0], status=Status()),)), two) == []


def test_ends_are_told_with_their_reasons(library, make_model):
    crashed = replace(RUNNING, state=State.CRASHED, message="out of memory")
    finished, stopped = (replace(RUNNING, state=state) for state in (State.FINISHED, State.STOPPED))
    run, crash, finish, stop = looks(library, make_model, RUNNING, crashed, finished, stopped)
    assert [str(each) for each in news_between(run, crash)] == ["ada died: out of memory"]
    assert [str(each) for each in news_between(run, finish)] == ["ada has finished its training"]
    assert news_between(run, stop) == news_between(crash, crash) == []


async def test_the_app_rings_and_runs_the_command_for_one_that_vanished(app, library, make_model, tmp_path):
    place = tmp_path / "told"
    write = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"
    command = shlex.join([sys.executable, "-c", write, str(place)])
    update_preferences(paths.data_dir(), tell="bell", tell_command=command)
    gone = replace(RUNNING, state=State.CRASHED, message="the process died unexpectedly")
    run, crash = looks(library, make_model, RUNNING, gone)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: app.has_looked)
        rung = []
        app.bell = lambda: rung.append(1)
        app.on_library_changed(LibraryChanged(run))
        app.on_library_changed(LibraryChanged(crash))
        await until(
            pilot, lambda: any("ada died: the process" in each.message for each in app._notifications)
        )
        await until(pilot, lambda: rung and place.is_file() and place.read_text().startswith("ada died"))
