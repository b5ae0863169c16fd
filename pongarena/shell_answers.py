"""Answer a shell's completion request when TAB is pressed. It must be fast, so it imports little.

It imports no commands: `cli/words.json` lists what they take, and a test compares the two. Names come from
listing folders. The shells' scripts are click's, except PowerShell's; a test compares our answers with
click's.
"""

import json
import os
import sys
from collections.abc import Iterator

__all__ = ["SHELLS", "VARIABLE", "answer", "form", "question", "suggest"]

VARIABLE = "_PONGARENA_COMPLETE"
"""The environment variable with the shell's request, such as ``bash_complete``."""

SHELLS = ("bash", "zsh", "fish", "powershell")

_WORDS = os.path.join(os.path.dirname(__file__), "cli", "words.json")  # noqa: PTH118, PTH120 - pathlib is slow

Suggestion = tuple[str, str, str]
"""The kind ("plain", or "file" to let the shell complete files), the word, and its description."""


def answer(asked: str) -> None:
    """Print the suggestions that a shell requests.

    Args:
        asked: The value of `VARIABLE`.
    """
    shell, _, what = asked.partition("_")
    if shell not in SHELLS or what != "complete" or sys.stdout is None:
        return
    before, begun = question(shell, os.environ)
    told = "".join(f"{form(shell, each)}\n" for each in suggest(before, begun))
    sys.stdout.buffer.write(told.encode(sys.stdout.encoding, "replace"))


def question(shell: str, environment: "os._Environ[str] | dict[str, str]") -> tuple[list[str], str]:
    """Return the words before the cursor, without the program's name, and the begun word.

    Args:
        shell: One of `SHELLS`.
        environment: The environment variables that the shell's script sets.
    """
    words = _split(environment.get("COMP_WORDS", ""))
    place = environment.get("COMP_CWORD", "")
    if shell in ("bash", "zsh"):
        number = int(place) if place.isdecimal() else len(words)
        return words[1:number], words[number] if number < len(words) else ""
    begun = "".join(_split(place)[:1])
    before = words[1:]
    if begun and before and before[-1] == begun:
        before.pop()
    return before, begun


def form(shell: str, suggestion: Suggestion) -> str:
    """Format a suggestion as the shell's script reads it."""
    kind, word, said = suggestion
    if shell == "powershell":
        return f"{word}\t{said}"
    if shell == "zsh":
        # zsh splits the description off at the first colon without a backslash
        shown = word.replace(":", "\\:") if said else word
        return f"{kind}\n{shown}\n{said or '_'}"
    return f"{kind},{word}" + (f"\t{said}" if said and shell == "fish" else "")


def suggest(before: list[str], begun: str) -> list[Suggestion]:
    """List what can stand at the cursor.

    Args:
        before: The words before it, without the program's name.
        begun: The begun word.
    """
    with open(_WORDS, encoding="utf-8") as file:  # noqa: PTH123
        place = json.load(file)
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
        return [("file", begun, "")]
    found = ((each, "") for each in kind) if isinstance(kind, list) else _names(kind, begun)
    return _beginning(begun, found)


def _names(kind: str, begun: str) -> Iterator[tuple[str, str]]:
    """Yield existing names, each with a description."""
    from pongarena.core import paths  # noqa: PLC0415 - not needed for commands and options

    folders = {"match": paths.matches_dir, "run": paths.lab_dir, "tournament": paths.tournaments_dir}
    if kind in folders:
        yield from ((name.removesuffix(".npz"), "") for name in _listed(str(folders[kind]())))
        return
    if kind not in ("model", "checkpoint", "player"):
        return
    model, at, _ = begun.partition("@")
    shelves = (str(paths.models_dir()), str(paths.assets_dir() / "opponents"))
    if at and kind != "model":
        for shelf in shelves:
            numbers = (name[2:].removesuffix(".npz") for name in _listed(f"{shelf}/{model}/checkpoints"))
            yield from ((f"{model}@{int(number)}", "") for number in numbers if number.isdecimal())
        return
    if kind == "player":
        yield from (("human", "at this machine"), ("ai", "the cartridge's own player"), ("cpu", "the same"))
    for shelf in shelves:
        yield from ((name, "") for name in _listed(shelf))


def _listed(folder: str) -> list[str]:
    try:
        names = os.listdir(folder)  # noqa: PTH208
    except OSError:
        return []
    return sorted(name for name in names if name[0] != "." and _is_printable(name))


def _is_printable(name: str) -> bool:
    if name.isascii():
        return name.isprintable()
    from pongarena.core.text import printable  # noqa: PLC0415 - seldom

    return name == printable(name)


def _split(line: str) -> list[str]:
    """Split a line into words; it may end within a quotation."""
    if not set(line) & set("'\"\\"):
        return line.split()
    from click.shell_completion import split_arg_string  # noqa: PLC0415 - seldom

    return split_arg_string(line)


def _beginning(begun: str, found: Iterator[tuple[str, str]]) -> list[Suggestion]:
    return [("plain", name, said) for name, said in found if name.startswith(begun)]
