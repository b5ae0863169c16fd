"""Compile everything that training needs before it starts, and report progress.

Functions are compiled on their first call. So each is called once with tiny arguments of the right types. If
the code is in the cache, that takes milliseconds.
"""

from collections.abc import Callable, Iterator, Sequence

from pongarena.core.compilation import is_warm, note_warm
from pongarena.training.events import Compiling

__all__ = ["warm_up"]


def warm_up(
    name: str, calls: Sequence[Callable[[], object]], what: str = "the game and the learner"
) -> Iterator[Compiling]:
    """Make each call; report progress before each, unless all were compiled before.

    Args:
        name: Name of this set of calls, to mark it as compiled in the cache.
        calls: Each compiles one or a few functions.
        what: What is compiled, for display.
    """
    warm = is_warm(name)
    for done, call in enumerate(calls):
        if not warm:
            yield Compiling(done, len(calls), what)
        call()
    if not warm:
        note_warm(name)
