"""``pongarena completion``: let a shell complete commands, options and the user's names.

This prints the shell's script; `pongarena.shell_answers` computes the completions.
"""

from typing import Any

import click
from click.shell_completion import ShellComplete, add_completion_class, get_completion_class

from pongarena.core.options import Renamed
from pongarena.shell_answers import SHELLS, VARIABLE

__all__ = ["completion", "describe"]


@add_completion_class
class _PowerShell(ShellComplete):
    """PowerShell, which click does not support."""

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
    """Print the script that makes SHELL complete commands, options and names."""
    known = get_completion_class(shell)
    assert known is not None, shell
    click.echo(known(click.Command("pongarena"), {}, "pongarena", VARIABLE).source())


def describe(command: click.Command, context: click.Context, path: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a command's entry in `words.json`: help, options and their values, arguments, commands."""
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


def _kind(argument: click.Argument, path: tuple[str, ...]) -> str | list[str]:
    if isinstance(argument.type, click.Path):
        return "file"
    if isinstance(argument.type, click.Choice):
        return list(argument.type.choices)
    if path == ("lab", "run"):
        from pongarena.lab.experiments import EXPERIMENTS  # noqa: PLC0415 - loaded only when the table is written

        return [each.name for each in EXPERIMENTS]
    metavar, command = argument.metavar or "", path[0]
    named = {"run_id": "run", "model": "checkpoint", **dict.fromkeys(("left", "right", "players"), "player")}
    if argument.name in named or "MODEL" in metavar:
        return named.get(argument.name or "", "checkpoint")
    if command in ("tournament", "replay"):
        return "match" if command == "replay" else command
    is_new = metavar in ("NEW-NAME", "RATE|auto") or path[-1] == "import"
    return "" if is_new else "model"
