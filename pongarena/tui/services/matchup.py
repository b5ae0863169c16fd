"""Set up a requested match: read the networks, and reload those of running sessions."""

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pongarena.core.errors import PongArenaError
from pongarena.game.types import Ball, Side, SmallPaddles
from pongarena.match.match import Match
from pongarena.match.people import kept_names
from pongarena.match.player_names import find_player, followed_model
from pongarena.match.players import name_people
from pongarena.match.thread import MatchThread
from pongarena.match.variant import Variant
from pongarena.nn.checkpoint import read_checkpoint

if TYPE_CHECKING:
    from pongarena.library.models import Library
    from pongarena.tui.data.library_watcher import LibrarySnapshot
    from pongarena.tui.services.match_jobs import MatchRequest

__all__ = ["Follower", "Table", "set_table"]


@dataclass
class Follower:
    """A side that plays with the latest checkpoint of a running session.

    Attributes:
        side: The side.
        model: The model that learns.
        episode: The episode of the checkpoint that plays now.
        words: The state of the model, for the user.
        refused: The episode of a checkpoint that could not be read; it is not tried again.
        reason: Why it could not be read.
    """

    side: Side
    model: str
    episode: int
    words: str = ""
    refused: int = -1
    reason: str = ""

    def news(self, look: "LibrarySnapshot") -> int | None:
        """Return the episode of a newer checkpoint, None when there is none; update ``words``."""
        entry = look.entry(self.model)
        if entry is None:
            self.words = f"{self.model} is gone from the library; its last network plays on"
            return None
        if not entry.status.active:
            self.words = f"{self.model}'s session is {entry.status.state}: its last checkpoint plays on"
        else:
            self.words = f"live: plays as of game {self.episode:,}, trains at {entry.episode:,}"
        newest = entry.checkpoints[-1] if entry.checkpoints else self.episode
        if newest == self.refused:
            self.words = self.reason
        return newest if newest > self.episode and newest != self.refused else None


@dataclass
class Table:
    """A match that is ready to be shown.

    Attributes:
        request: The requested match.
        showing: The thread that plays it.
        followers: The sides that play with the latest checkpoint of a session.
    """

    request: "MatchRequest"
    showing: MatchThread
    followers: tuple[Follower, ...]

    def reload(self, library: "Library", follower: Follower, episode: int) -> None:
        """Give a side newer weights; a failure goes into ``reason`` of the follower."""
        try:
            self.showing.replace(
                follower.side, read_checkpoint(library.checkpoint(f"{follower.model}@{episode}").path)
            )
        except PongArenaError as error:
            follower.refused = episode
            follower.reason = f"{follower.model}@{episode} cannot be read, the one before plays on: {error}"
        else:
            follower.episode = episode


def set_table(library: "Library", request: "MatchRequest", *, log: bool = True) -> Table:
    """Read the networks and set up the match; a match with a person begins paused.

    Args:
        library: Where the models are.
        request: What was asked for.
        log: Whether the match is added to the match log.

    Raises:
        PongArenaError: When a player cannot be found or read, or the two cannot meet.
    """
    names = (request.left, request.right)
    followed = [followed_model(name) for name in names]
    found = [
        find_player(library, name if model is None else model, greedy=request.greedy)
        for name, model in zip(names, followed, strict=True)
    ]
    specs = name_people(found, kept_names())
    followers = tuple(
        Follower(side, model, spec.checkpoint.card.place)
        for side, model, spec in zip(Side, followed, specs, strict=True)
        if model is not None and spec.checkpoint is not None
    )
    seed = secrets.randbelow(2**31) if request.seed is None else request.seed
    variant = Variant(ball=Ball(request.ball), small=SmallPaddles(request.small))
    match = Match(specs[0], specs[1], seed=seed, variant=variant, points=request.points)
    showing = MatchThread(match, log=log, paused=any(spec.is_person for spec in specs))
    return Table(request, showing, followers)
