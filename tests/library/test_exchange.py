"""Models as files: what goes out comes in, and whatever was done to it on the way is noticed."""

import hashlib
import json
import os
import struct
import zipfile

import numpy as np
import pytest

from pongarena.core.errors import BundleError, InvalidNameError, LibraryError, PongArenaError
from pongarena.jobs.lock import model_lock
from pongarena.jobs.status import State
from pongarena.library.bundle import Bundle
from pongarena.library.duplicate import duplicate
from pongarena.library.exchange import export_file, import_file
from pongarena.library.metrics import MetricsWriter
from pongarena.library.model import Cloned
from pongarena.library.models import Library, checkpoint_path
from pongarena.library.sessions.client import start_session
from pongarena.nn.checkpoint import Card, Checkpoint, read_checkpoint, write_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.training.imitation import Imitation
from pongarena.training.registry import recipe

RECIPE = recipe("karpathy", hidden_units=3, learning_rate=0.002)


@pytest.fixture
def library(tmp_path):
    return Library(bundled=tmp_path / "none")


@pytest.fixture
def deep(library):
    """A fork that has played 40 games, with three checkpoints, notes and a curve."""
    model = library.add("deep", RECIPE, 7, ("first@200", "second@10"))
    metrics = MetricsWriter(model.path / "metrics.jsonl")
    for episode in range(1, 41):
        metrics.append(
            {
                "kind": "episode",
                "episode": episode,
                "won": 1,
                "lost": 21,
                "reward": -20 + episode % 3,
                "running_reward": -20 + episode / 7,
                "steps": 9,
                "total_steps": 9 * episode,
                "time": 1.7e9 + episode,
            }
        )
        if episode % 10 == 0:
            metrics.append(
                {
                    "kind": "update",
                    "update": episode // 10,
                    "episode": episode,
                    "steps": 9 * episode,
                    "won": episode,
                    "lost": 200,
                    "entropy": 0.6,
                }
            )
    metrics.close()
    for episode in (10, 20, 40):
        card = Card(
            "deep",
            "karpathy",
            episode,
            episode // 10,
            9 * episode,
            7,
            -20 + episode / 7,
            40,
            800,
            model.lineage,
            model.created,
            "0.1.0",
        )
        policy = PolicyNetwork.random(3, np.random.default_rng(episode))
        write_checkpoint(checkpoint_path(model.path, episode), Checkpoint(policy, card))
    (model.path / "notes.json").write_text(
        '{"format_version": 1, "text": "swings \\u001b[2J low", "tags": ["a"]}'
    )
    return model


@pytest.fixture
def gift(deep, tmp_path):
    export_file(deep.checkpoint(), tmp_path / "deep.pongarena")
    return tmp_path / "deep.pongarena"


def rebuild(path, change=lambda parts: None, hashes=True, **zip_options):
    """Writes a bundle anew with some of its parts changed, and a manifest that fits unless it was changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    manifest = json.loads(parts["manifest.json"])
    untouched = parts["manifest.json"]
    change(parts)
    if hashes and parts.get("manifest.json") == untouched:
        manifest["parts"] = [
            {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in parts.items()
            if name != "manifest.json"
        ]
        parts["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w", **zip_options) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def files(folder):
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".lock"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_a_bundle_and_a_duplicate_say_whom_a_clone_imitated(library, tmp_path):
    cloned = Cloned("human", ("a", "b"), Imitation(0.9, 0.5, 100, 900))
    policy = PolicyNetwork.random(3, np.random.default_rng(0))
    made = library.add("me", RECIPE, 0, policy=policy, cloned=cloned)
    export_file(made.checkpoint(), tmp_path / "me.pongarena")
    twins = (import_file(library, tmp_path / "me.pongarena", "twin"), duplicate(library, "me", "copy"))
    assert {each.cloned for each in (made, *twins)} == {cloned}


def test_a_bundle_brings_the_model_as_it_was(library, deep, gift):
    twin = import_file(library, gift, "twin")
    assert (twin.recipe, twin.seed, twin.lineage, twin.created) == (
        deep.recipe,
        deep.seed,
        deep.lineage,
        deep.created,
    )
    assert twin.checkpoints() == [40]
    mine, theirs = (read_checkpoint(model.checkpoint().path) for model in (deep, twin))
    assert (mine.policy.w1 == theirs.policy.w1).all()
    assert (mine.policy.w2 == theirs.policy.w2).all()
    assert theirs.card.model == "twin"  # so that its matches are its own
    before, after = deep.curve(), twin.curve()
    for name in ("episodes", "rewards", "steps"):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name))
    np.testing.assert_allclose(before.running, after.running, atol=1e-4)
    for one, other in zip(before.points, after.points, strict=True):
        np.testing.assert_array_equal(one, other)
    status = twin.status()
    assert (status.state, status.episode, status.steps) == (State.STOPPED, 40, 360)
    assert json.loads((twin.path / "notes.json").read_text())["text"] == "swings �[2J low"


def test_all_checkpoints_come_along_if_asked_for(library, deep, tmp_path):
    export_file(deep.checkpoint(20), tmp_path / "all.pongarena", everything=True)
    assert import_file(library, tmp_path / "all.pongarena").checkpoints() == [10, 20, 40]


def test_the_same_model_gives_the_same_bytes_also_after_a_journey(library, deep, gift, tmp_path):
    export_file(deep.checkpoint(), tmp_path / "again.pongarena")
    assert (tmp_path / "again.pongarena").read_bytes() == gift.read_bytes()
    elsewhere = Library(tmp_path / "elsewhere" / "models", bundled=tmp_path / "none")
    there = import_file(elsewhere, gift)
    assert there.name == "deep"
    export_file(there.checkpoint(), tmp_path / "back.pongarena")
    (tmp_path / "clean.pongarena").write_bytes(gift.read_bytes())
    with Bundle(gift) as first, Bundle(tmp_path / "back.pongarena") as second:
        assert first.parts.keys() == second.parts.keys()
        assert first.parts == second.parts


def test_imported_twice_it_gets_a_fresh_name(library, gift):
    assert [import_file(library, gift).name for _ in range(2)] == ["deep-2", "deep-3"]


def test_a_name_that_is_taken_is_refused_and_nothing_is_left(library, gift):
    with pytest.raises(InvalidNameError):
        import_file(library, gift, "Deep")
    assert [path.name for path in library.root.iterdir()] == ["deep"]


def test_long_curves_are_thinned_and_keep_their_sums(library, tmp_path):
    model = library.add("long", RECIPE, 0, policy=PolicyNetwork.random(3, np.random.default_rng(0)))
    metrics = MetricsWriter(model.path / "metrics.jsonl")
    rng = np.random.default_rng(1)
    for number in range(1, 3001):
        won, lost = rng.integers(0, 50, 2).tolist()
        metrics.append(
            {
                "kind": "update",
                "update": number,
                "episode": number // 3,
                "steps": 64 * number,
                "won": won,
                "lost": lost,
            }
        )
    metrics.close()
    export_file(model.checkpoint(), tmp_path / "long.pongarena")
    before, after = model.curve().points, import_file(library, tmp_path / "long.pongarena").curve().points
    assert len(after.steps) == 1000
    assert (before.won.sum(), before.lost.sum()) == (after.won.sum(), after.lost.sum())
    shared = np.searchsorted(before.steps, after.steps)
    np.testing.assert_array_equal(np.cumsum(before.won)[shared], np.cumsum(after.won))


def test_a_model_without_a_curve_can_be_given_away(library, tmp_path):
    model = library.add("new", RECIPE, 0, policy=PolicyNetwork.random(3, np.random.default_rng(0)))
    export_file(model.checkpoint(), tmp_path / "new.pongarena")
    assert len(import_file(library, tmp_path / "new.pongarena").curve()) == 0


def test_a_pickle_is_never_written(library, deep, tmp_path):
    with pytest.raises(LibraryError, match="writes no pickles"):
        export_file(deep.checkpoint(), tmp_path / "save.p")


def test_a_damaged_checkpoint_is_not_given_away(deep, tmp_path):
    path = deep.checkpoint().path
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(PongArenaError, match="damaged"):
        export_file(deep.checkpoint(), tmp_path / "x.pongarena")
    assert not (tmp_path / "x.pongarena").exists()


EPISODE = "checkpoints/ep000040.npz"
EVIL_NAMES = [
    "../evil.json",
    "/etc/evil",
    "C:\\evil",
    "checkpoints/../../evil.npz",
    "checkpoints\\ep000001.npz",
    "CON",
    "nul.json",
    "model.json.",
    "model.json ",
    "mоdel.json",
    "checkpoints/ep00004０.npz",
    "train.log",
    "lock",
    "requests/x.stop",
    "resume.npz",
    "checkpoints/ep000040.npz/",
    "\x1b[2J.json",
    "",
]


@pytest.mark.parametrize("name", EVIL_NAMES)
def test_a_file_that_has_no_place_in_a_bundle_is_refused(library, gift, tmp_path, name):
    rebuild(gift, lambda parts: parts.update({name or "x": b"{}"}))
    before = files(tmp_path)
    with pytest.raises(BundleError, match="unexpected file called") as caught:
        import_file(library, gift)
    assert "\x1b" not in str(caught.value)
    assert files(tmp_path) == before


def swap(name, old, new):
    return lambda parts: parts.update({name: parts[name].replace(old, new)})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda parts: parts.pop("model.json"), r"lacks model.json"),
        (lambda parts: parts.pop(EPISODE), r"or a checkpoint"),
        (lambda parts: parts.pop("manifest.json"), "no manifest.json"),
        (lambda parts: parts.update({"manifest.json": b"[]"}), "cannot be understood"),
        (lambda parts: parts.update({"manifest.json": b"[" * 9999}), "cannot be understood"),
        (swap("manifest.json", b'"format_version": 1', b'"format_version": 2'), "a newer pongarena wrote it"),
        (swap("manifest.json", b'"format_version": 1', b'"format_version": "1"'), "has no format version"),
        (swap("manifest.json", b"pongarena-bundle", b"else"), "format: invalid"),
        (swap("manifest.json", b'"sha256": "', b'"sha256": "0'), "is not the one that was exported"),
        (swap("manifest.json", b'"bytes": ', b'"bytes": 1'), "lists other files or sizes"),
        (lambda parts: parts.update({"model.json": b"{}"}), "model.json cannot be understood"),
        (swap("model.json", b'"seed":7', b'"seed":NaN'), "model.json is not JSON"),
        (swap("model.json", b'"seed":7', b'"seed":-7'), "seed: expected"),
        (swap("model.json", b"karpathy", b"unknown"), "expected a recipe"),
        (swap("model.json", b'"hidden_units":3', b'"hidden_units":4'), "another network"),
        (swap("model.json", b'"hidden_units":3', b'"hidden_units":99999'), "expected hidden units to be"),
        (swap("model.json", b'"created":"', b'"created":"x'), "cannot be understood"),
        (
            lambda parts: parts.update({"curve.json": b'{"format_version": 1}'}),
            "curve.json cannot be understood",
        ),
        (swap("curve.json", b"[1,", b"[1e400,"), "curve.json is not JSON"),
        (swap("curve.json", b"[1,", b'["1",'), "curve.json cannot be understood"),
        (swap("curve.json", b"[1,", b"["), "curve.json cannot be understood"),
        (lambda parts: parts.update({"notes.json": b"[]"}), "notes.json holds no object"),
        (lambda parts: parts.update({EPISODE: b"PK nonsense"}), r"ep000040.npz is damaged"),
        (lambda parts: parts.update({"checkpoints/ep000041.npz": parts.pop(EPISODE)}), "another game"),
        (lambda parts: parts.update({f"checkpoints/ep{n:06d}.npz": b"" for n in range(200)}), "at most 100"),
        (lambda parts: parts.update({"curve.json": b" " * (5 << 20)}), "at most 4,194,304"),
    ],
)
def test_whatever_was_done_to_it_is_noticed_and_nothing_is_left(library, gift, tmp_path, change, message):
    rebuild(gift, change)
    before = files(tmp_path)
    with pytest.raises(PongArenaError, match=message):
        import_file(library, gift)
    assert files(tmp_path) == before


def test_a_flipped_bit_anywhere_is_noticed(library, gift):
    whole = gift.read_bytes()
    accepted = 0
    for place in range(0, len(whole), 1009):
        gift.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        try:
            import_file(library, gift)
            accepted += 1
        except PongArenaError:
            pass
    # a date or a permission in the zip's own tables may change: nobody reads them
    assert accepted <= 1


def test_a_bundle_cut_off_anywhere_is_refused(library, gift):
    whole = gift.read_bytes()
    for length in [*range(0, len(whole), 4999), *range(len(whole) - 30, len(whole))]:
        gift.write_bytes(whole[:length])
        with pytest.raises(BundleError, match="damaged or was altered"):
            import_file(library, gift)


def test_packed_parts_are_refused_so_there_are_no_bombs(library, gift):
    rebuild(
        gift, lambda parts: parts.update({"curve.json": b" " * (4 << 20)}), compression=zipfile.ZIP_DEFLATED
    )
    assert gift.stat().st_size < 200_000
    with pytest.raises(BundleError, match="is compressed"):
        import_file(library, gift)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_part_that_is_there_twice_is_refused(library, gift):
    with zipfile.ZipFile(gift, "a") as archive:
        archive.writestr("curve.json", b"{}")
    with pytest.raises(BundleError, match="is in it twice"):
        import_file(library, gift)


def test_a_false_size_in_the_table_of_contents_takes_no_memory(library, gift):
    content = bytearray(gift.read_bytes())
    place = content.rindex(b"PK\x01\x02")
    content[place + 20 : place + 28] = struct.pack("<II", 1 << 30, 1 << 30)
    gift.write_bytes(content)
    with pytest.raises(BundleError):
        import_file(library, gift)


def test_a_table_of_contents_of_a_million_files_is_not_read(library, tmp_path):
    path = tmp_path / "many.pongarena"
    entry = b"PK\x01\x02" + bytes(24) + struct.pack("<H", 1) + bytes(16) + b"x"
    count = 100_000
    end = (
        b"PK\x05\x06"
        + bytes(4)
        + struct.pack("<HHII", count % 65536, count % 65536, len(entry) * count, 0)
        + bytes(2)
    )
    path.write_bytes(entry * count + end)
    with pytest.raises(BundleError, match="not a zip file"):
        import_file(library, path)


@pytest.mark.parametrize(
    "wish", ["con", "../../x", "human", "\x1b[2J", "a" * 500, "深い", "ai.", "-", "LPT1"]
)
def test_a_name_that_cannot_be_a_folders_becomes_one(library, gift, wish):
    rebuild(gift, swap("manifest.json", b'"deep"', json.dumps(wish).encode()))
    model = import_file(library, gift)
    assert model.path.parent == library.root
    assert model.fault is None


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
@pytest.mark.parametrize(
    "name", ["requests", "lock", "train.log", "metrics.jsonl", "checkpoints", "status.json"]
)
def test_links_in_a_strangers_folder_lead_nowhere(library, deep, tmp_path, name):
    """A folder from somebody else may hold `requests` as a link to the home directory, which is swept."""
    precious = tmp_path / "precious"
    if name in ("requests", "checkpoints"):
        precious.mkdir()
        (precious / "thesis.doc").write_text("years of work")
        (precious / "ep000001.npz").write_text("another model's")
    else:
        precious.write_text("years of work")
    place = deep.path / name
    if place.is_dir():
        place.rename(tmp_path / "away")
    place.unlink(missing_ok=True)
    place.symlink_to(precious)
    before = files(tmp_path)
    with pytest.raises(LibraryError, match=f"got a link: {name}"):
        start_session(deep)
    with pytest.raises(LibraryError, match=f"got a link: {name}"), model_lock(deep.path):
        pass
    assert files(tmp_path) == before


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_model_that_its_owner_keeps_elsewhere_works(library, deep, tmp_path):
    deep.path.rename(tmp_path / "disk")
    deep.path.symlink_to(tmp_path / "disk")
    with model_lock(library.model("deep").path):
        pass
