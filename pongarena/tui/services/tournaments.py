"""Start, stop, resume and delete tournaments. Returned texts are messages for the user."""

from collections.abc import Callable, Sequence

from pongarena.core.errors import LibraryError, PongArenaError
from pongarena.library.models import Library
from pongarena.match import tournament_run
from pongarena.match.entrants import enter, find_refs, seat
from pongarena.match.eta import Pace, latest_pace, try_pace
from pongarena.match.tournament import Tournament, create, tournaments
from pongarena.match.tournament import delete as delete_tournament
from pongarena.match.variant import PLAIN, Variant

__all__ = ["delete", "farewell", "find_pace", "go_on", "start", "stop"]


def start(
    library: Library,
    players: Sequence[str],
    *,
    rounds: int,
    points: int,
    seed: int,
    variant: Variant = PLAIN,
    workers: int,
    cancelled: Callable[[], bool],
) -> Tournament:
    """Read the networks, make a tournament, and start it in the background.

    Raises:
        PongArenaError: When a network cannot be read, or the tournament cannot begin.
    """
    entrants = enter(find_refs(library, players))
    made = create(entrants, rounds=rounds, points=points, seed=seed, variant=variant)
    tournament_run.start_in_background(made, workers=workers, cancelled=cancelled)
    return made


def stop(tournament: Tournament) -> str:
    """Stop a tournament; it can be resumed later."""
    tournament_run.stop(tournament)
    return "stopped; every match that was played is kept, and space goes on"


def go_on(tournament: Tournament, cancelled: Callable[[], bool]) -> str:
    """Resume a tournament with its missing matches."""
    tournament_run.start_in_background(tournament, cancelled=cancelled)
    return "the tournament goes on"


def delete(tournament: Tournament) -> str:
    """Delete a tournament; it can be restored."""
    delete_tournament(tournament)
    return f"deleted; bring it back: pongarena tournament restore {tournament.id}"


def find_pace(library: Library) -> Pace | None:
    """Measure the speed of matches here from the last tournament or a short trial; None without players."""
    try:
        if (pace := latest_pace()) is not None:
            return pace
        ready = next(each for each in library.models() if each.fault is None and each.checkpoints())
        (entrant,) = enter([ready.checkpoint()])
        return try_pace(seat(library, entrant))
    except (PongArenaError, StopIteration):
        return None


def farewell() -> str:
    """Say which tournaments keep running without the app; empty when none does."""
    try:
        running = [each for each in tournaments() if not each.fault and tournament_run.read_run(each).running]
    except LibraryError:
        return ""
    names = [each.id[-6:] for each in running]
    if not names:
        return ""
    keep = "1 tournament keeps" if len(names) == 1 else f"{len(names)} tournaments keep"
    return f"{keep} running: {', '.join(names)}; `pongarena tournament stop {names[0]}` ends it"
