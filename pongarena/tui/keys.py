"""How a key of a screen or widget is declared."""

from textual.binding import Binding

__all__ = ["key"]


def key(
    keys: str, action: str, word: str, words: str, *, shown_as: str | None = None, priority: bool = False
) -> Binding:
    """A key; one without a word of its own is in the help only, not in the line of keys.

    Args:
        keys: The key, or several with commas between them.
        action: What it does.
        word: For the line of keys.
        words: For the help and the command palette.
        shown_as: How the key is written, where its own name is no good.
        priority: Whether it works while text is typed.
    """
    return Binding(
        keys, action, word or words, show=bool(word), tooltip=words, key_display=shown_as, priority=priority
    )
