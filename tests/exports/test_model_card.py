"""A model's folder as the hub's own library reads it."""

import json
import re

import numpy as np
import pytest
from huggingface_hub import ModelCard
from PIL import Image

from pongarena.core.errors import LibraryError
from pongarena.exports.model_card import write_model_card
from pongarena.library.card import Rating
from pongarena.library.evaluations import keep_evaluation
from pongarena.library.exchange import import_file
from pongarena.library.models import Library
from pongarena.library.notes import write_notes
from pongarena.nn.checkpoint import read_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.spec import AgentSpec
from pongarena.training.registry import recipe
from tests.cli.running import run


@pytest.fixture
def model(home):
    spec = AgentSpec(actions=3)
    policy = PolicyNetwork.random(8, np.random.default_rng(0), spec, deeper=(5,))
    made = recipe("turbo", hidden_units=8, actions=3, second_layer=5, fade=1)
    return Library().add("ann", made, 7, ("eve@2",), policy)


def test_the_evaluation_is_in_the_model_index(model, tmp_path):
    keep_evaluation(model, 0, Rating("benchmark", False, 20, -3.5, 1.25, 4, 0))
    keep_evaluation(model, 0, Rating("benchmark", False, 50, -4.0, 2.0, 9, 1))
    write_model_card(model, model.checkpoint(), tmp_path / "card")
    card = ModelCard.load(tmp_path / "card/README.md")
    (result,) = card.data.eval_results
    assert (card.data.model_name, card.data.library_name) == ("ann@0", "pongarena")
    assert (result.task_type, result.dataset_type) == ("reinforcement-learning", "ALE/Pong-v5")
    assert (result.metric_type, result.metric_value) == ("mean_reward", "-4.00 +/- 2.00")
    assert "reinforcement-learning" in card.data.tags
    assert "−4.00 ± 2.00, 9 of 50 won" in card.text.replace("-4.00", "−4.00")


def test_its_own_example_computes_what_the_network_does(model, tmp_path, monkeypatch):
    write_model_card(model, model.checkpoint(), tmp_path / "card")
    text = (tmp_path / "card/README.md").read_text("utf-8")
    monkeypatch.chdir(tmp_path / "card")
    names = {}
    exec(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1], names)
    policy = read_checkpoint(model.checkpoint().path).policy
    frame = np.random.default_rng(1).integers(-1, 2, (80, 80)).astype(np.float32)
    lit = policy.from_hidden(np.maximum(policy.w1 @ frame.reshape(-1), 0)[None])
    np.testing.assert_allclose(names["probabilities"](frame), lit.probabilities[0], atol=1e-4)
    assert "the probabilities of UP, STAY, DOWN" in text and "Not evaluated." in text
    config = json.loads((tmp_path / "card/config.json").read_text())
    assert (config["layers"], config["frame_skip"]) == ([[8, 6400], [5, 8], [3, 5]], 4)
    assert import_file(Library(), tmp_path / "card/ann.pongarena").name == "ann-2"


def test_notes_are_words_and_no_markup(model, tmp_path):
    write_notes(model, "---\nmodel-index: []\n<script>alert(1)</script>\n# big\n[a](javascript:b)", ())
    write_model_card(model, model.checkpoint(), tmp_path / "card")
    card = ModelCard.load(tmp_path / "card/README.md")
    assert card.data.library_name == "pongarena"
    assert "<script" not in card.text and "\n# big" not in card.text and "[a]" not in card.text


def test_a_folder_with_files_is_left_alone(model, tmp_path):
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(LibraryError, match="expected an empty folder"):
        write_model_card(model, model.checkpoint(), tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["README.md"]
    write_model_card(model, model.checkpoint(), tmp_path, overwrite=True)
    assert (tmp_path / "README.md").read_text("utf-8").startswith("---\n")


@pytest.mark.slow
def test_the_command_adds_a_clip(home, tmp_path):
    done = run("export", "champion", "--card", tmp_path / "card")
    assert done.exit_code == 0 and "replay.gif" in done.stdout, done.stderr
    card = ModelCard.load(tmp_path / "card/README.md")
    assert card.data.eval_results[0].metric_value == "19.09 +/- 1.67"
    with Image.open(tmp_path / "card/replay.gif") as clip:
        assert clip.n_frames > 100
