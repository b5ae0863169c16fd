"""The metrics file: written line by line, read while it grows, never trusted."""

import json
import os
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pongarena.core.errors import LibraryError
from pongarena.library.curve import MOST_ENTRIES, Curve
from pongarena.library.downsample import Merge, Stretches
from pongarena.library.metrics import (
    FORMAT_VERSION,
    CurveTail,
    MetricsTail,
    MetricsWriter,
    read_curve,
    recent_points,
)
from pongarena.library.progress import ENOUGH_POINTS, recent_share


def row(episode, reward=-20.0):
    return {
        "kind": "episode",
        "episode": episode,
        "won": 1,
        "lost": 21,
        "reward": reward,
        "running_reward": reward,
        "steps": 100,
        "total_steps": 100 * episode,
        "time": 1e9 + episode,
    }


@pytest.fixture
def path(tmp_path):
    return tmp_path / "metrics.jsonl"


@pytest.fixture
def writer(path):
    writer = MetricsWriter(path)
    yield writer
    writer.close()


def test_rows_come_back_as_a_curve(path, writer):
    for episode in (1, 2, 3):
        writer.append(row(episode, reward=-episode))
    writer.append({"kind": "update", "update": 1})
    curve = read_curve(path)
    assert curve.episodes.tolist() == [1, 2, 3]
    assert curve.rewards.tolist() == [-1, -2, -3]
    assert curve.running.tolist() == [-1, -2, -3]
    assert curve.steps.tolist() == [100, 200, 300]
    assert curve.times.tolist() == [1e9 + 1, 1e9 + 2, 1e9 + 3]
    assert [each["format_version"] for each in MetricsTail(path).read_new()] == [FORMAT_VERSION] * 4


def test_a_missing_file_is_an_empty_curve(path):
    assert len(read_curve(path)) == 0


def test_a_tail_gives_each_row_once_and_waits_for_an_unfinished_line(path, writer):
    tail = MetricsTail(path)
    assert tail.read_new() == []
    writer.append(row(1))
    assert [each["episode"] for each in tail.read_new()] == [1]
    with path.open("ab") as file:
        file.write(b'{"format_version":1,"kind":"epi')
        file.flush()
        assert tail.read_new() == []
        file.write(b'sode","episode":2}\n')
    assert [each["episode"] for each in tail.read_new()] == [2]
    assert tail.read_new() == []
    assert tail.damaged == 0


def test_an_unfinished_line_of_a_crash_costs_itself_only(path, writer):
    writer.append(row(1))
    writer.close()
    with path.open("ab") as file:
        file.write(b'{"kind":"epis')
    again = MetricsWriter(path)
    again.append(row(2))
    again.close()
    tail = CurveTail(path)
    assert tail.refresh()
    assert tail.curve.episodes.tolist() == [1, 2]
    assert tail.damaged == 1


def test_a_resumed_session_supersedes_what_it_plays_again(path, writer):
    tail = CurveTail(path)
    for episode in (1, 2, 3, 4):
        writer.append(row(episode, reward=0))
    tail.refresh()
    writer.append({"kind": "resume", "episode": 2})
    tail.refresh()
    assert tail.curve.episodes.tolist() == [1, 2]
    writer.append(row(3, reward=5))
    tail.refresh()
    for curve in (tail.curve, read_curve(path)):
        assert curve.episodes.tolist() == [1, 2, 3]
        assert curve.rewards.tolist() == [0, 0, 5]


def test_a_file_that_was_replaced_is_read_from_its_start(path, writer):
    writer.append(row(1))
    writer.append(row(2))
    tail = CurveTail(path)
    tail.refresh()
    new = path.with_name("new")
    other = MetricsWriter(new)
    other.append(row(7))
    other.close()
    new.replace(path)
    assert tail.refresh()
    assert tail.curve.episodes.tolist() == [7]


DAMAGE = [
    b"\n",
    b"\x00\xff\xfe\n",
    b"nothing\n",
    b"[1]\n",
    b"[" * 5000 + b"\n",
    b'{"kind":"episode"}\n',
    b'{"format_version":3,"kind":"episode","episode":9}\n',
    b'{"format_version":true,"kind":"episode"}\n',
    b'{"format_version":1,"kind":3}\n',
    b'{"a":1},{"b":2}\n',
    b'{"format_version":1,"kind":"episode","reward":NaN}\n',
    b'{"format_version":1,"kind":"episode","reward":1e999}\n',
    b'{"format_version":1,"kind":"episode","episode":' + b"9" * 4000 + b"}\n",
    b'{"format_version":1,"kind":"a' + b" " * (1 << 20) + b'"}\n',
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_line_is_skipped_and_counted(path, writer, damage):
    writer.append(row(1))
    with path.open("ab") as file:
        file.write(damage)
    writer.append(row(2))
    tail = CurveTail(path)
    tail.refresh()
    assert tail.curve.episodes.tolist() == [1, 2]
    assert tail.damaged == 1


def test_lines_of_a_newer_pongarena_are_told_apart_from_damage(path, writer):
    writer.append(row(1))
    with path.open("ab") as file:
        file.write(b'{"format_version":3,"kind":"episode"}\n{"format_version":3}\n{}\n')
    tail = MetricsTail(path)
    assert [each["episode"] for each in tail.read_new()] == [1]
    assert (tail.newer, tail.damaged) == (2, 1)


@pytest.mark.parametrize("field", ["episode", "reward", "running_reward", "total_steps", "time"])
@pytest.mark.parametrize("value", [None, "x", [], 10**30])
def test_an_episode_with_a_damaged_entry_is_left_out(field, value):
    curve = Curve([row(1), {**row(2), field: value}])
    if not (value == 10**30 and field in ("reward", "running_reward", "time")):
        assert curve.episodes.tolist() == [1]


@given(st.binary(max_size=400))
def test_no_bytes_make_a_reader_fall(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("metrics") / "m.jsonl"
    path.write_bytes(content)
    assert len(read_curve(path)) == 0


def test_an_endless_line_is_skipped_without_holding_it(path, writer):
    writer.append(row(1))
    with path.open("ab") as file:
        for _ in range(20):
            file.write(b"x" * (1 << 20))
        file.write(b"\n")
    writer.append(row(2))
    assert read_curve(path).episodes.tolist() == [1, 2]


def test_a_reader_beside_a_writer_sees_every_row_once(path, writer):
    count = 3000
    thread = threading.Thread(target=lambda: [writer.append(row(n)) for n in range(1, count + 1)])
    tail = MetricsTail(path)
    seen = []
    thread.start()
    while thread.is_alive():
        seen += [each["episode"] for each in tail.read_new()]
    thread.join()
    seen += [each["episode"] for each in tail.read_new()]
    assert seen == list(range(1, count + 1))
    assert tail.damaged == 0


def test_an_unwritable_place_is_named(tmp_path):
    with pytest.raises(LibraryError, match=r"cannot write .*missing"):
        MetricsWriter(tmp_path / "missing" / "metrics.jsonl")


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_the_file_is_the_users_own(path, writer):
    assert path.stat().st_mode & 0o077 == 0


def test_a_long_history_is_read_in_proportion_to_its_length(path):
    line = json.dumps({"format_version": 1, **row(1)})
    times = []
    for count in (8000, 80_000):
        path.write_text(
            "".join(line.replace('"episode": 1,', f'"episode": {n},') + "\n" for n in range(1, count + 1))
        )
        begin = time.process_time()
        curve = read_curve(path)
        times.append(time.process_time() - begin)
        assert curve.games.sum() == count
        assert curve.episodes[-1] == count
        assert len(curve) <= MOST_ENTRIES
    assert times[1] < 30 * times[0]


def test_a_long_file_is_taken_in_bit_by_bit(path, writer):
    line = json.dumps({"format_version": 1, **row(1)})
    count = 40_000
    path.write_text("".join(line.replace('"episode": 1,', f'"episode": {n},') + "\n" for n in range(count)))
    tail, shares = CurveTail(path), []
    while tail.refresh(seconds=0):
        shares.append(tail.share_read)
    assert len(shares) > 2
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert tail.curve.episodes.tolist() == list(range(count))


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(-21, 21)), max_size=200),
    st.integers(2, 30),
)
def test_thinning_keeps_count_sum_least_and_most(steps, most):
    rows, episode = [], 0
    for gap, reward in steps:
        episode += gap
        rows.append(row(episode, reward))
    rows += [{"kind": "update", "episode": n, "steps": n, "won": n % 3, "lost": 1} for n in range(len(rows))]
    whole, thin = Curve(rows), Curve(rows, most=most)
    assert len(thin) <= most
    assert thin.games.sum() == len(steps)
    assert (thin.rewards * thin.games).sum() == pytest.approx(whole.rewards.sum())
    assert thin.squares.sum() == pytest.approx(whole.squares.sum())
    assert (np.diff(thin.episodes) > 0).all()
    assert thin.points.won.sum() == whole.points.won.sum()
    assert len(thin.points.won) <= most
    if steps:
        assert thin.lows.min() == whole.rewards.min()
        assert thin.highs.max() == whole.rewards.max()
        assert (thin.episodes[-1], thin.running[-1], thin.steps[-1]) == (
            whole.episodes[-1],
            whole.running[-1],
            whole.steps[-1],
        )
    if len(steps) <= most:
        assert thin.rewards.tolist() == whole.rewards.tolist()


@given(st.integers(1, 400), st.integers(0, 400), st.integers(2, 40))
def test_a_thinned_curve_forgets_what_is_played_again(count, back, most):
    curve = Curve([row(n) for n in range(1, count + 1)], most=most)
    curve.add([{"kind": "resume", "episode": back}])
    assert all(episode <= back for episode in curve.episodes)
    again = [row(n, 5) for n in range(back + 1, count + 1)]
    curve.add(again)
    assert (np.diff(curve.episodes) > 0).all()
    assert curve.highs.max(initial=-21) == (5 if again else curve.rewards.max(initial=-21))


def test_the_last_points_are_read_from_the_end_of_the_file(path, writer):
    assert len(recent_points(path.with_name("none")).won) == 0
    for n in range(3000):
        writer.append({"kind": "update", "episode": n, "steps": 10 * n, "won": 1, "lost": 2, "time": 1e9})
    points = recent_points(path)
    assert 500 < len(points.won) < 3000
    assert points.steps[-1] == 29_990
    with path.open("ab") as file:
        file.write(b'{"kind":"upd')
    assert recent_points(path).steps.tolist() == points.steps.tolist()


@pytest.mark.parametrize("won", [0, 1, 40, 4000])
@pytest.mark.parametrize("long", [0, 20_000])
def test_enough_of_the_last_points_tell_the_same_share(path, writer, won, long):
    for n in range(1000):
        writer.append(
            {"kind": "update", "episode": n, "steps": 10 * n, "won": won, "lost": n % 9, "time": 1e9}
        )
        if n % 300 == 299:
            writer.append({"kind": "resume", "episode": n - 50, "steps": 10 * (n - 50), "time": 1e9})
    writer.append({"kind": "crash", "traceback": "x" * long})
    few = recent_points(path, ENOUGH_POINTS)
    assert recent_share(few) == recent_share(recent_points(path))
    assert won < 40 or len(few.won) < len(recent_points(path).won) / 3


def test_a_number_beyond_64_bits_leaves_no_half_row_behind():
    stretches = Stretches((("q", Merge.LAST), ("d", Merge.SUM), ("q", Merge.SUM)), most=2)
    for number in range(5):
        stretches.append((number, 1.0, 1))
    before = [stretches.column(index).tolist() for index in range(3)]
    for _ in range(3):
        with pytest.raises(OverflowError):
            stretches.append((9, 1.0, 1 << 63))
        assert [stretches.column(index).tolist() for index in range(3)] == before
        assert stretches.counts.sum() == 5
