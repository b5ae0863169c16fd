"""Where compiled code is kept, in copies of the program whose folders truly cannot be written."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pongarena.core.compilation import cache_folder

PACKAGE = Path(__file__).parent.parent.parent / "pongarena"

PROGRAM = """
import numpy as np
from pongarena.nn.adam_kernels import squared_norms

sums = np.zeros(1)
squared_norms(np.ones((1280, 3), np.float32), np.eye(1, 1280, dtype=np.uint8)[0], 80, 0, 1, sums)
print(sums[0])
print(sum(squared_norms.stats.cache_hits.values()), sum(squared_norms.stats.cache_misses.values()))
"""


@pytest.fixture
def package(tmp_path):
    """A copy of the program that was never run."""
    copy = tmp_path / "copy" / "pongarena"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.fixture
def environment(home, package):
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    return {**kept, "PYTHONPATH": str(package.parent), "HOME": str(home.parent / "user")}


def run(environment, *prefix):
    """What the program finds in the cache, and what it must compile."""
    command = [*prefix, sys.executable, "-W", "error", "-c", PROGRAM]
    done = subprocess.run(
        command, env=environment, cwd=environment["PYTHONPATH"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    total, counts = done.stdout.splitlines()
    assert float(total) == 3.0
    return tuple(int(each) for each in counts.split())


def close(folder):
    """Make a folder one that cannot be made, for root too: a file has its place."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")


def close_caches(package):
    for folder in (package, *(each.parent for each in package.rglob("__init__.py"))):
        if not (folder / "__pycache__").exists():
            close(folder / "__pycache__")


def indexes(folder):
    return list(folder.rglob("*.nbi"))


def test_compiled_code_is_kept_in_the_package(package, environment, home):
    assert run(environment) == (0, 1)
    assert run(environment) == (1, 0)
    assert len(indexes(package / "__pycache__")) == 1
    assert not home.exists()


def test_it_is_kept_in_the_data_directory_where_the_package_cannot_be_written(package, environment, home):
    close_caches(package)
    assert run(environment) == (0, 1)
    assert run(environment) == (1, 0)
    (index,) = indexes(home)
    version = f"py{sys.version_info.major}{sys.version_info.minor}"
    assert version in index.parent.parent.name and index.parent.parent.parent == home / "cache"
    assert home.stat().st_mode & 0o077 == 0


def test_it_is_compiled_each_time_where_nothing_can_be_written(package, environment, home):
    close_caches(package)
    close(home)
    close(Path(environment["HOME"]))
    assert run(environment) == run(environment) == (0, 1)
    assert indexes(package.parent.parent) == []


def test_the_users_own_cache_comes_first(package, environment, tmp_path):
    environment["NUMBA_CACHE_DIR"] = str(tmp_path / "own")
    assert run(environment) == (0, 1)
    assert run(environment) == (1, 0)
    assert len(indexes(tmp_path / "own")) == 1
    close(tmp_path / "other")
    environment["NUMBA_CACHE_DIR"] = str(tmp_path / "other")
    assert run(environment) == run(environment) == (0, 1)


def test_a_mount_that_is_read_only_sends_it_to_the_data_directory(package, environment, home):
    mount = f"mount --bind {package} {package} && mount -o remount,ro,bind {package} {package}"
    prefix = ["unshare", "-m", "sh", "-c", f'{mount} && exec "$@"', "sh"]
    if shutil.which("unshare") is None or subprocess.run([*prefix, "true"], check=False).returncode:
        pytest.skip("no right to mount")
    assert run(environment, *prefix) == (0, 1)
    assert run(environment, *prefix) == (1, 0)
    assert len(indexes(home)) == 1


def test_a_change_in_any_file_that_a_kernel_is_made_of_compiles_anew(package, environment, tmp_path):
    used, unused = package / "game" / "rules.py", package / "training" / "presets.py"
    kernels = package / "nn" / "adam_kernels.py"
    kernels.write_text(f"from pongarena.game import rules\n{kernels.read_text()}")
    folder = cache_folder(package, tmp_path, {})
    assert cache_folder(package, tmp_path, {}) == folder
    unused.write_text(unused.read_text() + "\n# changed\n")
    assert cache_folder(package, tmp_path, {}) == folder
    used.write_text(used.read_text() + "\n# changed\n")
    assert cache_folder(package, tmp_path, {}) != folder


def test_the_folder_of_another_pongarena_process_is_not_taken_for_the_users(package, tmp_path):
    folder = cache_folder(package, tmp_path, {"NUMBA_CACHE_DIR": str(tmp_path / "compiled-0.0-py311-0")})
    assert folder.is_relative_to(package)


def test_code_of_old_sources_is_removed(package, tmp_path):
    for number in range(6):
        kernels = package / "nn" / "adam_kernels.py"
        kernels.write_text(kernels.read_text() + f"\n# {number}\n")
        folder = cache_folder(package, tmp_path, {})
        os.utime(folder, (number, number))
    kept = list(folder.parent.glob("compiled-*"))
    assert folder in kept and len(kept) == 4
