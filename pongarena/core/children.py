"""Processes that work for this one: never half started, deaf to Ctrl-C, ended with it, quiet when they die.

What they run is named, ``module:function``, and loaded by them: where a module cannot be loaded, for want of
memory for instance, a line says so and no traceback does.
"""

import importlib
import multiprocessing
import os
import pickle
import sys
import threading
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, cast

from pongarena.core.errors import PongArenaError
from pongarena.core.interrupts import without_interrupts

__all__ = ["start_child", "work_in_processes"]


def start_child(place: str, *arguments: object, into: list[BaseProcess]) -> "Connection[Any, Any]":
    """Start a process that runs ``function(line, *arguments)``.

    Args:
        place: ``module:function``.
        arguments: For the function.
        into: Takes the process, before anything can interrupt this one.

    Returns:
        Our end of the line; it ends when the process does.
    """
    # a forked process would inherit the emulator's threads in an unknown state
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_live, args=(theirs, place, pickle.dumps(arguments)), daemon=True)
    with without_interrupts():
        process.start()
        into.append(process)
    theirs.close()  # so that our end notices when theirs is gone
    return ours


def work_in_processes(
    place: str, calls: Sequence[tuple[object, ...]], on_progress: Callable[[int], None]
) -> list[Any]:
    """Do several things at once, each in a process of its own.

    Args:
        place: ``module:function``: called with a function that tells how much is done, and with a call's
            arguments; its result comes back.
        calls: The arguments.
        on_progress: Takes how much is done of all.

    Raises:
        PongArenaError: When a process was killed.
    """
    processes: list[BaseProcess] = []
    lines: list[Connection[Any, Any]] = []
    results: dict[int, Any] = {}
    done = [0] * len(calls)
    try:
        for arguments in calls:
            lines.append(start_child(f"{__name__}:call_and_tell", place, arguments, into=processes))
        while len(results) < len(calls):
            waiting = [line for number, line in enumerate(lines) if number not in results]
            for line in cast("list[Connection[Any, Any]]", wait(waiting)):
                number = lines.index(line)
                is_result, told = line.recv()
                if is_result:
                    results[number] = told
                else:
                    done[number] = told
                    on_progress(sum(done))
    except (EOFError, OSError) as error:
        raise PongArenaError(
            "expected all helper processes to finish, got one that was killed; free some memory, then try "
            "again"
        ) from error
    finally:
        for process in processes:
            process.kill()
            process.join()
        for line in lines:
            line.close()
    return [results[number] for number in range(len(calls))]


def call_and_tell(line: "Connection[Any, Any]", place: str, arguments: tuple[object, ...]) -> None:
    """The life of such a process."""
    line.send((True, _find(place)(lambda done: line.send((False, done)), *arguments)))


def _live(line: "Connection[Any, Any]", place: str, arguments: bytes) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _find(place)(line, *pickle.loads(arguments))
    except (MemoryError, ImportError) as error:
        print(f"a helper process cannot work: {error or 'no memory left'}", file=sys.stderr)
        os._exit(1)
    except OSError:  # nobody listens any more
        os._exit(1)


def _find(place: str) -> Callable[..., Any]:
    module, _, name = place.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def _end_with_parent() -> None:
    """Ends this process with the one that started it, in the middle of its work too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)
