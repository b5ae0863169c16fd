"""Rows for background work other than sessions: tournaments and lab runs."""

from collections.abc import Sequence

from textual.content import Content

from pongarena.jobs.status import State
from pongarena.lab.background import Job
from pongarena.tui import words
from pongarena.tui.widgets.picks import Row
from pongarena.tui.widgets.progress_line import bar

__all__ = ["job_rows"]

_BAR = 12
_MOST_NAME = 32


def job_rows(jobs: Sequence[Job]) -> list[Row]:
    """Return a row for each job: name, progress bar, and details; its key begins with its main screen."""
    names = [f"{job.kind} {job.name}" for job in jobs]
    width = min(_MOST_NAME, max(map(len, names), default=0))
    return [_row(job, words.shorten(name, width).ljust(width)) for job, name in zip(jobs, names, strict=True)]


def _row(job: Job, name: str) -> Row:
    share = job.done or 0.0
    colour = "$muted" if job.state is State.PAUSED else "$right"
    said = f"{job.words}, {job.state}" if job.state is not State.RUNNING else job.words
    if job.seconds_left is not None:
        said += f", about {words.duration(job.seconds_left)} left"
    line = Content.assemble(
        (words.GLYPHS[job.state], colour), " ", (name, "bold"), " ",
        (bar(round(100 * share), 100, _BAR), colour), f" {share:4.0%} ", (said, "$muted"),
    )  # fmt: skip
    return Row(f"{job.kind} {job.name}", (line,))
