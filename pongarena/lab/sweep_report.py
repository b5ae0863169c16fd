"""The report of a sweep: its trials, the importance of each setting, and how reliable the best score is."""

import shlex
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from pongarena.core.chart import write_figure
from pongarena.core.records import Count, Meta, Numbers, decode
from pongarena.core.text import printable
from pongarena.lab.sweep import journal_error, open_study, require_optuna, tidy
from pongarena.lab.sweep_plan import Sweep

__all__ = ["SweepReport", "TrialResult", "plot_sweep", "read_sweep_report"]

FEWEST_TRIALS = 4
"""Minimum number of complete trials for estimating importances."""

_BAR = 30
"""Length in cells of a full bar."""

_MOST_NOTE = 80

_Share = Annotated[float, Meta(ge=0, le=1)]


@dataclass(frozen=True)
class TrialResult:
    """A trial that has ended.

    Attributes:
        number: Optuna's number.
        settings: The varied settings.
        share: Share of the last points won, 0..1.
        low: Lower end of its 95 % interval.
        high: Upper end of its 95 % interval.
        points: Number of points that the share is based on.
        steps: Steps learned from.
        complete: Whether it ran to its end.
        own: Whether it had the recipe's own settings.
        note: A note such as "diverged"; usually empty.
    """

    number: Count
    settings: Numbers
    share: _Share
    low: _Share
    high: _Share
    points: Count
    steps: Count
    complete: bool
    own: bool
    note: str = ""


@dataclass(frozen=True)
class SweepReport:
    """The results of a sweep so far.

    Attributes:
        sweep: The sweep.
        trials: The trials that have ended: complete ones first, then by share.
        importances: Share of the scores' variance that each setting explains, with sum 1; empty with too
            few trials.
    """

    sweep: Sweep
    trials: tuple[TrialResult, ...]
    importances: dict[str, float]

    @property
    def best(self) -> TrialResult | None:
        """The complete trial that won most."""
        return next((each for each in self.trials if each.complete), None)

    @property
    def command(self) -> str:
        """Command that trains with the best settings."""
        return f"pongarena train NAME {self._words}"

    @property
    def check(self) -> str:
        """Command that trains several seeds with the best settings."""
        return f"pongarena population {self._words.removeprefix('--recipe ')} --seeds 5"

    @property
    def _words(self) -> str:
        assert self.best is not None, "there is no complete trial yet"
        values = {**self.sweep.plan.settings, **self.best.settings}
        pairs = [f"--set {name}={value!r}" for name, value in values.items()]
        return " ".join(["--recipe", shlex.quote(self.sweep.plan.recipe), *pairs])

    def bars(self) -> list[str]:
        """Return the importances as bars, one line each, at most 80 columns."""
        return [
            f"{name:<18} {'█' * round(_BAR * share):<{_BAR}} {share:>4.0%}"
            for name, share in self.importances.items()
        ]

    def claims(self) -> list[str]:
        """Return the claims that the data support."""
        if self.best is None:
            return ["No trial is complete yet."]
        best, own = self.best, next((each for each in self.trials if each.own and each.complete), None)
        said = [
            f"The best won {best.share:.1%} of its last {best.points:,} points on the compiled game "
            f"({best.low:.1%}–{best.high:.1%}), with one seed."
        ]
        if own is not None and own is not best:
            said.append(f"The recipe's own settings won {own.share:.1%} ({own.low:.1%}–{own.high:.1%}).")
            if own.high >= best.low:
                said.append("The intervals overlap: the difference may be chance.")
        elif own is best:
            said.append("These are the recipe's own settings: no other trial won more.")
        count = sum(each.complete for each in self.trials)
        if count > 1:
            said.append(
                f"The best of {count} scores is partly luck and looks better than it is: train several seeds."
            )
        return said

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON types."""
        return {
            "sweep": self.sweep.id,
            "plan": asdict(self.sweep.plan),
            "score": "share of the last points won, on the compiled game",
            "trials": [asdict(each) for each in self.trials],
            "importances": self.importances,
            "best": self.best and {**asdict(self.best), "command": self.command},
        }


def read_sweep_report(sweep: Sweep) -> SweepReport:
    """Read the results so far.

    Raises:
        InvalidSettingError: When Optuna is missing.
        LibraryError: When the journal cannot be read.
    """
    optuna = require_optuna()
    if not sweep.journal.exists():
        return SweepReport(sweep, (), {})
    study = open_study(sweep)
    states = optuna.trial.TrialState
    try:
        found = study.get_trials(deepcopy=False, states=(states.COMPLETE, states.PRUNED))
        axes = {axis.name for axis in sweep.plan.axes}
        if any(set(each.params) != axes for each in found):
            raise ValueError("expected the settings of the plan in each trial, got others")
        trials = [_result(each, each.state == states.COMPLETE) for each in found]
        trials.sort(key=lambda each: (not each.complete, -each.share, each.number))
        importances = _importances(optuna, study, sum(each.complete for each in trials))
    except Exception as error:  # of a damaged journal Optuna raises many types
        raise journal_error(sweep, error) from error
    return SweepReport(sweep, tuple(trials), importances)


def plot_sweep(report: SweepReport, path: Path) -> None:
    """Draw the importances, and every trial's score over the most important setting.

    Raises:
        PongArenaError: When the file cannot be written, or matplotlib is missing.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 (an extra)

    figure = Figure(figsize=(10, 4.2), layout="constrained")
    bars, scores = figure.subplots(1, 2)
    names = list(report.importances)
    bars.barh(names[::-1], [100 * report.importances[name] for name in reversed(names)])
    bars.set_xlabel("share of the scores' variance, %")
    bars.set_title("importance of the settings" if names else "too few trials for importances")
    first = names[0] if names else report.sweep.plan.axes[0].name
    for complete, marker, label in ((True, "o", "complete"), (False, "x", "given up")):
        some = [each for each in report.trials if each.complete is complete]
        xs, ys = [each.settings[first] for each in some], [100 * each.share for each in some]
        errors = [[100 * (t.share - t.low) for t in some], [100 * (t.high - t.share) for t in some]]
        scores.errorbar(xs, ys, errors, fmt=marker, elinewidth=0.8, label=label)
    if any(axis.log for axis in report.sweep.plan.axes if axis.name == first):
        scores.set_xscale("log")
    scores.set_xlabel(first)
    scores.set_ylabel("last points won, %")
    scores.legend()
    figure.suptitle(f"{report.sweep.id}: {report.sweep.plan.length}, on the compiled game")
    write_figure(path, figure)


def _result(trial: Any, complete: bool) -> TrialResult:  # noqa: ANN401
    about = trial.user_attrs
    record = {
        "number": trial.number,
        "settings": {name: tidy(value) for name, value in trial.params.items()},
        "share": trial.value or 0.0,
        "low": about.get("low", 0.0),
        "high": about.get("high", 1.0),
        "points": about.get("points", 0),
        "steps": about.get("steps", 0),
        "complete": complete,
        "own": bool(about.get("own")),
        "note": printable(str(about.get("note", "")), most=_MOST_NOTE),
    }
    return decode(record, TrialResult)


def _importances(optuna: Any, study: Any, complete: int) -> dict[str, float]:  # noqa: ANN401
    if complete < FEWEST_TRIALS:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # marked experimental in older versions
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        try:
            found = optuna.importance.get_param_importances(study, evaluator=evaluator)
        except (ValueError, RuntimeError):  # all scores are equal
            return {}
    return {name: float(share) for name, share in found.items()}
