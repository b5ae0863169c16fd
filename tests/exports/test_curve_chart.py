"""Curves as files: a picture, or a table of several."""

import csv
import xml.etree.ElementTree as ET

import pytest
from PIL import Image

from pongarena.core.errors import InvalidSettingError, LibraryError
from pongarena.exports.curve_chart import write_chart, write_curves
from pongarena.library.models import Library
from tests.cli.running import run


def size(path):
    with Image.open(path) as picture:
        return picture.size


def models(*names):
    return [Library().model(name) for name in names]


def test_one_chart_holds_the_curves_of_all(tmp_path):
    assert write_chart(models("champion", "rallier"), tmp_path / "c.svg") == 2
    root = ET.parse(tmp_path / "c.svg").getroot()
    texts = [each.text for each in root.iter() if each.tag.endswith("text")]
    assert {"champion", "rallier", "champion, rallier", "steps"} <= set(texts)
    write_curves(models("champion"), tmp_path / "c.png")
    assert size(tmp_path / "c.png") == (1520, 760)


def test_a_table_of_several_has_a_line_for_each_moment_of_each(tmp_path):
    write_curves(models("champion", "rallier"), tmp_path / "c.csv")
    with (tmp_path / "c.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["model"] for row in rows} == {"champion", "rallier"}
    assert all(float(row["low"]) <= float(row["share"]) <= float(row["high"]) for row in rows)
    write_curves(models("champion"), tmp_path / "one.csv")
    assert (tmp_path / "one.csv").read_text().startswith("kind,decisions,")


def test_nothing_is_overwritten_and_other_endings_are_refused(tmp_path):
    (tmp_path / "c.svg").write_text("mine")
    for name, kind in (("c.svg", LibraryError), ("c.pdf", InvalidSettingError)):
        with pytest.raises(kind):
            write_curves(models("champion"), tmp_path / name)
    assert (tmp_path / "c.svg").read_text() == "mine"


def test_the_command_writes_both_pictures(tmp_path):
    result = run("export", "champion", tmp_path / "c.svg", "--png", tmp_path / "c.png")
    assert result.exit_code == 0, result.output
    assert size(tmp_path / "c.png") == (1520, 760) and (tmp_path / "c.svg").is_file()
    Library().fork(Library().checkpoint("first-steps"), "ada-2")
    empty = run("export", "ada-2", "--svg", tmp_path / "a.svg")
    assert empty.exit_code == 2 and "too few points" in empty.stderr
    assert not (tmp_path / "a.svg").exists()
