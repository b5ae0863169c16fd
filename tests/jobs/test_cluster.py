"""Workers of a Dask scheduler, behind the executor that own processes have."""

import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from pongarena.core.errors import ClusterError, InvalidSettingError, MatchError
from pongarena.jobs.cluster import _do, _versions, check_scheduler, open_cluster
from tests.jobs.test_executor import double, live_on_after_ctrl_c, own_pid, refuse
from tests.waiting import wait_until

CHECKOUT = Path(__file__).parents[2]


def test_a_missing_extra_names_the_commands_that_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InvalidSettingError, match=r"pipx inject pongarena 'dask\[distributed\]' · uv tool "):
        open_cluster("local")


@pytest.mark.parametrize(
    "text",
    ["", "locl", "LOCAL", "10.0.0.1:8786", "tcp://host", "tcp://host:0", "tcp://host:65536", "tcp://a b:1"],
)
def test_what_is_no_scheduler_is_refused(text):
    with pytest.raises(InvalidSettingError, match="expected local or tcp://HOST:PORT"):
        check_scheduler(text)


def test_addresses_of_schedulers():
    for text in ("local", "tcp://10.0.0.1:8786", "tcp://node-3.lan:1", "tcp://[::1]:65535"):
        assert check_scheduler(text) == text


def test_where_nothing_listens_a_scheduler_can_be_started():
    pytest.importorskip("distributed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(
        ClusterError, match=f"a scheduler at tcp://127.0.0.1:{port}, got none.*`dask scheduler`"
    ):
        open_cluster(f"tcp://127.0.0.1:{port}")


@pytest.fixture(scope="module")
def local():
    """Two workers, which take a few seconds to start."""
    pytest.importorskip("distributed")
    with open_cluster("local", workers=2, niceness=3) as executor:
        wait_until(lambda: executor.workers == 2, "both workers are there")
        yield executor


def test_results_come_in_the_order_of_the_calls_and_progress_is_told(local):
    done = []
    assert local.run_all(double, [(3,), (5,), (7,)], done.append) == [6, 10, 14]
    wait_until(lambda: local._told.total() == 15, "the last progress has come")
    assert local.submit(own_niceness).result() >= 3
    assert "watch them: http://127.0.0.1:" in str(local)


def test_what_a_task_raises_is_raised(local):
    with pytest.raises(MatchError, match="expected 1, got 2"):
        local.run_all(refuse, [(1,), (2,)], lambda _: None)
    assert local.submit(refuse, 1).result() == 1


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_a_worker_is_deaf_to_the_terminals_ctrl_c(local):
    before = local._client.run(os.getpid)
    assert local.submit(live_on_after_ctrl_c).result() == "alive"
    assert local._client.run(os.getpid) == before


def own_niceness():
    """Of the thread that does the task: on Linux each has its own."""
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def length(value, more):
    return len(value) + more


def faults_of(array, folder, number):
    """What keeps numpy from working in an array as it lies there; ends when two workers have looked."""
    (folder / f"{number}-{os.getpid()}").touch()
    wait_until(lambda: len({each.name.partition("-")[2] for each in folder.iterdir()}) == 2)
    return [name for name in ("aligned", "writeable", "c_contiguous") if not getattr(array.flags, name)]


def some_array():
    return np.arange(100_000, dtype=np.float32)


def test_a_shared_value_is_there_for_every_task_under_its_hash(local):
    shared, again = local.share(b"x" * 100_000), local.share(b"x" * 100_000)
    assert shared.key == again.key != local.share(b"y").key
    assert local.run_all(length, [(shared, 1), (again, 2)], lambda _: None) == [100_001, 100_002]


def test_arrays_lie_as_if_they_had_been_made_there(local, tmp_path):
    shared, own = local.share(some_array()), some_array()
    for name, array in {"shared": shared, "own": own}.items():
        (tmp_path / name).mkdir()
        calls = [(array, tmp_path / name, number) for number in range(2)]
        assert local.run_all(faults_of, calls, lambda _: None) == [[], []]
    assert local.submit(some_array).result().flags.aligned


def wait_for_go(folder, number):
    (folder / f"{number}-{os.getpid()}").touch()
    wait_until((folder / "go").exists)
    return number


@pytest.mark.skipif(os.name != "posix", reason="kills")
def test_a_worker_that_is_killed_costs_its_tasks_only(local, tmp_path):
    shared = local.share(b"z" * 1000)  # one of the two has it
    assert local.submit(length, shared, 0).result() == 1000
    tasks = [local.submit(wait_for_go, tmp_path, number) for number in range(4)]
    wait_until(lambda: len(list(tmp_path.iterdir())) == 2, "both work")
    killed = sorted(tmp_path.iterdir())[0].name
    os.kill(int(killed.partition("-")[2]), signal.SIGKILL)
    wait_until(lambda: len(list(tmp_path.iterdir())) == 3, "another one takes the task")
    (tmp_path / "go").touch()
    assert [task.result() for task in tasks] == [0, 1, 2, 3]
    begun = sorted(path.name.partition("-")[0] for path in tmp_path.iterdir() if path.name != "go")
    assert begun == sorted(["0", "1", "2", "3", killed.partition("-")[0]])
    assert local.submit(length, shared, 0).result() == 1000


@pytest.mark.slow
def test_a_worker_of_another_version_is_refused(local, tmp_path, spawn):
    other = tmp_path / "pongarena-99.9.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: pongarena\nVersion: 99.9\n")
    address = local._client.scheduler.address
    worker = spawn(
        [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-nanny", "--nthreads", "1"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{CHECKOUT}"},
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: local.workers == 3, "it is there")
    with pytest.raises(
        ClusterError, match=r"expected pongarena .* on the worker tcp://.*, got 99\.9: results"
    ):
        open_cluster(address)
    here = local._client.run(os.getpid)
    odd = next(each for each, pid in here.items() if pid == worker.pid)
    task = pickle.dumps((own_pid, [], (), {}))
    late = local._client.submit(_do, ("t", 0, _versions()), task, workers=[odd], pure=False)
    with pytest.raises(ClusterError, match=r"got 99\.9"):  # it came after the others were asked
        late.result()
    worker.kill()
    wait_until(lambda: local.workers == 2, "it is gone")
