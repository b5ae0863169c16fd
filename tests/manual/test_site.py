"""The documentation's pages: they are made, lead to each other, and show commands that exist."""

import re
import shlex
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest

from pongarena.cli import cli
from pongarena.core import paths
from pongarena.core.errors import LibraryError
from pongarena.manual.site import sources, write_site
from tests.cli.running import run

ROOT = Path(__file__).parents[2]

TEXTS = {path.name: path for path in (*sources(ROOT / "assets").values(), ROOT / "README.md")}


def shown(text):
    """The command lines of a text: those of its shell blocks, and those that stand in a sentence."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`(pongarena [^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    for line in lines:
        if (found := re.match(r"\s*pongarena( .*|$)", line)) and "…" not in line:
            yield shlex.split(found[1], comments=True)


def understood(words, command=cli, context=None):
    """Reads a command line as click does, without running anything; a name alone needs no arguments."""
    context = click.Context(command, parent=context, info_name=command.name or "pongarena")
    rest = list(words)
    if isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        _, inner, rest = command.resolve_command(context, rest)
        return understood(rest, inner, context)
    given, extra, _ = command.make_parser(context).parse_args(list(rest))
    if extra:
        raise click.UsageError(f"{extra} is too much")
    for each in command.params if rest and "--help" not in rest else ():
        if (
            isinstance(each, click.Argument)
            and each.required
            and not isinstance(given[each.name], str | tuple)
        ):
            raise click.UsageError(f"{each.human_readable_name} is missing")
    return True


@pytest.mark.parametrize("name", TEXTS)
def test_every_command_line_that_is_shown_exists(name):
    for words in shown(TEXTS[name].read_text("utf-8")):
        try:
            assert understood(words)
        except click.UsageError as error:
            pytest.fail(f"pongarena {shlex.join(words)}: {error.message}")


def test_commands_are_found_and_wrong_ones_are_noticed():
    text = "```sh\npongarena play human ai  # so\nls\n```\nand `pongarena lab list` and `pongarena import …`"
    assert list(shown(text)) == [["play", "human", "ai"], ["lab", "list"]]
    assert sum(len(list(shown(path.read_text("utf-8")))) for path in TEXTS.values()) > 80
    for wrong in ("plai human", "play human ai --bal", "tournament strat", "pause one two", "play human"):
        with pytest.raises(click.UsageError):
            understood(wrong.split())


class Reader(HTMLParser):
    """Links, names and what is loaded."""

    def __init__(self, text):
        super().__init__()
        self.links, self.names, self.loaded = [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.names.add(found.get("id"))
        self.links += [found["href"]] if tag == "a" else []
        self.loaded += [tag] if tag in ("script", "img", "link", "iframe") else []


def test_the_pages_lead_to_each_other_and_load_nothing(tmp_path):
    done = run("docs", tmp_path / "pages")
    assert done.exit_code == 0 and "index.html" in done.output
    pages = {path.name: Reader(path.read_text("utf-8")) for path in (tmp_path / "pages").iterdir()}
    assert {"index.html", "play.html", "train.html", "recipes.html", "envs.html", "faq.html"} <= set(pages)
    for name, page in pages.items():
        assert not page.loaded
        for link in page.links:
            place, _, anchor = link.partition("#")
            known = (
                place in pages
                or place.startswith("https://")
                or place in ("", "house.md", "../CONTRIBUTING.md")
            )
            assert known, f"{name} leads to {link}"
            assert not anchor or "//" in place or anchor in pages[place or name].names, (
                f"{name} leads to {link}"
            )


def test_text_is_escaped_comments_are_left_out_and_tables_scroll(tmp_path):
    (tmp_path / "site").mkdir()
    text = "# A & B\n\n<!-- live: x -->\n<script>alert(1)</script>\n\n|a|\n|-|\n|[b](../envs.md#c)|\n"
    (tmp_path / "site/index.md").write_text(text)
    (tmp_path / "envs.md").write_text("# C\n")
    page = write_site(tmp_path, tmp_path / "out")[0].read_text("utf-8")
    assert "<script>" not in page and "live: x" not in page and "<title>A &amp; B" in page
    assert '<div class="wide">\n<table>' in page and 'href="envs.html#c"' in page


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(LibraryError, match="name another folder"):
        write_site(paths.assets_dir(), tmp_path / "file")


def test_the_folders_name_is_made_printable(tmp_path):
    done = run("docs", tmp_path / "pages\x1b]0;owned\x07\u202e")
    assert done.exit_code == 0 and not set("\x1b\x07\u202e") & set(done.output)


def test_files_of_others_are_kept_unless_forced(tmp_path):
    mine = tmp_path / "play.html"
    mine.write_text("mine")
    (tmp_path / "notes.txt").touch()
    done = run("docs", tmp_path)
    assert done.exit_code == 2 and "--force" in done.output
    assert mine.read_text() == "mine" and not (tmp_path / "index.html").exists()
    assert run("docs", tmp_path, "--force").exit_code == 0
    assert "mine" not in mine.read_text("utf-8")
    assert run("docs", tmp_path).exit_code == 0  # the pages are the same
