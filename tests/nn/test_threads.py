"""Work cut into parts."""

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pongarena.nn.threads import GRAIN, Threads, available_cores, side_by_side
from tests.waiting import PATIENCE_S


@pytest.fixture(params=[1, 2, 3, 5], scope="module")
def threads(request):
    threads = Threads(request.param)
    yield threads
    threads.close()


@given(size=st.integers(0, 300), grain=st.integers(1, 70))
def test_each_index_is_worked_on_once_in_whole_grains(threads, size, grain):
    done, ranges = np.zeros(size, int), []

    def work(first, last):
        done[first:last] += 1
        ranges.append((first, last))

    threads.split(work, size, grain=grain)
    assert (done == 1).all()
    assert len(ranges) <= threads.count
    assert all(first % grain == 0 and first < last for first, last in ranges)


@given(items=st.lists(st.integers(), max_size=40))
def test_results_come_in_the_order_of_the_items(threads, items):
    assert threads.each(lambda item: item + 1, items) == [item + 1 for item in items]


def test_as_many_work_at_once_as_were_asked_for(threads):
    """With one less, the barrier would break."""
    barrier = threading.Barrier(threads.count, timeout=PATIENCE_S)
    threads.split(lambda first, last: barrier.wait(), threads.count)
    threads.each(lambda item: barrier.wait(), range(threads.count))


def test_an_error_in_any_part_comes_out(threads):
    def fail(first, last=10):
        if last == 10:
            raise ValueError("the last part")

    with pytest.raises(ValueError, match="the last part"):
        threads.split(fail, 10)
    with pytest.raises(ValueError, match="the last part"):
        threads.each(fail, [1, 2, 3])


@pytest.mark.parametrize("failing", [0, 1])
def test_no_part_is_at_work_any_more_when_one_has_failed(failing):
    threads, slow, ended = Threads(3), threading.Event(), []

    def work(first, last):
        if first == failing:
            raise ValueError("this part")
        slow.wait(0.2)
        ended.append(first)

    with pytest.raises(ValueError, match="this part"):
        threads.split(work, 3)
    assert sorted(ended) == [part for part in range(3) if part != failing]
    threads.close()


def test_there_are_as_many_as_cores_unless_asked_otherwise():
    assert Threads().count == available_cores() >= 1
    assert Threads(0).count == 1


@given(rows=st.integers(1, 5), width=st.integers(1, 100))
def test_rows_begin_at_cache_lines(rows, width):
    made = side_by_side(rows, width)
    assert made.shape[0] == rows and made.shape[1] >= width
    assert made.dtype == np.float32 and not made.any()
    assert made.ctypes.data % (4 * GRAIN) == 0 == made.strides[0] % (4 * GRAIN)
