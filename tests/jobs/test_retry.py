"""Waiting for room on a full disk."""

import pytest

from pongarena.core.errors import DiskFullError, LibraryError
from pongarena.jobs import retry as patience
from pongarena.jobs.retry import keep_trying


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch):
    monkeypatch.setattr(patience, "_TRY_EVERY_S", 0.01)
    monkeypatch.setattr(patience, "_LOOK_EVERY_S", 0.001)


def failing(times, kind=DiskFullError):
    """A write that fails so often; and how often it was tried."""
    tries = []

    def write():
        tries.append(None)
        if len(tries) <= times:
            raise kind(f"try {len(tries)}")

    return write, tries


@pytest.mark.parametrize("times", [0, 1, 3])
def test_it_is_tried_until_there_is_room_and_each_failure_is_told(times):
    write, tries = failing(times)
    told = []
    assert keep_trying(write, tell=told.append, asked_to_stop=lambda: False) is (times > 0)
    assert len(tries) == times + 1
    assert [str(each) for each in told] == [f"try {n + 1}" for n in range(times)]


def test_who_is_asked_to_stop_waits_no_longer():
    write, tries = failing(1000)
    with pytest.raises(DiskFullError, match="try 2"):
        keep_trying(write, tell=lambda _: None, asked_to_stop=lambda: len(tries) == 2)


def test_other_errors_are_not_waited_for():
    write, tries = failing(1, LibraryError)
    with pytest.raises(LibraryError, match="try 1"):
        keep_trying(write, tell=lambda _: None, asked_to_stop=lambda: False)
    assert len(tries) == 1
