"""Write the documentation as plain web pages: each Markdown file becomes an HTML file that loads nothing."""

import html
import itertools
import re
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from pongarena.core.errors import LibraryError
from pongarena.core.files import require_new_file, write_atomically
from pongarena.core.reading import read_ordinary

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
"""The pages in the order of the menu; missing ones are left out."""

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
    """Return the Markdown files of the pages, by the pages' names, in the menu's order.

    Args:
        assets: The folder of the bundled files.
    """
    paths = (assets / each for each in _PAGES)
    return {f"{path.stem.lower()}.html": path for path in paths if path.is_file()}


def write_site(assets: Path, folder: Path, *, overwrite: bool = False) -> list[Path]:
    """Write all pages into a folder, which is created. Keep pages that are there already, byte for byte.

    Args:
        assets: The folder of the bundled files.
        folder: The folder to write.
        overwrite: Whether to replace other files of the same names.

    Returns:
        The pages in the menu's order.

    Raises:
        LibraryError: When they cannot be written, or a file of the same name exists; then none is written.
    """
    pages = sources(assets)
    texts = {name: _COMMENT.sub("", path.read_text(encoding="utf-8")) for name, path in pages.items()}
    titles = {name: text.partition("\n")[0].lstrip("# ") for name, text in texts.items()}
    site = {
        folder / name: _PAGE.format(
            title=html.escape(titles[name]), menu=_menu(titles, name), content=_content(text, set(pages))
        ).encode()
        for name, text in texts.items()
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        new = {path: page for path, page in site.items() if not _holds(path, page)}
        for path in new:
            require_new_file(path, force=overwrite)
        for path, page in new.items():
            write_atomically(path, page)
    except OSError as error:
        raise LibraryError(
            f"cannot write pages into {folder}: {error.strerror or error}; name another folder"
        ) from error
    return list(site)


def _holds(path: Path, content: bytes) -> bool:
    """Return whether a file has exactly this content."""
    try:
        return read_ordinary(path, limit=len(content)) == content
    except (OSError, ValueError):
        return False


def _menu(titles: dict[str, str], current: str) -> str:
    return "".join(
        f'<a href="{name}"{" aria-current=page" if name == current else ""}>{html.escape(title)}</a>\n'
        for name, title in titles.items()
    )


def _content(text: str, pages: set[str]) -> str:
    """Render a text as HTML: headings get anchors, and links to Markdown files lead to their pages."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    for before, token in itertools.pairwise(tokens):
        if before.type == "heading_open":
            before.attrSet("id", _anchor(token.content))
        for each in token.children or ():
            if each.type == "link_open":
                each.attrSet("href", _page_link(str(each.attrGet("href")), pages))
    rendered: str = markdown.renderer.render(_scrolling(tokens), markdown.options, {})
    return rendered


def _scrolling(tokens: list[Token]) -> list[Token]:
    """Wrap each table in a box that scrolls on a narrow screen."""
    found = []
    for token in tokens:
        if token.type == "table_open":
            found.append(Token("html_block", "", 0, content='<div class="wide">\n'))
        found.append(token)
        if token.type == "table_close":
            found.append(Token("html_block", "", 0, content="</div>\n"))
    return found


def _page_link(link: str, pages: set[str]) -> str:
    path, mark, anchor = link.partition("#")
    page = f"{Path(path).stem.lower()}.html"
    is_page = "://" not in link and path.endswith(".md") and page in pages
    return page + mark + anchor if is_page else link


def _anchor(heading: str) -> str:
    return _NOT_A_LETTER.sub("-", heading.lower()).strip("-")
