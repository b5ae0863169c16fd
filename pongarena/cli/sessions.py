"""``pongarena sessions``, ``pause``, ``resume``, ``checkpoint`` and ``stop``."""

import click

from pongarena.cli.show import age, number, print_json, print_table, state_text, status_json
from pongarena.library.models import Library
from pongarena.library.session import State, Verb, request, start_session, wait_until_served
from pongarena.library.session import wait_for as wait_for_state
from pongarena.library.status import Status

__all__ = ["checkpoint", "pause", "resume", "sessions", "stop"]

_STOP_TIMEOUT_S = 120.0


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also the models that are not training.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def sessions(everything: bool, as_json: bool) -> None:
    """List the sessions that are training, paused, or crashed."""
    models = [model for model in Library().models() if model.fault is None and not model.bundled]
    shown = [
        (model, status)
        for model in models
        if (status := model.status()).active or status.state is State.CRASHED or everything
    ]
    if as_json:
        print_json([status_json(model) for model, _ in shown])
        return
    if not shown:
        click.echo("no session is running; start one: pongarena train NAME --background")
        return
    print_table(
        ("model", "state", "#episodes", "#score", "#games/s", "#steps/s", "#MB", "heard"),
        [
            (
                model.name,
                state_text(status),
                f"{status.episode:,}",
                number(status.running_reward),
                number(status.episodes_per_s, 2),
                number(status.steps_per_s, 0),
                number(status.memory_mb, 0),
                age(status.updated),
            )
            for model, status in shown
        ],
    )
    for model, status in shown:
        if status.state is State.CRASHED:
            click.echo(f"{model.name}: {status.message}")


@click.command()
@click.argument("name")
def pause(name: str) -> None:
    """Let the session of the model NAME wait; it keeps its memory and uses no processor time."""
    status = _ask(name, Verb.PAUSE)
    click.echo(f"{name} is paused at episode {status.episode:,}; go on with: pongarena resume {name}")


@click.command()
@click.argument("name")
@click.option(
    "--episodes", type=click.IntRange(min=1), help="Finish after this many more (of a session that ended)."
)
def resume(name: str, episodes: int | None) -> None:
    """Go on with the model NAME: wake its paused session, or start one from its last checkpoint."""
    model = Library().model(name)
    is_active = model.status().active
    status = _ask(name, Verb.RESUME) if is_active else start_session(model, episodes=episodes)
    click.echo(f"{name} is {status.state} at episode {status.episode:,} (process {status.pid})")


@click.command()
@click.argument("name")
def checkpoint(name: str) -> None:
    """Save a checkpoint of the running session of the model NAME, as of its last update."""
    _ask(name, Verb.CHECKPOINT)
    click.echo(f"saved {Library().model(name).checkpoint()}")


@click.command()
@click.argument("name")
def stop(name: str) -> None:
    """End the session of the model NAME, with a checkpoint to go on from."""
    model = Library().model(name)
    request(model, Verb.STOP)
    ended = (State.STOPPED, State.FINISHED, State.CRASHED)
    status = wait_for_state(model, ended, timeout_s=_STOP_TIMEOUT_S)
    click.echo(
        f"{name} is {status.state} at episode {status.episode:,}"
        + (f": {status.message}" if status.state is State.CRASHED else "")
        + f"; go on with: pongarena resume {name}"
    )


def _ask(name: str, verb: Verb) -> Status:
    model = Library().model(name)
    return wait_until_served(model, request(model, verb))
