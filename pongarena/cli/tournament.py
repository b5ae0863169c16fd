"""``pongarena tournament``: everybody against everybody, headless, on all cores."""

import threading
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pongarena.cli.asking import ends_when_asked
from pongarena.cli.lazy import LazyGroup
from pongarena.cli.match_options import BALL, FRAME_SKIP, SMALL, points_option, sticky_option, warn_of_code
from pongarena.cli.scheduler import SCHEDULER, helpers
from pongarena.cli.show import age, print_json, restore_folder
from pongarena.cli.tables import print_table
from pongarena.cli.tournament_show import progress_words, show_games, show_tournament, wins
from pongarena.core.errors import LibraryError, UnknownNameError
from pongarena.core.options import SEED, Whole
from pongarena.core.text import printable
from pongarena.game.types import Ball, SmallPaddles
from pongarena.jobs.executor import TaskExecutor
from pongarena.jobs.niceness import step_back
from pongarena.library.models import CheckpointRef, Library
from pongarena.library.names import player_label
from pongarena.match import tournament_run
from pongarena.match.entrants import enter, find_refs
from pongarena.match.eta import Pace
from pongarena.match.guests import invite
from pongarena.match.standings import Meeting, head_to_head, table
from pongarena.match.tournament import Tournament, create, find, tournaments, trash
from pongarena.match.tournament import delete as delete_tournament
from pongarena.match.tournament_results import Game, Results
from pongarena.match.tournament_run import Run, read_run
from pongarena.match.variant import Variant

__all__ = ["tournament"]

_NICENESS = 10

_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
_JOBS = click.option(
    "--jobs", type=click.IntRange(1, 256), help="Matches at once.  [default: as many as there are cores]"
)
_BACKGROUND = click.option(
    "--background", is_flag=True, help="Run in the background; it survives the terminal."
)
_ID = click.argument("name", metavar="[ID]", required=False)


@click.group(cls=LazyGroup, lazy={}, invoke_without_command=True)
@click.pass_context
def tournament(context: click.Context) -> None:
    """Let models, checkpoints and the cartridge's CPU play each other; without a command, list all."""
    if context.invoked_subcommand is None:
        context.invoke(list_tournaments, as_json=False)


@tournament.command()
@click.argument("players", nargs=-1, metavar="[PLAYER]...")
@click.option(
    "--from",
    "folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Also every .pongarena file in FOLDER, named after its file.",
)
@click.option("--rounds", type=Whole(), default=1, show_default=True, help="Matches of a pair on each side.")
@points_option()
@click.option("--seed", type=SEED, default=0, show_default=True, help="Seed of all matches.")
@FRAME_SKIP
@sticky_option()
@BALL
@SMALL
@_JOBS
@SCHEDULER
@_BACKGROUND
@_JSON
def start(  # noqa: PLR0917
    players: tuple[str, ...],
    folder: Path | None,
    rounds: int,
    points: int,
    seed: int,
    frame_skip: int | None,
    sticky: float | None,
    ball: str,
    small: str,
    jobs: int | None,
    scheduler: str | None,
    background: bool,
    as_json: bool,
) -> None:
    """Start a tournament: in every round each pair plays two matches, one on either side.

    A PLAYER is ai, a model (its latest checkpoint), model@game, model@all, model@every200 (its checkpoints
    that are 200 games apart), or a file: bot.py:make_player, my.onnx, my.zip. The cartridge's CPU cannot meet
    itself, so give ai only once.

    Another frame skip, stickiness, ball or paddle makes it a tournament in a variant of the game: its own
    table shows who generalises, and no rating or place on the ladder changes.

    The files of a FOLDER play without entering your library; the tournament keeps them. A damaged one is
    named and left out. To show a whole class how it goes, open the app, press 5, then b.

    Ctrl-C stops; finished matches are kept, and resume continues. The same seed gives the same matches.
    """
    variant = Variant(frame_skip, sticky or 0.0, Ball(ball), SmallPaddles(small))
    warn_of_code(*players)
    library = Library()
    refs = find_refs(library, players)

    def make(others: tuple[CheckpointRef, ...] = (), guests: Path | None = None) -> Tournament:
        entrants = enter((*refs, *others))
        return create(entrants, rounds=rounds, points=points, seed=seed, variant=variant, guests=guests)

    with _helpers(None if background else scheduler, jobs) as executor:
        if folder is None:
            made = make()
        else:
            with invite(folder, library) as guests:
                for each in guests.refused:
                    click.echo(f"left out: {each.file}: {each.reason}", err=True)
                made = make(guests.refs, guests.folder)
        if background:
            _play_in_background(made, jobs, scheduler, as_json=as_json)
        else:
            _play(made, jobs, executor, as_json=as_json)


@tournament.command()
@_ID
@_JOBS
@SCHEDULER
@_BACKGROUND
@_JSON
def resume(
    name: str | None, jobs: int | None, scheduler: str | None, background: bool, as_json: bool
) -> None:
    """Continue a tournament that was stopped or killed: the latest, or the one with this ID."""
    made = find(name)
    if background:
        _play_in_background(made, jobs, scheduler, as_json=as_json)
        return
    with _helpers(scheduler, jobs) as executor:
        _play(made, jobs, executor, as_json=as_json)


@tournament.command(hidden=True)
@click.argument("name")
@_JOBS
@SCHEDULER
def run(name: str, jobs: int | None, scheduler: str | None) -> None:
    """The background process: play a tournament until it is over; started by the app and by start."""
    step_back(_NICENESS)
    with ends_when_asked() as asked, _helpers(scheduler, jobs) as executor:
        tournament_run.run(find(name), workers=jobs, stopped=asked.is_set, executor=executor)


@tournament.command()
@_ID
def stop(name: str | None) -> None:
    """Stop a tournament that runs in the background; finished matches are kept."""
    found = find(name)
    tournament_run.stop(found)
    click.echo(progress_words(Results.of(found)) + _how_to_go_on(found))


@tournament.command("list")
@_JSON
def list_tournaments(as_json: bool) -> None:
    """List the tournaments, the latest first."""
    found = tournaments()
    if as_json:
        print_json([_summary(each) for each in found])
        return
    if not found:
        click.echo("no tournament was played yet; start one: pongarena tournament start ai champion rival")
        return
    rows = []
    for each in found:
        if each.fault:
            rows.append((each.id, "", "", "", "damaged", each.fault))
            continue
        try:
            results = Results.of(each)
        except LibraryError as error:
            rows.append((each.id, "", "", "", "damaged", str(error)))
            continue
        standing = table(each, results.results)
        leader = standing.standings[0] if results.games else None
        rows.append(
            (
                each.id[-6:],
                age(each.created),
                str(len(each.players)),
                f"{len(results.games):,} of {each.matches:,}",
                _state(results, read_run(each)),
                "–" if leader is None else f"{player_label(leader.player)} ({wins(leader.total)})",
            )
        )
    print_table(("id", "started", "#players", "#matches", "state", "first"), rows)


@tournament.command()
@_ID
@click.option("--matches", is_flag=True, help="Also every match, with the id to replay it by.")
@click.option("--pair", nargs=2, metavar="A B", help="Also the matches of these two.")
@_JSON
def show(name: str | None, matches: bool, pair: tuple[str, str] | None, as_json: bool) -> None:
    """Show the cross table, the ratings and the matches of the latest tournament, or the one with this ID."""
    found = find(name)
    results = Results.of(found)
    for each in pair or ():
        if each not in found.players:
            raise UnknownNameError(f"expected one of {', '.join(found.players)}, got {each!r}")
    games = head_to_head(results, *pair) if pair else tuple(v for _, v in sorted(results.games.items()))
    if as_json:
        print_json(_everything(results, games if pair or matches else None))
        return
    show_tournament(results)
    if games and (matches or pair):
        show_games(found, games)


@tournament.command()
@click.argument("name", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(name: str, yes: bool) -> None:
    """Delete a tournament with all its results; `restore` brings it back."""
    found = next((each for each in tournaments() if each.id == name and each.fault), None) or find(name)
    if read_run(found).running:
        tournament_run.stop(found)
    if not yes:
        click.confirm(f"Delete the tournament {printable(found.id)} with its matches?", abort=True)
    item = delete_tournament(found)
    click.echo(f"{printable(found.id)} is deleted; bring it back: pongarena tournament restore {item}")


@tournament.command()
@_ID
@click.option("--empty", is_flag=True, help="Remove all deleted tournaments for good; asks first.")
@_JSON
def restore(name: str | None, empty: bool, as_json: bool) -> None:
    """Restore a deleted tournament; without an ID, list the deleted tournaments."""
    restore_folder(trash(), name, "pongarena tournament restore", empty=empty, as_json=as_json)


def _helpers(scheduler: str | None, jobs: int | None) -> AbstractContextManager[TaskExecutor | None]:
    return helpers(scheduler, workers=jobs or tournament_run.cores(), niceness=_NICENESS)


def _play_in_background(made: Tournament, jobs: int | None, scheduler: str | None, *, as_json: bool) -> None:
    tournament_run.start_in_background(made, workers=jobs, scheduler=scheduler)
    if as_json:
        print_json(_summary(made))
        return
    click.echo(
        f"the tournament {made.id} runs in the background: {made.matches:,} matches; watch it with "
        f"pongarena, or: pongarena tournament show {made.id[-6:]} · stop {made.id[-6:]}"
    )


def _play(made: Tournament, jobs: int | None, executor: TaskExecutor | None, *, as_json: bool) -> None:
    with ends_when_asked() as asked:
        end = _play_here(made, jobs, executor, asked)
    results = Results.of(made)
    if as_json:
        print_json(_everything(results, None))
    else:
        show_tournament(results)
    for player, reason in end.missing.items():
        click.echo(f"{player} could not play: {reason}", err=True)
    if not results.complete and not as_json:
        click.echo(progress_words(results) + _how_to_go_on(made))


def _play_here(
    made: Tournament, jobs: int | None, executor: TaskExecutor | None, asked: threading.Event
) -> Run:
    """Play in the foreground, with a progress bar."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}", style="dim"),
    )
    results = Results.of(made)
    games = list(results.games.values())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("matches", total=made.matches, completed=len(games), left="")

        def at_once() -> int:
            return jobs or tournament_run.cores() if executor is None else executor.workers

        def show_game(game: Game) -> None:
            games.append(game)
            progress.update(task, completed=len(games), left=_time_left(made, games, at_once()))

        return tournament_run.run(
            made, workers=jobs, on_game=show_game, stopped=asked.is_set, executor=executor
        )


def _time_left(made: Tournament, games: list[Game], at_once: int) -> str:
    pace = Pace.of(games)
    if pace is None or len(games) < 3 or len(games) == made.matches:
        return ""
    seconds = pace.seconds(made.matches - len(games), made.points, at_once)
    return f"about {seconds / 60:.0f} min left" if seconds > 90 else f"about {seconds:.0f} s left"


def _summary(each: Tournament) -> dict[str, Any]:
    try:
        if each.fault:
            raise LibraryError(each.fault)
        results = Results.of(each)
    except LibraryError as error:
        return {"id": each.id, "fault": str(error)}
    now = read_run(each)
    return each.to_json() | {
        "matches": each.matches,
        "played": len(results.games),
        "state": _state(results, now),
        "missing": dict(now.missing),
    }


def _everything(results: Results, games: tuple[Game, ...] | None) -> dict[str, Any]:
    standing = table(results.tournament, results.results)
    found = _summary(results.tournament) | {
        "standings": [
            {
                "player": each.player,
                **_meeting(each.total),
                "rating": each.rated and each.rated.rating,
                "uncertainty": each.rated and each.rated.uncertainty,
            }
            for each in standing.standings
        ],
        "meetings": [
            {"player": a, "opponent": b, **_meeting(each)}
            for (a, b), each in sorted(standing.meetings.items())
        ],
    }
    if games is not None:
        found["games"] = [
            {"number": each.number, "id": results.tournament.match_id(each.number), **each.result.to_json()}
            for each in games
        ]
    return found


def _meeting(each: Meeting) -> dict[str, float]:
    return {
        "wins": each.wins,
        "losses": each.losses,
        "points_won": each.points_won,
        "points_lost": each.points_lost,
    }


def _state(results: Results, now: Run) -> str:
    if now.running:
        return "running"
    if results.complete:
        return "finished"
    return "incomplete" if now.missing else "stopped" if results.games or now.pid else "not begun"


def _how_to_go_on(made: Tournament) -> str:
    return f"; continue with: pongarena tournament resume {made.id[-6:]}"
