"""Who plays, as named on the command line."""

from pongarena.match.player_names import find_player

__all__ = ["find_player"]
