"""Players, and what they are called."""

from dataclasses import replace

import numpy as np
import pytest

from pongarena.core.errors import InvalidNameError, MatchError
from pongarena.library.models import Library, checkpoint_path
from pongarena.match.entrants import find_refs
from pongarena.match.gymnasium_opponents import find_opponent
from pongarena.match.match import Match
from pongarena.match.player_names import find_player
from pongarena.match.players import ModelPlayer, PlayerSpec, called
from pongarena.nn.checkpoint import write_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.spec import AgentSpec
from pongarena.training.evaluation import evaluate
from pongarena.training.registry import recipe


def test_a_single_person_is_you_and_two_have_a_side_each(model):
    person, ai, network = PlayerSpec.human(), PlayerSpec.ai(), model()
    assert called((person, ai)) == ("you", "CPU")
    assert called((network, person)) == ("m@100", "you")
    assert called((person, person)) == ("left", "right")
    assert called((network, person), ("m@200", "human")) == ("m@200", "you")


@pytest.mark.parametrize("typed", ["ai", "cpu", "CPU"])
def test_the_cartridge_s_own_player_goes_by_two_names(typed, home, tmp_path):
    library = Library(bundled=tmp_path)
    assert find_player(library, typed) == PlayerSpec.ai()
    assert find_refs(library, [typed]) == (None,)
    assert find_opponent(typed) is None


def test_a_model_that_was_called_cpu_before_keeps_its_name(home, tmp_path, model):
    library = Library(bundled=tmp_path)
    old = library.create("old", recipe("karpathy", hidden_units=4), 0)
    write_checkpoint(checkpoint_path(old.path, 100), model(hidden=4).checkpoint)
    old.path.rename(old.path.with_name("cpu"))
    assert library.model("cpu").fault is None
    assert find_player(library, "cpu").traits.plays_checkpoint
    with pytest.raises(InvalidNameError, match="another player"):
        library.create("cpu", recipe("karpathy"), 0)


def test_a_network_that_is_gone_is_called_by_its_name(model):
    gone, person = PlayerSpec.recording("ada@300"), PlayerSpec.human()
    assert called((gone, person)) == ("ada@300", "you")
    assert called((gone, gone)) == ("ada@300", "ada@300")
    with pytest.raises(MatchError, match="name who is to play"):
        Match(gone, person, seed=1)


def test_a_decision_never_changes_once_it_is_made(model):
    player, screen = ModelPlayer(model()), np.zeros((210, 160), np.uint8)
    player.act(screen)
    first = player.decision
    before = (first.number, len(first.history), len(first.past))
    for _ in range(100):
        player.act(screen)
    assert (first.number, len(first.history), len(first.past)) == before == (1, 1, 1)


@pytest.mark.parametrize("frame_skip", [1, 3, 4, 16])
def test_a_network_decides_as_often_as_it_was_trained_to(frame_skip, model):
    policy = PolicyNetwork.random(3, np.random.default_rng(0), AgentSpec(frame_skip=frame_skip))
    player = ModelPlayer(PlayerSpec.model(replace(model().checkpoint, policy=policy)))
    player.reset(1)
    screen = np.zeros((210, 160), np.uint8)
    decided = []
    for _ in range(40):
        player.act(screen)
        decided.append(player.decision.number)
    assert decided == [frame // frame_skip + 1 for frame in range(40)]
    assert evaluate(policy, games=1, seed=0, max_frames=200).frame_skip == frame_skip
