"""Notifications of the terminal: what a name holds cannot end the sequence."""

import re

from hypothesis import given
from hypothesis import strategies as st

from pongarena.core.notification import notification

XTERM, FOOT = {"TERM": "xterm-256color"}, {"TERM": "foot"}


@given(st.text())
def test_one_sequence_comes_out_whatever_the_words_are(words):
    assert re.fullmatch(r"\x1b]9;pongarena: [^\x00-\x1f\x7f-\x9f;]*\x07", notification(words, XTERM))
    assert re.fullmatch(r"\x1b]777;notify;pongarena;[^\x00-\x1f\x7f-\x9f;]*\x07", notification(words, FOOT))


def test_the_words_are_in_it_and_tmux_hands_it_on():
    assert "evil\ufffd]0,owned" in notification("evil\x1b]0;owned\x07", XTERM)
    assert notification("x", {**XTERM, "TMUX": "1"}) == "\x1bPtmux;\x1b\x1b]9;pongarena: x\x07\x1b\\"
    assert "]777;" in notification("x", {**XTERM, "VTE_VERSION": "7600"})
