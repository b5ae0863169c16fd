"""``pongarena`` and ``python -m pongarena``: the command line, and how its process begins and ends."""

import os

__all__ = ["main"]


def main() -> None:
    """The console script."""
    if asked := os.environ.get("_PONGARENA_COMPLETE"):
        from pongarena.shell_answers import answer  # noqa: PLC0415 - somebody pressed TAB

        answer(asked)
        return
    # not before it is known that nobody waits for a word
    from pongarena.core.interrupts import own_signals  # noqa: PLC0415

    with own_signals():
        # from the first moment on a signal is answered: what takes time is loaded here
        from pongarena.cli import main as run  # noqa: PLC0415

        run()


if __name__ == "__main__":
    main()
