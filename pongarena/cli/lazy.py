"""A group of commands whose modules are imported when a command is called, not when they are listed."""

import difflib
import errno
import importlib
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, NoReturn

import click

from pongarena.core.errors import PongArenaError
from pongarena.core.memory import FOR_LIBRARIES, require_memory
from pongarena.core.terminal import why_no_terminal
from pongarena.core.text import printable

__all__ = ["LazyCommand", "LazyGroup", "end_on_error", "exits_with_message", "require_terminal"]


class LazyCommand(NamedTuple):
    """Where to find a command, and its help in the list.

    Attributes:
        place: ``module:attribute`` of the click command.
        help: One line for the list of commands.
        hidden: Whether the list leaves it out.
    """

    place: str
    help: str
    hidden: bool = False


class _CommandFailed(click.ClickException):
    """A pongarena error for click to print: the message on stderr, exit code 2, no traceback."""

    exit_code = 2


def exits_with_message(run: Callable[[], Any]) -> Any:  # noqa: ANN401
    """Run something; a ``PongArenaError`` becomes a message on stderr and exit code 2.

    click's own messages quote the command line, so they are made printable, too.

    So does an unexpected error of the system, such as a full disk or a folder that cannot be read: a
    traceback would not help the user.
    """
    try:
        return run()
    except click.ClickException as error:
        # a new error would lose the way in which each kind shows itself
        error.message = printable(error.message, lines=True)  # type: ignore[misc]
        raise
    except PongArenaError as error:
        raise _CommandFailed(str(error)) from error
    except MemoryError as error:
        raise _CommandFailed(
            "there is not enough memory; close other programs or raise the limit (ulimit -v), then try again"
        ) from error
    except ModuleNotFoundError:
        raise
    except ImportError as error:
        raise _not_loaded(error) from error
    except OSError as error:
        if error.errno is None and "shared object" in str(error):  # as ctypes and llvmlite say it
            raise _not_loaded(error) from error
        if error.errno in (None, errno.EPIPE, errno.EIO):  # the output is closed: click handles it
            raise
        from pongarena.core.files import advice_on  # noqa: PLC0415 (help needs no files)

        place = "" if error.filename is None else f" ({error.filename})"
        advice = advice_on(error, "free some space or make it accessible")
        raise _CommandFailed(
            printable(
                f"the system says: {error.strerror or error}{place}; {advice}, then try again; see pongarena "
                "doctor"
            )
        ) from error


def _not_loaded(error: Exception) -> _CommandFailed:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    reason = next((line for line in lines if "Original error" in line), lines[0])  # numpy's has many lines
    return _CommandFailed(
        printable(
            f"a library cannot be loaded ({reason}); close other programs or raise the limit (ulimit -v); if "
            "that does not help, install pongarena anew"
        )
    )


def end_on_error(error: Exception) -> NoReturn:
    """End the process on an error outside of any command, as click ends it inside of one.

    Raises:
        SystemExit: For those that are messages; all others as they are.
    """

    def repeat() -> None:
        raise error

    try:
        exits_with_message(repeat)
    except click.ClickException as failed:
        failed.show()
        sys.exit(failed.exit_code)
    raise error


def require_terminal(what: str) -> None:
    """Check that the app can be shown here.

    Args:
        what: The subject of the message, such as "the app".

    Raises:
        UsageError: When the output is no terminal, or one that cannot move its cursor.
        PongArenaError: When there is not enough memory to load its libraries.
    """
    if reason := why_no_terminal(os.environ):
        raise click.UsageError(f"{what} {reason}, or use the commands: pongarena --help")
    require_memory(FOR_LIBRARIES, what)


class LazyGroup(click.Group):
    """A click group that imports its commands on demand, and exits with code 2 on a pongarena error."""

    def __init__(self, *args: Any, lazy: Mapping[str, LazyCommand], **settings: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **settings)
        self._lazy = lazy

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401
    ) -> click.Context:
        """Parse the arguments; see ``exits_with_message``."""
        context: click.Context = exits_with_message(
            lambda: super(LazyGroup, self).make_context(info_name, args, parent, **extra)
        )
        return context

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the names in the order of declaration."""
        return [*self._lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of this name."""
        if cmd_name not in self._lazy:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self._lazy[cmd_name].place.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command), f"{module}:{attribute} is no click command"
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of the first argument; the error for a mistyped one suggests the nearest names."""
        if args and not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            near = difflib.get_close_matches(args[0], self.list_commands(ctx))
            hint = f"did you mean {' or '.join(near)}?" if near else f"see {ctx.command_path} --help"
            raise click.UsageError(f"there is no command {args[0]!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        rows = [(name, entry.help) for name, entry in self._lazy.items() if not entry.hidden]
        rows += [(name, command.get_short_help_str(60)) for name, command in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401
        """Run the command; see ``exits_with_message``."""
        return exits_with_message(lambda: super(LazyGroup, self).invoke(ctx))
