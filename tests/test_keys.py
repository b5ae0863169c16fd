"""One set of keys for a match in the window and in the terminal."""

import pygame

from pongarena.tui.screens.watch import WatchScreen
from pongarena.window.keys import Action, Bindings

SAME = {
    "pause": {Action.PAUSE},
    "restart": {Action.REMATCH},
    "push('right', -1)": {Action.RIGHT_UP},
    "push('right', 1)": {Action.RIGHT_DOWN},
    "push('left', -1)": {Action.LEFT_UP},
    "push('left', 1)": {Action.LEFT_DOWN},
    "slow": {Action.SLOW},
    "step": {Action.STEP},
    "minds": {Action.MINDS},
    "colours": {Action.CRT},
    "imitate": {Action.CLONE},
    "clip": {Action.CLIP},
    "app.quit": {Action.QUIT},
    "help": {Action.HELP, Action.TOUR},
}
"""What the terminal's action is called in the window."""

APART = {
    "pace(-1)": "a terminal has no sound: less and more are the speed",
    "pace(1)": "likewise",
    "again": "Enter: go on, in both",
    "lobby": "Esc: back, in both",
    "play": "only where there is no match",
    "new": "only where there is no match",
    "settings": "the app's own, the same on all its screens; a terminal's match cannot step back",
    "app.command_palette": "not a key of a match",
}
"""Keys that the window has no word for, and why that is right."""

NAMES = {"full_stop": ".", "question_mark": "?", "plus": "+", "minus": "-", "equals_sign": "="}


def test_a_key_of_the_terminals_match_means_the_same_in_the_window():
    pygame.display.init()
    bindings, met = Bindings(), set()
    for binding in WatchScreen.BINDINGS:
        if binding.action in APART:
            continue
        for key in binding.key.split(","):
            if "+" in key:  # with Shift or Ctrl: the window has none of these
                continue
            code = ord(NAMES.get(key, key)) if len(NAMES.get(key, key)) == 1 else pygame.key.key_code(key)
            holder = bindings.action(code)
            allowed = SAME.get(binding.action, set())
            assert holder is None or holder in allowed, (
                f"{key}: {binding.action} here, {holder} in the window"
            )
            met |= {holder} if holder in allowed else set()
    wanted = [names for action, names in SAME.items() if action != "help"]
    assert all(names & met for names in wanted), "a key that both should have"
