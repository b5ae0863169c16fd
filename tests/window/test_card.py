"""No card, title, end or lesson writes one thing over another, or beyond its edge, in any window."""

from dataclasses import replace

import numpy as np
import pygame
import pytest

from pongarena.game.cartridge import Side
from pongarena.match.advantages import give_credit
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec, name_people
from pongarena.match.save_states import SavedState
from pongarena.window import cards, paint
from pongarena.window.advantages_view import CreditView
from pongarena.window.arrangement import arrange
from pongarena.window.editor import KeyEditor
from pongarena.window.high_scores import score_card
from pongarena.window.input_state import InputState
from pongarena.window.keys import Bindings
from pongarena.window.menu import Menu
from pongarena.window.prompt import Prompt
from pongarena.window.saved_states import StateList
from pongarena.window.screens import Lesson, count_pages, draw_sheet
from tests.window.labels import noting, overlaps
from tests.window.test_advantages_view import rally

SIZES = [(640, 480), (1024, 600), (1366, 768), (1920, 1080), (2560, 1440), (3840, 2160)]
HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()
LONG, OPPONENT = "Maximiliane Anna", "grandmaster@120000"

pytestmark = pytest.mark.usefixtures("display")


def of_matches(model):
    """Titles and ends of a named person's match against a network, and of two people's."""
    network = replace(model(hidden=8), name=OPPONENT)
    named = PlayerSpec("human", "human", nickname=LONG)
    for specs in ((named, network), name_people((HUMAN, HUMAN), [LONG, "Ben"])):
        match, bindings = Match(*specs), Bindings()
        hands = InputState(bindings, [side for side, spec in zip(Side, specs, strict=True) if spec.is_person])
        title = cards.title_card(match, bindings, hands, lit=True, can_go_on=True)
        strengths = "rating 1,234 ± 120", f"rating 1,634 ± 80  ·  high score: {LONG} 21 : 19"
        yield replace(title, strengths=strengths)
        standing = f"your rating 1,234 ± 120  ·  you play like champion@19862  ·  next rival: {OPPONENT}"
        celebrated = f"new high score against {OPPONENT}: 21 : 18!"
        course = (Side.LEFT, Side.RIGHT) * 18 + (Side.LEFT,) * 3
        end = cards.end_card(match, course, f"{celebrated}\n{standing}", bindings, can_go_on=True)
        yield replace(end, score=(21, 18))
        yield replace(end, score=(21, 21), climbed="rung 5 of 9 climbed!", headline=f"{LONG} wins")
        match.close()


def of_keys(result):
    """Every kind of card with keys, choices or words."""
    bindings = Bindings()
    yield from (*cards.help_cards(bindings), *cards.tour_cards(bindings))
    menu, editor = Menu(bindings), KeyEditor(bindings)
    yield menu.card()
    menu.open_settings()
    yield menu.card()
    for key in (pygame.K_RETURN, pygame.K_p):
        editor.press(key)
        yield editor.card()
    prompt = Prompt("Left player", "name", "For the score and the high scores.", print, LONG)
    yield prompt.card()
    yield replace(prompt, fault="expected a name of 1 to 40 letters, digits, spaces, '-' and '_' " * 2).card()
    yield score_card((("21 : 13  " + LONG, f"against {OPPONENT}, 2026-11-29"),) * 12)
    found = [SavedState(f"before the serve number {number}", result) for number in range(25)]
    yield StateList([*found, SavedState("x", None, "y")], print, print).card()


def of_lessons():
    """A won rally, a very long one that was lost, and one with three actions."""
    credits = [give_credit(each) for each in ([rally(40, 1)], [rally(30, 1), rally(900, -1, 3)])]
    credits.append(replace(give_credit([rally(70, -1)]), stays=np.arange(70) % 3 == 0))
    for each in credits:
        yield Lesson(CreditView(each, OPPONENT, "self-play", accent=paint.GREEN))


@pytest.mark.parametrize("size", SIZES)
def test_no_two_labels_overlap_and_none_leaves_its_card(size, model, monkeypatch):
    match = Match(PlayerSpec("human", "human", nickname=LONG), AI)
    match.step()
    sheets = [*of_matches(model), *of_keys(match.result()), *of_lessons()]
    match.close()
    at = arrange(size, (0, 1))
    with noting(monkeypatch):
        for sheet in sheets:
            for page in range(count_pages(sheet, size, at.scale)):
                shown = replace(sheet, page=page) if page else sheet
                picture = draw_sheet(shown, at.field.size, size, at.scale)
                assert len(picture.places) > 3, sheet
                assert overlaps(picture.places) == [], sheet
                edge = picture.get_rect().inflate(2, 2)
                assert [place for place in picture.places if not edge.contains(place)] == [], sheet


def test_lettering_that_overlaps_is_found(monkeypatch):
    with noting(monkeypatch):
        picture = pygame.Surface((200, 100))
        for y in (10, 40, 50):
            paint.write(picture, "words", (10, y), 16)
    assert len(overlaps(picture.places)) == 1
