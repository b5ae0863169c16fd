"""What the sdist, the wheel and the package's description hold."""

import re
import tarfile
import tomllib
from email import message_from_string
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT

pytestmark = pytest.mark.slow

UNWANTED = ("__pycache__", "node_modules")


@pytest.fixture
def built(installed_program: Path) -> Path:
    """The folder with sdist, wheel and the environment into which the wheel is installed."""
    return installed_program.parents[2]


@pytest.fixture
def metadata(built):
    (path,) = built.glob("venv/lib/*/site-packages/pongarena-*.dist-info/METADATA")
    return message_from_string(path.read_text("utf-8"))


def test_the_sdist_holds_all_that_its_tests_need(built):
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    found = (path for folder in ("pongarena", "tests", "assets") for path in (ROOT / folder).rglob("*"))
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in found
        if path.is_file() and not set(path.parts) & set(UNWANTED) and ".egg-info" not in str(path)
    }
    assert len(wanted) > 500 and wanted <= held
    assert {"README.md", "LICENSE", "pyproject.toml"} <= held


def test_an_index_page_finds_every_picture_and_link(metadata):
    description = metadata.get_payload()
    places = re.findall(r"\]\(([^)]+)\)", description)
    assert places and all(place.startswith("https://") for place in places)
    home = dict(each.split(", ") for each in metadata.get_all("Project-URL"))["Homepage"]
    ours = [place for place in places if place.startswith(home)]
    raw = home.replace("github.com", "raw.githubusercontent.com")
    pictures = [place for place in places if place.startswith(raw)]
    assert len(pictures) == len(re.findall(r"!\[", description)) >= 5
    for place in ours + pictures:
        assert (ROOT / re.split("/HEAD/", place)[1]).exists(), place


def test_the_package_says_where_it_runs_and_where_it_lives(metadata):
    told = metadata.get_all("Classifier")
    for minor in range(11, 15):
        assert f"Programming Language :: Python :: 3.{minor}" in told
    for system in ("MacOS", "Microsoft", "POSIX"):
        assert any(each.startswith(f"Operating System :: {system}") for each in told)
    urls = dict(each.split(", ") for each in metadata.get_all("Project-URL"))
    assert {"Homepage", "Documentation", "Changelog", "Issues"} <= set(urls)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert all(each.startswith(project["urls"]["Homepage"]) for each in urls.values())
    for place in ("Documentation", "Changelog"):
        assert (ROOT / urls[place].split("/HEAD/")[1]).exists()


def test_the_manual_page_is_installed_where_man_looks(built):
    page = (built / "venv/share/man/man1/pongarena.1").read_text("utf-8")
    assert page == (ROOT / "assets/pongarena.1").read_text("utf-8")
