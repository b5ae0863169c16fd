"""``pongarena lesson``: the file that a class takes home."""

import base64
import io
import re
from html.parser import HTMLParser

from PIL import Image

from pongarena.core import paths
from pongarena.library.models import Library
from pongarena.library.notes import write_notes
from pongarena.match.log import log_match
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.school.answers import Answer, add_answer
from tests.cli.running import run

EVIL = '</style><script>alert(1)</script><img src="http://example.org/x.png">'


class Page(HTMLParser):
    """The elements of a page, and its words."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.words = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += data


def pictures(page):
    for tag, attributes in page.elements:
        if tag == "img":
            kind, content = re.fullmatch(r"data:image/(png|gif);base64,(.*)", attributes["src"]).groups()
            yield kind, Image.open(io.BytesIO(base64.b64decode(content)))


def test_the_report_holds_everything_and_asks_nobody(ada, tmp_path):
    write_notes(ada, EVIL, ())
    add_answer(paths.data_dir(), "gone", Answer(EVIL, "up", "down", "it went down & up", "ada@200"))
    match = Match(PlayerSpec.ai(), PlayerSpec("human", "human"), points=1)
    for _ in range(60):
        match.step()
    log_match(match)
    match.close()
    output = tmp_path / "r.html"
    result = run("lesson", "export", "ada", "rallier", "-o", output, "--no-clips")
    assert result.exit_code == 0, result.output
    page = Page(output.read_text())
    assert {tag for tag, _ in page.elements} & {"script", "link", "iframe", "a"} == set()
    assert all(
        "src" not in attributes or attributes["src"].startswith("data:") for _, attributes in page.elements
    )
    assert EVIL in page.words and "it went down & up" in page.words and "✗ wrong" in page.words
    assert "ada" in page.words and "karpathy" in page.words and "too few points" in page.words.lower()
    assert sum(tag == "svg" for tag, _ in page.elements) == 1
    assert [(kind, each.size) for kind, each in pictures(page)] == [("png", (500, 164)), ("png", (500, 164))]
    policy = next(each["content"] for tag, each in page.elements if "http-equiv" in each)
    assert policy.startswith("default-src 'none'; img-src data:;")


def test_a_recorded_match_becomes_a_clip(ada, tmp_path):
    spec = PlayerSpec("model", "ada@200", PlayerSpec.model(_checkpoint(ada)).checkpoint)
    match = Match(PlayerSpec("human", "human"), spec, points=1)
    for _ in range(90):
        match.step()
    log_match(match)
    match.close()
    output = tmp_path / "r.html"
    result = run("lesson", "export", "-o", output)
    assert result.exit_code == 0, result.output
    page = Page(output.read_text())
    kinds = dict(pictures(page))
    assert kinds["gif"].n_frames > 1
    assert "you 0 : 0 ada@200, the end of the match" in page.words


def test_it_overwrites_nothing_and_says_what_is_missing(ada, tmp_path):
    output = tmp_path / "r.html"
    output.write_text("mine")
    refused = run("lesson", "export", "ada", "-o", output)
    assert refused.exit_code == 2 and "--force" in refused.stderr
    assert output.read_text() == "mine"
    assert run("lesson", "export", "ada", "-o", output, "--force", "--no-clips").exit_code == 0
    assert "there is no model 'eda'" in run("lesson", "export", "eda", "-o", tmp_path / "x.html").stderr
    Library().delete("ada")
    alone = run("lesson", "export", "-o", tmp_path / "x.html")
    assert alone.exit_code == 2 and "no model of your own" in alone.stderr


def _checkpoint(model):
    from pongarena.nn.checkpoint import read_checkpoint

    return read_checkpoint(model.checkpoint().path)
