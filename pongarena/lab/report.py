"""The report of a lab run: curves, a table, and claims that go no further than the data."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.core.chart import Caption, draw_svg
from pongarena.core.files import write_atomically, write_json_atomically
from pongarena.lab.experiments import Length
from pongarena.lab.store import LabRun, Part
from pongarena.library.metrics import MetricsTail
from pongarena.library.progress import WINDOW_POINTS, Share, share_curve

__all__ = ["ArmResult", "PartResult", "Results", "read_results", "seconds_of", "write_report"]

FORMAT_VERSION = 1
"""Version of ``report.json``."""

_GRID = 61
"""Points of an arm's curve."""

_FEWEST_POINTS = 200
"""Fewer points say nothing about a training run."""

_FEWEST_SEEDS = 2
"""Minimum number of seeds per arm for a comparison."""

_RARE = 0.05
"""Significance level: something rarer by chance is called a difference."""


@dataclass(frozen=True)
class PartResult:
    """The result of one training run.

    Attributes:
        seed: Its seed.
        steps: Decisions so far.
        end: Share of the last points; None while there are too few.
        whole: Share of all points; None before the first.
        complete: Whether it has its full length.
        curve: Decisions and shares.
        amount: How much was played; see `Length.amount`.
        seconds: Time of each point of the curve, in the same shape.
    """

    seed: int
    steps: int
    end: Share | None
    whole: Share | None
    complete: bool
    curve: tuple[NDArray[np.float64], NDArray[np.float64]]
    amount: int = 0
    seconds: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class ArmResult:
    """All training runs of an arm.

    Attributes:
        name: The arm's name.
        parts: One per seed.
        xs: Decisions or seconds, shape (n,).
        median: Median share of points won over the seeds that got this far, shape (n,); NaN before there
            are enough points, and where fewer than half of the seeds got this far.
        low: Minimum over the seeds, shape (n,).
        high: Maximum over the seeds, shape (n,).
    """

    name: str
    parts: tuple[PartResult, ...]
    xs: NDArray[np.float64]
    median: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def ends(self) -> list[Share]:
        """Final shares of the complete training runs."""
        return [part.end for part in self.parts if part.complete and part.end is not None]


@dataclass(frozen=True)
class Results:
    """The results of a run so far.

    Attributes:
        arms: The arms, in the experiment's order.
        complete: Whether all training runs are complete.
        by_decisions: The arms over decisions, if `arms` has them over seconds.
    """

    arms: tuple[ArmResult, ...]
    complete: bool
    by_decisions: tuple[ArmResult, ...] = ()

    def claims(self) -> list[str]:
        """Return one claim on each arm compared with the first, and one on all that are still unknown."""
        first, *others = self.arms
        claims, unknown = [], []
        for other in others:
            if min(len(first.ends), len(other.ends)) >= _FEWEST_SEEDS:
                claims.append(compare(first, other))
            else:
                unknown.append(other.name)
        if unknown:
            claims.append(
                f"{first.name} and {', '.join(unknown)}: nothing can be said before {_FEWEST_SEEDS} "
                f"trainings of each are complete, with {_FEWEST_POINTS} points or more."
            )
        return claims

    def outlook(self, further: str) -> str:
        """Say what follows from the claims and what does not; empty before the run is complete.

        For an answer that the run cannot give, `further` says how to run the experiment at its proper length.
        """
        first, *others = (arm.ends for arm in self.arms)
        seeds = min(len(ends) for ends in (first, *others))
        if not self.complete or seeds < _FEWEST_SEEDS:
            return ""
        blind = max(_reach(first) + _reach(ends) for ends in others)
        many = ""
        if len(others) > 1:
            many = f" With {len(others)} comparisons, chance more often makes one look like a difference."
        unseen = f"a difference of less than about {100 * blind:.0f} percentage points would not show"
        if 2 / comb(2 * seeds, seeds) < _RARE:
            return f"Here {unseen}: if none was shown, there may still be one.{many}"
        return f"With {seeds} seeds nothing here is more than a hint, and {unseen}. For an answer, {further}."


def compare(first: ArmResult, other: ArmResult) -> str:
    """Compare two arms in a sentence or two; claim a difference only if chance is an unlikely cause."""
    mine, theirs = first.ends, other.ends
    spans = f"{_span(mine)} and {_span(theirs)}"
    seeds = f"{len(mine)} and {len(theirs)} seeds" if len(mine) != len(theirs) else f"{len(mine)} seeds"
    for better, worse, above, below in ((first, other, mine, theirs), (other, first, theirs, mine)):
        if min(share.low for share in above) > max(share.high for share in below):
            ways = comb(len(above) + len(below), len(above)) / 2
            sentence = (
                f"{better.name} won more than {worse.name} in every training "
                f"({_span(above)} against {_span(below)} of points at the end, {seeds} each). "
            )
            if len(mine) != len(theirs):
                sentence = sentence.replace(" each)", ")")
            if 1 / ways < _RARE:
                return (
                    sentence
                    + f"Without a difference, chance would sort them this way in 1 of {ways:.0f} experiments."
                )
            return sentence + (
                f"That is only a hint: chance alone sorts so few seeds this way in 1 of {ways:.0f} "
                "experiments; run the proper length."
            )
    return (
        f"No difference shown between {first.name} and {other.name} with {seeds}: they won {spans} of points "
        "at the end, and the intervals overlap."
    )


def read_results(run: LabRun) -> Results:
    """Read all results of a run.

    Raises:
        LibraryError: When a file exists but cannot be read.
    """
    length, names = run.length, [arm.name for arm in run.experiment.arms]
    by_arm: dict[int, list[PartResult]] = {number: [] for number in range(len(names))}
    for part in run.parts():
        by_arm[part.number].append(_part_result(part, length))
    most = length.decisions
    if length.seconds:
        most = max(1, *(part.steps for parts in by_arm.values() for part in parts))
    by_decisions = tuple(_arm_result(name, by_arm[number], most) for number, name in enumerate(names))
    complete = all(part.complete for arm in by_decisions for part in arm.parts)
    if not length.seconds:
        return Results(by_decisions, complete)
    arms = tuple(
        _arm_result(name, by_arm[number], length.seconds, seconds=True) for number, name in enumerate(names)
    )
    return Results(arms, complete, by_decisions)


def write_report(run: LabRun) -> None:
    """Write ``report.md``, ``report.json`` and the charts (two if seconds are the limit).

    Raises:
        LibraryError: When a file cannot be read or written.
    """
    results = read_results(run)
    title, timed = run.experiment.title, bool(run.length.seconds)
    write_atomically(run.path / "chart.svg", _chart(title, results.arms, seconds=timed).encode())
    if timed:
        chart = _chart(title, results.by_decisions, seconds=False)
        write_atomically(run.path / "chart-steps.svg", chart.encode())
    write_json_atomically(run.path / "report.json", _as_json(run, results))
    write_atomically(run.report, as_markdown(run, results).encode())


def as_markdown(run: LabRun, results: Results) -> str:
    """Return the report as Markdown."""
    asked, length = run.experiment, run.length
    lines = [
        f"# {asked.title}",
        "",
        f"**{asked.question}**",
        "",
        asked.varied,
        "",
        f"*What to expect.* {asked.expectation}",
        "",
        f"{len(asked.arms)} variants, {length.seeds} seeds each, {length} per training; "
        f"started {run.created}, run `{run.id}`."
        + ("" if results.complete else " **Not complete yet: these are the results so far.**"),
        "",
        "## Results",
        "",
        *(f"- {claim}" for claim in results.claims()),
        "",
        *_outlook(run, results),
        f"![Share of points won over {'seconds' if length.seconds else 'steps'}](chart.svg)",
        "",
        *(["![Share of points won over steps](chart-steps.svg)", ""] if length.seconds else []),
        *table(results),
        "",
        f"Shares are of the last {WINDOW_POINTS:,} points of a training (or as many as there were), against "
        "the cartridge's own player, with sticky actions 0.25. Intervals are 95 % (Wilson) and hold for one "
        "training's points; only the other seeds show how much seeds differ. The numbers are "
        "in report.json.",
        "",
    ]
    return "\n".join(lines)


def table(results: Results) -> list[str]:
    """Return the table in Markdown: one line per training run, and one per arm."""
    rows = [["variant", "seed", "steps", "won at the end", "95 % interval", "of points"]]
    for arm in results.arms:
        for part in arm.parts:
            interval = f"{part.end.low:.1%} – {part.end.high:.1%}" if part.end else "–"
            points = f"{part.end.points:,}" if part.end else "–"
            rows.append([arm.name, str(part.seed), f"{part.steps:,}", _cell(part.end), interval, points])
        if arm.ends:
            values = [share.value for share in arm.ends]
            spread = f"{min(values):.1%} – {max(values):.1%}"
            rows.append(
                [f"**{arm.name}**", "median", "", f"**{np.median(values):.1%}**", spread + " (seeds)", ""]
            )
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]


def seconds_of(part: Part) -> float:
    """Return a training run's time so far, without pauses; 0 if it is not recorded.

    Raises:
        LibraryError: When its file exists but cannot be read.
    """
    rows = MetricsTail(part.metrics).read_new()
    seconds = rows[-1].get("seconds") if rows else 0.0
    return float(seconds) if isinstance(seconds, (int, float)) and seconds >= 0 else 0.0


def _part_result(part: Part, length: Length) -> PartResult:
    points, course = part.points(), part.played()
    steps = int(points.steps[-1]) if len(points.steps) else 0
    won, played = np.cumsum(points.won), np.cumsum(points.won + points.lost)
    total = int(played[-1]) if len(played) else 0
    whole = Share.of(int(won[-1]), total) if total else None
    end = None
    if total >= _FEWEST_POINTS:
        first = int(np.searchsorted(played, total - WINDOW_POINTS))
        before = (int(won[first - 1]), int(played[first - 1])) if first and total > WINDOW_POINTS else (0, 0)
        end = Share.of(int(won[-1]) - before[0], total - before[1])
    curve, amount = share_curve(points, most=200), course.amount(length)
    when = np.interp(curve[0], course.steps, course.seconds) if len(course.steps) else np.zeros(len(curve[0]))
    return PartResult(part.seed, steps, end, whole, amount >= length.amount, curve, amount, when)


def _arm_result(name: str, parts: Sequence[PartResult], wanted: float, *, seconds: bool = False) -> ArmResult:
    xs = np.linspace(0, wanted, _GRID)
    told = np.full((len(parts), _GRID), np.nan)
    for row, part in zip(told, parts, strict=True):
        places, shares = part.curve
        if seconds and part.seconds is not None:
            places = part.seconds
        if len(places):
            row[:] = np.interp(xs, places, shares, left=np.nan, right=np.nan)
            # the last update may end a little beyond the wanted length, or before it
    there = np.isfinite(told)
    # a few seeds that got further do not represent all
    known = there.any(axis=0) & (2 * there.sum(axis=0) >= there.any(axis=1).sum())
    middle = np.full(_GRID, np.nan)
    middle[known] = np.nanmedian(told[:, known], axis=0)
    low = np.where(known, np.where(there, told, np.inf).min(axis=0), np.nan)
    high = np.where(known, np.where(there, told, -np.inf).max(axis=0), np.nan)
    return ArmResult(name, tuple(parts), xs, middle, low, high)


def _as_json(run: LabRun, results: Results) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "run": run.id,
        "experiment": run.experiment.name,
        "created": run.created,
        "decisions": run.length.decisions,
        "seconds": run.length.seconds,
        "seeds": run.length.seeds,
        "complete": results.complete,
        "claims": results.claims(),
        "arms": [
            {
                **arm.to_json(),
                "trainings": [
                    {
                        "seed": part.seed,
                        "decisions": part.steps,
                        "complete": part.complete,
                        "end": None if part.end is None else _share_json(part.end),
                        "whole": None if part.whole is None else _share_json(part.whole),
                        "steps": [round(x) for x in part.curve[0].tolist()],
                        "seconds": [] if part.seconds is None else np.round(part.seconds, 3).tolist(),
                        "shares": [round(y, 4) for y in part.curve[1].tolist()],
                    }
                    for part in result.parts
                ],
            }
            for arm, result in zip(run.experiment.arms, results.arms, strict=True)
        ],
    }


def _share_json(share: Share) -> dict[str, float | int]:
    return {
        "share": round(share.value, 4),
        "low": round(share.low, 4),
        "high": round(share.high, 4),
        "points": share.points,
    }


def _outlook(run: LabRun, results: Results) -> list[str]:
    words = results.outlook(f"do it properly: `pongarena lab run {run.experiment.name} --length proper`")
    return [f"**What follows.** {words}", ""] if words else []


def _reach(shares: Sequence[Share]) -> float:
    """Return half the range covered by the shares' intervals."""
    return (max(share.high for share in shares) - min(share.low for share in shares)) / 2


def _span(shares: Sequence[Share]) -> str:
    low, high = min(share.value for share in shares), max(share.value for share in shares)
    return f"{low:.1%}" if f"{low:.1%}" == f"{high:.1%}" else f"{low:.1%}–{high:.1%}"


def _cell(share: Share | None) -> str:
    return "–" if share is None else f"{share.value:.1%}"


def _chart(title: str, arms: Sequence[ArmResult], *, seconds: bool) -> str:
    note = "points won: median of the seeds; band: lowest to highest"
    return draw_svg(Caption(title, "seconds" if seconds else "steps", note), arms)
