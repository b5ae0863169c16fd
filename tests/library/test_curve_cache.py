"""A long curve is read once: what came of it is kept beside the metrics, and never believed blindly."""

import json
import math
import os
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pongarena.library.curve import Curve
from pongarena.library.curve_cache import FILE
from pongarena.library.metrics import CurveTail, MetricsWriter
from pongarena.nn.checkpoint import read_resume, write_resume

ROWS = 12_000


def lines(count, first=1, reward=-20):
    """A game and an update in turn, some 110 bytes each."""
    text = []
    for n in range(first, first + count):
        game = f'"episode":{n},"reward":{reward},"running_reward":-20.5,"total_steps":{9 * n},"time":{n}.25'
        text.append(f'{{"format_version":1,"kind":"episode",{game}}}\n')
        update = f'"episode":{n},"steps":{9 * n},"won":1,"lost":2,"rating":{n}.5'
        text.append(f'{{"format_version":1,"kind":"update",{update}}}\n')
    return "".join(text)


def content(curve):
    arrays, stretches = curve.dump()
    lists = {name: array.tolist() for name, array in arrays.items()}
    lists["updates4"] = [None if math.isnan(rating) else rating for rating in lists["updates4"]]
    return lists | stretches


@pytest.fixture(scope="module")
def long_text():
    return lines(ROWS // 2)


@pytest.fixture
def path(tmp_path, long_text):
    path = tmp_path / "metrics.jsonl"
    path.write_text(long_text)
    return path


@pytest.fixture
def kept(path):
    kept = path.with_name(FILE)
    CurveTail(path, kept).refresh()
    assert kept.exists()
    return kept


def test_what_was_read_once_is_there_at_once_and_only_the_new_is_read(tmp_path):
    path, kept = tmp_path / "metrics.jsonl", tmp_path / FILE
    path.write_text(lines(ROWS))
    tail = CurveTail(path, kept)
    tail.refresh(seconds=0)  # two megabytes at the most
    assert tail.share_read < 1.0
    tail.refresh()
    with path.open("a") as file:
        file.write(lines(3, first=ROWS + 1))
    tail = CurveTail(path, kept)
    tail.refresh(seconds=0)
    assert tail.share_read == 1.0
    assert tail.curve.episodes.tolist() == list(range(1, ROWS + 4))
    fresh = CurveTail(path)
    fresh.refresh()
    assert content(tail.curve) == content(fresh.curve)


def test_a_short_curve_is_not_kept(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text(lines(50))
    CurveTail(path, tmp_path / FILE).refresh()
    assert not (tmp_path / FILE).exists()


def test_it_is_as_private_as_its_folder(kept):
    assert os.name != "posix" or kept.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damaged", [0, 3])
def test_damaged_lines_are_remembered(path, damaged):
    with path.open("a") as file:
        file.write("nothing\n" * damaged)
    for _ in range(2):
        tail = CurveTail(path, path.with_name(FILE))
        tail.refresh()
        assert tail.damaged == damaged


def cut(path):
    os.truncate(path, path.stat().st_size // 2)


def shift(path):
    path.write_text(path.read_text().split("\n", 1)[1])


def rewrite(path):
    path.write_text(lines(ROWS // 2, reward=3))


def replace(path):
    new = path.with_name("new")
    new.write_text(lines(ROWS, reward=4))
    new.replace(path)


@pytest.mark.parametrize("change", [cut, shift, rewrite, replace])
def test_changed_metrics_are_read_anew(path, kept, change):
    reading = CurveTail(path, kept)
    reading.refresh()
    before = reading.curve.rewards.sum()
    change(path)
    fresh, again = CurveTail(path), CurveTail(path, kept)
    fresh.refresh()
    assert fresh.curve.rewards.sum() != before
    for tail in (again, reading):  # also where the file was followed all the time
        tail.refresh()
        assert content(tail.curve) == content(fresh.curve)


def garbage(kept):
    kept.write_bytes(b"PK nothing")


def cut_off(kept):
    os.truncate(kept, kept.stat().st_size // 2)


def flipped(kept):
    data = bytearray(kept.read_bytes())
    with zipfile.ZipFile(kept) as archive:
        largest = max(archive.infolist(), key=lambda each: each.compress_size)
    data[largest.header_offset + largest.compress_size // 2] ^= 64
    kept.write_bytes(data)


def of_another_version(kept):
    arrays, state = read_resume(kept)
    write_resume(kept, arrays, state | {"version": 99})


def unordered(kept):
    arrays, state = read_resume(kept)
    arrays["games0"][:2] = arrays["games0"][1::-1]
    write_resume(kept, arrays, state)


def miscounted(kept):
    arrays, state = read_resume(kept)
    arrays["updates_counts"][0] = -4
    write_resume(kept, arrays, state)


def of_other_types(kept):
    arrays, state = read_resume(kept)
    write_resume(kept, {name: array.astype(np.float32) for name, array in arrays.items()}, state)


def without_a_column(kept):
    arrays, state = read_resume(kept)
    del arrays["games3"]
    write_resume(kept, arrays, state)


def too_long(kept):
    arrays, state = read_resume(kept)
    longer = {name: np.arange(1 << 17, dtype=array.dtype) for name, array in arrays.items()}
    write_resume(kept, longer, state)


def odd_numbers(kept):
    arrays, state = read_resume(kept)
    write_resume(kept, arrays, state | {"bytes": -1, "damaged": "x", "stretches": {"games": 3}})


def a_pipe(kept):
    kept.unlink()
    os.mkfifo(kept)


DAMAGE = [
    garbage, cut_off, flipped, of_another_version, unordered, miscounted, of_other_types, without_a_column,
    too_long, odd_numbers,
    pytest.param(a_pipe, marks=pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX's")),
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_or_foreign_one_is_ignored_and_made_again(path, kept, damage):
    whole, good = CurveTail(path), kept.read_bytes()
    whole.refresh()
    damage(kept)
    tail = CurveTail(path, kept)
    tail.refresh()
    assert content(tail.curve) == content(whole.curve)
    assert kept.read_bytes() == good


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_where_nothing_may_be_written_the_metrics_are_read(path):
    path.parent.chmod(0o500)
    try:
        tail = CurveTail(path, path.with_name(FILE))
        tail.refresh()
        assert len(tail.curve) == ROWS // 2
    finally:
        path.parent.chmod(0o700)


def test_a_place_that_is_no_folder_costs_nothing(path):
    tail = CurveTail(path, path / FILE)
    tail.refresh()
    assert len(tail.curve) == ROWS // 2


GAME = st.fixed_dictionaries(
    {
        "kind": st.just("episode"),
        "episode": st.integers(0, 60),
        "reward": st.one_of(st.integers(-21, 21), st.sampled_from([1e300, "7", None, True])),
        "running_reward": st.just(-20.5),
        "total_steps": st.integers(0, 9),
        "time": st.just(1.5),
    }
)
UPDATE = st.fixed_dictionaries(
    {
        "kind": st.just("update"),
        "episode": st.integers(0, 60),
        "steps": st.integers(0, 60),
        "won": st.sampled_from([0, 1, 2, 2**39, -1]),
        "lost": st.sampled_from([0, 3, 2**62, 2.5]),
        "rating": st.sampled_from([None, 3.5, -2, "x"]),
    }
)
OTHER = st.sampled_from([{"kind": "resume", "episode": 20}, {"kind": "pause"}, {"kind": "episode"}])
RUN = st.builds(
    lambda first, count: [json.loads(line) for line in lines(count, first=first).splitlines()],
    st.integers(0, 60),
    st.integers(1, 40),
)


@settings(max_examples=40)
@given(
    st.lists(st.one_of(RUN, st.lists(st.one_of(GAME, UPDATE, OTHER), max_size=4)), max_size=6),
    st.integers(2, 9),
)
def test_many_rows_at_once_are_the_same_as_one_after_the_other(runs, most):
    together, singly = Curve(most=most), Curve(most=most)
    for rows in runs:
        together.add(rows)
        for row in rows:
            singly.add([row])
    assert content(together) == content(singly)


def test_a_resumed_session_goes_on_in_a_kept_curve(path, kept):
    writer = MetricsWriter(path)
    writer.append({"kind": "resume", "episode": 100})
    writer.append(json.loads(lines(1, first=101, reward=7).splitlines()[0]))
    writer.close()
    tail = CurveTail(path, kept)
    tail.refresh()
    assert tail.curve.episodes.tolist() == list(range(1, 102))
    assert tail.curve.rewards[-1] == 7
