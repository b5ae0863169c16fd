"""The documentation as plain pages: each Markdown file becomes one HTML file that loads nothing."""

import html
import itertools
import re
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from pongarena.core.errors import LibraryError
from pongarena.core.files import write_atomically

__all__ = ["sources", "write_site"]

_PAGES = (
    "site/index.md",
    "site/play.md",
    "site/train.md",
    "site/recipes.md",
    "envs.md",
    "cluster.md",
    "formats.md",
    "how-it-works.md",
    "site/faq.md",
    "CHANGELOG.md",
)
"""In the order of the menu; those that are not there are left out."""

_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_NOT_A_LETTER = re.compile(r"[^\w]+")

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title} – pongarena</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.55 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 1rem; }}
nav a {{ margin-right: 1rem; display: inline-block; }}
nav a[aria-current] {{ font-weight: bold; }}
h1, h2, h3 {{ line-height: 1.2; }}
pre {{ overflow-x: auto; padding: .7rem; border: 1px solid #8886; border-radius: .3rem; }}
code {{ font-family: ui-monospace, monospace; font-size: .92em; }}
.wide {{ overflow-x: auto; }}
table {{ border-collapse: collapse; }}
th, td {{ text-align: left; vertical-align: top; padding: .3rem .7rem .3rem 0; }}
th, td {{ border-bottom: 1px solid #8886; }}
</style>
</head>
<body>
<nav aria-label="Pages">{menu}</nav>
<main>
{content}</main>
</body>
</html>
"""


def sources(assets: Path) -> dict[str, Path]:
    """The Markdown files of the pages, by the pages' names, in the menu's order.

    Args:
        assets: The bundled files.
    """
    paths = (assets / each for each in _PAGES)
    return {f"{path.stem.lower()}.html": path for path in paths if path.is_file()}


def write_site(assets: Path, folder: Path) -> list[Path]:
    """Writes all pages into a folder, which is made; pages of the same names are replaced.

    Args:
        assets: The bundled files.
        folder: Where to.

    Returns:
        The pages, the first one first.

    Raises:
        LibraryError: When they cannot be written.
    """
    pages = sources(assets)
    texts = {name: _COMMENT.sub("", path.read_text(encoding="utf-8")) for name, path in pages.items()}
    titles = {name: text.partition("\n")[0].lstrip("# ") for name, text in texts.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            page = _PAGE.format(
                title=html.escape(titles[name]), menu=_menu(titles, name), content=_content(text, set(pages))
            )
            write_atomically(folder / name, page.encode())
    except OSError as error:
        raise LibraryError(
            f"cannot write pages into {folder}: {error.strerror or error}; name another folder"
        ) from error
    return [folder / name for name in pages]


def _menu(titles: dict[str, str], current: str) -> str:
    return "".join(
        f'<a href="{name}"{" aria-current=page" if name == current else ""}>{html.escape(title)}</a>\n'
        for name, title in titles.items()
    )


def _content(text: str, pages: set[str]) -> str:
    """The HTML of a text: with names of the headings, and links between Markdown files led to their pages."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    for before, token in itertools.pairwise(tokens):
        if before.type == "heading_open":
            before.attrSet("id", _anchor(token.content))
        for each in token.children or ():
            if each.type == "link_open":
                each.attrSet("href", _led(str(each.attrGet("href")), pages))
    rendered: str = markdown.renderer.render(_scrolling(tokens), markdown.options, {})
    return rendered


def _scrolling(tokens: list[Token]) -> list[Token]:
    """Puts each table into a box of its own, which scrolls where a screen is too narrow."""
    found = []
    for token in tokens:
        if token.type == "table_open":
            found.append(Token("html_block", "", 0, content='<div class="wide">\n'))
        found.append(token)
        if token.type == "table_close":
            found.append(Token("html_block", "", 0, content="</div>\n"))
    return found


def _led(place: str, pages: set[str]) -> str:
    path, mark, anchor = place.partition("#")
    page = f"{Path(path).stem.lower()}.html"
    is_page = "://" not in place and path.endswith(".md") and page in pages
    return page + mark + anchor if is_page else place


def _anchor(heading: str) -> str:
    return _NOT_A_LETTER.sub("-", heading.lower()).strip("-")
