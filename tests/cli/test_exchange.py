"""Models that travel."""

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
