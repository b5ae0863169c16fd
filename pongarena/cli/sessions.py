"""``pongarena sessions``, ``pause``, ``resume``, ``checkpoint``, ``learning-rate`` and ``stop``."""

import click

from pongarena.cli.show import (
    START_PATIENCE_S,
    age,
    compiles,
    number,
    print_json,
    queued_words,
    starting_words,
    state_text,
    status_json,
    strength_cells,
)
from pongarena.cli.tables import print_table
from pongarena.core.options import MOST_MINUTES, Real, Whole
from pongarena.jobs.process import how_to_continue, is_suspended
from pongarena.jobs.status import Status
from pongarena.library.models import Library
from pongarena.library.sessions.client import LEAST_SHARE, Plan, State, Verb, request, wait_until_served
from pongarena.library.sessions.client import wait_for as wait_for_state
from pongarena.library.sessions.queue import in_line, leave_line, session_limit, start_or_wait, start_waiting
from pongarena.library.strength import strength_of
from pongarena.training.settings import check_setting

__all__ = ["checkpoint", "learning_rate", "pause", "resume", "sessions", "stop"]

_STOP_TIMEOUT_S = 120.0


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also the models that are not training.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def sessions(everything: bool, as_json: bool) -> None:
    """List the sessions that are training, paused, crashed, or waiting in line."""
    library = Library()
    start_waiting(library)
    models = [model for model in library.models() if model.fault is None and not model.bundled]
    found = [(model, model.status()) for model in models]
    line = [model.name for model, _ in in_line(found)]
    told = (State.CRASHED, State.QUEUED)
    shown = [each for each in found if each[1].active or each[1].state in told or everything]
    if as_json:
        print_json([status_json(model) for model, _ in shown])
        return
    if not shown:
        click.echo("no session is running; start one: pongarena train NAME --background")
        return
    asleep = {model.name for model, status in shown if status.active and is_suspended(status.pid)}
    print_table(
        ("model", "state", "#games", "#won", "#score", "#games/s", "#steps/s", "#MB", "last update"),
        [
            (
                model.name,
                "suspended" if model.name in asleep else state_text(status),
                f"{status.episode:,}",
                *strength_cells(strength_of(model)),
                number(status.episodes_per_s, 2),
                number(status.steps_per_s, 0),
                number(status.memory_mb, 0),
                age(status.updated),
            )
            for model, status in shown
        ],
    )
    for model, status in shown:
        if model.name in asleep:
            click.echo(f"{model.name} is suspended (process {status.pid}); {how_to_continue(status.pid)}")
        elif status.state is State.STARTING:
            click.echo(f"{model.name} is {starting_words(status)}")
        elif status.state is State.CRASHED:
            click.echo(f"{model.name}: {status.message}")
    if line:
        limit = session_limit(library.root)
        at_once = "1 session trains" if limit == 1 else f"{limit} sessions train"
        click.echo(f"in line: {', '.join(line)}; {at_once} at once, the next begins when one ends")


@click.command()
@click.argument("name")
def pause(name: str) -> None:
    """Pause the session of the model NAME; it keeps its memory and uses no processor time."""
    status = _ask(name, Verb.PAUSE)
    click.echo(f"{name} is paused at game {status.episode:,}; continue with: pongarena resume {name}")


@click.command()
@click.argument("name")
@click.option("--episodes", type=Whole(), help="Finish after this many more games, if the session had ended.")
@click.option(
    "--minutes",
    type=Real(0, MOST_MINUTES, above=True),
    help="Finish after so much more training, if the session had ended.",
)
@click.option(
    "--share",
    type=Real(LEAST_SHARE, 1),
    help="Share of the processor, if the session had ended.  [default: as before]",
)
@click.option("--now", is_flag=True, help="Do not wait in line.")
def resume(name: str, episodes: int | None, minutes: float | None, share: float | None, now: bool) -> None:
    """Continue to train the model NAME: wake its paused session, or start one where it ended."""
    library = Library()
    model = library.model(name)
    if model.status().active:
        status = _ask(name, Verb.RESUME)
    else:
        given = (episodes, minutes, share) != (None, None, None)
        status = start_or_wait(
            library,
            model,
            Plan(episodes, minutes, share) if given else None,
            now=now,
            patience_s=START_PATIENCE_S,
            leave=compiles,
        )
    if status.state is State.QUEUED:
        click.echo(queued_words(name))
        return
    words = starting_words(status) if status.state is State.STARTING else status.state
    click.echo(f"{name} is {words} at game {status.episode:,} (process {status.pid})")


@click.command()
@click.argument("name")
def checkpoint(name: str) -> None:
    """Save a checkpoint of the running session of the model NAME, as of its last update."""
    _ask(name, Verb.CHECKPOINT)
    click.echo(f"saved {Library().model(name).checkpoint()}")


@click.command("learning-rate")
@click.argument("name")
@click.argument("rate", metavar="RATE|auto")
def learning_rate(name: str, rate: str) -> None:
    """Change the learning rate of the running session of the model NAME, from its next update on.

    RATE is a number such as 3e-4; auto restores the recipe's own rate or schedule. It is kept when the
    session is stopped and resumed.
    """
    model = Library().model(name)
    assert model.recipe is not None, "a model without a fault has a recipe"
    value = 0.0 if rate == "auto" else check_setting(type(model.recipe), "learning_rate", rate)
    wait_until_served(model, request(model, Verb.LEARNING_RATE, value))
    words = "the recipe's own learning rate" if rate == "auto" else f"the learning rate {value:g}"
    click.echo(f"{name} continues with {words}")


@click.command()
@click.argument("name")
def stop(name: str) -> None:
    """End the session of the model NAME, with a checkpoint to continue from; or take it out of the line."""
    model = Library().model(name)
    if model.status().state is State.QUEUED:
        leave_line(model)
        click.echo(f"{name} no longer waits; start it with: pongarena resume {name}")
        return
    request(model, Verb.STOP)
    ended = (State.STOPPED, State.FINISHED, State.CRASHED)
    status = wait_for_state(model, ended, timeout_s=_STOP_TIMEOUT_S)
    click.echo(
        f"{name} is {status.state} at game {status.episode:,}"
        + (f": {status.message}" if status.state is State.CRASHED else "")
        + f"; continue with: pongarena resume {name}"
    )


def _ask(name: str, verb: Verb) -> Status:
    model = Library().model(name)
    return wait_until_served(model, request(model, verb))
