"""The gist's save.p, as Pythons old and new write it, other forms of it, and pickles that mean harm."""

import functools
import gzip
import io
import os
import pickle
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from collections import Counter, OrderedDict, defaultdict, deque
from datetime import UTC, datetime

import numpy as np
import pytest

from pongarena.core.errors import CheckpointError
from pongarena.envs.observation import SparseFrames
from pongarena.nn.importers import import_weights


def weights(hidden=3, kind=np.float64):
    rng = np.random.default_rng(0)
    return {
        "W1": rng.standard_normal((hidden, 6400)).astype(kind),
        "W2": rng.standard_normal(hidden).astype(kind),
    }


def python2_array(array):
    """An array as Python 2 pickled it in protocol 0 or 2: byte strings, numpy.core names."""
    data = array.tobytes()
    shape = b"".join(b"K" + bytes([n]) if n < 256 else b"M" + struct.pack("<H", n) for n in array.shape)
    return (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR"
        b"(K\x01("
        + shape
        + b"tcnumpy\ndtype\n(U\x02f8K\x00K\x01tR(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xff"
        b"K\x00tb\x89T" + struct.pack("<I", len(data)) + data + b"tb"
    )


def python2_pickle(model):
    items = b"".join(b"U" + bytes([len(k)]) + k.encode() + python2_array(v) for k, v in model.items())
    return b"\x80\x02}(" + items + b"u."


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_every_protocol_of_python_3_is_read(tmp_path, protocol, kind):
    path = tmp_path / "save.p"
    model = weights(kind=kind)
    path.write_bytes(pickle.dumps(model, protocol))
    policy = import_weights(path)
    np.testing.assert_array_equal(policy.w1, model["W1"].astype(np.float32))
    np.testing.assert_array_equal(policy.w2[0], model["W2"].astype(np.float32))


def test_a_pickle_of_python_2_is_read(tmp_path):
    path = tmp_path / "save.p"
    model = weights(hidden=200)
    path.write_bytes(python2_pickle(model))
    # the bytes are what Python 2 wrote: numpy itself agrees
    np.testing.assert_array_equal(pickle.loads(path.read_bytes(), encoding="latin1")["W1"], model["W1"])
    np.testing.assert_array_equal(import_weights(path).w1, model["W1"].astype(np.float32))


def python2_text(array):
    """An array in protocol 0, the one that the gist used: numbers and bytes as text."""
    data = "".join(
        chr(byte) if 32 <= byte < 127 and chr(byte) not in "\\'" else f"\\x{byte:02x}"
        for byte in array.tobytes()
    )
    shape = "".join(f"I{length}\n" for length in array.shape)
    return (
        f"cnumpy.core.multiarray\n_reconstruct\np1\n(cnumpy\nndarray\np2\n(I0\ntp3\nS'b'\np4\ntp5\nRp6\n(I1\n"
        f"({shape}tp7\ncnumpy\ndtype\np8\n(S'f8'\np9\nI0\nI1\ntp10\nRp11\n(I3\nS'<'\np12\nNNNI-1\nI-1\nI0\n"
        f"tp13\nbI00\nS'{data}'\np14\ntp15\nb"
    )


def test_a_pickle_of_python_2_in_text_is_read(tmp_path):
    path = tmp_path / "save.p"
    model = weights()
    items = "".join(f"S'{name}'\np20\n{python2_text(array)}s" for name, array in model.items())
    path.write_bytes(f"(dp0\n{items}.".encode("latin1"))
    np.testing.assert_array_equal(pickle.loads(path.read_bytes(), encoding="latin1")["W1"], model["W1"])
    np.testing.assert_array_equal(import_weights(path).w1, model["W1"].astype(np.float32))


def test_other_things_beside_the_weights_are_passed_over(tmp_path):
    path = tmp_path / "save.p"
    beside = {"rewards": [1, -2.5, None, True], "args": {"x": (1, 2, 3, 4)}}
    path.write_bytes(pickle.dumps({**weights(), **beside}))
    assert import_weights(path).hidden_units == 3


def one_text_as_arrays(count):
    """A dict of arrays of zeros, all of one text of 1 MB in the memo."""
    size = 1 << 20
    head = b"\x80\x02(T" + struct.pack("<I", size) + bytes(size) + b"q\x00"
    head += b"cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\ndtype\n(U\x02f8K\x00K\x01tRq\x02}("
    made = b"h\x01)R(K\x01J" + struct.pack("<i", size // 8) + b"\x85h\x02\x89h\x00tb"
    return head + b"".join(b"U\x05%05d" % i + made for i in range(count)) + b"ut."


MEAN = {
    "a place in the memo that would take 34 GB": b"Nr\xff\xff\xff\x7f.",
    "a name that takes 2^60 steps to be hashed": b"}(" + b"N" + b"q\x00h\x00\x86" * 60 + b"Nu.",
    "a shape that takes 2^60 letters to be shown": (
        b"\x80\x02}(U\x02W1cnumpy\ndtype\nNq\x00" + b"h\x00\x86q\x00" * 60 + b"h\x00\x86RU\x02W2Nu."
    ),
    "bytes that it promises and does not have": b"\x8e" + struct.pack("<Q", 1 << 40) + b".",
    "a frame of a terabyte": b"\x80\x04\x95" + struct.pack("<Q", 1 << 40) + b"N.",
    "the same bytes made again and again": (
        b"c_codecs\nencode\nq\x01X\x00\x00\x10\x00" + b"a" * (1 << 20) + b"X\x06\x00\x00\x00latin1\x86q\x02"
        + b"h\x01h\x02R" * 9_000 + b"."
    ),
    "nothing but marks": b"(" * 510_000,
    "a dict that is copied again and again": (
        b"ccollections\nOrderedDict\nq\x01](" + b"(U\x01aNt" * 10_000 + b"eq\x02\x85q\x03"
        + b"h\x01h\x03R" * 20_000 + b"."
    ),
    "a nest of lists that share their parts": b"](Ne" + b"q\x00](" + b"h\x00" * 60 + b"e" + b"q\x00]("
    + b"h\x00" * 60 + b"eq\x00](" + b"h\x00" * 60 + b"eq\x00](" + b"h\x00" * 60 + b"e.",
    "a dict whose keys have one hash": b"}(" + b"".join(
        b"\x8a\x0c" + (number * (2**61 - 1)).to_bytes(12, "little") + b"N" for number in range(1, 10_000)
    ) + b"u.",
    "a long key, again and again": (
        b"\x80\x03(B\x00\x00\x20\x00" + bytes(1 << 21) + b"q\x00}(" + b"h\x00N" * 100_000 + b"ut."
    ),
    "a huge number as a key, again and again": (
        b"\x80\x02(\x8b\x00\x00\x20\x00" + b"\xff" * ((1 << 21) - 1)
        + b"\x80q\x00}(" + b"h\x00N" * 100_000 + b"ut."
    ),
    "one text as a thousand arrays": one_text_as_arrays(1000),
    "a long text with one wide letter": (
        b"X" + struct.pack("<I", (4 << 20) + 4) + b"a" * (4 << 20) + "😀".encode() + b"."
    ),
    "the same in gzip": gzip.compress(
        b"X" + struct.pack("<I", (4 << 20) + 4) + b"a" * (4 << 20) + "😀".encode() + b".", 1
    ),
    "a persistent name": b"Pos.system\n.",
    "an instance": b"(ios\nsystem\n.",
    "an extension": b"\x82\x01.",
    "a number of a thousand digits": b"I" + b"9" * 1000 + b"\n.",
}  # fmt: skip


@pytest.mark.parametrize("what", MEAN)
def test_a_small_file_takes_neither_memory_nor_time(tmp_path, what):
    path = tmp_path / "save.p"
    path.write_bytes(MEAN[what])
    tracemalloc.start()
    try:
        with pytest.raises(CheckpointError):
            import_weights(path)
        assert tracemalloc.get_traced_memory()[1] < 4 * len(MEAN[what]) + (1 << 20) * 16
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("protocol", [2, 5])
def test_ordered_dicts_column_major_and_big_endian_arrays_are_read(tmp_path, protocol):
    path = tmp_path / "save.p"
    model = weights()
    turned = OrderedDict(W1=np.asfortranarray(model["W1"]), W2=model["W2"].astype(">f8"))
    path.write_bytes(pickle.dumps(turned, protocol))
    policy = import_weights(path)
    np.testing.assert_array_equal(policy.w1, model["W1"].astype(np.float32))
    np.testing.assert_array_equal(policy.w2[0], model["W2"].astype(np.float32))


class Attack:
    def __init__(self, *order):
        self.order = order

    def __reduce__(self):
        return self.order


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_code_in_a_pickle_is_refused_and_not_run(tmp_path, protocol):
    trace = tmp_path / "trace"
    path = tmp_path / "save.p"
    path.write_bytes(pickle.dumps({**weights(), "x": Attack(os.mkdir, (str(trace),))}, protocol))
    with pytest.raises(CheckpointError, match=r"a reference to \w+\.mkdir.*it was not run"):
        import_weights(path)
    assert not trace.exists()


@pytest.mark.parametrize(
    "name", ["builtins.eval", "numpy.load", "functools.partial", "pongarena.core.files.write_atomically"]
)
def test_other_names_are_refused(tmp_path, name):
    module, _, function = name.rpartition(".")
    path = tmp_path / "save.p"
    path.write_bytes(f"c{module}\n{function}\n.".encode())
    with pytest.raises(CheckpointError, match="could run code"):
        import_weights(path)


def test_an_array_that_promises_more_than_it_holds_takes_no_memory(tmp_path):
    path = tmp_path / "save.p"
    huge = python2_pickle(weights()).replace(b"(K\x03M\x00\x19t", b"(K\x03J\xff\xff\xff\x7ft")
    assert b"\x7f" in huge
    path.write_bytes(huge)
    with pytest.raises(CheckpointError, match="an invalid shape"):
        import_weights(path)


W = weights()
BIAS = {"b1": np.array([0.5, 0, 0])}
SQUARES = {name: array**2 for name, array in W.items()}

FORMS = {
    "numpy numbers beside": {**W, "running_reward": np.float64(-3.25), "episode_number": np.int64(4200)},
    "a history by number": {**W, "history": {100: -20.5, (1, 2): 3}},
    "a defaultdict": defaultdict(list, W),
    "an OrderedDict": OrderedDict(W),
    "a counter, a queue, a set, a date": {
        **W, "c": Counter("ab"), "q": deque([1, 2.5], 5), "s": {1}, "f": frozenset("x"),
        "at": datetime.now(UTC),
        "big": 1 << 200, "raw": bytearray(b"x"), "flag": np.bool_(True), "names": np.array(["a", "b"]),
    },
    "a nest": {"model": W, "episode": 4200},
    "a nest of two": {"checkpoint": {"state_dict": W, "optimizer": SQUARES}, "args": {"gamma": 0.99}},
    "the gist with its cache": (W, SQUARES, -3.25),
    "the cache first": [SQUARES, W],
    "the cache beside": {**W, "rmsprop_cache": SQUARES, "grad_buffer": {k: v * -1 for k, v in W.items()}},
    "a pair": [W["W1"], W["W2"]],
    "a pair the other way": (W["W2"], W["W1"]),
    "W2 as a column": {"W1": W["W1"], "W2": W["W2"][:, None]},
    "W2 as a row": {"W1": W["W1"], "W2": W["W2"][None]},
    "W1 transposed": {"W1": W["W1"].T.copy(), "W2": W["W2"]},
    "W1 a transposed view": {"W1": np.asfortranarray(W["W1"]).T, "W2": W["W2"]},
    "weights1": {"weights1": W["W1"], "weights2": W["W2"]},
    "w1": {"w1": W["W1"], "w2": W["W2"]},
    "by number": {1: W["W1"], 2: W["W2"]},
    "bytes as keys": {b"W1": W["W1"], b"W2": W["W2"]},
    "torch's names": {"fc1.weight": W["W1"], "fc2.weight": W["W2"][None]},
    "any names": {"hidden": W["W1"], "output": W["W2"]},
    "biases of zero": {**W, "b1": np.zeros(3), "b2": 0.0},
    "histories beside": {**W, "rewards": np.arange(50.0), "steps": np.zeros((3, 2), int), "mean": np.ones(1)},
    "the optimiser's memory beside": {**W, "W1_cache": W["W1"] ** 2, "W2_cache": W["W2"] ** 2},
    "the same twice": [W, W],
    "Adam's memory beside": {
        **W,
        **{f"{kind}{name}": array**2 for kind in ("v_", "m_", "d", "E_g2_") for name, array in W.items()},
    },
    "its names turned": {**W, **{f"{name}_v": array**2 for name, array in W.items()}},
    "as many rewards as units": {**W, "rewards": np.arange(3.0), "losses": [0.5, 0.25, 0.125]},
    "the buffers of an episode": {
        **W, "prev_x": np.ones(6400), "xs": [np.ones(6400)], "hs": np.ones((9, 3)), "drs": [np.ones(1)]
    },
    "a batch called b": {**W, "b": 10, "hyper": {"b": 10, "c": 0.5, "gamma": 0.99}},
}  # fmt: skip


@functools.cache
def frames(count=100):
    """Random difference frames, as the network gets them and as plain numpy does."""
    rng = np.random.default_rng(1)
    dense = rng.choice([-1.0, 0.0, 1.0], size=(count, 6400), p=[0.004, 0.992, 0.004]).astype(np.float32)
    return SparseFrames.from_dense(dense), dense


def require_same_play(policy, source=W):
    """P(UP) is the gist's own, and the same in all forms."""
    sparse, dense = frames()
    hidden = np.maximum(dense @ source["W1"].T, 0)
    up = 1 / (1 + np.exp(-(hidden @ source["W2"])))
    np.testing.assert_allclose(policy.forward(sparse).up, up, atol=2e-5)
    np.testing.assert_array_equal(policy.w1, source["W1"].astype(np.float32))
    np.testing.assert_array_equal(policy.w2[0], source["W2"].astype(np.float32))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_weights_plays_as_its_source(tmp_path, form):
    path = tmp_path / "save.p"
    for protocol in (0, 2, 4, 5):
        path.write_bytes(pickle.dumps(FORMS[form], protocol))
        require_same_play(import_weights(path))


@pytest.mark.parametrize("turn", [np.array, np.transpose])
def test_a_network_of_the_tighter_crop_is_shown_the_tighter_crop(tmp_path, turn):
    path = tmp_path / "save.p"
    source = {"W1": W["W1"][:, :6000], "W2": W["W2"]}
    path.write_bytes(pickle.dumps(source | {"W1": turn(source["W1"])}))
    policy = import_weights(path)
    sparse, dense = frames()
    assert policy.spec.observation.shape == (75, 80)
    hidden = np.maximum(dense[:, :6000] @ source["W1"].T, 0)
    up = 1 / (1 + np.exp(-(hidden @ source["W2"])))
    shown = policy.spec.observation.frames(sparse)
    np.testing.assert_allclose(policy.forward(shown).up, up, atol=2e-5)


@pytest.mark.parametrize(
    "save",
    [
        lambda file: np.savez(file, **W),
        lambda file: np.savez(file, W["W1"], W["W2"]),
        lambda file: np.savez_compressed(file, **W, rewards=np.ones(9), name=np.array("deep")),
        lambda file: np.savez(file, weights1=W["W1"].T, weights2=W["W2"][:, None], meta=np.array({"a": 1})),
        lambda file: file.write(gzip.compress(pickle.dumps(W))),
        lambda file: file.write(gzip.compress(python2_pickle(W))),
    ],
)
def test_numpys_archives_and_packed_pickles_play_as_their_source(tmp_path, save):
    path = tmp_path / "weights"
    with path.open("wb") as file:
        save(file)
    require_same_play(import_weights(path))


@pytest.mark.parametrize("kind", [np.float16, np.float32, ">f8"])
def test_floats_of_every_kind_play_as_their_source(tmp_path, kind):
    path = tmp_path / "save.p"
    source = {name: array.astype(kind) for name, array in W.items()}
    path.write_bytes(pickle.dumps(source))
    require_same_play(import_weights(path), {name: array.astype("f8") for name, array in source.items()})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({**W, **BIAS}, "without biases, got also b1"),
        ({**W, "b2": 0.5}, "without biases, got also b2"),
        ({**W, "b2": np.float32(0.5)}, "without biases, got also b2"),
        ({**W, "W3": np.ones((3, 3))}, "expected two layers .* got also W3"),
        ([W["W1"], np.ones(3), W["W2"]], "without biases, got also 1"),
        ({"x": W["W1"], "y": W["W2"], "z": W["W2"]}, "several could be the same layer"),
        ([W, {name: -array for name, array in W.items()}], "expected one network, got 2: 0, 1"),
        *(
            ({**W, name: np.array([0.5])}, f"got also {name}")
            for name in ("b_2", "b_out", "bout", "c", "intercept", "offset2")
        ),
        ({**W, "b_o": 0.5}, "got also b_o"),
        ({**W, "b2": np.int64(3)}, "got also b2"),
        ({**W, "b1": np.arange(3)}, "got also b1"),
        ({**W, "b1": np.array([0.5, 0, 0], object)}, "got also b1"),
        ({**W, "b1": np.array([0.5, 0, 0], np.longdouble)}, "got also b1"),
        ({**W, "b1": [0.5, 0.0, 0.0]}, "got also b1"),
        ({**W, "mean": np.ones(6400)}, "got also mean"),
        ({**W, "scale": [1.0, 2.0, 3.0]}, "got also scale"),
        ({**W, "b1": [[0.5], [0.0], [0.0]]}, "got also b1"),
        ({**W, "b1": [np.float64(0.5)] * 3}, "got also b1"),
        ({**W, "b1": {0.5, 0.25}}, "got also b1"),
        ({**W, "b1": np.ones(3).tobytes()}, "got also b1"),
        ({**W, ("b", 1): np.ones(3)}, "got also entry 2"),
        ({**W, "W3": np.ones((3, 3), np.longdouble)}, "got also W3"),
        ({**W, "W3": np.ones((3, 3), object)}, "got also W3"),
        ({**W, "extra": {"net": {"net": {"net": {"bias": np.ones(3)}}}}}, "got also extra.net.net.net.bias"),
        ({**W, "layers": [np.zeros(1)] * 70 + [np.ones(3)]}, r"got also layers.\d+"),
        ({"momentum_net": {**W, "b1": np.ones(3)}}, "got also momentum_net.b1"),
        ({**W, "biases": {"first": np.ones(7)}}, "got also biases.first"),
        ({"model": W, "b1": 0.5}, "got also b1"),
        ({"weights": [W["W1"], W["W2"]], "biases": [np.ones(3), np.ones(1)]}, "got also biases.0"),
        ([(W["W1"], np.ones(3)), (W["W2"], np.ones(1))], "got also 1.0"),
        ([W["W1"], W["W2"], np.ones(1)], "got also 2"),
        (
            {"l1": {"kernel": W["W1"], "bias": np.ones(3)}, "l2": {"kernel": W["W2"]}},
            r"got kernel \(3, 6400\)",
        ),
        ({"enc": {"W1": W["W1"], "x": np.ones(3)}, "dec": {"W2": W["W2"]}}, "got also dec.W2"),
        ({"W1": W["W1"], "b1": np.ones(3)}, r"got W1 \(3, 6400\), b1 \(3,\); only networks"),
        ({"W1": W["W1"], "W2": np.ones((3, 2))}, r"got W1 \(3, 6400\), W2 \(3, 2\); only networks with one"),
        ({"W1": np.ones((3, 5120)), "W2": np.ones(3)}, r"got W1 \(3, 5120\), W2 \(3,\)"),
    ],
)
def test_what_would_play_otherwise_is_refused_and_named(tmp_path, content, message):
    path = tmp_path / "save.p"
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(CheckpointError, match=message):
        import_weights(path)


@pytest.mark.parametrize(
    "save",
    [
        lambda file: np.savez(file, **W, b_2=np.ones(1)),
        lambda file: np.savez(file, **W, b1=np.arange(3)),
        lambda file: np.savez(file, **W, b1=np.array([0.5, 0, 0], object)),
        lambda file: np.savez(file, W["W1"], W["W2"], np.ones(1)),
        lambda file: np.savez(file, **W, **{f"a{i}": np.zeros(1) for i in range(63)}, b1=np.ones(3)),
    ],
)
def test_an_archive_with_a_bias_is_refused(tmp_path, save):
    save(tmp_path / "weights.npz")
    with pytest.raises(CheckpointError):
        import_weights(tmp_path / "weights.npz")


def zipped(*names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return file.getvalue()


def named(module, name):
    return f"c{module}\n{name}\n.".encode()


def objects():
    file = io.BytesIO()
    np.savez(file, model=np.array({"W1": 1}, object))
    return file.getvalue()


OTHERS = {
    "a Git LFS pointer.*git lfs pull": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
    "an empty file.*again": b"",
    "a web page .*|a web page;": b"\xef\xbb\xbf<head></head>",
    "a JSON file": b'{"W1": [[1, 2]]}',
    "full of zeros": bytes(1000),
    "an ONNX file; let it play": b"\x08\x0a\x12\x07pytorch\x1a\x051.0",
    "copied as text.*binary mode": pickle.dumps({"W1": 1.0}, 0).replace(b"\n", b"\r\n"),
    "it is a text": b"0.1,0.2\n0.3,0.4\n",
    "an empty file;": b"  \n",
    "packed twice: unpack": gzip.compress(gzip.compress(b"x")),
    "Python objects.*savez": objects(),
    "numpy's matrix.*asarray": named("numpy", "matrix"),
    "a web page.*Raw": b"\n\n<!DOCTYPE html>\n<html></html>",
    "a server's error message": b"404: Not Found",
    r"one numpy array.*savez": b"\x93NUMPY\x01\x00v\x00{'descr': '<f8'}" + bytes(60),
    "an HDF5 file, as Keras.*savez": b"\x89HDF\r\n\x1a\n" + bytes(100),
    "PyTorch file.*savez": zipped("archive/data.pkl", "archive/version"),
    r"PyTorch file \(torch._utils._rebuild_tensor": named("torch._utils", "_rebuild_tensor_v2"),
    "a PyTorch file;.*savez": pickle.dumps(0x1950A86A20F9469CFC6C, 2),
    "Keras file.*savez": zipped("config.json", "model.weights.h5"),
    "joblib file": named("joblib.numpy_pickle", "NumpyArrayWrapper"),
    "compressed with zlib, as joblib": b"x\x9c" + bytes(50),
    "a safetensors file": struct.pack("<Q", 20) + b'{"W1": {}}' + bytes(10),
    "an archive; unpack it": b"BZh91AY&SY" + bytes(50),
    "without numpy arrays": zipped("readme.txt"),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(50),
    "packed twice": gzip.compress(zipped("a.npy")),
}


@pytest.mark.parametrize("words", OTHERS)
def test_files_of_other_kinds_are_called_by_their_names(tmp_path, words):
    path = tmp_path / "save.p"
    path.write_bytes(OTHERS[words])
    with pytest.raises(CheckpointError, match=words):
        import_weights(path)


@pytest.mark.skipif(sys.platform != "linux", reason="counts memory as Linux does")
@pytest.mark.parametrize(
    "content",
    [
        b"S'" + b"a" * 3_000_000 + b"'\n.",
        b"S'" + b"\\x41" * 800_000 + b"'\n.",
        b"S'" + b"a\\n" * 1_000_000 + b"\\q'\n.",
        b"V" + b"a" * 3_000_000 + b"\n.",
        b"V\\U0001F600" + b"a" * 3_000_000 + b"\n.",
    ],
    ids=["plain", "escaped", "damaged", "unicode", "wide"],
)
def test_a_text_takes_a_few_times_its_own_memory(tmp_path, content):
    """By what the process holds: a pattern's own memory is counted nowhere else."""
    code = (
        "import resource, sys\nfrom pongarena.nn.pickle_reader import read_pickle\n"
        "file = sys.stdin.buffer.read()\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: read_pickle(file)\nexcept ValueError: pass\n"
        "print(1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], input=content, capture_output=True, check=True)
    assert int(done.stdout) < 8 * len(content)


def test_packed_files_are_no_bombs(tmp_path):
    path = tmp_path / "save"
    path.write_bytes(gzip.compress(bytes(60 << 20), 1))
    tracemalloc.start()
    try:
        with pytest.raises(CheckpointError, match="unpacks to more than"):
            import_weights(path)
        assert tracemalloc.get_traced_memory()[1] < 150 * path.stat().st_size
    finally:
        tracemalloc.stop()
    np.savez_compressed(tmp_path / "bomb.npz", W1=np.zeros((400, 6400), np.float32), W2=np.ones(400))
    with pytest.raises(CheckpointError, match="compressed more"):
        import_weights(tmp_path / "bomb.npz")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([1, 2], r"expected W1 \(h, 6400\) and W2 \(h,\), arrays of floats .* got no array of floats"),
        ({"W1": 1}, "got no array of floats"),
        ({"W1": np.zeros((2, 6400), int), "W2": np.zeros(2)}, r"got W2 \(2,\)"),
        ({"W1": np.zeros((2, 6399)), "W2": np.zeros(2)}, r"got W1 \(2, 6399\), W2 \(2,\)"),
        ({"W1": np.zeros((2, 6400)), "W2": np.zeros(3)}, r"got W1 \(2, 6400\), W2 \(3,\)"),
        ({"W1": np.zeros((0, 6400)), "W2": np.zeros(0)}, "1 to 4096 hidden units"),
        ({"W1": np.zeros((4097, 6400), "f2"), "W2": np.zeros(4097)}, "1 to 4096 hidden units"),
        ({"W1": np.full((2, 6400), np.nan), "W2": np.zeros(2)}, "expected finite weights"),
        ({"W1": np.full((2, 6400), 1e300), "W2": np.zeros(2)}, "expected finite weights"),
    ],
)
def test_other_contents_are_refused_in_words(tmp_path, content, message):
    path = tmp_path / "save.p"
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(CheckpointError, match=message):
        import_weights(path)


def test_damaged_files_are_refused(tmp_path):
    path = tmp_path / "save.p"
    whole = pickle.dumps(weights())
    for content in (b"hello", whole[:100], whole[:-50], b"r\xff\xff\xff\x7f."):
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match="damaged, cut off or foreign"):
            import_weights(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"cannot read .*gone\.p"):
        import_weights(tmp_path / "gone.p")
