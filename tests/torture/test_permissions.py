"""Who may read what pongarena writes, and whether anybody can reach it from elsewhere."""

import os
import stat
import subprocess
import sys

import psutil
import pytest

from pongarena.core import paths
from pongarena.core.errors import LibraryError
from pongarena.core.files import make_folder, write_atomically
from pongarena.lab.experiments import LENGTHS, experiment
from pongarena.lab.store import create_run, delete_run, lab_runs
from pongarena.library.models import Library
from pongarena.library.notes import write_notes
from pongarena.library.preferences import update_preferences
from pongarena.library.sessions.client import State, request, start_session
from pongarena.match.entrants import enter, find_refs
from pongarena.match.tournament import Entrant, create, delete, find
from pongarena.match.tournament_run import read_run, start_in_background, stop
from pongarena.window.settings import Settings, write_settings
from tests.torture.conftest import LONG, QUICK, ROOT, require_readable
from tests.waiting import wait_for, wait_until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")

MATCH = ["-m", "pongarena", "play", "ai", "deep", "--points", "1", "--mute"]


def modes(folder):
    return {each: stat.S_IMODE(each.stat().st_mode) for each in (folder, *folder.rglob("*"))}


@pytest.fixture
def usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_all_that_a_user_makes_is_the_users_alone(usual_umask, library, home, sabotage, tally):
    model = library.create("deep", QUICK, 7)
    start_session(model, episodes=4)
    wait_for(model, {State.FINISHED})
    library.fork(model.checkpoint(), "fork")
    library.rename("fork", "renamed")
    sabotage("match", seed=1)
    write_notes(library.model("renamed"), "mine", ["mine"])
    update_preferences(home, session_limit=2)
    write_settings(Settings())
    for _ in range(2):
        create([Entrant("ai"), Entrant("x@1", "0" * 64)])
        create_run(experiment("tight-crop"), LENGTHS[0])
    delete(find())
    delete_run(lab_runs()[0])
    library.delete("renamed")
    found = modes(home)
    assert {"preferences.json", "settings.json", "plan.json", ".trash"} <= {each.name for each in found}
    assert home / "matches.jsonl" in found
    assert len([each for each in found if each.suffix == ".npz"]) >= 5
    for path, mode in found.items():
        tally["permissions looked at"] += 1
        assert mode == (0o700 if path.is_dir() else 0o600), f"{path} has {mode:04o}"


def test_a_folder_that_the_user_opened_stays_open_and_so_do_new_files_in_it(usual_umask, library, home):
    model = library.create("deep", QUICK, 7)
    folders = (home, library.root, model.path, model.path / "checkpoints")
    for folder in folders:
        folder.chmod(0o755)
    start_session(model, episodes=2)
    wait_for(model, {State.FINISHED})
    library.create("other", QUICK, 7)
    assert all(stat.S_IMODE(folder.stat().st_mode) == 0o755 for folder in folders)
    found = modes(model.path)
    for name in ("status.json", "metrics.jsonl", "resume.npz", "checkpoints/ep000002.npz"):
        assert found[model.path / name] == 0o644, name


def test_the_umask_is_honoured(tmp_path):
    before = os.umask(0o077)
    try:
        tmp_path.chmod(0o755)
        write_atomically(tmp_path / "file", b"mine")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600


def test_missing_parents_are_the_users_alone_and_those_there_stay_as_they_are(usual_umask, tmp_path):
    (tmp_path / "open").mkdir(mode=0o755)
    make_folder(tmp_path / "open" / "a" / "b")
    make_folder(tmp_path / "open" / "a" / "b")
    assert stat.S_IMODE((tmp_path / "open").stat().st_mode) == 0o755
    for name in ("open/a", "open/a/b"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o700


def listening(process):
    """What a process and its children offer to the network."""
    family = [process, *process.children(recursive=True)]
    return [
        each
        for member in family
        for each in member.net_connections(kind="inet")
        if each.status == psutil.CONN_LISTEN or not each.raddr
    ]


def has_loaded(process, library):
    return any(library in each.path for each in process.memory_maps())


def test_nothing_listens(library, tally, home, spawn, spawn_app):
    model = library.create("deep", QUICK, 7)
    pids = [start_session(model).pid]
    if LONG:
        cup = create(enter(find_refs(Library(), ["ai", "rallier", "champion"])))
        start_in_background(cup, workers=1)
        pids.append(read_run(cup).pid)
    wait_until(lambda: len(model.checkpoints()) > 1, "it trained")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
    app = spawn_app(env=environment, dimensions=(30, 100))
    window = spawn([sys.executable, *MATCH], env=environment, stdout=subprocess.DEVNULL)
    app.expect("deep")
    wait_until(lambda: has_loaded(psutil.Process(window.pid), "pygame"), "the window was there")
    for pid in (*pids, app.pid, window.pid):
        tally["processes looked at for open ports"] += 1
        assert listening(psutil.Process(pid)) == []
    if LONG:
        stop(cup)
    request(model, "stop")
    wait_for(model, {State.STOPPED})


@pytest.fixture
def read_only(library, home):
    """Makes the data directory read-only, for root too where that can be done."""
    undo = []

    def lock_up():
        if os.geteuid() != 0:
            for folder in [home, *(each for each in home.rglob("*") if each.is_dir())]:
                folder.chmod(0o500)
                undo.append(lambda folder=folder: folder.chmod(0o700))
            return
        command = ["mount", "--bind", home, home]
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:
            pytest.skip("root may not mount here, and may write everywhere")
        undo.append(lambda: subprocess.run(["umount", "-l", home], check=True))
        remount = ["mount", "-o", "remount,ro,bind", home]
        # it is refused while a session writes just then
        wait_until(lambda: subprocess.run(remount, check=False).returncode == 0, "it was read-only")

    yield lock_up
    for each in undo:
        each()


def test_a_library_that_cannot_be_written_can_be_read_and_says_why_not(read_only, library, home, tally):
    model = library.create("deep", QUICK, 7)
    start_session(model, episodes=2)
    wait_for(model, {State.FINISHED})
    wait_until(lambda: not psutil.pid_exists(model.status().pid), "its process was gone")
    read_only()
    require_readable(library)
    for change in (
        lambda: start_session(model),
        lambda: library.create("new", QUICK, 1),
        lambda: library.fork(model.checkpoint(), "fork"),
        lambda: library.rename("deep", "other"),
        lambda: library.delete("deep"),
    ):
        tally["changes of a read-only library"] += 1
        with pytest.raises(LibraryError, match=r"make the folder writable|make .* writable"):
            change()
    assert [each.name for each in Library(bundled=paths.data_dir() / "none").models()] == ["deep"]
    require_readable(library)


def test_a_session_whose_folder_becomes_read_only_ends_with_what_it_saved(read_only, library, tally):
    model = library.create("deep", QUICK, 7)
    pid = start_session(model).pid
    read_only()
    wait_for(model, {State.CRASHED})
    tally["folders made read-only under a session"] += 1
    wait_until(lambda: not psutil.pid_exists(pid), "its process was gone")
    require_readable(library)
