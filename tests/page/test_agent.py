"""The agent on the page decides as the emulator's player does."""

import base64
import json
from dataclasses import replace

import numpy as np
import pytest

from pongarena.envs.observation import FrameDifferencer, Observation
from pongarena.game.cartridge import Cartridge
from pongarena.game.paddle import Move
from pongarena.library.models import Library
from pongarena.nn.checkpoint import Checkpoint, read_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.spec import AgentSpec
from pongarena.page.agent import agent_record
from tests.page.node import needs_node, run_node

PLAY = """
const { record, draws } = JSON.parse(data);
let drawn = 0;
const player = new NetworkPlayer(readAgent(record).network, { random: () => draws[drawn++] });
let match = new Match([null, player]);
const decisions = [];
while (drawn < draws.length) {
  const before = drawn;
  match.step();
  if (drawn > before) decisions.push(player.decision.move, player.decision.probabilities[0]);
  if (match.over) match = new Match([null, player]);
}
out.push(Buffer.from(new Float64Array(decisions).buffer));
"""


def decisions_of_page(record, draws, folder):
    data = json.dumps({"record": record, "draws": draws.tolist()}).encode()
    found = np.frombuffer(run_node(PLAY, folder, data), np.float64).reshape(-1, 2)
    return found[:, 0].astype(int), found[:, 1]


def p_up_on_emulator(policy, moves):
    """P(UP) on the emulator's screens, where the page's moves are made."""
    cartridge, eye = Cartridge(left_ai=True), FrameDifferencer(policy.spec.observation)
    found = []
    for move in moves.tolist():
        found.append(float(policy.forward(eye.look(cartridge.screen)).up[0]))
        for _ in range(policy.spec.frame_skip):
            if cartridge.step(Move.STAY, Move(move)).over:
                cartridge.reset()
                eye.reset()
                break
    return np.array(found)


def weights(record):
    layer = record["layers"][0]
    scale = np.frombuffer(base64.b64decode(layer["scale"]), "<f4")
    steps = np.frombuffer(base64.b64decode(layer["weights"]), np.int8)
    return (steps.reshape(layer["inputs"], layer["outputs"]) * scale).T


def test_opponents_in_the_box_lose_nothing():
    library = Library()
    for model in (each for each in library.models() if each.bundled):
        checkpoint = read_checkpoint(model.checkpoint().path)
        record = agent_record(library.model(model.name), checkpoint)
        assert np.abs(weights(record) - checkpoint.policy.on_view()).max() < 1e-6, model.name


@needs_node
@pytest.mark.slow
def test_ten_thousand_decisions_are_those_of_the_emulators_player(tmp_path):
    """In the box, weights come in the same whole steps, so nothing is lost on the page."""
    checkpoint = read_checkpoint(Library().checkpoint("rival").path)
    record = agent_record(Library().model("rival"), checkpoint)
    draws = np.random.default_rng(6).random(10_000)
    moves, p_page = decisions_of_page(record, draws, tmp_path)
    p_emulator = p_up_on_emulator(checkpoint.policy, moves)
    assert ((draws < p_emulator) == (moves == Move.UP)).all()
    assert np.abs(p_page - p_emulator).max() < 1e-5


@needs_node
@pytest.mark.parametrize(
    "spec",
    [
        AgentSpec(),
        AgentSpec(Observation(fade=0.25), frame_skip=3),
        AgentSpec(Observation(crop=1), actions=3),
        AgentSpec(Observation(fade=0.5, crop=1, shuffle=3)),
    ],
)
def test_a_network_of_any_weights_is_shown_what_the_emulator_shows(spec, tmp_path):
    checkpoint = read_checkpoint(Library().checkpoint("first-steps").path)
    deeper = [16] if spec.actions == 3 else []
    policy = PolicyNetwork.random(30, np.random.default_rng(1), spec, deeper=deeper)
    policy.w1[:] *= 40
    record = agent_record(Library().model("first-steps"), Checkpoint(policy, checkpoint.card))
    w1 = weights(record)[:, spec.observation.pixels]
    assert np.abs(w1 - policy.w1).max() <= np.abs(policy.w1).max() / 253
    in_steps = PolicyNetwork(w1, policy.w2, spec, policy.deeper)
    moves, p_page = decisions_of_page(record, np.random.default_rng(7).random(600), tmp_path)
    p_emulator = p_up_on_emulator(in_steps, moves)
    assert np.abs(p_page - p_emulator).max() < 1e-4
    assert p_page.std() > 0.05
    assert set(moves) == set(spec.moves)


FORWARD = """
const record = JSON.parse(data), network = new Network(record);
const found = network.forward([3, 1777], [1, -0.5]);
const player = new NetworkPlayer(network, { random: () => 0.999 });
const move = player.act(see(beginGame(0), 0));
out.push(Buffer.from(JSON.stringify({ probabilities: [...found.probabilities], hidden: [...found.hidden],
  votes: [...network.votes], move, up: player.history[0].up })));
"""


def full(weights):
    text = base64.b64encode(np.ascontiguousarray(weights.T.astype("<f4")).tobytes()).decode()
    return {"inputs": weights.shape[1], "outputs": weights.shape[0], "weights": text}


@needs_node
def test_several_actions_and_hidden_layers(tmp_path):
    rng = np.random.default_rng(2)
    shapes = [(12, 6400), (5, 12), (3, 5)]
    layers = [rng.standard_normal(shape).astype(np.float32) for shape in shapes]
    record = {
        "spec": {"fade": 1, "crop": [0, 80, 0, 80], "frame_skip": 4, "actions": [-1, 0, 1]},
        "layers": list(map(full, layers)),
    }
    found = json.loads(run_node(FORWARD, tmp_path, json.dumps(record).encode()))
    hidden = np.maximum(layers[0][:, 3] - 0.5 * layers[0][:, 1777], 0)
    hidden = np.maximum(layers[1] @ hidden, 0)
    powers = np.exp(layers[2] @ hidden)
    assert found["probabilities"] == pytest.approx(powers / powers.sum(), rel=1e-5)
    assert found["hidden"] == pytest.approx(hidden, rel=1e-5)
    assert found["votes"] == pytest.approx(layers[2][0] - layers[2][2], rel=1e-5)
    assert found["up"] == pytest.approx(1 / 3)  # nothing is seen yet
    assert found["move"] == 1


READ = """
let said = "";
try {
  readAgent(recordIn(data.toString()));
} catch (error) {
  said = error.message;
}
out.push(Buffer.from(said));
"""


def page_with(record):
    return f'<p>…</p><script type="application/json" id="agent">{json.dumps(record)}</script>'.encode()


@pytest.fixture
def record():
    model = Library().model("first-steps")
    checkpoint = read_checkpoint(model.checkpoint().path)
    policy = PolicyNetwork.random(2, np.random.default_rng(0))
    return agent_record(model, replace(checkpoint, policy=policy))


@needs_node
@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (None, None, ""),
        (("format",), "other", "got something else"),
        (("format_version",), 2, "another version"),
        (("name",), 7, "card of that agent is damaged"),
        (("facts",), [[1, 2]], "card of that agent is damaged"),
        (("curve", "shares"), [2.0], "card of that agent is damaged"),
        (("spec", "actions"), [-1, 5], "unknown actions"),
        (("spec", "frame_skip"), 0, "unknown way"),
        (("spec", "crop"), [0, 81, 0, 80], "unknown way"),
        (("layers",), [], "unknown number of layers"),
        (("layers", 1, "inputs"), 3, "wrong size"),
        (("layers", 0, "outputs"), 1e9, "no size"),
        (("layers", 0, "weights"), "AAAA", "incomplete"),
        (("layers", 1, "weights"), "AACAfwAAgH8=", "not finite"),
    ],
)
def test_a_rivals_page_that_is_damaged_is_refused_in_words(place, value, said, record, tmp_path):
    if place is not None:
        inside = record
        for name in place[:-1]:
            inside = inside[name]
        inside[place[-1]] = value
    found = run_node(READ, tmp_path, page_with(record)).decode()
    assert said in found and bool(said) == bool(found)


@needs_node
def test_another_file_is_no_rival(tmp_path):
    assert "expected a page that pongarena export --html made" in run_node(READ, tmp_path, b"PK\3\4").decode()
