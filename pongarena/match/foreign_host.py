"""The process that runs a player from a file: ``python -m pongarena.match.foreign_host FILE [MAKER]``.

A player that raises, prints, ends its process or never answers cannot harm the match. Each question is a line
of JSON, followed by the observation's bytes; each answer is a line of JSON. What the player prints goes to
standard error.
"""

import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any, BinaryIO

import numpy as np

from pongarena.core.errors import PongArenaError
from pongarena.match.foreign_agents import Agent, load_agent

__all__ = ["main"]

_LOOK_EVERY_S = 1.0


def main() -> None:
    """Answer questions until standard input ends."""
    if os.name == "posix":
        threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    with _own_line(0, "rb") as questions, _own_line(1, "wb") as answers:
        agent = _answer(answers, lambda: _introduced(*sys.argv[1:]))
        while agent is not None and (line := questions.readline()):
            _answer(answers, partial(_asked, agent, json.loads(line), questions))


def _own_line(number: int, mode: str) -> BinaryIO:
    """Take over standard input or output: the player then reads nothing, and prints to standard error."""
    ours = os.dup(number)
    other = os.open(os.devnull, os.O_RDONLY) if number == 0 else 2
    os.dup2(other, number)
    return os.fdopen(ours, mode)  # type: ignore[return-value]


def _answer(answers: BinaryIO, make: Callable[[], tuple[Any, dict[str, Any]]]) -> Any:  # noqa: ANN401
    """Call ``make``, send its answer or its error, and return its result."""
    try:
        result, said = make()
    except PongArenaError as error:
        result, said = None, {"error": str(error)}
    except (Exception, SystemExit) as error:
        # an error of the player: its author needs the traceback
        traceback.print_exc()
        result, said = None, {"error": f"it raised {type(error).__name__}: {error}"}
    answers.write(json.dumps(said).encode() + b"\n")
    answers.flush()
    return result


def _introduced(path: str, maker: str = "") -> tuple[Agent, dict[str, Any]]:
    agent = load_agent(path, maker)
    return agent, agent.introduction()


def _asked(agent: Agent, question: dict[str, Any], more: BinaryIO) -> tuple[None, dict[str, Any]]:
    if "seed" in question:
        agent.reset(question["seed"])
        return None, {}
    shape, kind = question["shape"], np.dtype(question["type"])
    content = more.read(int(np.prod(shape)) * kind.itemsize)
    seen = np.frombuffer(content, kind).reshape(shape).copy()
    return None, agent.decide(seen, greedy=question["greedy"])


def _end_with(parent: int) -> None:
    """In a thread, end this process, even in the middle of its work, when its parent is gone."""
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY_S)
    os._exit(1)


if __name__ == "__main__":
    main()
