"""What training costs, as ratios within one run."""

from time import process_time

import numpy as np
import pytest

from pongarena.bench.alone import GamesAlone
from pongarena.nn.sparse_net import SparseNet
from pongarena.nn.threads import Threads
from pongarena.training.compiled_games import CompiledGames
from pongarena.training.registry import recipe

GAMES, STEPS = 128, 64


@pytest.mark.slow
def test_a_network_that_decides_costs_less_than_three_games():
    chosen = recipe("karpathy")
    alone = GamesAlone(GAMES, chosen, seed=0)
    games = CompiledGames.of(chosen, GAMES, steps=STEPS)
    rng = np.random.default_rng(0)
    games.begin(rng.integers(0, 2**63, GAMES, np.uint64))
    net = SparseNet.of(chosen.new_network(rng), Threads(1))

    def seconds(run):
        started = process_time()
        run()
        return process_time() - started

    pairs = [(seconds(lambda: alone.run(STEPS)), seconds(lambda: games.play(net))) for _ in range(20)]
    game, with_network = (min(each) for each in zip(*pairs[1:], strict=True))
    assert with_network < 4 * game
