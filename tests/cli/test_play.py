"""Who comes next in the match window, asked as the window asks."""

from pongarena.cli.play import next_players
from pongarena.library.models import Library
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec


def after(left, right):
    """Who plays after a match of these two."""
    match = Match(left, right)
    match.close()
    specs = next_players(Library(), match.result(), greedy=False)
    assert specs is not None
    return specs


def rivals():
    models = [model for model in Library().models() if model.fault is None]
    return {str(model.checkpoint()) for model in models if model.checkpoints()}


def test_a_person_stays_on_either_side_and_meets_everybody_in_turn():
    for person in (0, 1):
        specs, met = [PlayerSpec.ai(), PlayerSpec.ai()], []
        specs[person] = PlayerSpec.human()
        for _ in range(len(rivals()) + 1):
            specs = after(*specs)
            assert specs[person].kind == "human"
            met.append(specs[1 - person].name)
        assert set(met) == rivals() | {"ai"}
        assert met[-1] == "ai"


def test_without_a_person_the_right_one_stays_and_the_ai_never_meets_itself():
    network = after(PlayerSpec.human(), PlayerSpec.ai())[1]
    specs, met = (PlayerSpec.ai(), network), set()
    for _ in range(len(rivals()) + 1):
        specs = after(*specs)
        assert specs[1].name == network.name
        met.add(specs[0].name)
    assert met == rivals() | {"ai"}
    specs = (network, PlayerSpec.ai())
    for _ in range(len(rivals()) + 1):
        specs = after(*specs)
        assert specs[1].name == "ai"
        assert specs[0].kind == "model"
