"""A network of another kind is one like all: three actions, 75×80 pixels, two hidden layers.

It is trained, saved, loaded, evaluated, plays, is rated, and shows its mind in window and terminal.
"""

from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from pongarena.cli import cli
from pongarena.game.cartridge import Side
from pongarena.game.paddle import Move
from pongarena.library.models import Library
from pongarena.match.log import log_match, read_log
from pongarena.match.match import Match
from pongarena.match.player_names import find_player
from pongarena.match.players import PlayerSpec
from pongarena.match.ratings import fit
from pongarena.nn.checkpoint import read_checkpoint
from pongarena.training.evaluation import evaluate
from pongarena.tui.app import PongArenaApp
from pongarena.tui.screens.watch import WatchScreen
from pongarena.tui.services.match_jobs import MatchRequest
from pongarena.tui.widgets.inspector import MindPanel
from pongarena.window.offscreen import Film, studio_lights
from tests.tui.conftest import screen_text, until

SETTINGS = {
    "actions": 3,
    "crop": 1,
    "hidden_units": 16,
    "second_layer": 8,
    "critic_units": 8,
    "games": 4,
    "first_games": 4,
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A library with one trained model of another kind."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PONGARENA_HOME", str(home))
        pairs = [word for key, value in SETTINGS.items() for word in ("--set", f"{key}={value}")]
        done = CliRunner().invoke(cli, ["train", "odd", *pairs, "--seed", "1", "--minutes", "0.05"])
        assert done.exit_code == 0, done.output
        yield home


@pytest.fixture
def odd(home, monkeypatch):
    monkeypatch.setenv("PONGARENA_HOME", str(home))
    return read_checkpoint(Library().checkpoint("odd").path)


def test_its_card_tells_what_it_is(odd):
    spec = odd.policy.spec
    assert (spec.actions, spec.observation.shape, odd.policy.layers) == (3, (75, 80), (16, 8))
    assert odd.card.may == "UP, STAY, DOWN" and "75×80" in odd.card.sees
    shown = CliRunner().invoke(cli, ["models", "show", "odd"], env={"COLUMNS": "100"})
    assert "75×80" in shown.output and "STAY" in shown.output


def test_it_is_evaluated_on_the_emulator(odd):
    result = evaluate(odd.policy, games=2, seed=1, max_frames=3000)
    assert result.games == 2 and sum(map(sum, result.scores)) > 0


def test_it_plays_stays_and_is_rated(odd):
    match = Match(PlayerSpec.ai(), PlayerSpec.model(odd), points=2)
    taken = set()
    while not match.over:
        match.step()
        decision = match.decisions[1]
        if decision is not None:
            taken.add(decision.action)
            assert sum(decision.probabilities) == pytest.approx(1, abs=1e-5)
    assert taken == {Move.UP, Move.STAY, Move.DOWN}
    finished = log_match(match)
    match.close()
    assert finished.right == str(odd.card)
    assert fit(read_log().results).of(str(odd.card)) is not None


@pytest.mark.parametrize("side", list(Side))
def test_the_window_shows_its_mind(odd, side):
    """What it sees lies within the rows that it is shown; the picture changes with its decisions."""
    specs = [PlayerSpec.ai(), PlayerSpec.model(odd)]
    match = Match(*(specs if side is Side.RIGHT else specs[::-1]), points=1)
    with studio_lights():
        pictures = [picture.copy() for picture in Film(scale=3, every=10).play(match, first=120, last=200)]
    decision = match.decisions[side is Side.RIGHT]
    match.close()
    assert len(pictures) > 3 and any((one != pictures[0]).any() for one in pictures[1:])
    assert decision.seen.inputs == 6000 and decision.seen.columns.max(initial=0) < 6000


async def test_the_terminal_shows_three_probabilities(odd):
    app = PongArenaApp("library")
    async with app.run_test(size=(140, 45)) as pilot:
        app.start_match(MatchRequest("ai", "odd@latest", here=True))
        await until(pilot, lambda: isinstance(app.screen, WatchScreen) and app.screen._table is not None)
        await pilot.pause()
        await until(pilot, lambda: "STAY" in screen_text(app) and "DOWN" in screen_text(app))
        await until(pilot, lambda: app.screen.query_one("#mind-right", MindPanel)._decision is not None)
        decision = app.screen.query_one("#mind-right", MindPanel)._decision
        assert len(decision.probabilities) == 3
        await pilot.press("escape")


def test_a_fork_of_it_is_of_its_kind_and_no_other(home, odd, monkeypatch):
    monkeypatch.setenv("PONGARENA_HOME", str(home))
    refused = CliRunner().invoke(cli, ["models", "fork", "odd", "other", "--set", "actions=2"])
    assert refused.exit_code == 2 and "actions" in refused.output, refused.output
    assert np.isfinite(find_player(Library(), "odd").checkpoint.policy.w1).all()
    assert replace(odd.card, actions=3) == odd.card
