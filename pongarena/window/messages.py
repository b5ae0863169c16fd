"""Short messages to the person at the window: each is seen long enough to be read."""

from dataclasses import dataclass

__all__ = ["Messages"]

_SHOWN = 3
"""Messages at once; others wait."""

_FRAMES, _FRAMES_A_LETTER = 150, 3
"""For how long a message is seen."""


@dataclass
class _Message:
    words: str
    topic: str
    left: int


class Messages:
    """Keeps what was said until it was read."""

    def __init__(self) -> None:
        self._queue: list[_Message] = []

    @property
    def shown(self) -> tuple[str, ...]:
        """What is to be seen now, the oldest first."""
        return tuple(message.words for message in self._queue[:_SHOWN])

    def say(self, words: str, topic: str = "") -> None:
        """Adds a message; nothing for an empty one.

        Args:
            words: What to say. Said again while it is still there, its time begins anew.
            topic: A newer message about the same replaces the older one.
        """
        if not words:
            return
        fresh = _Message(words, topic, _FRAMES + _FRAMES_A_LETTER * len(words))
        for i, message in enumerate(self._queue):
            if message.words == words or (topic and message.topic == topic):
                self._queue[i] = fresh
                return
        self._queue.append(fresh)

    def tick(self, *, visible: bool = True) -> None:
        """A frame has passed; the time of what nobody can see stands still."""
        if not visible:
            return
        for message in self._queue[:_SHOWN]:
            message.left -= 1
        self._queue = [message for message in self._queue if message.left > 0]
