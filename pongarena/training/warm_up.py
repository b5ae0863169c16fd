"""Compiles what a training needs before it plays, and tells how far that is.

The compiler works when a function is first called. So each is called once on next to nothing, with arguments
of the types that it will have: where the cache has its code, that takes milliseconds.
"""

from collections.abc import Callable, Iterator, Sequence

from pongarena.core.compilation import is_warm, note_warm
from pongarena.training.events import Compiling

__all__ = ["warm_up"]


def warm_up(
    name: str, calls: Sequence[Callable[[], object]], what: str = "the game and the learner"
) -> Iterator[Compiling]:
    """Make each call; tell before each that the compiler works, unless all were made before.

    Args:
        name: Of these calls, for a mark in the compiler's cache that they were made.
        calls: One a compiled function, or a few.
        what: What is compiled, in words for people.
    """
    warm = is_warm(name)
    for done, call in enumerate(calls):
        if not warm:
            yield Compiling(done, len(calls), what)
        call()
    if not warm:
        note_warm(name)
