"""A whole kind of player, as somebody else would bring it."""

from pongarena.game.paddle import Move
from pongarena.match.field import find_objects
from pongarena.match.players import Player, PlayerKind


class Chaser(Player):
    """Follows the ball with its eyes."""

    def __init__(self, spec):
        self.spec = spec

    def reset(self, seed):
        """Nothing to forget."""

    def act(self, screen):
        seen = find_objects(screen)
        if seen.ball is None or seen.right is None:
            return Move.STAY
        return Move.UP if sum(seen.ball[2:]) < sum(seen.right) else Move.DOWN


CHASER = PlayerKind("chaser", "runs after the ball", Chaser, choice="the chaser")
