"""``pongarena`` and ``python -m pongarena``: start the command line."""

import os

__all__ = ["main"]


def main() -> None:
    """Run the console script."""
    if asked := os.environ.get("_PONGARENA_COMPLETE"):
        from pongarena.shell_answers import answer  # noqa: PLC0415 - TAB was pressed

        answer(asked)
        return
    # only after completion, which must be fast
    from pongarena.core.interrupts import own_signals  # noqa: PLC0415

    with own_signals():
        # signals are handled before the slow imports
        from pongarena.cli import main as run  # noqa: PLC0415

        run()


if __name__ == "__main__":
    main()
