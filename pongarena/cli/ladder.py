"""``pongarena ladder`` and ``pongarena ratings``: everybody's strength by the match log."""

from collections.abc import Sequence
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pongarena.cli.show import number, print_json
from pongarena.cli.tables import print_table
from pongarena.library.models import Library
from pongarena.library.names import player_label
from pongarena.match.high_scores import HighScore, high_scores
from pongarena.match.ladder import Ladder, LadderEntry, Record, climb
from pongarena.match.ratings import Rated, fit
from pongarena.match.tournament_results import all_results

__all__ = ["ladder", "ratings", "show_ladder", "strongest_first"]

_BEGIN = "begin with: pongarena play human ai"


@click.command()
@click.option("--scores", "as_scores", is_flag=True, help="The high scores instead: the best against each.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def ladder(as_scores: bool, as_json: bool) -> None:
    """Show the arcade mode: the opponents that you have beaten, your rating and records, and who is next."""
    results = all_results()
    found = climb(results, Library())
    if as_scores:
        show_scores(high_scores(results, strongest_first(found)), as_json=as_json)
        return
    if as_json:
        print_json({**asdict(found), "height": found.height, "command": found.command})
        return
    show_ladder(found, Console(highlight=False))


def show_ladder(found: Ladder, console: Console) -> None:
    """Draw the ladder with the facts below it."""
    if found.rungs:
        console.print()
        console.print(_picture(found))
    console.print()
    console.print(_facts(found))
    console.print()
    console.print(_next(found))


def strongest_first(found: Ladder) -> list[str]:
    """The ladder's opponents, the strongest one first."""
    return [rung.player for rung in reversed(found.rungs)]


def show_scores(scores: Sequence[HighScore], *, as_json: bool) -> None:
    """Print the high-score table."""
    if as_json:
        print_json([{**asdict(each), "margin": each.margin} for each in scores])
    elif scores:
        rows = [
            (player_label(each.opponent), f"{each.score[0]} : {each.score[1]}", each.name, each.time[:10])
            for each in scores
        ]
        print_table(("against", "#score", "name", "date"), rows)
        click.echo(
            "whole matches that count, the best three against each; give a name with: play --name NAME"
        )
    else:
        click.echo(f"no high score yet: it takes a whole match that counts; {_BEGIN}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def ratings(as_json: bool) -> None:
    """List the ratings of everybody who has played: people, the cartridge's CPU, and checkpoints."""
    found = fit(all_results())
    if as_json:
        print_json(asdict(found))
        return
    if not found.rated:
        click.echo(f"nobody is rated yet: no match was played that counts; {_BEGIN}")
        return
    print_table(
        ("#", "player", "#rating", "#±", "#points won", "#lost", "#matches"),
        [
            (
                str(place),
                player_label(each.player),
                number(each.rating, 0),
                number(each.uncertainty, 0),
                f"{each.points_won:,}",
                f"{each.points_lost:,}",
                f"{each.matches:,}",
            )
            for place, each in enumerate(found.rated, 1)
        ],
    )
    click.echo("the CPU is 1,000 by definition; in 19 cases of 20 the true rating lies within ±")


def _picture(found: Ladder) -> Table:
    """Draw the ladder, the strongest opponent at the top, you below the first that you have not beaten."""
    picture = Table.grid(padding=(0, 2))
    for justify in ("left", "right", "left", "right", "left"):
        picture.add_column(justify=justify, overflow="fold")
    for place in reversed(range(len(found.rungs))):
        if place == found.height - 1:
            _add_you(picture, found)
        _add_entry(picture, place, found.rungs[place], following=place == found.height)
    if found.height == 0:
        _add_you(picture, found)
    return picture


def _add_entry(picture: Table, place: int, entry: LadderEntry, *, following: bool) -> None:
    word = Text("✓ beaten", "green") if entry.beaten else Text("next rival" if following else "")
    style = "bold" if following else ""
    cells = ("  ╠═══╣", str(place + 1), player_label(entry.player), _strength(entry.rated))
    picture.add_row(*(Text(cell, style) for cell in cells), word)


def _add_you(picture: Table, found: Ladder) -> None:
    place = "" if found.rank is None else f"place {found.rank} of {found.rated}"
    cells = ("  ║ ● ║", "", "you", _strength(found.you), place)
    picture.add_row(*(Text(cell, "bold yellow") for cell in cells))


def _facts(found: Ladder) -> Table:
    record = found.record
    facts = [("rating", "none yet: you have not played a match that counts")]
    if found.you is not None:
        facts = [("rating", f"{_strength(found.you)}, place {found.rank} of {found.rated}")]
    if found.plays_like is not None:
        facts.append(
            ("you play like", f"{player_label(found.plays_like.player)} ({_strength(found.plays_like)})")
        )
    if record.matches:
        facts.append(("matches", _matches(record)))
        facts.append(("streak", f"{record.streak:,} won in a row; the best was {record.best_streak:,}"))
    if record.highest_win:
        mine, theirs = record.highest_win.score
        facts.append(("highest win", f"{mine}:{theirs} against {player_label(record.highest_win.opponent)}"))
    if record.longest_rally:
        hits = record.longest_rally.hits
        words = f"{hits:,} hit{'s' if hits > 1 else ''} against {player_label(record.longest_rally.opponent)}"
        facts.append(("longest rally", words))
    table = Table.grid(padding=(0, 2))
    for name, fact in facts:
        table.add_row(Text(f"  {name}", "dim"), Text(fact))
    return table


def _matches(record: Record) -> str:
    others = record.matches - record.wins - record.losses
    words = f"{record.matches:,} played: {record.wins:,} won, {record.losses:,} lost"
    return words + (f", {others:,} not whole (left early, shortened, altered)" if others else "")


def _next(found: Ladder) -> Text:
    if found.command is None:
        return Text("  you have no stronger opponent left; train one: pongarena train NAME")
    first = "next" if found.record.matches else "begin with"
    return Text.assemble((f"  {first}: ", "dim"), (found.command, "bold"))


def _strength(rated: Rated | None) -> str:
    if rated is None:
        return "not rated"
    exact = rated.uncertainty == 0.0
    return number(rated.rating, 0) + ("" if exact else f" ± {number(rated.uncertainty, 0)}")
