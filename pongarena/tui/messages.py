"""Messages from threads to the app; the messages of widgets are nested in their classes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from pongarena.tui.data.library_watcher import LibrarySnapshot
    from pongarena.tui.services.match_jobs import MatchEnd


@dataclass
class LibraryChanged(Message):
    """The library's files show something new."""

    look: "LibrarySnapshot"

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, LibraryChanged)  # only the latest snapshot matters


@dataclass
class Done(Message):
    """A task of the user was done."""

    words: str
    then: Callable[[], object] | None = None


@dataclass
class Failed(Message):
    """A task of the user failed."""

    reason: str
    otherwise: Callable[[str], object] | None = None


@dataclass
class MatchEnded(Message):
    """A match window was closed."""

    end: "MatchEnd"
