"""The command line as scripts and people use it: real processes, real exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pongarena.cli import cli
from pongarena.cli.lazy import LazyCommand, LazyGroup
from pongarena.cli.show import age, number
from pongarena.jobs.status import State
from pongarena.library.exchange import import_file
from pongarena.library.models import Library
from pongarena.training.registry import recipe
from tests.waiting import wait_for

HEAVY = ("numpy", "pygame", "textual", "ale_py", "gymnasium", "rich", "psutil")


def run(*arguments, **options):
    return CliRunner().invoke(cli, [str(each) for each in arguments], prog_name="pongarena", **options)


@pytest.fixture
def model(home):
    """A model with a checkpoint that nobody trained."""
    library = Library()
    library.create("origin", recipe("karpathy", hidden_units=8), 7)
    file = home.parent / "save.p"
    import pickle

    import numpy as np

    file.write_bytes(pickle.dumps({"W1": np.zeros((8, 6400)), "W2": np.zeros(8)}))
    return import_file(library, file, "deep")


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom pongarena.cli import cli\n"
        "try:\n    cli(['--help'], prog_name='pongarena')\nexcept SystemExit as end:\n"
        "    assert not end.code\n"
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]\nassert not loaded, loaded\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for command in ("train", "sessions", "models", "play", "eval", "doctor", "bench"):
        assert f"\n  {command} " in done.stdout
    assert "\n  session " not in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("command", ["models", "tournament"])
def test_an_output_that_takes_nothing_is_told_in_a_sentence(home, command):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "pongarena", command],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("Error: ") and "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_the_system_refuses_is_told_in_a_sentence():
    group = LazyGroup("group", lazy={})

    @group.command()
    def look():
        list(Path("/dev/null/\x1bnowhere").iterdir())

    done = CliRunner().invoke(group, ["look"])
    assert done.exit_code == 2
    assert "Not a directory (/dev/null/\ufffdnowhere)" in done.output


def test_a_seed_that_no_reader_would_believe_makes_no_model(home):
    done = run("train", "deep", "--seed", 10**150, "--episodes", 1)
    assert done.exit_code == 2 and "expected 0 to 9223372036854775807" in done.output
    assert all(model.bundled for model in Library().models())


def test_no_number_of_seconds_is_refused(home):
    done = run("estimate", "--measure", "--seconds", "nan")
    assert done.exit_code == 2 and "expected 0.1 to 600, got 'nan'" in done.output


def test_without_a_terminal_the_app_says_so():
    done = subprocess.run(
        [sys.executable, "-m", "pongarena"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr
    assert done.stdout == ""


def test_a_mistyped_command_brings_the_nearest():
    result = run("modles")
    assert result.exit_code == 2
    assert "did you mean models?" in result.stderr
    assert "see pongarena --help" in run("xyzzy").stderr


def test_a_command_that_names_no_click_command_is_a_fault_of_ours():
    group = LazyGroup("g", lazy={"bad": LazyCommand("os:getcwd", "")})
    with pytest.raises(AssertionError, match="no click command"):
        group.get_command(click.Context(group), "bad")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("models", "show", "depe"), "did you mean 'deep'"),
        (("models", "fork", "deep@7", "new"), "no checkpoint of episode 7"),
        (("models", "fork", "deep", "new", "--set", "gamma=9"), "gamma"),
        (("models", "fork", "deep", "new", "--set", "gamma"), "KEY=VALUE"),
        (("models", "fork", "deep", "new", "--set", "hidden_units=9"), "hidden units to be 8"),
        (("models", "rename", "deep", "../x"), "letters, digits"),
        (("models", "rename", "deep", "Origin"), "already"),
        (("models", "export", "origin", "x.npz"), "no checkpoint yet"),
        (("models", "import", "missing.npz", "new"), "cannot read"),
        (("models", "delete", "nobody"), "no model"),
        (("train", "human", "--background"), "player"),
        (("train", "new", "--learning-rate", "7"), "learning rate"),
        (("train", "new", "--set", "nonsense=1"), "nonsense"),
        (("train", "deep", "--seed", "1"), "keeps its recipe"),
        (("pause", "deep"), "not training"),
        (("play", "ai", "ai"), "one paddle only"),
        (("play", "human", "depe"), "a player is human, ai"),
        (("play", "human", "deep@5"), "no checkpoint of episode 5"),
        (("stop", "nobody"), "no model"),
        (("eval", "deep@5", "--games", "2"), "no checkpoint of episode 5"),
    ],
)
def test_bad_input_is_one_message_exit_code_2_and_changes_nothing(model, arguments, words):
    root = Library().root
    before = sorted(root.rglob("*"))
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    assert sorted(root.rglob("*")) == before


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


def test_a_model_travels_in_one_file(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "wrote deep.pongarena" in run("export", "deep").stdout
    assert "exists already" in run("export", "deep").stderr
    assert run("export", "deep", "-o", tmp_path / "again.pongarena", "--all").exit_code == 0
    looked = run("import", "deep.pongarena", "--check")
    assert "is whole" in looked.stdout
    assert "8 hidden units" in looked.stdout
    assert [each.name for each in Library().models() if not each.bundled] == ["deep", "origin"]
    assert "imported deep.pongarena as deep-2" in run("import", "deep.pongarena").stdout
    assert "as deep-3" in run("models", "import", "deep.pongarena").stdout
    assert run("import", "deep.pongarena", "twin").exit_code == 0
    refused = run("import", "deep.pongarena", "deep")
    assert (refused.exit_code, "there is a model 'deep' already" in refused.stderr) == (2, True)
    content = bytearray((tmp_path / "deep.pongarena").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "deep.pongarena").write_bytes(content)
    refused = run("import", "deep.pongarena", "--check")
    assert (refused.exit_code, "damaged or was altered" in refused.stderr) == (2, True)
    assert "expected a file that ends in .pongarena" in run("export", "deep", "x.npz", "--all").stderr


def test_tables_fit_a_terminal_of_80_columns(model):
    Library().create("x" * 40, recipe("karpathy", hidden_units=8), 7)
    environment = {**os.environ, "COLUMNS": "80"}
    done = subprocess.run(
        [sys.executable, "-m", "pongarena", "sessions", "--all"],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "deep" in done.stdout


TRAIN = (
    "--recipe",
    "karpathy",
    "--hidden-units",
    "8",
    "--set",
    "batch_episodes=1",
    "--max-frames",
    "1200",
    "--checkpoint-every",
    "1",
)


def test_training_in_the_foreground_ends_after_its_episodes_and_can_go_on():
    first = run("train", *TRAIN, "--episodes", "1")
    assert first.exit_code == 0, first.output
    assert "karpathy-1 is finished at episode 1" in first.stdout
    assert "episode 2 " in run("train", "karpathy-1", "--episodes", "1").stdout
    result = json.loads(run("eval", "karpathy-1", "--games", "2", "--json").stdout)
    assert (result["model"], result["episode"], result["games"]) == ("karpathy-1", 2, 2)
    assert len(result["scores"]) == 2


def test_a_training_on_the_emulator_is_asked_for_by_a_word():
    made = run("train", "slow", *TRAIN, "--emulator", "--episodes", "1")
    assert made.exit_code == 0, made.output
    assert Library().model("slow").recipe.emulator == 1
    assert "--emulator " in run("train", "--help").stdout


def test_training_in_the_foreground_says_whether_it_learns():
    first = run("train", "deep", *TRAIN, "--episodes", "2")
    assert first.exit_code == 0, first.output
    assert "Too early to tell" in first.stderr
    assert "points won: –" in first.stderr


def test_a_background_session_is_started_listed_paused_resumed_and_stopped():
    assert "in the background" in run("train", "deep", *TRAIN, "--background").stdout
    wait_for(Library().model("deep"), {State.RUNNING})
    (listed,) = json.loads(run("sessions", "--json").stdout)
    assert (listed["name"], listed["state"]) == ("deep", "running")
    assert "deep" in run("sessions").stdout
    assert "is paused" in run("pause", "deep").stdout
    assert "deep is running" in run("resume", "deep").stdout
    assert "saved deep@" in run("checkpoint", "deep").stdout
    assert "deep is stopped" in run("stop", "deep").stdout
    assert json.loads(run("sessions", "--json").stdout) == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "just now"), (59, "just now"), (60, "1 minute ago"), (7300, "2 hours ago"), (90_000, "1 day ago"),
     (86_400 * 65, "2 months ago"), (86_400 * 800, "2 years ago"), (-50, "just now")],
)  # fmt: skip
def test_ages_are_told_in_words(seconds, words):
    assert age(1e9, now=1e9 + seconds) == words


def test_numbers_and_their_absence():
    assert number(-20.55, 1) == "−20.6"
    assert number(1234.5, 0) == "1,234"
    assert number(None) == "–"
    assert age("") == ""


def test_of_imported_weights_it_is_not_said_that_they_began_at_random(model):
    said = run("models", "show", "deep").output
    assert "the file save.p" in said and "random" not in said
    assert "1: @0" in said


def test_no_command_writes_over_a_file_that_it_was_not_told_to(home, tmp_path, monkeypatch):
    mine = {kind: tmp_path / f"mine.{kind}" for kind in ("gif", "npz", "pongarena", "png", "json")}
    for path in mine.values():
        path.write_text("years of work")
    for command in (
        ("record", "ai", "champion", "-o", mine["gif"]),
        ("reel", "champion", "-o", mine["gif"]),
        ("replay", "-o", mine["gif"]),
        ("export", "champion", mine["npz"]),
        ("export", "champion", "-o", mine["pongarena"]),
        ("bench", "learn", "--png", mine["png"]),
        ("bench", "reference", "champion", "--made", "by hand", "-o", mine["json"]),
    ):
        done = run(*command)
        assert done.exit_code == 2, (command, done.output)
        assert "exists already; choose another name, or overwrite it with --force" in done.output
    assert {path.read_text() for path in mine.values()} == {"years of work"}
    assert run("record", "ai", "champion", "-o", mine["gif"], "--force", "--seconds", 1).exit_code == 0
    assert mine["gif"].read_bytes().startswith(b"GIF89a")


@pytest.mark.skipif(os.name != "posix", reason="terminals are POSIX's")
@pytest.mark.parametrize("words", [(), ("watch", "ai", "champion"), ("play", "ai", "champion", "--terminal")])
def test_a_terminal_that_cannot_draw_is_refused_kindly(home, words, monkeypatch):
    import pty

    monkeypatch.setenv("TERM", "dumb")
    master, slave = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "pongarena", *words], stdin=slave, stdout=slave, stderr=subprocess.PIPE,
        text=True, check=False,
    )  # fmt: skip
    os.close(master)
    os.close(slave)
    assert done.returncode == 2
    assert "this one says that it cannot (TERM=dumb)" in done.stderr and "Traceback" not in done.stderr
