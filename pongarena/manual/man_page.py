"""Generate a man page from click's commands: one page for all, because they share its last sections."""

import re
from collections.abc import Iterator

import click

from pongarena.core.options import Renamed

__all__ = ["man_page"]

_PLAIN = "\b"
"""Click's marker of a paragraph whose lines are not rewrapped."""

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")

_SINCE_HEADINGS = """\
.SH ENVIRONMENT
.TP
.B PONGARENA_HOME
The folder for models, matches and settings, instead of the system's folder for a user's data.
.TP
.B NO_COLOR
If set to anything, commands print without colours.
.TP
.B NUMBA_CACHE_DIR
The folder for compiled code.
.SH FILES
.TP
.I ~/.local/share/pongarena
The data folder on Linux, unless PONGARENA_HOME is set. "pongarena doctor" names it on every system.
.SH EXIT STATUS
0 on success, 1 when a question was answered with no, 2 for bad input, with a message that says what to do.
"""


def man_page(command: click.Command, name: str, version: str) -> str:
    """Generate the source of a command's man page, including all its subcommands.

    Args:
        command: The command to describe.
        name: The program's name.
        version: The program's version.

    Returns:
        Text for `man` and `groff -man`, in ASCII.
    """
    context = click.Context(command, info_name=name)
    lines = [
        f'.TH "{_word(name.upper())}" 1 "" "{_word(f"{name} {version}")}" "User Commands"',
        ".ad l",
        ".SH NAME",
        f"{_word(name)} \\- {_text(_first_sentence(command))}",
        ".SH SYNOPSIS",
        *_synopsis(command, context),
        ".SH DESCRIPTION",
        *_paragraphs(command.help),
        *_options(command),
        ".SH COMMANDS",
    ]
    for path, each in _below(command, context):
        lines += [f'.SS "{_word(path.command_path)}"', *_synopsis(each, path)]
        lines += [*_paragraphs(each.help), *_options(each), *_paragraphs(each.epilog)]
    return "\n".join(lines) + "\n" + _SINCE_HEADINGS


def _below(command: click.Command, context: click.Context) -> Iterator[tuple[click.Context, click.Command]]:
    """Yield all visible subcommands, each before its own subcommands."""
    if not isinstance(command, click.Group):
        return
    for name in command.list_commands(context):
        each = command.get_command(context, name)
        if each is not None and not each.hidden and name != "session":
            inner = click.Context(each, parent=context, info_name=name)
            yield inner, each
            yield from _below(each, inner)


def _synopsis(command: click.Command, context: click.Context) -> list[str]:
    words = ["[OPTIONS]"] if any(isinstance(each, click.Option) for each in command.params) else []
    for each in command.params:
        if isinstance(each, click.Argument):
            words.append(each.make_metavar(context))
    if isinstance(command, click.Group):
        words.append("[COMMAND]" if command.invoke_without_command else "COMMAND")
    return [f".B {_word(context.command_path)}", *([_text(" ".join(words))] if words else []), ".PP"]


def _options(command: click.Command) -> list[str]:
    lines = []
    for each in command.params:
        if isinstance(each, click.Option) and not each.hidden:
            shown = each.shown if isinstance(each, Renamed) else (*each.opts, *each.secondary_opts)
            names = ", ".join(f"\\fB{_word(name)}\\fR" for name in shown)
            takes = _takes(each)
            lines += [
                ".TP",
                names + (f" \\fI{_word(takes)}\\fR" if takes else ""),
                _text((each.help or "") + _default(each)),
            ]
    return [*lines, ".PP"] if lines else []


def _takes(option: click.Option) -> str:
    """Return an option's metavar; not click's own, which differs between its versions."""
    if option.is_flag or option.count:
        return ""
    if option.metavar:
        return option.metavar
    choices = getattr(option.type, "choices", ())
    return "|".join(map(str, choices)) if choices else option.type.name.split()[0].upper()


def _default(option: click.Option) -> str:
    if isinstance(option.show_default, str):
        return f" [default: ({option.show_default})]"
    return f" [default: {option.default}]" if option.show_default and not option.is_flag else ""


def _first_sentence(command: click.Command) -> str:
    return (command.help or "").split("\n\n")[0].strip().replace("\n", " ").rstrip(".")


def _paragraphs(text: str | None) -> list[str]:
    lines = []
    for each in re.split(r"\n\s*\n", (text or "").strip("\n")):
        rows = [row.strip() for row in each.strip("\n").split("\n")]
        if rows[0] == _PLAIN:
            lines += [".nf", *(_text(row) for row in rows[1:] if row), ".fi", ".PP"]
        elif any(rows):
            lines += [_text(" ".join(rows)), ".PP"]
    return lines


def _text(text: str) -> str:
    """Return an escaped line that is not a request, even if it begins with a dot or a quote."""
    line = _word(text.strip())
    return f"\\&{line}" if line.startswith((".", "'")) else line


def _word(text: str) -> str:
    """Escape a text: its minus signs can be copied, and it holds no requests."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    return _NOT_ASCII.sub(lambda found: f"\\[u{ord(found[0]):04X}]", escaped)
