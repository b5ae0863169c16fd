"""Somebody else's players: what they are shown and may answer, that they play, and how they fail."""

import shutil
import time
from pathlib import Path

import numpy as np
import onnx
import psutil
import pytest
from onnx import TensorProto, helper

from pongarena.cli.play import next_players
from pongarena.core.errors import MatchError, UnknownNameError
from pongarena.envs.observation import FrameDifferencer, Observation
from pongarena.exports.weights import write_onnx
from pongarena.game.cartridge import Cartridge
from pongarena.game.paddle import Move
from pongarena.library.models import Library
from pongarena.match.foreign import code_warning, find_source
from pongarena.match.foreign_agents import answer_in, load_agent
from pongarena.match.gymnasium_opponents import find_opponent
from pongarena.match.log import log_match, read_log, read_recording
from pongarena.match.match import Match
from pongarena.match.player_names import find_player, find_recorded
from pongarena.match.players import PlayerSpec
from pongarena.match.ratings import fit
from pongarena.nn.checkpoint import Card, Checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.spec import AgentSpec
from pongarena.window.app import play
from pongarena.window.offscreen import Film, studio_lights
from pongarena.window.settings import Settings, write_settings
from tests.cli.running import run
from tests.window.script import Script

BOTS = Path(__file__).with_name("bots.py")


@pytest.fixture(autouse=True)
def no_process_is_left():
    yield
    hosts = [each for each in psutil.Process().children() if "foreign_host" in " ".join(each.cmdline())]
    assert hosts == []


def to_the_end(match):
    while not match.over:
        match.step()
    return match


# -- answers


@pytest.mark.parametrize(
    ("given", "actions", "said"),
    [
        (1, (), {"action": 1}),
        (np.int64(2), (), {"action": 2}),
        ((np.array([0]), None), (), {"action": 0}),
        (np.array(True), (), {"action": 1}),
        ([0.25, 0.75], (), {"probabilities": [0.25, 0.75]}),
        (np.array([[0.2, 0.3, 0.5]], np.float32), ("up", "stay", "down"), {"probabilities": [0.2, 0.3, 0.5]}),
        (([0.5, 0.5], "state"), (), {"probabilities": [0.5, 0.5]}),
    ],
)
def test_what_a_player_may_answer(given, actions, said):
    told = answer_in(given, actions)
    assert told.keys() == said.keys()
    assert [*told.values()] == [pytest.approx(each) for each in said.values()]


@pytest.mark.parametrize(
    "given",
    [
        None,
        "up",
        3,
        -1,
        0.5,
        float("nan"),
        [0.5, float("nan")],
        [0.5, 0.6],
        [-0.5, 1.5],
        [1, 1, 1, 1],
        [],
        {},
        [[], 1],
    ],
)
def test_nonsense_is_refused_in_words(given):
    with pytest.raises(MatchError, match=r"expected an action's number \(0 down, 1 up, 2 stay\)"):
        answer_in(given, ())


def test_numbers_are_of_the_actions_it_has():
    with pytest.raises(MatchError, match="expected an action's number"):
        answer_in(2, ("up", "down"))
    with pytest.raises(MatchError, match="expected an action's number"):
        answer_in([0.2, 0.3, 0.5], ("up", "down"))


# -- ONNX


@pytest.mark.parametrize(
    "spec",
    [AgentSpec(), AgentSpec(Observation(fade=0.5, crop=2, shuffle=3), 2, 3)],
    ids=["classic", "another"],
)
def test_our_own_onnx_file_says_how_it_plays(spec, tmp_path):
    policy = PolicyNetwork.random(9, np.random.default_rng(0), spec, deeper=(4,))
    card = Card("ann", "turbo", 0, 0, 0, 0, None, 0, 0, (), "2026-01-01T00:00:00+00:00", "0.1.0")
    write_onnx(Checkpoint(policy, card), tmp_path / "ann.onnx")
    agent = load_agent(str(tmp_path / "ann.onnx"))
    told = agent.introduction()
    assert (told["observation"], told["frame_skip"], told["fade"]) == (
        "difference",
        spec.frame_skip,
        spec.fade,
    )
    assert told["actions"] == [move.name.lower() for move in spec.moves]
    whole, own = FrameDifferencer(Observation(fade=spec.fade)), FrameDifferencer(spec.observation)
    cartridge = Cartridge(left_ai=True)
    for _ in range(40):
        cartridge.step(Move.STAY, Move.UP)
        shares = agent.decide(whole.look(cartridge.screen).dense().reshape(80, 80), greedy=False)
        assert shares["probabilities"] == pytest.approx(
            policy.forward(own.look(cartridge.screen)).probabilities[0].tolist(), abs=1e-5
        )
    cartridge.close()


def graph(path, shape, *nodes, kind=TensorProto.FLOAT, out=TensorProto.FLOAT, name="y", more=()):
    inputs = [helper.make_tensor_value_info("x", kind, shape), *more]
    output = helper.make_tensor_value_info(name, out, None)
    model = helper.make_model(
        helper.make_graph(list(nodes), "g", inputs, [output]), opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )  # fmt: skip
    onnx.save(model, path)
    return str(path)


def constant(name, values, kind=TensorProto.FLOAT):
    tensor = helper.make_tensor(name, kind, [1, len(values)], values)
    return helper.make_node("Constant", [], [name], value=tensor)


def test_anybodys_onnx_file_plays_by_its_shapes(tmp_path):
    sums = helper.make_node("ReduceSum", ["x"], ["s"], keepdims=0)
    logits = [sums, constant("c", [0.0, 2.0]), helper.make_node("Add", ["s", "c"], ["y"])]
    agent = load_agent(graph(tmp_path / "a.onnx", ["n", 6400], *logits))
    assert agent.introduction() == {"observation": "difference", "fade": 1.0, "frame_skip": 4, "actions": []}
    shares = agent.decide(np.ones((80, 80), np.float32), greedy=False)["probabilities"]
    assert shares == pytest.approx([1 / (1 + np.exp(2)), 1 / (1 + np.exp(-2))], abs=1e-6)  # down, up

    index = helper.make_node("ArgMax", ["x"], ["y"], axis=1, keepdims=0)
    pick = [helper.make_node("ReduceMax", ["x"], ["r"], axes=[2, 3], keepdims=0), index]
    index.input[0] = "r"
    agent = load_agent(graph(tmp_path / "b.onnx", [1, 3, 210, 160], *pick, out=TensorProto.INT64))
    picture = np.zeros((210, 160, 3), np.uint8)
    picture[50, 60, 2] = 9
    assert agent.introduction()["observation"] == "rgb"
    assert agent.decide(picture, greedy=False) == {"action": 2}


def test_an_onnx_file_that_cannot_play_is_refused(tmp_path):
    (tmp_path / "a.onnx").write_bytes(b"\x08\x08nonsense")
    with pytest.raises(MatchError, match="expected an ONNX file that onnxruntime can play"):
        load_agent(str(tmp_path / "a.onnx"))
    same = helper.make_node("Identity", ["x"], ["y"])
    with pytest.raises(MatchError, match=r"expected a graph whose input takes 80×80.*\[1, 84, 84\]"):
        load_agent(graph(tmp_path / "b.onnx", [1, 84, 84], same))
    other = helper.make_tensor_value_info("z", TensorProto.FLOAT, [1])
    with pytest.raises(MatchError, match="with one input, got 2"):
        load_agent(graph(tmp_path / "c.onnx", [1, 6400], same, more=[other]))
    nan = constant("y", [float("nan"), 0.5])
    agent = load_agent(graph(tmp_path / "d.onnx", [1, 6400], nan))
    with pytest.raises(MatchError, match="expected an action's number"):
        agent.decide(np.zeros((80, 80), np.float32), greedy=False)


def test_a_network_that_was_taken_out_plays_here_as_before(tmp_path):
    own = find_player(Library(), "first-steps")
    write_onnx(own.checkpoint, tmp_path / "agent.onnx")
    foreign = find_player(Library(), str(tmp_path / "agent.onnx"))
    played = []
    for spec in (own, foreign):
        match = Match(PlayerSpec.ai(), spec, seed=8)
        shares = []
        for _ in range(400):
            match.step()
            shares.append(match.decisions[1].probabilities)
        played.append((match.frames, match.score, list(match.input_log), np.array(shares)))
        match.close()
    assert played[0][:3] == played[1][:3]
    np.testing.assert_allclose(played[0][3], played[1][3], atol=1e-5)


# -- at the table


def test_it_plays_is_shown_recorded_and_rated(tmp_path):
    spec = find_player(Library(), str(BOTS))
    assert spec.name.startswith("bots.py@") and spec.kind == "foreign"
    match = Match(spec, PlayerSpec.ai(), points=1)
    for _ in range(200):
        match.step()
    decision = match.decisions[0]
    assert decision.probabilities[1] in (0.0, 0.5) and decision.p_up == decision.history[-1][0]
    before, moves = match.snapshot(), len(match.input_log)
    to_the_end(match)
    assert match.longest_rally >= 1
    result = log_match(match)
    recorded = list(match.input_log)[moves:]
    match.restore(before)  # it goes back in time, and does the same again
    assert match.decisions[0] is decision
    to_the_end(match)
    assert list(match.input_log)[moves:] == recorded
    match.close()
    assert (result.left, result.kinds) == (spec.name, ("foreign", "ai"))
    assert fit(read_log().results).of(spec.name).kind == "foreign"
    again = find_recorded(Library(), result.left, "foreign")
    assert again.kind == "recording"
    replayed = Match(again, PlayerSpec.ai(), points=1, input_log=read_recording(result.id).input_log)
    assert to_the_end(replayed).score == result.score
    replayed.close()


def test_two_see_themselves_on_the_right_in_colour():
    spec = find_player(Library(), f"{BOTS}:Seer")
    match = Match(spec, spec)
    for _ in range(30):
        match.step()
    assert {control for pair in list(match.input_log)[1:] for control in pair} == {Move.UP}
    assert match.decisions == (None, None)  # it has no probabilities to show
    match.close()


def test_another_content_has_another_name_and_is_not_taken_for_the_same(tmp_path):
    path = tmp_path / "mine.py"
    shutil.copy(BOTS, path)
    spec = find_player(Library(), f"{path}:Chaser")
    player = spec.player()
    path.write_text(path.read_text() + "\n")
    with pytest.raises(MatchError, match=r"expected .*mine\.py unchanged, got another content"):
        spec.player()
    player.close()
    assert spec.name.startswith("mine.py:Chaser@") and find_source(str(path)).name != spec.name


def test_the_window_shows_its_probabilities_and_it_stays_for_the_next_match():
    spec = find_player(Library(), str(BOTS))
    match = Match(PlayerSpec.ai(), spec)
    with studio_lights():
        (shown,) = Film(scale=2).play(match, last=2)
        shown = shown.copy()
        person = Match(PlayerSpec.ai(), PlayerSpec.human())
        (bare,) = Film(scale=2).play(person, last=2)
    person.close()
    match.close()
    assert (shown != bare)[32:48, -200:].any()  # below its name
    specs = next_players(Library(), match.result(), match.specs, greedy=False)
    assert specs is not None and specs[1] is spec and specs[0].kind == "model"


# -- faults


@pytest.mark.parametrize(
    ("maker", "said"),
    [
        ("raising", "it raised KeyError: 'no such weight'\nits last output:"),
        ("hanging", "it did not answer within 0.4 s"),
        ("ending", "its process ended"),
        ("guessing", r"expected an action's number.*got \[nan, 0.5\]"),
    ],
)
def test_one_that_fails_in_a_match_ends_it_in_words(maker, said):
    source = find_source(f"{BOTS}:{maker}", decide_s=0.4)
    match = Match(PlayerSpec.ai(), PlayerSpec("foreign", source.name, source=source))
    with pytest.raises(MatchError, match=rf"(?s)bots.py:{maker}@\w+ cannot play: {said}"):
        for _ in range(60):
            match.step()
    match.close()


def test_one_that_fails_in_the_window_closes_it_with_its_words():
    write_settings(Settings(toured=True, asked=2))
    match = Match(PlayerSpec.ai(), find_player(Library(), f"{BOTS}:raising"))
    with pytest.raises(MatchError, match="it raised KeyError"):
        play(match, scale=1, log=False, recorder=Script({}, last=300))
    match.close()


def test_what_makes_no_player_is_refused_in_words(tmp_path):
    for maker, said in (
        ("nobody", "expected a function nobody in it"),
        ("deaf", r"expected deaf\(\) to return something with predict"),
    ):
        with pytest.raises(MatchError, match=said):
            load_agent(str(BOTS), maker)
    with pytest.raises(MatchError, match="observation: expected one of difference, view, rgb, got 'memory'"):
        load_agent(str(BOTS), "Wishful").introduction()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.py", None, "a player is a .py with a function make_player"),
        ("broken.py", b"def make_player(:", "it raised SyntaxError"),
        ("empty.py", b"", "expected a function make_player in it"),
        ("x.onnx", b"", "expected an ONNX file that onnxruntime can play"),
        ("x.zip", b"PK", "expected a .zip of Stable-Baselines3"),
        ("x.onnx:make", b"", "expected a function after the : of a .py file only"),
        ("x.txt", b"", "a player is human, ai, a model, model@game, or a .py, .onnx or .zip"),
    ],
)
def test_the_command_refuses_bad_files(name, content, said, home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path(name.partition(":")[0]).write_bytes(content)
    done = run("play", "ai", name)
    assert (done.exit_code, said in done.stderr) == (2, True), done.stderr
    assert "Traceback" not in done.stderr.split("its last output")[0]


def test_a_file_that_runs_code_is_announced_before_it_is_loaded(home, tmp_path):
    (tmp_path / "ppo.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    done = run("play", "human", tmp_path / "ppo.zip")
    assert (
        done.stderr.startswith("careful: loading") and "written by Stable-Baselines3's save()" in done.stderr
    )
    assert code_warning("champion") == code_warning("x.py") == ""


def test_learners_do_not_meet_files():
    with pytest.raises(UnknownNameError, match="a player is ai, a model, or model@game"):
        find_opponent(str(BOTS))


def test_an_agent_of_stable_baselines_plays(tmp_path):
    library = pytest.importorskip("stable_baselines3")
    import pongarena.envs  # noqa: F401 (registers the game)

    for kind, seen in (("PPO", "difference"), ("DQN", "view")):
        import gymnasium

        env = gymnasium.make("pongarena/Pong-v0", backend="compiled", observation=seen)
        getattr(library, kind)("MlpPolicy", env).save(tmp_path / f"{kind}.zip")
        env.close()
        spec = find_player(Library(), str(tmp_path / f"{kind}.zip"))
        match = Match(PlayerSpec.ai(), spec)
        for _ in range(20):
            match.step()
        decision = match.decisions[1]
        assert (decision is None) == (kind == "DQN")
        assert decision is None or sum(decision.probabilities) == pytest.approx(1)
        match.close()


def test_the_host_ends_with_the_process_that_asks(spawn):
    code = (
        "import sys, time; from pongarena.match.foreign import find_source;"
        f"agent = find_source({str(BOTS)!r}).process(); print(agent._process.pid, flush=True); time.sleep(60)"
    )
    import subprocess
    import sys

    parent = spawn([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    host = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    deadline = time.monotonic() + 60
    while host.is_running() and host.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not host.is_running() or host.status() == psutil.STATUS_ZOMBIE
