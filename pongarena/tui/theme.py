"""The app's one theme: a dark arcade, in the colours of the cartridge.

Orange is the left paddle, green the right one, white the ball, as in the match window. Everything that has a
colour also has a word or a shape, so nothing is lost without colour.
"""

from textual.theme import Theme

ORANGE = "#d5824a"
"""The left side, and whatever needs attention."""
GREEN = "#5cba5c"
"""The right side, where networks learn, and whatever goes well."""
BALL = "#ececec"
"""The ball, and the curve that matters."""

PHOSPHOR = Theme(
    name="phosphor",
    primary=GREEN,
    secondary=ORANGE,
    accent=GREEN,
    warning="#e0b04c",
    error="#e8695a",
    success=GREEN,
    foreground="#d3ddd4",
    background="#0b0e0c",
    surface="#111613",
    panel="#19201c",
    dark=True,
    variables={
        "border": "#2f3b33",
        "border-blurred": "#252e28",
        "block-cursor-background": "#2c4a33",
        "block-cursor-foreground": "#f4faf4",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#1f2c24",
        "block-cursor-blurred-foreground": "#d3ddd4",
        "block-hover-background": "#1d2721",
        "input-cursor-background": "#ececec",
        "input-selection-background": "#2c4a33",
        "footer-background": "#111613",
        "footer-key-foreground": ORANGE,
        "scrollbar": "#334038",
        "scrollbar-hover": "#48584e",
        "scrollbar-active": GREEN,
        "scrollbar-background": "#0b0e0c",
        "scrollbar-background-hover": "#0b0e0c",
        "scrollbar-background-active": "#0b0e0c",
        "scrollbar-corner-color": "#0b0e0c",
        "muted": "#8b998e",
        "faint": "#56645a",
        "left": ORANGE,
        "right": GREEN,
        "ball": BALL,
    },
)
"""The colours of every screen; ``$muted``, ``$faint``, ``$left``, ``$right`` and ``$ball`` are our own."""
