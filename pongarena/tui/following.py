"""Follows the library's files in a thread, and lets waiting sessions begin."""

from collections.abc import Callable, Set

from pongarena.library.models import Library
from pongarena.tui.data.library_watcher import LibrarySnapshot, LibraryWatcher
from pongarena.tui.data.wake_event import WakeEvent
from pongarena.tui.services.sessions import Sessions

__all__ = ["follow"]

_LOOK_EVERY_S = 1.5
"""Twice as often costs twice as much; what the user does is looked at without waiting."""

_BREATH_S = 0.02


def follow(
    library: Library,
    sessions: Sessions,
    wake_event: WakeEvent,
    wanted: Callable[[], Set[str]],
    changed: Callable[[LibrarySnapshot], object],
) -> None:
    """Look again and again, until ``wake_event`` has ended.

    Args:
        library: The models.
        sessions: Start when there is a place for them.
        wake_event: What this sleeps by.
        wanted: The models whose curves and logs are followed besides those with a session.
        changed: Is told of every look that shows something new.
    """
    watcher, last = LibraryWatcher(library), None
    while not wake_event.ended:
        look = watcher.look(wanted())
        if look is not last:
            changed(look)
            last = look
        sessions.advance_line(look)
        # a large library, or a long curve, takes several looks
        wake_event.sleep(_BREATH_S if look.busy else _LOOK_EVERY_S)
