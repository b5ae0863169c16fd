"""Texts of the window's screens: title, end, tour and help."""

from dataclasses import replace

from pongarena.game.cartridge import Ball, Side
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.game.types import SmallPaddles
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec, called
from pongarena.match.variant import PLAIN
from pongarena.window.input_state import InputState
from pongarena.window.inspector_input import MIND_KEYS
from pongarena.window.keys import WORDS, Action, Bindings
from pongarena.window.screens import Card, End, Title

__all__ = ["clip_end", "clip_title", "end_card", "help_cards", "title_card", "tour_cards"]

_PAIRS: tuple[tuple[str, Action, Action], ...] = (
    ("left paddle up, down", Action.LEFT_UP, Action.LEFT_DOWN),
    ("right paddle up, down", Action.RIGHT_UP, Action.RIGHT_DOWN),
    ("hold: take left, right paddle", Action.TAKE_LEFT, Action.TAKE_RIGHT),
    ("hold: wind back, forward", Action.BACK, Action.FORTH),
    ("one frame back, forward", Action.STEP_BACK, Action.STEP),
    ("quieter, louder", Action.QUIETER, Action.LOUDER),
)

_OTHER_MEANS = (
    ("mouse", "the knob; a click catches it, Esc frees it"),
    ("gamepad", "stick: the knob; D-pad; 0 yes, 1 back"),
)


def title_card(match: Match, bindings: Bindings, hands: InputState, *, lit: bool, can_go_on: bool) -> Title:
    """The title: both players, and their keys."""
    human = any(spec.is_person for spec in match.specs)
    sides = [_hands_of(side, spec, bindings, hands) for side, spec in zip(Side, match.specs, strict=True)]
    foot = [("all keys", Action.HELP), ("tour", Action.TOUR), ("change keys", Action.KEYS)]
    foot.append(("swap sides", Action.SWAP))
    if can_go_on:
        foot.append(("another opponent", Action.NEXT))
    return Title(
        names=called(match.specs),
        about=(_about(match.specs[0]), _about(match.specs[1])),
        hands=(sides[0], sides[1]),
        facts=f"{_facts(match)}  ·  seed {match.seed}",
        call="Press any key" if human else "Any key to start",
        foot="   ".join(f"{bindings.name(action)} {words}" for words, action in foot),
        lit=lit,
    )


def end_card(
    match: Match, course: tuple[Side, ...], standing: str, bindings: Bindings, *, can_go_on: bool
) -> End:
    """The end: the winner, the course of the match, the user's standing, and the next keys."""
    names = called(match.specs)
    winner = match.winner
    nobody = "The recording ends" if match.replays else "No winner"
    first = nobody if winner is None else names[0 if winner is Side.LEFT else 1]
    headline = first if winner is None else "you win" if first == "you" else f"{first} wins"
    seconds = match.frames // FRAME_RATE_HZ
    keys = [f"{bindings.name(Action.REMATCH)} {'once more' if match.replays else 'rematch'}"]
    if not match.replays:
        keys.append(f"{bindings.name(Action.SWAP)} swap sides")
    if can_go_on:
        keys.append(f"{bindings.name(Action.NEXT)} next opponent")
    if not match.replays and any(spec.is_person for spec in match.specs):
        keys.append(f"{bindings.name(Action.CLONE)} clone me")
    return End(
        headline=headline,
        side=winner,
        names=names,
        score=match.score,
        course=course,
        facts=f"longest rally {match.longest_rally}  ·  {seconds // 60}:{seconds % 60:02d} min played",
        standing=standing.splitlines()[-1] if standing else "",
        climbed=standing.splitlines()[0] if "\n" in standing else "",
        foot=("    ".join(keys), f"{bindings.name(Action.QUIT)} quit"),
    )


def clip_title(match: Match) -> Title:
    """The title at the start of a clip."""
    abouts = _about(match.specs[0]), _about(match.specs[1])
    return Title(called(match.specs), abouts, ("", ""), _facts(match), call="", foot="")


def clip_end(match: Match) -> End:
    """The result at the end of a clip."""
    course = tuple(Side(rally.winner) for rally in match.rallies)
    end = end_card(match, course, "", Bindings(), can_go_on=False)
    return replace(end, foot=())


def tour_cards(bindings: Bindings) -> tuple[Card, ...]:
    """An introduction to the window in half a minute."""
    key = bindings.name
    up_down = bindings.names(Action.RIGHT_UP, Action.RIGHT_DOWN)
    pages = {
        "Welcome": (
            ("you", f"move a paddle with {up_down} or the mouse; 21 points win"),
            ("rivals", "are neural networks that learned Pong from pixels alone"),
            (key(Action.PAUSE), "pauses; Esc opens the menu"),
        ),
        "A mind": (
            ("P(UP)", "how likely the network is to move its paddle up, now"),
            ("sentence", "what it wants, and its strongest reason"),
            ("triangles", "its units: bright ones fire; amber votes up, blue down"),
            ("picture", "what it sees: what appeared since it last looked, and what is gone"),
        ),
        "Look closer": (
            (key(Action.CONNECTIONS), "how it decides: pixels, units that fire, their votes, P(UP)"),
            (key(Action.VOTES), "what pushed the decision, on the field: amber up, blue down"),
            (key(Action.CREDIT), "the last rally, as learning sees it"),
            (key(Action.BACK), "hold: wind through the last minute"),
            ("click", "a unit: what it looks for"),
        ),
    }
    return tuple(
        Card(title, rows, f"any key goes on · Esc ends the tour · {i} of {len(pages)}")
        for i, (title, rows) in enumerate(pages.items(), 1)
    )


def help_cards(bindings: Bindings) -> tuple[Card, Card]:
    """All keys: those of the window, and those of a mind's panel."""
    rows = [(bindings.names(*actions), words) for words, *actions in _PAIRS]
    rows[3:3] = _OTHER_MEANS
    paired = {action for _, *actions in _PAIRS for action in actions}
    rows += [(bindings.name(action), WORDS[action]) for action in Action if action not in paired]
    foot = f"{bindings.name(Action.HELP)} goes on  ·  Esc closes"
    mind = (("click", "on a panel: it gets the keys if no person plays"), *MIND_KEYS)
    return Card("Keys", tuple(rows), foot), Card("Inside a mind", mind, foot)


def _facts(match: Match) -> str:
    """The rules of the match."""
    points = "1 point" if match.points == 1 else f"{match.points} points"
    ball = "one speed" if match.ball is Ball.CONSTANT else "faster with every fourth hit"
    words = [f"to {points}", f"ball: {ball}"]
    if match.variant.small is not SmallPaddles.NONE:
        words.append(f"small paddles: {match.variant.small}")
    if match.variant != PLAIN:
        words.append("not rated")
    return "  ·  ".join(words)


def _about(spec: PlayerSpec) -> str:
    if spec.checkpoint is None:
        return spec.traits.about
    card = spec.checkpoint.card
    return f"{card.recipe} · game {card.episode:,}"


def _hands_of(side: Side, spec: PlayerSpec, bindings: Bindings, hands: InputState) -> str:
    """The controls of a side, in words."""
    take = Action.TAKE_LEFT if side is Side.LEFT else Action.TAKE_RIGHT
    if not spec.is_person:
        return f"hold {bindings.name(take)} to take its paddle"
    left = bindings.names(Action.LEFT_UP, Action.LEFT_DOWN)
    right = bindings.names(Action.RIGHT_UP, Action.RIGHT_DOWN)
    if len(hands.sides) == 1:
        return f"{left}, {right}, mouse, gamepad"
    mouse = ", mouse" if hands.mouse_side is side else ""
    return f"{left if side is Side.LEFT else right}{mouse}, gamepad"
