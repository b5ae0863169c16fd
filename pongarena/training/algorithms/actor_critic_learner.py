"""An actor and a critic that learn from rollouts: what the recipes with a critic have in common.

The critic is a network of its own, which also sees what is lit now. It exists only while training, foretells
how a rally will end, and so tells good luck from good play (generalised advantages, Schulman et al., 2015).
How the actor takes its step is the recipe's: see `ppo`, `a2c_trainer` and `line_search_trainer`.
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
"""What remains in the end of what is annealed."""

_LET_IT_OVERFLOW = np.errstate(over="ignore", invalid="ignore")
"""Numbers beyond all bounds are looked for after each update, and answered in words."""

RecipeT = TypeVar("RecipeT", bound=ActorCriticRecipe)


@dataclass(frozen=True)
class Learned:
    """What an iteration did.

    Attributes:
        gradient_norm: Of the actor's last step, before clipping.
        kl: Divergence of the new policy from the old, in nats a decision.
        rate: The actor's learning rate for the next iteration.
        entropy: Average over the decisions, in nats.
        mean_p_up: Average of P(UP).
        explained: Share of the returns' variance that the critic foretold: 1 is all, 0 nothing.
        accepted: Share of the step that was tried first and was taken in the end; None where none is tried.
        turns: Share of the decisions that differ from the one before.
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
    """What became of the actor: as in `Learned`."""

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
    """How much better each decision turned out than the critic expected. A point ends an episode.

    Args:
        rewards: Shape (T, n).
        ended: Shape (T, n): where a game ended.
        values: Shape (T, n): what the critic expected.
        last: Shape (n,): what it expects after the last decision.
        gamma: Discount a decision.
        gae_lambda: 0: trust the critic after one decision; 1: wait for the point, or the rollout's end.
        costs: Shape (T, n): taken off what each decision brought.

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
    """½·mean((value − return)²), and its derivative by each value, shape (n,), float32."""
    error = values - returns
    return 0.5 * float(np.square(error).mean()), error / np.float32(len(error))


class ActorCritic(Generic[RecipeT]):
    """Learns from one rollout after the other.

    Attributes:
        played: Decisions that have been learned from, and those that a network is taken to have behind it
            when it comes trained.
        rate: The actor's learning rate.
        held: Whether the rate was set by hand, and is not steered.
    """

    clip: float = 1e9
    """How far the probability of a decision may move from the old one before it stops to count."""

    def __init__(self, recipe: RecipeT, net: SparseNet, rng: np.random.Generator) -> None:
        """Puts a fresh critic beside a policy.

        Args:
            recipe: The settings.
            net: The network that plays; changed in place.
            rng: Draws the critic's first weights and the order of learning.
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
        """Improves both networks.

        Args:
            rollout: Played by the present policy.
            critic_only: Leave the actor alone: a fresh critic's advice would harm a good player.

        Returns:
            Not finite when one of them has diverged; the critic's weights are then those of before.
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
        """Keeps the actor's learning rate where it is put; None gives it back, from where it is."""
        self.held = rate is not None
        if rate is not None:
            self.rate = rate

    def is_finite(self) -> bool:
        """Whether no weight of the actor is NaN or infinite; the critic looks after itself."""
        return self._actor.is_finite()

    def weights(self) -> dict[str, FloatArray]:
        """The actor's weights: copies, for `go_back`."""
        return self._actor.copy_weights()

    def go_back(self, weights: Mapping[str, FloatArray]) -> None:
        """Takes up earlier weights of the actor, and begins its optimiser anew."""
        self.rate = self._recipe.learning_rate
        self._actor.take_weights(weights)
        self._actor_steps.forget()

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Everything to go on from: arrays (not copied), and the rest as JSON types."""
        rest = {
            "played": self.played,
            "rate": self.rate,
            "actor_rng": self._actor_rng.bit_generator.state,
            "critic_rng": self._critic_rng.bit_generator.state,
        }
        return {**self._actor_steps.state("actor"), **self._critic_steps.state("critic")}, rest

    def restore(self, arrays: Mapping[str, NDArray[Any]], rest: Mapping[str, Any]) -> None:
        """Takes up what `state` gave.

        Raises:
            KeyError: When something is missing.
            ValueError: When something is of another shape or size.
            TypeError: When something is of another type.
        """
        self._actor_steps.restore(arrays, "actor")
        self._critic_steps.restore(arrays, "critic")
        self._actor_rng.bit_generator.state = rest["actor_rng"]
        self._critic_rng.bit_generator.state = rest["critic_rng"]
        # the count's name in the first files
        played, rate = rest["learned_steps"] if "played" not in rest else rest["played"], float(rest["rate"])
        if type(played) is not int or played < 0 or not 0.0 < rate < math.inf:
            raise ValueError(f"expected a count and a learning rate, got {played!r} and {rate!r}")
        self.played, self.rate = played, rate

    def _improve_actor(self, rollout: Rollout, advantage: FloatArray, *, still: bool) -> Step:
        """Takes the recipe's step; the actor stays as it is when `still`."""
        raise NotImplementedError

    def _annealed(self) -> float:
        """What is left of everything that shrinks as it settles: from 1 to `_LEAST`."""
        return max(_LEAST, 1 / (1 + (self.played / self._recipe.settle_steps) ** 2))

    def _minibatches(self, rng: np.random.Generator, rollout: Rollout) -> list[NDArray[np.int64]]:
        """All decisions in random order and in equal parts, once an epoch."""
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
        """The loss's derivative by the logits of some of the decisions."""
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
        """Whether it went well; otherwise the weights are as before."""
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
    """A network that expects next to nothing: it should, before it knows anything.

    Args:
        units: Of its hidden layer.
        rng: Draws its weights.
        threads: Do its work.
        observation: What it is shown, of the difference and of what is lit now.
    """
    inputs = observation.inputs
    table = rng.standard_normal((2 * inputs, units), dtype=np.float32) / np.float32(np.sqrt(inputs))
    head = rng.standard_normal(units, dtype=np.float32) * np.float32(0.1 / np.sqrt(units))
    return SparseNet(
        extended(table, observation), head[None], biases=True, threads=threads, observation=observation
    )
