"""``pongarena`` and ``python -m pongarena``: start the command line."""

import os
import signal
import sys

__all__ = ["main"]


def main() -> None:
    """Run the console script."""
    if asked := os.environ.get("_PONGARENA_COMPLETE"):
        from pongarena.shell_answers import answer  # noqa: PLC0415 - TAB was pressed

        answer(asked)
        return
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # end without a traceback until `own_signals` is loaded
    # only after completion, which must be fast
    from pongarena.core.interrupts import own_signals  # noqa: PLC0415

    with own_signals():
        # signals are handled before the slow imports
        from pongarena.core.terminal import why_no_terminal  # noqa: PLC0415

        if len(sys.argv) == 1 and not why_no_terminal(os.environ):
            _open_app()
            return
        from pongarena.cli import main as run  # noqa: PLC0415

        run()


def _open_app() -> None:
    """Open the app without importing click, which only commands need: the first paint comes earlier."""
    import gc  # noqa: PLC0415

    from pongarena.core.output import open_what_is_closed, replace_what_cannot_be_said  # noqa: PLC0415

    open_what_is_closed()
    replace_what_cannot_be_said()
    gc.disable()  # imports leave little garbage; the app enables it again after its first paint
    try:
        from pongarena.core.memory import FOR_APP, require_memory  # noqa: PLC0415

        require_memory(FOR_APP, "the app")
        from pongarena.tui.app import run  # noqa: PLC0415

        run()
    except Exception as error:
        # the edge of the process: our own errors become messages
        from pongarena.cli.lazy import end_on_error  # noqa: PLC0415

        end_on_error(error)


if __name__ == "__main__":
    main()
