"""The library on the command line."""

import json
import os
import subprocess
import sys

from pongarena.library.models import Library
from pongarena.training.registry import recipe
from tests.cli.running import run


def test_models_are_listed_for_people_and_for_scripts(model):
    result = run("models")
    assert result.exit_code == 0
    assert "deep" in result.stdout
    assert "just now" in result.stdout
    listed = json.loads(run("models", "list", "--json").stdout)
    assert [each["name"] for each in listed if not each["bundled"]] == ["deep", "origin"]
    assert listed[0]["checkpoints"] == [0]
    assert listed[0]["status"]["state"] == "new"
    shown = json.loads(run("models", "show", "origin", "--json").stdout)
    assert shown["recipe"]["hidden_units"] == 8
    assert "hidden units" in run("models", "show", "origin").stdout


def test_a_new_library_holds_the_built_in_opponents_and_says_how_to_begin():
    listed = run("models").stdout
    assert "pongarena train" in listed
    assert "built in" in listed
    found = json.loads(run("models", "list", "--json").stdout)
    assert len(found) >= 6
    assert all(each["bundled"] for each in found)
    name = found[0]["name"]
    shown = run("models", "show", name).stdout
    assert "evaluation" in shown and "made by" in shown
    refused = run("models", "rename", name, "mine")
    assert refused.exit_code == 2
    assert "fork it" in refused.stderr
    assert run("models", "fork", name, "mine").exit_code == 0
    assert not Library().model("mine").bundled
    assert "pongarena train" in run("sessions").stdout
    assert json.loads(run("sessions", "--json").stdout) == []


def test_a_damaged_model_does_not_hide_the_others(model):
    (model.path / "model.json").write_text("{")
    result = run("models")
    assert result.exit_code == 0
    assert "damaged" in result.stdout
    assert "origin" in result.stdout
    assert "deep: " in result.stderr


def test_fork_rename_export_import_and_delete(model, tmp_path):
    assert run("models", "fork", "deep", "child", "--set", "learning_rate=1e-3").exit_code == 0
    child = Library().model("child")
    assert (child.lineage, child.recipe.learning_rate) == (("the file save.p", "deep@0"), 1e-3)
    assert run("models", "rename", "child", "kid").exit_code == 0
    gift = tmp_path / "gift.npz"
    assert run("models", "export", "kid@latest", gift).exit_code == 0
    assert "--force" in run("models", "export", "kid", gift).stderr
    assert run("models", "export", "kid", gift, "--force").exit_code == 0
    assert run("models", "import", gift).exit_code == 0
    assert run("models", "import", gift, "--name", "twin").exit_code == 0
    refused = run("models", "delete", "kid", input="n\n")
    assert refused.exit_code == 1
    assert Library().model("kid")
    assert run("models", "delete", "kid", input="y\n").exit_code == 0
    assert run("models", "delete", "twin", "--yes").exit_code == 0
    own = [each.name for each in Library().models() if not each.bundled]
    assert own == ["deep", "gift", "origin"]


def test_tables_fit_a_terminal_of_80_columns(model):
    Library().create("x" * 40, recipe("karpathy", hidden_units=8), 7)
    environment = {**os.environ, "COLUMNS": "80"}
    done = subprocess.run(
        [sys.executable, "-m", "pongarena", "sessions", "--all"],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "deep" in done.stdout
