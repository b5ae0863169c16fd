"""One word for each thing in all that people read: help, messages, screens, README, school and page."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]

TEXTS = (
    "README.md",
    "assets/CHANGELOG.md",
    "assets/CONTRIBUTING.md",
    "assets/box.json",
    "assets/cluster.md",
    "assets/envs.md",
    "assets/formats.md",
    "assets/house.md",
    "assets/how-it-works.md",
    "assets/lesson-plan.md",
    *(path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "assets/site").glob("*.md"))),
)

KEYS_OF_FILES = re.compile(r"`[^`]*`")
"""In ``formats.md``, whose files keep older names."""

OLD_WORDS = {
    r"\bAIs?\b": "CPU, the cartridge's own player",
    r"\b[Dd]ecisions\b|\b(?i:a|per|each|every|one|next|this|last) decision\b": "steps",
    r"\b[Dd]ecision (\{|\d|before\b|after\b)": "step",
    r"\b[Aa]rms?\b": "variant",
    r"\b[Ss]ettl(e steps|ing)\b": "annealing steps",
    r"(?<!-)\bsticky (0|¼|½)": "sticky actions",
    r"\b(at|after|of) (an )?episode\b|@[Ee]pisode": "game",
    r"\b[Rr]unning score\b": "running reward",
    r"\bgames at once\b": "parallel games",
    r"\bheard (just now|from)\b": "last update",
    r"\bvalue fit\b": "explained variance",
    r"\bfresh from the dice\b": "randomly initialised",
    r"\bwithout a word\b": "died unexpectedly",
    r"\bAs it should be\b": "On track",
    r"\bpictures/s\b": "fps",
    r"\blikelier moves\b": "greedy",
}
"""What is read no longer, and the word that took its place."""

NOT_READ = {
    ("pongarena/cli/lab.py", "--decisions"),
    ("pongarena/cli/lab.py", "decisions"),
    ("pongarena/exports/curve_table.py", "decisions"),
    ("pongarena/lab/experiments.py", "decisions"),
    ("pongarena/lab/report.py", "arms"),
    ("pongarena/lab/report.py", "decisions"),
    ("pongarena/lab/store.py", "arms"),
    ("pongarena/tui/screens/lab.py", "#arms"),
    ("pongarena/tui/screens/lab.py", "arms"),
}
"""Older names that still work, keys of files, and ids of widgets: the file and the whole string."""


def spoken(path):
    """The strings of a module, each with its line; docstrings only where they are a command's help.

    A string with values in it is one text, with {} for each value.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and not any("command" in ast.dump(d) for d in _decorators(node)):
            silent |= {id(each.value) for each in body if isinstance(each, ast.Expr)}
        if isinstance(node, ast.Assign) and any("CSS" in ast.dump(target) for target in node.targets):
            silent.add(id(node.value))
        if isinstance(node, ast.Assign) and any("__all__" in ast.dump(target) for target in node.targets):
            silent |= {id(each) for each in ast.walk(node.value)}
        if isinstance(node, ast.JoinedStr):
            formats = [each.format_spec for each in node.values if getattr(each, "format_spec", None)]
            silent |= {id(each) for part in formats for each in ast.walk(part)}
            silent |= {id(each) for each in node.values if isinstance(each, ast.Constant)}
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            parts = (each.value if isinstance(each, ast.Constant) else "{}" for each in node.values)
            yield node.lineno, "".join(parts)


def _decorators(node):
    return getattr(node, "decorator_list", ())


def all_that_is_read():
    """Where a text stands, and the text."""
    for path in sorted((ROOT / "pongarena").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        for line, text in spoken(path):
            if (name, text) not in NOT_READ:
                yield f"{name}:{line}", text
    for name in (*TEXTS, "pongarena/page/page.html"):
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1):
            yield f"{name}:{number}", KEYS_OF_FILES.sub("", line) if name.endswith("formats.md") else line


def test_one_word_for_each_thing():
    found = [
        f"read {new!r} at {place}: {text.strip():.90}"
        for place, text in all_that_is_read()
        for old, new in OLD_WORDS.items()
        if re.search(old, text)
    ]
    assert not found, "\n".join(found)


def test_what_is_not_read_is_there():
    said = {name: {found for _, found in spoken(ROOT / name)} for name, _ in NOT_READ}
    for name, text in NOT_READ:
        assert text in said[name], f"leave {text!r} of {name} out of the list"
