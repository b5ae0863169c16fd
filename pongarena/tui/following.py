"""Watch the library's files in a thread, and start queued sessions."""

from collections.abc import Callable, Set

from pongarena.library.models import Library
from pongarena.tui.data.library_watcher import LibrarySnapshot, LibraryWatcher
from pongarena.tui.data.wake_event import WakeEvent
from pongarena.tui.services.sessions import Sessions

__all__ = ["follow"]

_LOOK_EVERY_S = 1.5
"""A compromise with the processor time it costs; after the user's own actions there is no wait."""

_BREATH_S = 0.02


def follow(
    library: Library,
    sessions: Sessions,
    wake_event: WakeEvent,
    wanted: Callable[[], Set[str]],
    changed: Callable[[LibrarySnapshot], object],
) -> None:
    """Take snapshots of the library until ``wake_event`` has ended.

    Args:
        library: The models.
        sessions: The sessions; queued ones start when there is a free place.
        wake_event: Ends the sleep between two snapshots.
        wanted: The models whose curves and logs are followed, besides those with a session.
        changed: Called with every snapshot that shows something new.
    """
    watcher, last = LibraryWatcher(library), None
    while not wake_event.ended:
        look = watcher.look(wanted())
        if look is not last:
            changed(look)
            last = look
        sessions.advance_line(look)
        # a large library, or a long curve, takes several snapshots to read
        wake_event.sleep(_BREATH_S if look.busy else _LOOK_EVERY_S)
