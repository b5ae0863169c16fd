"""Checkpoints: what is written comes back, and whatever else a file may hold is refused in words."""

import io
import json
import zipfile

import numpy as np
import pytest

from pongarena.core.errors import CheckpointError
from pongarena.envs.observation import Observation, SparseFrames
from pongarena.nn.checkpoint import (
    Card,
    Checkpoint,
    read_card,
    read_checkpoint,
    read_resume,
    write_checkpoint,
    write_resume,
)
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.spec import CLASSIC, AgentSpec

CARD = Card(
    model="Étude",
    recipe="karpathy",
    episode=100,
    updates=10,
    steps=123_456,
    seed=7,
    running_reward=-20.25,
    points_won=31,
    points_lost=2100,
    lineage=("first@200",),
    created="2026-01-02T03:04:05Z",
    pongarena="0.1.0",
)


@pytest.fixture
def checkpoint():
    return Checkpoint(PolicyNetwork.random(5, np.random.default_rng(0)), CARD)


@pytest.fixture
def path(tmp_path, checkpoint):
    path = tmp_path / "ep000100.npz"
    write_checkpoint(path, checkpoint)
    return path


def npy(array, allow_pickle=False):
    data = io.BytesIO()
    np.lib.format.write_array(data, np.asarray(array), allow_pickle=allow_pickle)
    return data.getvalue()


def header(shape, kind="<f4"):
    data = io.BytesIO()
    np.lib.format.write_array_header_1_0(data, {"descr": kind, "fortran_order": False, "shape": shape})
    return data.getvalue()


def replace(path, **members):
    """Writes the archive anew with other bytes in some members; None removes one."""
    with zipfile.ZipFile(path) as archive:
        content = {info.filename: archive.read(info) for info in archive.infolist()}
    content.update({f"{name}.npy": data for name, data in members.items()})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            if data is not None:
                archive.writestr(name, data)


def test_a_checkpoint_comes_back_bit_for_bit(path, checkpoint):
    back = read_checkpoint(path)
    assert back.card == CARD
    assert (back.policy.w1 == checkpoint.policy.w1).all()
    assert (back.policy.w2 == checkpoint.policy.w2).all()
    back.policy.w1[0, 0] = 3  # may be trained on
    assert read_card(path) == CARD


def test_numpy_alone_can_open_it_without_pickle(path, checkpoint):
    with np.load(path, allow_pickle=False) as archive:
        assert (archive["w1"] == checkpoint.policy.w1).all()
        assert json.loads(archive["card"].item())["format_version"] == 1


def test_the_same_checkpoint_gives_the_same_file(path, checkpoint, tmp_path):
    write_checkpoint(tmp_path / "again.npz", checkpoint)
    assert (tmp_path / "again.npz").read_bytes() == path.read_bytes()


def test_weights_that_are_not_finite_are_not_written(tmp_path, checkpoint):
    checkpoint.policy.w1[2, 3] = np.nan
    with pytest.raises(CheckpointError, match="nothing was written"):
        write_checkpoint(tmp_path / "nan.npz", checkpoint)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"gone\.npz, found no file"):
        read_checkpoint(tmp_path / "gone.npz")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="cannot read"):
        read_checkpoint(tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK", b"\x93NUMPY\x01\x00", b"hello" * 100])
def test_a_foreign_file_is_refused(tmp_path, content):
    path = tmp_path / "x.npz"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="damaged, cut off or foreign"):
        read_checkpoint(path)


def test_a_file_cut_off_anywhere_is_refused(path):
    whole = path.read_bytes()
    for length in range(0, len(whole), 4999):
        path.write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match="damaged, cut off or foreign"):
            read_checkpoint(path)


def test_a_flipped_bit_is_noticed(path):
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes(whole)
    with pytest.raises(CheckpointError, match="CRC"):
        read_checkpoint(path)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"w1": npy(np.zeros((5, 6399), np.float32))}, r"expected weights w1 .* got \(5, 6399\)"),
        ({"w2": npy(np.zeros((1, 4), np.float32))}, r"expected weights w1 .* and \(1, 4\)"),
        ({"w2": npy(np.zeros((), np.float32))}, "expected weights"),
        ({"w1": npy(np.zeros((5, 6400)))}, "expected w1 as float32, got float64"),
        ({"w1": npy(np.full((5, 6400), np.nan, np.float32))}, "expected finite numbers in w1"),
        ({"w2": npy(np.full((1, 5), np.inf, np.float32))}, "expected finite numbers in w2"),
        ({"w1": None}, "it has no 'w1'"),
        ({"card": None}, "it has no 'card'"),
        ({"card": npy(np.zeros(3))}, "'card' is not a text"),
        ({"card": npy("{")}, "not JSON"),
        ({"card": npy("[1]")}, "has no format version"),
        ({"card": npy("[" * 100_000)}, "not JSON"),
        ({"card": npy('{"format_version": 1}')}, "card is incomplete"),
        ({"card": npy(json.dumps(CARD.to_json() | {"format_version": 2}))}, "got 2; a newer pongarena"),
        ({"card": npy(json.dumps(CARD.to_json() | {"episode": "x"}))}, "'episode' is of the wrong type"),
        ({"card": npy(json.dumps(CARD.to_json() | {"observation": "ram"}))}, "got 'ram'"),
        ({"card": npy(json.dumps(CARD.to_json() | {"frame_skip": 0}))}, "frame_skip"),
        ({"card": npy(json.dumps(CARD.to_json() | {"frame_skip": True}))}, "frame_skip"),
        ({"w1": npy(np.array([{}]), allow_pickle=True)}, "neither numbers nor text"),
    ],
)
def test_each_fault_has_its_own_words(path, members, message):
    replace(path, **members)
    with pytest.raises(CheckpointError, match=message):
        read_checkpoint(path)


@pytest.mark.parametrize("shape", [(10**12,), (10**6, 10**6), (2**40, 2**40), (5, 6401)])
def test_a_header_that_promises_more_than_the_archive_holds_takes_no_memory(path, shape):
    replace(path, w1=header(shape) + bytes(64))
    with pytest.raises(CheckpointError, match="claims"):
        read_checkpoint(path)


def test_a_zip_bomb_is_refused_by_its_size_before_it_is_unpacked(path):
    replace(path, card=npy("x" * (2 << 20)))
    with pytest.raises(CheckpointError, match=r"claims \d+ bytes"):
        read_card(path)


def test_a_resume_file_comes_back_with_its_types_and_order(tmp_path):
    arrays = {
        "w1": np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
        "count": np.array(3, np.int64),
    }
    write_resume(tmp_path / "resume.npz", arrays, {"episode": 3, "running_reward": None})
    back, state = read_resume(tmp_path / "resume.npz")
    assert state == {"episode": 3, "running_reward": None}
    assert back.keys() == arrays.keys()
    for name, array in arrays.items():
        assert back[name].dtype == array.dtype
        assert (back[name] == array).all()
    assert back["w1"].flags.f_contiguous


def test_a_checkpoint_is_no_resume_file_and_the_other_way_round(path, tmp_path):
    with pytest.raises(CheckpointError, match="it has no 'state'"):
        read_resume(path)
    write_resume(tmp_path / "resume.npz", {}, {})
    with pytest.raises(CheckpointError, match="it has no 'card'"):
        read_checkpoint(tmp_path / "resume.npz")


def test_a_resume_file_with_nan_is_refused(tmp_path):
    write_resume(tmp_path / "resume.npz", {"w1": np.array([np.nan])}, {})
    with pytest.raises(CheckpointError, match="expected finite numbers in w1"):
        read_resume(tmp_path / "resume.npz")


def test_a_compact_checkpoint_is_small_and_plays_the_same(tmp_path):
    rng = np.random.default_rng(0)
    policy = PolicyNetwork.random(20, rng)
    policy.w1[3] = 0
    full, compact = tmp_path / "full.npz", tmp_path / "compact.npz"
    write_checkpoint(full, Checkpoint(policy, CARD))
    write_checkpoint(compact, Checkpoint(policy, CARD), compact=True)
    assert compact.stat().st_size < 0.3 * full.stat().st_size
    back = read_checkpoint(compact)
    assert back.card == CARD
    largest = np.abs(policy.w1).max(axis=1, keepdims=True)
    assert (np.abs(back.policy.w1 - policy.w1) <= largest / 127 * 0.51).all()
    assert (back.policy.w2 == policy.w2).all()
    frames = SparseFrames.from_dense(rng.choice([-1, 0, 1], (50, 6400), p=[0.002, 0.996, 0.002]))
    assert np.abs(back.policy.forward(frames).up - policy.forward(frames).up).max() < 0.02


@pytest.mark.parametrize(
    "scale",
    [
        np.ones((5, 1)),
        np.ones((4, 1), np.float32),
        np.ones(5, np.float32),
        np.full((5, 1), np.nan, np.float32),
    ],
)
def test_a_compact_checkpoint_with_a_wrong_scale_is_refused(tmp_path, checkpoint, scale):
    path = tmp_path / "compact.npz"
    write_checkpoint(path, checkpoint, compact=True)
    replace(path, w1_scale=npy(scale))
    with pytest.raises(CheckpointError):
        read_checkpoint(path)


def test_a_scale_that_overflows_the_weights_is_refused(tmp_path, checkpoint):
    path = tmp_path / "compact.npz"
    write_checkpoint(path, checkpoint, compact=True)
    replace(path, w1_scale=npy(np.full((5, 1), 3e38, np.float32)))
    with pytest.raises(CheckpointError, match="not finite"):
        read_checkpoint(path)


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize(
    ("spec", "deeper"),
    [
        (CLASSIC, ()),
        (AgentSpec(Observation(0.5), 2), ()),
        (AgentSpec(Observation(0.0), 16), (4,)),
        (AgentSpec(Observation(1.0, crop=1, shuffle=9), 4, 3), (5, 2)),
        (AgentSpec(Observation(0.5, crop=2), 1, 3), ()),
    ],
)
def test_what_a_network_sees_and_does_and_how_long_it_decides_for_is_kept(spec, deeper, compact, tmp_path):
    path = tmp_path / "a.npz"
    policy = PolicyNetwork.random(3, np.random.default_rng(0), spec, deeper=deeper)
    write_checkpoint(path, Checkpoint(policy, CARD), compact=compact)
    read = read_checkpoint(path).policy
    assert read.spec == spec and read.layers == (3, *deeper)
    assert read_card(path).frame_skip == spec.frame_skip
    frames = SparseFrames.from_dense(np.eye(spec.observation.inputs)[:50])
    np.testing.assert_allclose(
        read.forward(frames).probabilities, policy.forward(frames).probabilities, atol=0.01 * compact
    )


def test_a_card_from_before_frame_skips_were_kept_is_of_a_classic_network():
    older = {key: value for key, value in CARD.to_json().items() if key != "frame_skip"}
    assert Card.from_json(older).frame_skip == 4
