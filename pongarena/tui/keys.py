"""Declare the keys of screens and widgets."""

from textual.binding import Binding

__all__ = ["key"]


def key(
    keys: str, action: str, word: str, words: str, *, shown_as: str | None = None, priority: bool = False
) -> Binding:
    """Return a key binding.

    Args:
        keys: The key, or several separated by commas.
        action: The Textual action.
        word: Its label in the key bar; empty for a key that only the help lists.
        words: Its description in the help and the command palette.
        shown_as: How to show the key, instead of Textual's name for it.
        priority: Whether it also works while a text field has the focus.
    """
    return Binding(
        keys, action, word or words, show=bool(word), tooltip=words, key_display=shown_as, priority=priority
    )
