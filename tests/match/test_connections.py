"""How a decision comes about, taken apart without remainder."""

import numpy as np
import pytest

from pongarena.envs.observation import Observation
from pongarena.match.connections import Tracer
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.nn.spec import AgentSpec


def decisions(spec, count=40):
    match = Match(PlayerSpec.ai(), spec, seed=2)
    made = []
    while len(made) < count:
        match.step()
        decision = match.decisions[1]
        if decision is not None and (not made or decision is not made[-1]):
            made.append(decision)
    match.close()
    return made


@pytest.mark.parametrize(
    ("actions", "deeper", "crop"), [(2, (), 0), (3, (), 0), (2, (12, 8), 0), (3, (12,), 1)]
)
def test_the_parts_add_up_all_along_the_way(actions, deeper, crop, model):
    spec = model(4, 30, AgentSpec(Observation(crop=crop), actions=actions), deeper)
    tracer, fired = Tracer(spec.checkpoint.policy, 8), 0
    for decision in decisions(spec):
        trace = tracer.trace(decision)
        assert len(trace.units) == 8
        assert trace.links.sum(axis=1) == pytest.approx(trace.votes, abs=1e-4)
        assert float(trace.votes.sum()) + trace.others == pytest.approx(decision.logit, abs=1e-4)
        assert sum(part.value for part in trace.parts) == pytest.approx(decision.logit, abs=1e-4)
        assert (trace.votes[:4] >= 0).all()
        assert (trace.votes[4:] <= 0).all()
        fired += int((trace.votes != 0).sum())
    assert fired > 40


def test_the_strongest_voters_have_places_and_keep_them(model):
    spec = model(1, 60)
    policy = spec.checkpoint.policy
    tracer, before, moved = Tracer(policy, 8), None, 0
    for decision in decisions(spec):
        trace = tracer.trace(decision)
        votes = decision.hidden * policy.votes
        if before is None:
            strongest = np.argsort(-votes)[:4]
            assert set(strongest[votes[strongest] > 0]) <= set(trace.units[:4])
        else:
            moved += sum(a != b for a, b in zip(before, trace.units, strict=True))
            held = [unit for unit in before if unit in trace.units]
            assert all(before.index(unit) == trace.units.index(unit) for unit in held)
        before = trace.units
    assert moved < 40 * 8 / 4


def test_small_networks_leave_places_empty(model):
    spec = model(1, 3)
    trace = Tracer(spec.checkpoint.policy, 8).trace(decisions(spec, 3)[-1])
    assert sorted(unit for unit in trace.units if unit is not None) == [0, 1, 2]
    assert trace.others == pytest.approx(0, abs=1e-5)
