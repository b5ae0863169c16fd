"""An experiment's training runs on a cluster: piece by piece, with the state between two pieces kept here."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing

from pongarena.jobs.executor import TaskExecutor
from pongarena.lab.experiments import Length
from pongarena.lab.piece import Budget, Piece, train_piece
from pongarena.lab.report import seconds_of, write_report
from pongarena.lab.store import LabRun, Part
from pongarena.library.metrics import MetricsWriter
from pongarena.nn.checkpoint import read_resume, write_resume

__all__ = ["train_parts"]

_PIECE_S = 20.0
"""Length of a piece: the most that a dying worker loses."""

_LOOK_EVERY_S = 0.1


def train_parts(run: LabRun, executor: TaskExecutor, attend: Callable[[int], bool]) -> None:
    """Train the remaining parts of a run, as many in parallel as there are workers.

    Args:
        run: The run; this process holds its lock.
        executor: Runs the pieces.
        attend: Called a few times a second with the total amount done; returns whether to pause, and raises
            to end the work. Pieces under way are then repeated later.

    Raises:
        PongArenaError: When the cluster goes away, or a file cannot be written.
    """
    wanted = run.length.amount
    played = {part.name: part.played().amount(run.length) for part in run.parts()}
    waiting = deque(part for part in run.parts() if played[part.name] < wanted)
    under_way: dict[Future[Piece], Part] = {}
    paused = False
    while waiting or under_way:
        at_once = 0 if paused else executor.workers
        while waiting and len(under_way) < at_once:
            part = waiting.popleft()
            under_way[_hand_out(part, run.length, executor)] = part
        for each in wait(under_way, _LOOK_EVERY_S, FIRST_COMPLETED).done:
            part = under_way.pop(each)
            played[part.name] = _keep(part, each.result(), run.length)
            if played[part.name] < wanted:
                waiting.appendleft(part)
            else:
                part.saved.unlink(missing_ok=True)
                write_report(run)
        paused = attend(sum(min(amount, wanted) for amount in played.values()))


def _hand_out(part: Part, length: Length, executor: TaskExecutor) -> "Future[Piece]":
    state = None
    if part.saved.exists():
        state = read_resume(part.saved)
    else:
        part.metrics.unlink(missing_ok=True)  # killed before the first save: there is no state for its rows
    left_s = length.seconds - seconds_of(part) if length.seconds else _PIECE_S
    budget = Budget(length.decisions, min(_PIECE_S, left_s))
    return executor.submit(train_piece, part.arm.recipe(part.seed), part.seed, state, budget)


def _keep(part: Part, piece: Piece, length: Length) -> int:
    """Write the rows, then the state after the last one; return how much is played."""
    before = seconds_of(part)
    with closing(MetricsWriter(part.metrics)) as writer:
        for row in piece.rows:
            writer.append({**row.to_metrics(), "seconds": round(before + row.seconds, 3)})
        writer.sync()
    write_resume(part.saved, *piece.state)
    return part.played().amount(length)
