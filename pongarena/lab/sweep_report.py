"""What a sweep shows: its trials, which settings mattered, and how far the best score can be believed."""

import shlex
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pongarena.core.chart import write_figure
from pongarena.core.text import printable
from pongarena.lab.sweep import open_study, require_optuna, tidy
from pongarena.lab.sweep_plan import Sweep

__all__ = ["SweepReport", "TrialResult", "plot_sweep", "read_sweep_report"]

FEWEST_TRIALS = 4
"""Complete ones; of fewer nobody can say which setting mattered."""

_BAR = 30
"""Cells of a bar from 0 to 100 %."""

_MOST_NOTE = 80


@dataclass(frozen=True)
class TrialResult:
    """A trial that has ended.

    Attributes:
        number: Optuna's.
        settings: What was varied.
        share: Points won of the last ones, 0..1.
        low: Lower end of its 95 % interval.
        high: Upper end.
        points: That it was taken over.
        decisions: How many it had learned from.
        complete: Whether it was not given up.
        own: Whether it had the recipe's own settings.
        note: What happened to it; empty where nothing did.
    """

    number: int
    settings: dict[str, int | float]
    share: float
    low: float
    high: float
    points: int
    decisions: int
    complete: bool
    own: bool
    note: str = ""


@dataclass(frozen=True)
class SweepReport:
    """A sweep as far as it got.

    Attributes:
        sweep: Which one.
        trials: Those that have ended, the best first; complete ones before all others.
        importances: How much of the scores' differences each setting explains, together 1; empty with too
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
        """What trains with the best settings."""
        return f"pongarena train NAME {self._words}"

    @property
    def check(self) -> str:
        """What trains several seeds with them."""
        return f"pongarena population {self._words.removeprefix('--recipe ')} --seeds 5"

    @property
    def _words(self) -> str:
        assert self.best is not None, "somebody asked before there was one"
        values = {**self.sweep.plan.settings, **self.best.settings}
        pairs = [f"--set {name}={value!r}" for name, value in values.items()]
        return " ".join(["--recipe", shlex.quote(self.sweep.plan.recipe), *pairs])

    def bars(self) -> list[str]:
        """The importances as bars, a line each, at most 80 columns."""
        return [
            f"{name:<18} {'█' * round(_BAR * share):<{_BAR}} {share:>4.0%}"
            for name, share in self.importances.items()
        ]

    def claims(self) -> list[str]:
        """What can be said of it, no more than the data do."""
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
            said.append("These are the recipe's own settings: nothing that was tried won more.")
        count = sum(each.complete for each in self.trials)
        if count > 1:
            said.append(
                f"The best of {count} scores is partly luck, and looks better than it is: "
                "train several seeds."
            )
        return said

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON types."""
        return {
            "sweep": self.sweep.id,
            "plan": asdict(self.sweep.plan),
            "score": "share of the last points won, on the compiled game",
            "trials": [asdict(each) for each in self.trials],
            "importances": self.importances,
            "best": self.best and {**asdict(self.best), "command": self.command},
        }


def read_sweep_report(sweep: Sweep) -> SweepReport:
    """What there is by now.

    Raises:
        InvalidSettingError: When Optuna is missing.
        LibraryError: When the journal cannot be read.
    """
    optuna = require_optuna()
    if not sweep.journal.exists():
        return SweepReport(sweep, (), {})
    study = open_study(sweep)
    states = optuna.trial.TrialState
    found = study.get_trials(deepcopy=False, states=(states.COMPLETE, states.PRUNED))
    trials = [_result(each, each.state == states.COMPLETE) for each in found]
    trials.sort(key=lambda each: (not each.complete, -each.share, each.number))
    return SweepReport(sweep, tuple(trials), _importances(optuna, study, sum(t.complete for t in trials)))


def plot_sweep(report: SweepReport, path: Path) -> None:
    """Draw the importances, and every trial's score over the setting that mattered most.

    Raises:
        PongArenaError: When the file cannot be written, or matplotlib is missing.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 (an extra)

    figure = Figure(figsize=(10, 4.2), layout="constrained")
    bars, scores = figure.subplots(1, 2)
    names = list(report.importances)
    bars.barh(names[::-1], [100 * report.importances[name] for name in reversed(names)])
    bars.set_xlabel("of the scores' differences, %")
    bars.set_title("which settings mattered" if names else "too few trials to tell which mattered")
    first = names[0] if names else report.sweep.plan.axes[0].name
    for complete, marker, label in ((True, "o", "complete"), (False, "x", "given up")):
        some = [each for each in report.trials if each.complete is complete]
        xs, ys = [each.settings[first] for each in some], [100 * each.share for each in some]
        errors = [[100 * (t.share - t.low) for t in some], [100 * (t.high - t.share) for t in some]]
        scores.errorbar(xs, ys, errors, fmt=marker, elinewidth=0.8, label=label)
    if any(axis.log for axis in report.sweep.plan.axes if axis.name == first):
        scores.set_xscale("log")
    scores.set_xlabel(first)
    scores.set_ylabel("points won of the last ones, %")
    scores.legend()
    figure.suptitle(f"{report.sweep.id}: {report.sweep.plan.length}, on the compiled game")
    write_figure(path, figure)


def _result(trial: Any, complete: bool) -> TrialResult:  # noqa: ANN401
    about = trial.user_attrs
    return TrialResult(
        trial.number,
        {name: tidy(value) for name, value in trial.params.items()},
        float(trial.value or 0.0),
        float(about.get("low", 0.0)),
        float(about.get("high", 1.0)),
        int(about.get("points", 0)),
        int(about.get("steps", 0)),
        complete,
        bool(about.get("own")),
        printable(str(about.get("note", "")), most=_MOST_NOTE),
    )


def _importances(optuna: Any, study: Any, complete: int) -> dict[str, float]:  # noqa: ANN401
    if complete < FEWEST_TRIALS:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # older ones call it experimental
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        try:
            found = optuna.importance.get_param_importances(study, evaluator=evaluator)
        except (ValueError, RuntimeError):  # all scores are equal
            return {}
    return {name: float(share) for name, share in found.items()}
