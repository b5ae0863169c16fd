"""Models that travel."""

import re

import pytest

from pongarena.library.models import Library
from tests.cli.running import run


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


def test_other_programs_get_their_files_by_option_and_by_name(ada, home, tmp_path, monkeypatch):
    for library in ("onnx", "safetensors", "tensorboardX"):
        pytest.importorskip(library)
    monkeypatch.chdir(tmp_path)
    done = run("export", "ada@100", "--onnx", "a.onnx", "--safetensors", "a.safetensors")
    assert done.exit_code == 0 and re.search(r"wrote a.onnx \(\d+ kB\): ada@100", done.stdout)
    assert not (tmp_path / "ada.pongarena").exists()
    assert run("export", "ada@100", "b.ONNX").exit_code == 0
    assert (tmp_path / "b.ONNX").read_bytes() == (tmp_path / "a.onnx").read_bytes()
    assert "136 lines" in run("export", "champion", "-o", "c.csv").stdout
    assert "tensorboard --logdir logs" in run("export", "champion", "--tensorboard", "logs").stdout
    assert len(list((tmp_path / "logs/champion").glob("events.*"))) == 1


def test_what_cannot_be_exported_is_refused(ada, home, tmp_path, monkeypatch):
    pytest.importorskip("tensorboardX")
    monkeypatch.chdir(tmp_path)
    for words, reason in (
        (("--onnx", "a.txt"), "expected a name that ends in .onnx"),
        (("--csv", "a.csv"), "has no training to export"),
        (("a.onnx", "--onnx", "b.onnx"), "expected one file of a kind"),
    ):
        done = run("export", "ada", *words)
        assert (done.exit_code, reason in done.stderr) == (2, True), done.stderr
    (tmp_path / "logs").write_text("")
    done = run("export", "champion", "--tensorboard", "logs")
    assert (done.exit_code, "cannot write" in done.stderr) == (2, True), done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "logs"]


@pytest.mark.parametrize(("kind", "library"), [("card", "safetensors"), ("tensorboard", "tensorboardX")])
def test_a_file_in_the_place_of_a_folder_is_refused_with_the_way_out(home, tmp_path, kind, library):
    pytest.importorskip(library)
    (tmp_path / "file").touch()
    for place in ("file", "file/inside"):
        done = run("export", "champion", f"--{kind}", tmp_path / place)
        assert done.exit_code == 2 and "choose another" in done.stderr, done.output
        assert "free some space" not in done.stderr
