"""The page as a file: whole, small, and safe whatever a model is called or its notes say."""

import json
import re

import numpy as np
import pytest
from click.testing import CliRunner

from pongarena.cli import cli
from pongarena.library.models import Library
from pongarena.library.notes import write_notes
from pongarena.nn.policy import PolicyNetwork
from pongarena.page.build import page_of, write_page
from pongarena.training.registry import recipe

EVIL = "</script><script>alert(1)</script><!-- {{script}} &amp; \u2028 'x' \"y\""

SCRIPTS = 3
"""Of a page: the agent's, the script, and in that the pattern that finds another page's agent."""


def run(*arguments):
    return CliRunner().invoke(cli, [str(each) for each in arguments], prog_name="pongarena")


def record_in(page):
    return json.loads(re.search(r'id="agent">([^<]*)</script>', page)[1])


@pytest.fixture
def model(home):
    policy = PolicyNetwork.random(4, np.random.default_rng(0))
    return Library().add("deep", recipe("karpathy", hidden_units=4), 7, (), policy)


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.html"
    write_page(Library().checkpoint("champion"), path)
    return path.read_text("utf-8")


def test_the_page_is_one_small_file_that_asks_for_nothing(page):
    assert len(page.encode()) < 3e6
    assert "default-src 'none'" in page
    addresses = set(re.findall(r"https?://[^'\" ]+", page))
    assert addresses == {"http://www.w3.org/2000/svg"}  # a namespace, not an address
    assert not re.search(r"<(link|script|img|iframe)[^>]+(src|href)=\"(?!data:)", page)
    assert "fetch(" not in page and "XMLHttpRequest" not in page and "{{" not in page.split('id="agent"')[0]


def test_it_tells_of_the_checkpoint(page):
    record = record_in(page)
    facts = dict(record["facts"])
    assert record["name"] == "champion@19862" and record["about"].startswith("The longest trained")
    assert facts["recipe"] == "turbo, 200 hidden units"
    assert "+19.1 a game over 200 evaluated games" in facts["strength"]
    assert record["curve"]["shares"][0] < 0.1 and record["curve"]["shares"][-1] > 0.9
    assert record["curve"]["steps"][-1] <= 102_080_512
    assert record["spec"] == {
        "fade": 0.5,
        "crop": [0, 80, 0, 80],
        "frame_skip": 4,
        "actions": [-1, 1],
    }


def test_the_curve_of_an_earlier_checkpoint_ends_there(tmp_path):
    write_page(Library().checkpoint("champion@431"), tmp_path / "early.html")
    record = record_in((tmp_path / "early.html").read_text("utf-8"))
    assert 0 < record["curve"]["steps"][-1] < 4e6
    assert "strength" not in dict(record["facts"])  # that is the latest one's


def test_names_and_notes_are_words_and_nothing_else(model, tmp_path):
    write_notes(model, f"one\n{EVIL}", ["fast"])
    write_page(model.checkpoint(), tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "alert(1)</script>" not in page and page.count("<script") == SCRIPTS
    assert record_in(page)["notes"].startswith("one\n</script><script>alert(1)")
    titled = page_of(record_in(page) | {"name": EVIL})
    assert "alert(1)</script>" not in titled and titled.count("<script") == SCRIPTS
    assert titled.count("&lt;/script&gt;") == 2  # in the title alone
    assert record_in(titled)["name"] == EVIL


def test_a_model_that_never_played_has_no_curve(model, tmp_path):
    write_page(model.checkpoint(), tmp_path / "page.html")
    assert record_in((tmp_path / "page.html").read_text("utf-8"))["curve"] == {"steps": [], "shares": []}


def test_the_command_writes_it(model, tmp_path):
    for option in (("--html", tmp_path / "a.html"), (tmp_path / "b.htm",), ("-o", tmp_path / "c.HTML")):
        done = run("export", "deep", *option)
        assert done.exit_code == 0 and f"wrote {option[-1]}" in done.stdout, done.output
        assert record_in(option[-1].read_text("utf-8"))["name"] == "deep@0"
    assert "--html FILE" in run("export", "--help").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--html", "page.txt"), "expected a name that ends in .html"),
        (("--html", "nowhere/page.html"), "there is no folder nowhere"),
        (("--html", "page.html", "--all"), "expected a file that ends in .pongarena for all checkpoints"),
        (("--html", "old.html"), "exists already"),
    ],
)
def test_what_cannot_be_is_told_in_words(arguments, said, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.html").write_text("mine")
    done = run("export", "deep", *arguments)
    assert done.exit_code == 2 and said in done.stderr
    assert (tmp_path / "old.html").read_text() == "mine"
