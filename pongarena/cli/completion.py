"""``pongarena completion``: a shell completes commands, options and the names of what you have.

A shell waits for each answer, so none of our commands is imported for it: `words.json` beside this file says
what they take, and a test compares the two. Names come from the listing of a folder.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from pongarena.core import paths
from pongarena.core.options import Renamed
from pongarena.core.text import printable

__all__ = ["VARIABLE", "answer", "completion", "describe", "suggest"]

VARIABLE = "_PONGARENA_COMPLETE"
"""Set by a shell that asks, to its own name and what it wants."""

SHELLS = ("bash", "zsh", "fish", "powershell")

_FOLDERS = {"match": paths.matches_dir, "run": paths.lab_dir, "tournament": paths.tournaments_dir}

_WORDS = Path(__file__).with_name("words.json")


@add_completion_class
class _PowerShell(ShellComplete):
    """What click has no class for."""

    name = "powershell"
    source_template = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($word, $line, $cursor)
    $env:%(complete_var)s = "powershell_complete"
    $env:COMP_WORDS = $line.ToString()
    $env:COMP_CWORD = $word
    %(prog_name)s | ForEach-Object {
        $value, $help = $_ -split "`t", 2
        if (-not $help) { $help = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, "ParameterValue", $help)
    }
    Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_CWORD
}
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the cursor's, and that one."""
        words, incomplete = split_arg_string(os.environ.get("COMP_WORDS", ""))[1:], os.environ["COMP_CWORD"]
        if incomplete and words and words[-1] == incomplete:
            words.pop()
        return words, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """One line."""
        return f"{item.value}\t{item.help or ''}"


_WHERE = """
\b
bash        echo 'eval "$(pongarena completion bash)"' >> ~/.bashrc
zsh         echo 'eval "$(pongarena completion zsh)"' >> ~/.zshrc
fish        pongarena completion fish > ~/.config/fish/completions/pongarena.fish
powershell  pongarena completion powershell >> $PROFILE
"""


@click.command(epilog=_WHERE)
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print what makes a SHELL complete commands, options and names."""
    click.echo(_of_shell(shell).source())


def answer(asked: str) -> None:
    """Print the suggestions that a shell asks for.

    Args:
        asked: The value of `VARIABLE`.
    """
    shell, _, what = asked.partition("_")
    if shell in SHELLS and what == "complete":
        click.echo(_of_shell(shell).complete())


def suggest(before: list[str], begun: str) -> list[CompletionItem]:
    """What may stand at the cursor.

    Args:
        before: The words before it, without the program's name.
        begun: What of the word is there already.
    """
    place = json.loads(_WORDS.read_text(encoding="utf-8"))
    arguments, asking = 0, None
    for word in before:
        if asking is not None:  # this is an option's value
            asking = None
        elif word.startswith("-"):
            asking = place["options"].get(word)
        elif word in place.get("commands", {}):
            place, arguments = place["commands"][word], 0
        else:
            arguments += 1
    if asking is not None:
        return _beginning(begun, ((each, "") for each in asking))
    if begun.startswith("-"):
        return _beginning(begun, ((each, "") for each in place["options"]))
    if "commands" in place:
        return _beginning(begun, ((name, each["help"]) for name, each in place["commands"].items()))
    kinds = place["arguments"]
    if not kinds or (arguments >= len(kinds) and not place.get("many")):
        return []
    kind = kinds[min(arguments, len(kinds) - 1)]
    if kind == "file" or (kind == "player" and set(begun) & set("./")):  # no model's name has these
        return [CompletionItem(begun, type="file")]
    found = ((each, "") for each in kind) if isinstance(kind, list) else _names(kind, begun)
    return _beginning(begun, found)


def describe(command: click.Command, context: click.Context, path: tuple[str, ...] = ()) -> dict[str, Any]:
    """What `words.json` says of a command: help, options and their words, arguments, commands."""
    options: dict[str, list[str] | None] = {}
    kinds, many = [], False
    for each in command.params:
        if isinstance(each, click.Argument):
            kinds.append(_kind(each, path))
            many = each.nargs == -1
        elif isinstance(each, click.Option) and not each.hidden:
            takes = None if each.is_flag or each.count else list(getattr(each.type, "choices", ()))
            shown = each.shown if isinstance(each, Renamed) else (*each.opts, *each.secondary_opts)
            options |= dict.fromkeys(shown, takes)
    found: dict[str, Any] = {"help": command.get_short_help_str(60), "options": {**options, "--help": None}}
    if isinstance(command, click.Group):
        within = {name: command.get_command(context, name) for name in command.list_commands(context)}
        found["commands"] = {
            name: describe(each, click.Context(each, parent=context, info_name=name), (*path, name))
            for name, each in within.items()
            if each is not None and not each.hidden and name != "session"
        }
    else:
        found |= {"arguments": kinds} | ({"many": True} if many else {})
    return found


def _of_shell(shell: str) -> ShellComplete:
    known = get_completion_class(shell)
    assert known is not None, shell

    class Light(known):  # type: ignore[valid-type,misc]
        """Asks the table instead of importing commands."""

        def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
            return suggest(args, incomplete)

    return Light(click.Command("pongarena"), {}, "pongarena", VARIABLE)


def _names(kind: str, begun: str) -> "Iterator[tuple[str, str]]":
    """The names of what is there, each with a word on it."""
    if kind in _FOLDERS:
        yield from ((name.removesuffix(".npz"), "") for name in _listed(_FOLDERS[kind]()))
        return
    if kind not in ("model", "checkpoint", "player"):
        return
    model, at, _ = begun.partition("@")
    folders = (paths.models_dir(), paths.assets_dir() / "opponents")
    if at and kind != "model":
        for folder in folders:
            numbers = (name[2:].removesuffix(".npz") for name in _listed(folder / model / "checkpoints"))
            yield from ((f"{model}@{int(number)}", "") for number in numbers if number.isdecimal())
        return
    if kind == "player":
        yield from (("human", "at this machine"), ("ai", "the cartridge's own player"), ("cpu", "the same"))
    for folder in folders:
        yield from ((name, "") for name in _listed(folder))


def _listed(folder: Path) -> list[str]:
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError:
        return []
    return sorted(name for name in names if name[0] != "." and name == printable(name))


def _kind(argument: click.Argument, path: tuple[str, ...]) -> str | list[str]:
    if isinstance(argument.type, click.Path):
        return "file"
    if isinstance(argument.type, click.Choice):
        return list(argument.type.choices)
    if path == ("lab", "run"):
        from pongarena.lab.experiments import EXPERIMENTS  # noqa: PLC0415 - not while a shell waits

        return [each.name for each in EXPERIMENTS]
    metavar, command = argument.metavar or "", path[0]
    named = {"run_id": "run", "model": "checkpoint", **dict.fromkeys(("left", "right", "players"), "player")}
    if argument.name in named or "MODEL" in metavar:
        return named.get(argument.name or "", "checkpoint")
    if command in ("tournament", "replay"):
        return "match" if command == "replay" else command
    is_new = metavar in ("NEW-NAME", "RATE|auto") or path[-1] == "import"
    return "" if is_new else "model"


def _beginning(begun: str, found: "Iterator[tuple[str, str]]") -> list[CompletionItem]:
    return [CompletionItem(name, help=told or None) for name, told in found if name.startswith(begun)]
