from dataclasses import replace

import numpy as np
import pygame
import pytest

from pongarena.match.advantages import GAMMA, give_credit
from pongarena.match.players import Rally, RallyStep
from pongarena.training.returns import discounted_returns, standardise
from pongarena.window.advantages_view import CreditView
from pongarena.window.display import open_display
from pongarena.window.paint import Scale


def rally(count, outcome, seed=0):
    rng = np.random.default_rng(seed)
    p_up = rng.random(count)
    return Rally(tuple(RallyStep(float(p), bool(rng.random() < p)) for p in p_up), outcome)


def test_credit_is_that_of_the_learner():
    rallies = [rally(30, 1), rally(70, -1, 1), rally(12, -1, 2)]
    rewards = np.zeros(112)
    rewards[[29, 99, 111]] = 1, -1, -1
    returns = discounted_returns(rewards, GAMMA)
    credit = give_credit(rallies)
    assert np.array_equal(credit.returns, returns[100:])
    assert np.array_equal(credit.advantages, standardise(returns)[100:])
    assert credit.returns[-1] == -1
    assert credit.returns[0] == pytest.approx(-(0.99**11))
    up = np.array([decision.up for decision in rallies[2].decisions])
    p_up = np.array([decision.p_up for decision in rallies[2].decisions])
    assert np.allclose(credit.logit_gradient, (up - p_up) * standardise(returns)[100:])
    assert (credit.game_decisions, credit.rally, credit.outcome) == (112, 3, -1)
    assert credit.game_mean == pytest.approx(returns.mean())
    assert credit.game_deviation == pytest.approx(returns.std())


def test_a_push_makes_the_good_decision_likelier():
    credit = give_credit([rally(40, 1), rally(40, -1, 1)])
    taken = np.where(credit.up, 1, -1)
    assert (np.sign(credit.logit_gradient) == np.sign(credit.advantages) * taken).all()
    assert sum(credit.counts(up=up, more=more) for up in (0, 1) for more in (0, 1)) == len(credit) == 40


def test_with_three_actions_the_action_taken_is_credited():
    steps = (
        RallyStep(0.2, False, True, 0.5),
        RallyStep(0.6, True, False, 0.6),
        RallyStep(0.2, False, False, 0.3),
    )
    credit = give_credit([Rally(steps, 1)])
    assert credit.has_three and credit.p_taken.tolist() == [0.5, 0.6, 0.3]
    assert np.allclose(credit.logit_gradient, (1 - credit.p_taken) * credit.advantages)
    counted = sum(credit.counts(up=up, more=more) for up in (0, 1) for more in (0, 1))
    assert counted + sum(credit.stayed(more=more) for more in (0, 1)) == 3
    open_display()
    pictures = []
    for shown in (credit, replace(credit, stays=np.zeros(3, np.bool_))):
        target = pygame.Surface((640, 420))
        CreditView(shown, "m@1", "turbo", accent=(0, 255, 0)).draw(target, Scale())
        pictures.append(pygame.surfarray.array3d(target))
    assert not np.array_equal(*pictures)


def test_the_view_says_who_trained_the_network():
    credit = give_credit([rally(5, 1)])
    said = [
        CreditView(credit, "m", each, accent=(0, 0, 0)).whose for each in ("karpathy", "turbo", "imported")
    ]
    assert said == [
        "trained by karpathy, credit by its rules",
        "trained by turbo, credit by karpathy's rules",
        "imported, credit by karpathy's rules",
    ]


def test_later_rallies_have_no_influence():
    rallies = [rally(20, -1), rally(20, 1, 1), rally(20, -1, 2)]
    assert np.array_equal(give_credit(rallies, 2).advantages, give_credit(rallies[:2]).advantages)


def test_nothing_to_credit():
    assert give_credit([]) is None
    assert give_credit([Rally((), 1)]) is None
    assert give_credit([rally(5, 1)], 2) is None
    assert give_credit([Rally((), 1), rally(5, 1)]).game_decisions == 5


@pytest.mark.parametrize("size", [(640, 420), (641, 777), (1120, 640), (2500, 1400)])
@pytest.mark.parametrize(("count", "outcome"), [(1, 1), (2, -1), (60, -1), (300, 1), (2048, 1)])
def test_every_rally_is_drawn_at_every_size(size, count, outcome):
    open_display()
    target = pygame.Surface(size)
    credit = give_credit([rally(30, -1, 3), rally(count, outcome)])
    view = CreditView(credit, "ada@470", "turbo", accent=(0, 255, 0))
    view.draw(target, Scale(size[1] / 714 if size[1] > 600 else 1))
    assert pygame.surfarray.array3d(target).std() > 5


def colours_of(target, rows):
    return {tuple(pixel) for pixel in pygame.surfarray.array3d(target)[:, rows].reshape(-1, 3).tolist()}


def test_a_lost_first_rally_has_bars_on_both_sides_of_zero():
    """Standardised by itself the early decisions come out above zero: in the picture, too."""
    open_display()
    credit = give_credit([rally(200, -1)])
    assert credit.advantages[0] > 0 > credit.advantages[-1]
    target = pygame.Surface((800, 600))
    CreditView(credit, "m@1", "turbo", accent=(0, 255, 0)).draw(target, Scale())
    found = colours_of(target, slice(250, 420))
    assert {(122, 212, 150), (232, 110, 120)} <= found
    won = pygame.Surface((800, 600))
    CreditView(give_credit([rally(200, -1), rally(50, 1)]), "m@1", "turbo", accent=(0, 255, 0)).draw(
        won, Scale()
    )
    assert (232, 110, 120) not in colours_of(won, slice(0, 600))
