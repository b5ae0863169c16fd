"""The page in a real browser: mouse, keys and fingers, and what is shown and said."""

import json

import pytest

from pongarena.library.models import Library
from pongarena.page.build import page_of, write_page
from tests.page.chromium import Browser, needs_chromium
from tests.page.test_build import EVIL, record_in

pytestmark = [needs_chromium, pytest.mark.slow, pytest.mark.timeout(180)]

FAST = "document.getElementById('speed').value = '4'"
PADDLES = "[app.match.state[SHOWN_LEFT], app.match.state[SHOWN_RIGHT]]"


ATTACK = """
const script = document.createElement('script');
script.textContent = 'globalThis.got = 1';
document.body.append(script);
"""

COSTS = """(() => {
  const start = performance.now();
  for (let i = 0; i < 300; i++) {
    app.frame();
    app.screen.show(app.match);
    app.minds.forEach((mind) => mind.show());
  }
  return (performance.now() - start) / 300;
})()"""
"""Milliseconds that a frame takes with its picture and the mind."""


ALL_AT_ONCE = """[app.match.score, ['left', 'right'].map((side) => Number($(`score-${side}`).textContent)),
  $('news').textContent, app.minds[0].shown === app.match.players[1].decision]"""
"""The score, what is shown and said of it, and whether the mind is that of the moment; the match goes on."""

CUT_OFF = """[...document.querySelectorAll('.curve text')].filter((text) => {
  const word = text.getBoundingClientRect(), chart = text.ownerSVGElement.getBoundingClientRect();
  return word.left < chart.left || word.right > chart.right;
}).map((text) => text.textContent)"""
"""Words of the learning curve that do not fit into it."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name in ("champion", "rival"):
        write_page(Library().checkpoint(name), folder / f"{name}.html")
    return folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()


@pytest.fixture(autouse=True)
def quiet(browser):
    """The script never fails, and asks for nothing but its own file."""
    browser.errors.clear()
    browser.asked.clear()
    yield
    assert not browser.errors
    assert all(each.startswith(("file://", "data:")) for each in browser.asked)


def choose_file(browser, path):
    root = browser.call("DOM.getDocument")["root"]["nodeId"]
    node = browser.call("DOM.querySelector", nodeId=root, selector="#file")["nodeId"]
    browser.call("DOM.setFileInputFiles", nodeId=node, files=[str(path)])


def words(browser, element):
    return browser.run(f"document.getElementById('{element}').textContent")


def test_a_point_is_played_with_the_mouse(browser, pages):
    browser.shape(1280, 800)
    browser.open(pages / "champion.html")
    assert words(browser, "news").startswith("you – champion@19862.")
    browser.click("banner-go")
    browser.wait("app.running && app.match.state[FRAMES] > 70")
    left, top, width, height = browser.run(
        "(() => { const b = document.getElementById('field').getBoundingClientRect();"
        " return [b.left, b.top, b.width, b.height]; })()"
    )
    for share in (0.3, 0.8):
        browser.call(
            "Input.dispatchMouseEvent", type="mouseMoved", x=left + width / 2, y=top + height * share
        )
        browser.wait(f"Math.abs(app.match.state[SHOWN_LEFT] - {share} * 210 - 7) < 1")
        # the paddle's middle is where the mouse is
        assert abs(browser.run("paddleTop(app.match.state, 0)") + 8 - share * 210) <= 1
    browser.run(FAST)
    score, shown, news, thought = browser.wait(f"app.match.score.some(Boolean) && {ALL_AT_ONCE}")
    assert news == f"you {score[0]}, champion@19862 {score[1]}"
    assert shown == score and thought


def test_it_is_played_by_keyboard_alone(browser, pages):
    browser.shape(1280, 800)
    browser.open(pages / "champion.html")
    browser.key(" ")
    browser.wait("app.match.state[FRAMES] > 5")
    before = browser.run(PADDLES)[0]
    browser.key("ArrowUp", "keyDown")
    browser.wait(f"app.match.state[SHOWN_LEFT] < {before} - 40")
    browser.key("ArrowUp", "keyUp")
    browser.wait("(app.people[0].move === 0)")
    browser.key(" ")
    assert not browser.run("app.running") and words(browser, "banner-title") == "Paused"
    browser.key("x")
    assert browser.run("app.seats") == ["agent", "human"]
    browser.key("m")
    assert browser.run("app.sound.muted")
    browser.key("Tab")
    assert browser.run("document.activeElement.matches(':focus-visible')")
    browser.run("Math.random = () => 0.6")  # one of the four first serves, the agent never reaches
    browser.run(f"{FAST}; document.getElementById('points').value = '5'")
    browser.key("r")
    assert browser.wait("app.match.over && app.match.score")[0] >= 1
    assert words(browser, "banner-go") == "Rematch"
    browser.key(" ")
    browser.wait("app.running && app.match.score.join() === '0,0'")


@pytest.mark.parametrize("shape", [(390, 844), (844, 390), (360, 640), (667, 375)])
def test_a_phone_is_played_with_a_finger(browser, pages, shape):
    browser.shape(*shape, phone=True)
    browser.open(pages / "champion.html")
    upright = shape[1] > shape[0]
    browser.run("app.go()")
    hand = "pad" if upright else "field"
    x, y = browser.middle(hand)
    for kind, at in (("touchStart", y), ("touchMove", y - 30)):
        browser.call("Input.dispatchTouchEvent", type=kind, touchPoints=[{"x": x, "y": at}])
    browser.wait("app.people[0].knob !== null && app.people[0].knob < 105")
    browser.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    wide, across, bottom, high = browser.run(
        "[document.documentElement.scrollWidth, innerWidth,"
        f" document.getElementById('{hand}').getBoundingClientRect().bottom, innerHeight]"
    )
    assert wide <= across and bottom <= high  # nothing to scroll to play
    assert browser.run("app.match.sideOf(LEFT)") == 0 and browser.run("app.running")
    assert browser.run(CUT_OFF) == []


def test_two_agents_of_two_files_play_each_other(browser, pages):
    browser.shape(1280, 800)
    browser.open(pages / "champion.html")
    choose_file(browser, pages / "rival.html")
    browser.wait("app.seats[0] === 'rival'")
    browser.run(f"{FAST}; app.go()")
    browser.wait("app.match.score.some(Boolean)")
    assert browser.run("app.minds.map((mind) => mind.shown !== null)") == [True, True]
    assert words(browser, "news").startswith("rival@300 ")
    assert browser.run("document.querySelectorAll('#cards .card').length") == 2
    browser.run("app.sit(LEFT, 'ai'); app.sit(RIGHT, 'ai')")
    assert browser.run("app.seats") == ["agent", "ai"]  # the cartridge has one player of its own only


def test_another_file_is_refused_in_words(browser, pages, tmp_path):
    (tmp_path / "other.html").write_text("<h1>hello</h1>")
    browser.open(pages / "champion.html")
    choose_file(browser, tmp_path / "other.html")
    browser.wait("document.getElementById('banner-title').textContent === 'That did not work'")
    assert "expected a page that pongarena export --html made" in words(browser, "banner-words")
    assert browser.run("app.seats") == ["human", "agent"]


def test_names_and_notes_cannot_do_anything(browser, pages, tmp_path):
    record = record_in((pages / "rival.html").read_text("utf-8"))
    evil = EVIL + "<img src=x onerror='document.title=1'>"
    record |= {"name": evil, "notes": evil, "about": evil, "tags": [evil], "facts": [[evil, evil]]}
    (tmp_path / "evil.html").write_text(page_of(record), "utf-8")
    browser.open(tmp_path / "evil.html")
    assert browser.run("document.title") == f"{evil} plays Pong"
    assert browser.run("document.querySelector('.notes').textContent") == evil
    assert browser.run("document.querySelectorAll('img, main script, #about script').length") == 0
    browser.run(ATTACK)
    browser.wait("document.body.lastChild.tagName === 'SCRIPT'")
    assert browser.run("globalThis.got ?? 0") == 0
    browser.run("fetch('https://example.invalid/').then(() => 1, () => 0)")
    refused = [json.dumps(each) for each in browser.errors]
    assert refused and all("Content Security Policy" in each for each in refused)
    browser.errors.clear()
    browser.asked.clear()


def test_the_mind_is_drawn_with_every_picture_at_sixty_a_second(browser, pages):
    """As a ratio of pictures to frames of the game: a slow machine shows fewer of both."""
    browser.shape(1280, 800)
    browser.open(pages / "champion.html")
    browser.run("app.go()")
    browser.wait("app.match.state[FRAMES] > 240")
    pictures, frames = browser.run("[app.drawn, app.match.state[FRAMES]]")
    assert pictures > 0.5 * frames
    costs = browser.run(COSTS)
    assert costs < 16
