"""Short messages in the window, each shown long enough to be read."""

from dataclasses import dataclass

__all__ = ["Messages"]

_SHOWN = 3
"""The most messages at once; others wait."""

_FRAMES, _FRAMES_A_LETTER = 150, 3
"""Frames that a message is shown, and additional frames per letter."""


@dataclass
class _Message:
    words: str
    topic: str
    left: int


class Messages:
    """A queue of messages, each shown for some time."""

    def __init__(self) -> None:
        self._queue: list[_Message] = []

    @property
    def shown(self) -> tuple[str, ...]:
        """The messages to show now, the oldest first."""
        return tuple(message.words for message in self._queue[:_SHOWN])

    def say(self, words: str, topic: str = "") -> None:
        """Add a message; ignore an empty one.

        Args:
            words: The message. A repetition restarts its time.
            topic: A newer message with the same topic replaces the older one.
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
        """Count a frame; time stops while the window is not visible."""
        if not visible:
            return
        for message in self._queue[:_SHOWN]:
            message.left -= 1
        self._queue = [message for message in self._queue if message.left > 0]
