"""Print a tournament: its cross table and its matches."""

import click
from rich.console import Console
from rich.text import Text

from pongarena.cli.show import number
from pongarena.cli.tables import print_table
from pongarena.core.text import printable
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.library.names import player_label
from pongarena.match.standings import Meeting, Standing, Table, table
from pongarena.match.tournament import Tournament
from pongarena.match.tournament_results import Game, Results

__all__ = ["progress_words", "show_games", "show_tournament", "signed", "wins"]


def show_tournament(results: Results) -> None:
    """Print a heading and the cross table."""
    made = results.tournament
    standing = table(made, results.results)
    console = Console(highlight=False)
    console.print(
        Text.assemble(
            (made.id, "bold"),
            f"  {len(made.players)} players, {made.rounds} round{'s' if made.rounds > 1 else ''} on either "
            f"side, to {made.points} point{'s' if made.points > 1 else ''}, seed {made.seed}"
            f"{_variant_words(made)}; {progress_words(results)}",
        )
    )
    _print_cross_table(standing)
    console.print(
        "row against column: matches won – lost, and the difference of points below; "
        + (
            "the CPU is rated 1,000 by definition"
            if made.has_ai
            else "1,000 is the mean of these players' ratings, because the CPU does not take part"
        )
        + "; in 19 cases of 20 the true rating lies within ±",
        style="dim",
    )
    if results.complaint:
        click.echo(f"{results.complaint} ({printable(str(made.path))})", err=True)


def _variant_words(made: Tournament) -> str:
    """Describe the variant of the game; empty for the usual one."""
    return f"; variant: {made.variant} (counts for no rating)" if str(made.variant) else ""


def _print_cross_table(standing: Table) -> None:
    headings = ["#", "player", "#won", "#points", "#rating", "#±"]
    headings += [f"#{place}" for place in range(1, len(standing.standings) + 1)]
    print_table(headings, [_row(place, row, standing) for place, row in enumerate(standing.standings, 1)])


def _row(place: int, row: Standing, standing: Table) -> list[Text]:
    rated = row.rated
    strength = ("–", "–") if rated is None else (number(rated.rating, 0), number(rated.uncertainty, 0))
    cells = [
        Text(str(place)),
        Text(player_label(row.player), "bold"),
        Text(wins(row.total)),
        Text(signed(row.total)),
    ]
    cells += [Text(each) for each in strength]
    for other in standing.standings:
        if other.player == row.player:
            cells.append(Text("╲", "dim"))
            continue
        meeting = standing.meetings.get((row.player, other.player))
        if meeting is None:
            cells.append(Text("·", "dim"))
        else:
            colour = "green" if meeting.difference > 0 else "red" if meeting.difference < 0 else ""
            cells.append(Text(f"{wins(meeting)}\n{signed(meeting)}", colour))
    return cells


def show_games(made: Tournament, games: tuple[Game, ...]) -> None:
    """Print the matches, one a line."""
    print_table(
        ("#match", "left", "score", "right", "#time", "#longest rally", ""),
        [
            (
                str(game.number),
                player_label(game.result.left),
                f"{game.result.score[0]} : {game.result.score[1]}",
                player_label(game.result.right),
                f"{game.result.frames / FRAME_RATE_HZ:.0f} s",
                str(game.result.longest_rally),
                "" if game.result.finished else "cut off",
            )
            for game in games
        ],
    )
    click.echo(f"see any of them again: pongarena replay {made.match_id(games[0].number)}")


def wins(meeting: Meeting) -> str:
    """Format matches won and lost: ``3–1``, or with a tie ``3.5–0.5``."""
    return f"{meeting.wins:g}–{meeting.losses:g}"


def signed(meeting: Meeting) -> str:
    """Format the difference of points with its sign."""
    return f"{meeting.difference:+,}".replace("-", "−") if meeting.difference else "±0"


def progress_words(results: Results) -> str:
    """Say how many matches were played."""
    return f"{len(results.games):,} of {results.tournament.matches:,} matches played"
