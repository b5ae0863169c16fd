"""What the threads tell the app; widgets' own messages are nested in their widgets."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from pongarena.tui.data.library_watcher import LibrarySnapshot
    from pongarena.tui.services.match_jobs import MatchEnd


class LibraryChanged(Message):
    """The library's files show something new."""

    def __init__(self, look: "LibrarySnapshot") -> None:
        super().__init__()
        self.look = look

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, LibraryChanged)


class Done(Message):
    """Something that the user asked for was done."""

    def __init__(self, words: str, then: Callable[[], object] | None = None) -> None:
        super().__init__()
        self.words, self.then = words, then


class Failed(Message):
    """Something that the user asked for could not be done."""

    def __init__(self, reason: str, otherwise: Callable[[str], object] | None = None) -> None:
        super().__init__()
        self.reason, self.otherwise = reason, otherwise


class MatchEnded(Message):
    """A match window was closed."""

    def __init__(self, end: "MatchEnd") -> None:
        super().__init__()
        self.end = end
