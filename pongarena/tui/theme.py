"""The colours of the app: three themes with the same colour names, and those names as styles of Rich.

In the default theme the left paddle is orange, the right one green, the ball white, as in the match window.
Everything that has a colour also has a word or a shape, so nothing is lost without colour.
"""

from rich.style import Style
from rich.theme import Theme as RichTheme
from textual.theme import Theme

__all__ = ["BALL", "DEFAULT_THEME", "GREEN", "ORANGE", "THEMES", "rich_styles"]

ORANGE = "$left"
"""Style of the left side, and of whatever needs attention; also ``bold $left``."""
GREEN = "$right"
"""Style of the right side, where networks learn, and of whatever goes well."""
BALL = "$ball"
"""Style of the ball, and of the curve that matters."""


def _theme(
    name: str,
    *,
    dark: bool,
    left: str,
    right: str,
    ball: str,
    text: tuple[str, str, str],
    warning: str,
    error: str,
    grounds: tuple[str, str, str],
    lines: tuple[str, str],
    cursor: tuple[str, str, str],
) -> Theme:
    """Make a theme from a few colours.

    Args:
        name: Its name.
        dark: Whether the background is dark.
        left: The left paddle.
        right: The right paddle.
        ball: The ball.
        text: Normal, muted and faint text.
        warning: Warnings.
        error: Errors.
        grounds: Backgrounds of the screen, of what lies on it, and of what lies on that.
        lines: Borders with the focus, and without it.
        cursor: Background of the chosen row, its text, and its background without the focus.
    """
    foreground, muted, faint = text
    background, surface, panel = grounds
    return Theme(
        name=name,
        primary=right,
        secondary=left,
        accent=right,
        warning=warning,
        error=error,
        success=right,
        foreground=foreground,
        background=background,
        surface=surface,
        panel=panel,
        dark=dark,
        variables={
            "border": lines[0],
            "border-blurred": lines[1],
            "block-cursor-background": cursor[0],
            "block-cursor-foreground": cursor[1],
            "block-cursor-text-style": "bold",
            "block-cursor-blurred-background": cursor[2],
            "block-cursor-blurred-foreground": foreground,
            "block-hover-background": cursor[2],
            "input-cursor-background": ball,
            "input-selection-background": cursor[0],
            "footer-background": surface,
            "footer-key-foreground": left,
            "scrollbar": lines[0],
            "scrollbar-hover": faint,
            "scrollbar-active": right,
            "scrollbar-background": background,
            "scrollbar-background-hover": background,
            "scrollbar-background-active": background,
            "scrollbar-corner-color": background,
            "muted": muted,
            "faint": faint,
            "left": left,
            "right": right,
            "ball": ball,
        },
    )


_PHOSPHOR = _theme(
    "phosphor",
    dark=True,
    left="#d5824a",
    right="#5cba5c",
    ball="#ececec",
    text=("#d3ddd4", "#8b998e", "#56645a"),
    warning="#e0b04c",
    error="#e8695a",
    grounds=("#0b0e0c", "#111613", "#19201c"),
    lines=("#2f3b33", "#252e28"),
    cursor=("#1a2e20", "#f4faf4", "#1a2620"),
)

_DAYLIGHT = _theme(
    "daylight",
    dark=False,
    left="#a4480b",
    right="#1c6f2c",
    ball="#101410",
    text=("#222c24", "#59665c", "#8d998f"),
    warning="#7d5a00",
    error="#b3261e",
    grounds=("#f7f8f3", "#ecefe6", "#e1e6da"),
    lines=("#b9c3b6", "#d0d7cb"),
    cursor=("#cfe8cf", "#0d140e", "#dde9da"),
)

_OKABE_ITO = _theme(
    "okabe-ito",
    dark=True,
    left="#e69f00",
    right="#56b4e9",
    ball="#f2f2f2",
    text=("#d8dce2", "#949ca8", "#5d6672"),
    warning="#f0e442",
    error="#e8743b",
    grounds=("#0b0d10", "#12161b", "#1b2128"),
    lines=("#303a45", "#262e37"),
    cursor=("#122f48", "#f4f9ff", "#1b2733"),
)
# Okabe and Ito, Color Universal Design (2008): orange, sky blue, yellow, and a slightly lighter vermilion

THEMES = {
    "phosphor": ("Phosphor: dark, orange, green", _PHOSPHOR),
    "daylight": ("Daylight: light", _DAYLIGHT),
    "okabe-ito": ("Okabe–Ito: colour-blind safe", _OKABE_ITO),
}
"""Descriptions and themes by name; each defines ``$muted``, ``$faint``, ``$left``, ``$right``, ``$ball``."""

DEFAULT_THEME = "phosphor"


def rich_styles(theme: Theme) -> RichTheme:
    """Return a theme's colours as Rich styles, for texts like ``Text("…", "$muted")`` or ``"bold $left"``."""
    colours = {"warning": theme.warning, "error": theme.error, "success": theme.success}
    colours |= {name: theme.variables.get(name) for name in ("muted", "faint", "left", "right", "ball")}
    styles = {}
    for name, colour in colours.items():
        if colour is not None:
            style = Style(color=colour)
            styles[f"${name}"], styles[f"bold ${name}"] = style, Style(bold=True) + style
    return RichTheme(styles)
