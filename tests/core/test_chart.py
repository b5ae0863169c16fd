"""Charts: the same shapes as SVG and as PNG."""

import io
import xml.etree.ElementTree as ET
from dataclasses import dataclass

import numpy as np
from PIL import Image

from pongarena.core.chart import HEIGHT, WIDTH, Caption, draw_png, draw_svg

CAPTION = Caption("<Anna & Ben>", "steps", "band: 95 % interval")


@dataclass
class Made:
    name: str
    xs: np.ndarray
    median: np.ndarray

    @property
    def low(self):
        return self.median - 0.05

    @property
    def high(self):
        return self.median + 0.05


def curves():
    xs = np.linspace(0, 3_000_000, 50)
    return [Made("<b>one</b>", xs, np.linspace(0.05, 0.2, 50)), Made("two", xs, np.linspace(0.6, 0.4, 50))]


def texts(svg):
    return [each.text for each in ET.fromstring(svg).iter() if each.tag.endswith("text")]


def test_an_svg_shows_names_and_round_numbers_as_text():
    found = texts(draw_svg(CAPTION, curves()))
    assert {"<Anna & Ben>", "<b>one</b>", "two", "0", "500k", "1M", "3M", "0%", "75%"} <= set(found)


def test_a_png_shows_each_curve_in_its_colour_and_dashes_the_second():
    picture = np.asarray(Image.open(io.BytesIO(draw_png(CAPTION, curves()))))
    assert picture.shape == (2 * HEIGHT, 2 * WIDTH, 3)
    one, two = ((picture == colour).all(axis=2) for colour in ((0, 114, 178), (213, 94, 0)))
    plot = slice(2 * 60, 2 * 600)
    gaps = [np.diff(np.flatnonzero(ink[:, plot].any(axis=0))).max() for ink in (one, two)]
    assert gaps[0] == 1
    assert 3 < gaps[1] < 20


def test_a_chart_of_nothing_can_be_drawn():
    nothing = Made("none", np.zeros(0), np.zeros(0))
    assert "none" not in texts(draw_svg(CAPTION, [nothing]))
    assert draw_png(CAPTION, [])
