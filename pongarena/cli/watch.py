"""``pongarena watch``: show a match in the terminal."""

import click

from pongarena.cli.lazy import require_terminal
from pongarena.cli.match_options import BALL, GREEDY, SMALL, points_option, warn_of_code
from pongarena.core.options import SEED
from pongarena.library.models import Library
from pongarena.match.player_names import find_player, followed_model
from pongarena.match.players import check_meeting
from pongarena.match.result import MatchResult
from pongarena.tui.services.match_jobs import MatchRequest

__all__ = ["check_players", "show_in_terminal", "tell", "watch"]


@click.command()
@click.argument("left", required=False)
@click.argument("right", required=False)
@BALL
@SMALL
@click.option("--seed", type=SEED, help="Seed of the match.  [default: a new one each time]")
@points_option()
@GREEDY
@click.option("--json", "as_json", is_flag=True, help="Print the result as one line of JSON at the end.")
def watch(  # noqa: PLR0917
    left: str | None,
    right: str | None,
    ball: str,
    small: str,
    seed: int | None,
    points: int,
    greedy: bool,
    as_json: bool,
) -> None:
    """Watch or play a match here in the terminal.

    LEFT and RIGHT are human, ai, MODEL, MODEL@GAME, a file as for play, or MODEL@live, which is reloaded
    while its session learns. Without players, a list of matches opens.
    """
    request = None
    if left is not None:
        if right is None:
            raise click.UsageError(
                "expected two players, or none to choose from a list: pongarena watch ai champion"
            )
        request = MatchRequest(
            left, right, ball=ball, small=small, points=points, here=True, seed=seed, greedy=greedy
        )
        warn_of_code(left, right)
        check_players(request)
    tell(show_in_terminal(request), as_json=as_json)


def check_players(request: MatchRequest) -> None:
    """Check that the two players can meet, before the screen is cleared.

    Raises:
        PongArenaError: When a player cannot be found, or both are the cartridge's own.
    """
    library = Library()
    check_meeting(
        *(
            find_player(library, followed_model(name) or name, greedy=request.greedy)
            for name in (request.left, request.right)
        )
    )


def show_in_terminal(request: MatchRequest | None) -> MatchResult | None:
    """Open the app at its match screen; return the last result.

    Raises:
        UsageError: When this is no terminal.
    """
    require_terminal("a match in the terminal")
    from pongarena.tui.app import run  # noqa: PLC0415 (it loads textual)

    return run("watch", request)


def tell(result: MatchResult | None, *, as_json: bool) -> None:
    """Print a match's result."""
    if result is None:
        return
    if as_json:
        click.echo(result.to_line())
        return
    score = result.words()
    click.echo(score if result.finished else f"{score}, left before the end")
