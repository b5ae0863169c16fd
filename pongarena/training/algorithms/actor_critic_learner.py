"""An actor and a critic that learn from rollouts: the common part of the recipes with a critic.

The critic is a separate network, which also sees the lit pixels. It exists only during training and predicts
how a rally will end, which separates luck from good play (generalised advantage estimation, Schulman et al.,
2015). Each recipe defines the actor's step: see `ppo`, `a2c_trainer` and `line_search_trainer`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import BoolArray, FloatArray
from pongarena.envs.observation import Observation
from pongarena.nn import network_kernels
from pongarena.nn.distributions import distribution_of
from pongarena.nn.optimizers import PooledAdam
from pongarena.nn.sparse_net import SparseNet, extended
from pongarena.nn.threads import Threads
from pongarena.training.algorithms.actor_critic import ActorCriticRecipe
from pongarena.training.returns import turns_of
from pongarena.training.rollouts import Rollout

__all__ = ["ActorCritic", "Learned", "Step", "advantages", "fresh_critic", "value_loss"]

_LEAST = 0.05
"""Final value of the annealing factor."""

_LET_IT_OVERFLOW = np.errstate(over="ignore", invalid="ignore")
"""Overflows are allowed here: each update checks for them and raises a clear error."""

RecipeT = TypeVar("RecipeT", bound=ActorCriticRecipe)


@dataclass(frozen=True)
class Learned:
    """The result of learning from one rollout.

    Attributes:
        gradient_norm: Gradient norm of the actor's last step, before clipping.
        kl: Mean KL(old ‖ new) of the policy, in nats.
        rate: The actor's learning rate for the next rollout.
        entropy: Mean entropy of the decisions, in nats.
        mean_p_up: Mean P(UP).
        explained: Share of the returns' variance that the critic predicted: 1 is all, 0 nothing.
        accepted: Accepted share of the first step size tried; None without a line search.
        turns: Share of the decisions that differ from the previous one.
    """

    gradient_norm: float
    kl: float
    rate: float
    entropy: float
    mean_p_up: float
    explained: float
    accepted: float | None = None
    turns: float | None = None


@dataclass(frozen=True)
class Step:
    """The result of an actor's step; see `Learned`."""

    gradient_norm: float
    kl: float
    accepted: float | None = None


def advantages(
    rewards: NDArray[Any],
    ended: BoolArray,
    values: FloatArray,
    last: FloatArray,
    *,
    gamma: float,
    gae_lambda: float,
    costs: NDArray[Any] | None = None,
) -> FloatArray:
    """Compute generalised advantage estimates: how much better each decision was than the critic expected.

    A point ends an episode here.

    Args:
        rewards: Shape (T, n).
        ended: Shape (T, n): where a game ended.
        values: Shape (T, n): the critic's values.
        last: Shape (n,): its values after the last decision.
        gamma: Discount per decision.
        gae_lambda: 0: trust the critic after one decision; 1: wait for the point, or the rollout's end.
        costs: Shape (T, n): subtracted from the rewards.

    Returns:
        Shape (T, n), float32.
    """
    result = np.zeros_like(values)
    running = np.zeros_like(last)
    after = last
    goes_on = ((rewards == 0) & ~ended).astype(np.float32)
    brought = rewards if costs is None else rewards - costs
    for t in range(len(rewards) - 1, -1, -1):
        surprise = brought[t] + gamma * after * goes_on[t] - values[t]
        running = surprise + gamma * gae_lambda * goes_on[t] * running
        result[t] = running
        after = values[t]
    return result


def value_loss(values: FloatArray, returns: FloatArray) -> tuple[float, FloatArray]:
    """Return ½·mean((value − return)²) and its derivative by each value, shape (n,), float32."""
    error = values - returns
    return 0.5 * float(np.square(error).mean()), error / np.float32(len(error))


class ActorCritic(Generic[RecipeT]):
    """Learns from one rollout after the other.

    Attributes:
        played: Decisions learned from so far, plus those credited to a network that was trained before.
        rate: The actor's learning rate.
        held: Whether the rate was set by hand, and is not adapted.
    """

    clip: float = 1e9
    """Limit on the probability ratio's distance from 1; beyond it, a decision's gradient is 0."""

    def __init__(self, recipe: RecipeT, net: SparseNet, rng: np.random.Generator) -> None:
        """Add a new critic to a policy.

        Args:
            recipe: The settings.
            net: The network that plays; changed in place.
            rng: Random generator for the critic's initial weights and the order of learning.
        """
        self.played = 0
        self.rate = recipe.learning_rate
        self.held = False
        self._recipe = recipe
        self._distribution = distribution_of(recipe.spec.outputs)
        self._actor_rng, self._critic_rng = rng.spawn(2)
        self._actor = net
        self._critic = fresh_critic(recipe.critic_units, rng, net.threads, recipe.spec.observation)
        self._actor_steps = PooledAdam(net, ball=recipe.ball_pace, far=recipe.far_pace)
        self._critic_steps = PooledAdam(self._critic, ball=recipe.ball_pace)

    @_LET_IT_OVERFLOW
    def learn(self, rollout: Rollout, *, critic_only: bool = False) -> Learned:
        """Update both networks.

        Args:
            rollout: Played by the current policy.
            critic_only: Leave the actor unchanged: an untrained critic would harm a good player.

        Returns:
            The results; not finite when a network has diverged. The critic's old weights are then restored.
        """
        recipe, turns = self._recipe, turns_of(rollout.actions)
        time_steps, games = rollout.actions.shape
        values = self._critic.outputs(rollout.frames, rollout.order.ravel())[:, 0]
        expected = values[: time_steps * games].reshape(time_steps, games)
        advantage = advantages(
            rollout.rewards,
            rollout.ended,
            expected,
            values[time_steps * games :],
            gamma=recipe.gamma,
            gae_lambda=recipe.gae_lambda,
            costs=np.float32(recipe.jitter_penalty) * turns if recipe.jitter_penalty else None,
        )
        returns = (advantage + expected).ravel()
        explained = 1 - float(advantage.var()) / (float(returns.var()) + 1e-9)
        standard = (advantage.ravel() - advantage.mean()) / (advantage.std() + np.float32(1e-8))
        step = self._improve_actor(rollout, standard, still=critic_only)
        if not self._improve_critic(rollout, returns):
            return Learned(np.nan, np.nan, self.rate, np.nan, np.nan, np.nan)
        self.played += time_steps * games
        logits = rollout.logits.reshape(time_steps * games, -1)
        p_up = float(self._distribution.probabilities(logits.astype(np.float64))[:, 0].mean())
        entropy = float(self._distribution.entropy(logits).mean())
        return Learned(
            step.gradient_norm,
            step.kl,
            self.rate,
            entropy,
            p_up,
            explained,
            step.accepted,
            float(turns.mean()),
        )

    def hold_rate(self, rate: float | None) -> None:
        """Fix the actor's learning rate; None lets it adapt again from its current value."""
        self.held = rate is not None
        if rate is not None:
            self.rate = rate

    def is_finite(self) -> bool:
        """Return whether all weights of the actor are finite; `learn` checks the critic itself."""
        return self._actor.is_finite()

    def weights(self) -> dict[str, FloatArray]:
        """Return copies of the actor's weights, for `go_back`."""
        return self._actor.copy_weights()

    def go_back(self, weights: Mapping[str, FloatArray]) -> None:
        """Restore earlier weights of the actor, and reset its optimiser and learning rate."""
        self.rate = self._recipe.learning_rate
        self._actor.take_weights(weights)
        self._actor_steps.forget()

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return all that is needed to continue: arrays (not copied), and the rest as JSON types."""
        rest = {
            "played": self.played,
            "rate": self.rate,
            "actor_rng": self._actor_rng.bit_generator.state,
            "critic_rng": self._critic_rng.bit_generator.state,
        }
        return {**self._actor_steps.state("actor"), **self._critic_steps.state("critic")}, rest

    def restore(self, arrays: Mapping[str, NDArray[Any]], rest: Mapping[str, Any]) -> None:
        """Restore what `state` returned.

        Raises:
            KeyError: When an entry is missing.
            ValueError: When an entry has another shape or an invalid value.
            TypeError: When an entry is of another type.
        """
        self._actor_steps.restore(arrays, "actor")
        self._critic_steps.restore(arrays, "critic")
        self._actor_rng.bit_generator.state = rest["actor_rng"]
        self._critic_rng.bit_generator.state = rest["critic_rng"]
        # the key in the oldest files
        played, rate = rest["learned_steps"] if "played" not in rest else rest["played"], float(rest["rate"])
        if type(played) is not int or played < 0 or not 0.0 < rate < math.inf:
            raise ValueError(f"expected a count and a learning rate, got {played!r} and {rate!r}")
        self.played, self.rate = played, rate

    def _improve_actor(self, rollout: Rollout, advantage: FloatArray, *, still: bool) -> Step:
        """Take the recipe's step; leave the actor unchanged if `still`."""
        raise NotImplementedError

    def _annealed(self) -> float:
        """Return the annealing factor, from 1 down to `_LEAST`."""
        return max(_LEAST, 1 / (1 + (self.played / self._recipe.settle_steps) ** 2))

    def _minibatches(self, rng: np.random.Generator, rollout: Rollout) -> list[NDArray[np.int64]]:
        """Return each epoch's decisions in random order, divided into equal parts."""
        size, games = rollout.actions.size, rollout.actions.shape[1]
        passes, parts = self._recipe.passes_with(games)
        return [
            part for _ in range(passes) for part in np.array_split(rng.permutation(size), min(parts, size))
        ]

    def _errors(
        self,
        logits: FloatArray,
        rows: NDArray[np.int64],
        actions: NDArray[np.int8],
        old_log_p: NDArray[np.float64],
        advantage: FloatArray,
    ) -> FloatArray:
        """Return the loss's derivatives by the logits of the decisions in `rows`."""
        errors, bonus = np.empty_like(logits), self._recipe.entropy_bonus * self._annealed()

        def part(first: int, last: int) -> None:
            network_kernels.policy_errors(
                logits,
                rows,
                first,
                last,
                actions,
                old_log_p,
                advantage,
                self.clip,
                bonus,
                1 / len(rows),
                errors,
            )

        self._actor.threads.split(part, len(rows))
        return errors

    def _improve_critic(self, rollout: Rollout, returns: FloatArray) -> bool:
        """Update the critic; if it diverges, restore its weights and return False."""
        recipe, frames, order = self._recipe, rollout.frames, rollout.order.ravel()
        before, norm = self._critic.copy_weights(), 0.0
        for rows in self._minibatches(self._critic_rng, rollout):
            _, dvalues = value_loss(self._critic.outputs(frames, order[rows])[:, 0], returns[rows])
            self._critic.backward((frames, order[rows], dvalues[:, None]))
            norm += self._critic_steps.step(recipe.critic_learning_rate, max_norm=recipe.max_gradient_norm)
        if np.isfinite(norm) and self._critic.is_finite():
            return True
        self._critic.take_weights(before)
        self._critic_steps.forget()
        return False


def fresh_critic(
    units: int, rng: np.random.Generator, threads: Threads, observation: Observation
) -> SparseNet:
    """Create a critic whose initial values are close to 0.

    Args:
        units: Units of its hidden layer.
        rng: Random generator for its weights.
        threads: Threads to compute with.
        observation: What the difference frames and the lit pixels show.
    """
    inputs = observation.inputs
    table = rng.standard_normal((2 * inputs, units), dtype=np.float32) / np.float32(np.sqrt(inputs))
    head = rng.standard_normal(units, dtype=np.float32) * np.float32(0.1 / np.sqrt(units))
    return SparseNet(
        extended(table, observation), head[None], biases=True, threads=threads, observation=observation
    )
