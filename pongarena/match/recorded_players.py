"""Who played a recorded match, to look on when it is played again."""

from pongarena.library.models import Library
from pongarena.match.guests import home_of_match
from pongarena.match.player_names import find_recorded
from pongarena.match.players import PlayerSpec
from pongarena.match.result import MatchResult

__all__ = ["recorded_players"]


def recorded_players(result: MatchResult, library: Library) -> tuple[PlayerSpec, PlayerSpec]:
    """The left and the right player of a recorded match; of one that is gone only the moves are left.

    Args:
        result: How the match stood.
        library: The user's models; those of a tournament's guests are found without it.
    """
    left, right = (
        find_recorded(home_of_match(result.id, name, library), name, kind, greedy=greedy, nickname=nickname)
        for name, kind, greedy, nickname in zip(
            (result.left, result.right), result.kinds, result.greedy, result.people, strict=True
        )
    )
    return left, right
