"""What is sent to the terminal: the same picture, in fewer bytes. A terminal emulator reads it."""

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.style import Style

from pongarena.tui.diff_compositor import Pen

COLOURS = st.sampled_from([None, "#904811", "#d5824a", "#5cba5c", "#ececec"])
ATTRIBUTES = st.fixed_dictionaries(
    {
        "color": COLOURS,
        "bgcolor": COLOURS,
        "bold": st.sampled_from([None, True]),
        "underline": st.sampled_from([None, None, None, True]),
    }
)
PIECES = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 5), st.text("ab▀▂ ", min_size=1, max_size=6), ATTRIBUTES),
    max_size=12,
)


def screen_of(sent):
    screen = pyte.Screen(40, 6)
    pyte.Stream(screen).feed(sent)
    return [
        [(cell.data, cell.fg, cell.bg, cell.bold, cell.underscore) for x in range(40) for cell in [line[x]]]
        for line in (screen.buffer[y] for y in range(6))
    ]


@settings(max_examples=60)
@given(PIECES)
def test_the_pen_paints_what_rich_paints(pieces):
    for system in (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT):
        pen, plain = Pen(system), []
        for x, y, text, attributes in pieces:
            pen.move_to(x, y)
            pen.write(text, Style(**attributes))
            # a style remembers the codes of the first terminal it met
            plain.append(f"\x1b[{y + 1};{x + 1}H{Style(**attributes).render(text, color_system=system)}")
        sent = pen.finish()
        assert screen_of(sent) == screen_of("".join(plain))
        assert len(sent) <= len("".join(plain)) + 4 * len(pieces)


def test_a_colour_that_stays_is_sent_once():
    pen = Pen(ColorSystem.TRUECOLOR)
    for x in range(5):
        pen.move_to(2 * x, 0)
        pen.write("▲", Style(color="#d5824a", bgcolor="#904811"))
    assert pen.finish().count("38;2") == 1


def test_without_colours_nothing_but_text_is_sent():
    pen = Pen(None)
    pen.write("▲", Style(color="#d5824a"))
    assert pen.finish() == "▲"
