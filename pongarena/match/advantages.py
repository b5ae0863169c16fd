"""Credit assignment: what the learner makes of a rally after its point.

The numbers are those of the karpathy recipe. Every decision gets the point, discounted by its distance from
it. The returns are standardised over all decisions of the game. The logit gradient of each decision is
(y − P(UP))·advantage, equations (1) and (2), with y = 1 for UP. With three actions, the gradient for the
logit of the action taken is (1 − P)·advantage. Training standardises at the end of a game; here it is done
over the decisions of the game up to the rally's point.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pongarena.match.players import Rally
from pongarena.training.returns import discounted_returns, standardise

__all__ = ["GAMMA", "Credit", "give_credit"]

GAMMA = 0.99
"""Discount for each decision of delay, as in the recipes."""


@dataclass(frozen=True)
class Credit:
    """What one rally teaches. All arrays have one entry per decision of the rally, in order.

    Attributes:
        outcome: +1 for a point won, −1 for one lost.
        up: Whether UP was taken.
        p_up: P(UP), 0..1.
        stays: Whether STAY was taken.
        p_taken: The probability of the action taken, 0..1.
        has_three: Whether the network chooses among three actions, with a softmax.
        returns: The discounted point.
        advantages: The standardised returns: a positive one makes the action taken more likely, a negative
            one less likely.
        logit_gradient: What learning adds to the decision's logit, up to the learning rate: a positive one
            makes UP more likely, a negative one DOWN. With three actions, for the logit of the action taken.
        game_decisions: Number of decisions over which the returns were standardised.
        game_mean: Mean of their returns.
        game_deviation: Standard deviation of their returns.
        rally: Number of the rally in its game, from 1.
    """

    outcome: int
    up: NDArray[np.bool_]
    p_up: NDArray[np.float64]
    stays: NDArray[np.bool_]
    p_taken: NDArray[np.float64]
    has_three: bool
    returns: NDArray[np.float64]
    advantages: NDArray[np.float64]
    logit_gradient: NDArray[np.float64]
    game_decisions: int
    game_mean: float
    game_deviation: float
    rally: int

    def __len__(self) -> int:
        return len(self.returns)

    def counts(self, *, up: bool, more: bool) -> int:
        """Count the UP (or DOWN) decisions that become more (or less) likely."""
        return int((self._changed(more) & (self.up == up) & ~self.stays).sum())

    def stayed(self, *, more: bool) -> int:
        """Count the STAY decisions that become more (or less) likely."""
        return int((self._changed(more) & self.stays).sum())

    def _changed(self, more: bool) -> NDArray[np.bool_]:
        changed: NDArray[np.bool_] = self.advantages > 0 if more else self.advantages < 0
        return changed


def give_credit(
    rallies: Sequence[Rally], number: int | None = None, *, gamma: float = GAMMA
) -> Credit | None:
    """Compute what the learner would make of a rally.

    Args:
        rallies: All rallies of one network's game so far (`ModelPlayer.rallies`).
        number: Number of the rally, from 1; the last by default. Later rallies have no influence.
        gamma: Discount.

    Returns:
        The credit; None when there is no such rally, or it has no decisions.
    """
    number = len(rallies) if number is None else number
    if not 1 <= number <= len(rallies) or not rallies[number - 1].decisions:
        return None
    rally = rallies[number - 1]
    rewards = np.concatenate([_rewards(each) for each in rallies[:number]])
    game_returns = discounted_returns(rewards, gamma)
    advantages = standardise(game_returns)[-len(rally.decisions) :]
    up = np.array([decision.up for decision in rally.decisions])
    p_up = np.array([decision.p_up for decision in rally.decisions])
    stays = np.array([decision.stays for decision in rally.decisions])
    has_three = rally.decisions[0].p_taken is not None
    p_taken = np.where(up, p_up, 1 - p_up)
    if has_three:
        p_taken = np.array([decision.p_taken for decision in rally.decisions], np.float64)
    return Credit(
        outcome=rally.outcome,
        up=up,
        p_up=p_up,
        stays=stays,
        p_taken=p_taken,
        has_three=has_three,
        returns=game_returns[-len(rally.decisions) :],
        advantages=advantages,
        logit_gradient=((1 - p_taken) if has_three else (up - p_up)) * advantages,
        game_decisions=len(rewards),
        game_mean=float(game_returns.mean()),
        game_deviation=float(game_returns.std()),
        rally=number,
    )


def _rewards(rally: Rally) -> NDArray[np.float64]:
    """Rewards of the rally's decisions: the point for the last one, 0 for the others."""
    rewards = np.zeros(len(rally.decisions))
    rewards[-1:] = rally.outcome
    return rewards
