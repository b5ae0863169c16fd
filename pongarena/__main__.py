"""``pongarena`` and ``python -m pongarena``: the command line, and how its process begins and ends."""

from pongarena.core.interrupts import own_signals

__all__ = ["main"]


def main() -> None:
    """The console script."""
    with own_signals():
        # from the first moment on a signal is answered: what takes time is loaded here
        from pongarena.cli import main as run  # noqa: PLC0415

        run()


if __name__ == "__main__":
    main()
