"""What people are called in the window."""

import pygame

from pongarena.match.log import read_log
from pongarena.match.match import Match
from pongarena.match.people import keep_names, kept_names
from pongarena.match.players import PlayerSpec, name_people
from pongarena.window.app import play
from pongarena.window.prompt import Prompt
from pongarena.window.settings import Settings, read_settings, write_settings
from tests.window.script import Script, press

HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()
ENTER = pygame.K_RETURN


def typed(word):
    return [press(ord(letter.lower()), letter) for letter in word]


def test_a_person_is_asked_once_and_the_name_is_kept_and_logged():
    write_settings(Settings(toured=True))
    keys = {5: typed("Ann"), 7: [pygame.K_BACKSPACE, *typed("na"), ENTER], 10: [pygame.K_SPACE]}
    play(Match(HUMAN, AI), scale=1, title=True, recorder=Script(keys, last=40))
    (result,) = read_log().results
    assert result.people == ("Anna", "")
    assert kept_names() == ("Anna", "")
    assert read_settings().asked == 1
    again = play(
        Match(HUMAN, AI), scale=1, title=True, log=False, recorder=Script({5: [pygame.K_w]}, last=20)
    )
    assert again.frames > 10  # nothing was asked again


def test_the_second_of_two_is_asked_too_and_no_answer_is_one():
    write_settings(Settings(toured=True, asked=1))
    keep_names(["Anna"])
    match = Match(*name_people((HUMAN, HUMAN), kept_names()))
    keys = {5: [pygame.K_ESCAPE], 10: [pygame.K_SPACE]}
    result = play(match, scale=1, title=True, log=False, recorder=Script(keys, last=30))
    assert result.people == ("Anna", "")
    assert result.frames > 10
    assert read_settings().asked == 2


def test_names_are_changed_by_key_and_bad_ones_are_refused_in_words():
    keys = {5: [pygame.K_2], 7: [*typed("CPU"), ENTER], 9: [*typed("s"), ENTER]}
    result = play(Match(AI, HUMAN), scale=1, log=False, recorder=Script(keys, last=30))
    assert result.people == ("", "CPUs")
    assert result.frames > 15


def test_a_prompt_tells_why_an_answer_will_not_do():
    prompt = Prompt("Name", "name", "for the score", lambda name: keep_names([name]), "right")
    assert not prompt.press(ENTER, "\r")
    assert "choose another name" in prompt.card().foot
    assert not prompt.press(pygame.K_BACKSPACE, "\x08")
    assert prompt.press(ENTER, "\r")
    assert kept_names() == ("righ", "")
