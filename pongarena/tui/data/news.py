"""Find the training news between two snapshots of the library."""

from typing import TYPE_CHECKING

from pongarena.jobs.status import State
from pongarena.library.sessions.milestones import Milestone, News

if TYPE_CHECKING:
    from pongarena.jobs.status import Status
    from pongarena.tui.data.library_watcher import LibrarySnapshot

__all__ = ["died_silently", "news_between"]


def news_between(old: "LibrarySnapshot", new: "LibrarySnapshot") -> list[News]:
    """List the milestones that were reached, except for models that are new.

    Args:
        old: The earlier snapshot.
        new: The later one.
    """
    if new.entries is old.entries:
        return []
    before = {entry.name: entry.status for entry in old.entries}
    found = []
    for entry in new.entries:
        then, now = before.get(entry.name), entry.status
        if then is not None and then is not now:
            found += [News(entry.name, *each) for each in _of_one(then, now)]
    return found


def died_silently(status: "Status") -> bool:
    """Return whether a session was killed, and so could not run the user's command itself."""
    return status.state is State.CRASHED and not status.traceback


def _of_one(then: "Status", now: "Status") -> list[tuple[Milestone, str]]:
    told = then.reached or ()
    found = [(each, "") for each in Milestone if each in (now.reached or ()) and each not in told]
    if then.reached is None:  # a session of an older version, or one that only begins: no news
        found = []
    if then.active and now.state is State.FINISHED:
        found.append((Milestone.FINISHED, ""))
    if then.active and now.state is State.CRASHED:
        found.append((Milestone.DIED, now.message))
    return found
