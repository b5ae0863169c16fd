"""The gist's save.p, as Pythons old and new write it, and pickles that mean harm."""

import os
import pickle
import struct
import tracemalloc
from collections import OrderedDict

import numpy as np
import pytest

from pongarena.core.errors import CheckpointError
from pongarena.nn.importers import import_pickle


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
    policy = import_pickle(path)
    np.testing.assert_array_equal(policy.w1, model["W1"].astype(np.float32))
    np.testing.assert_array_equal(policy.w2[0], model["W2"].astype(np.float32))


def test_a_pickle_of_python_2_is_read(tmp_path):
    path = tmp_path / "save.p"
    model = weights(hidden=200)
    path.write_bytes(python2_pickle(model))
    # the bytes are what Python 2 wrote: numpy itself agrees
    np.testing.assert_array_equal(pickle.loads(path.read_bytes(), encoding="latin1")["W1"], model["W1"])
    np.testing.assert_array_equal(import_pickle(path).w1, model["W1"].astype(np.float32))


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
    np.testing.assert_array_equal(import_pickle(path).w1, model["W1"].astype(np.float32))


def test_other_things_beside_the_weights_are_passed_over(tmp_path):
    path = tmp_path / "save.p"
    path.write_bytes(pickle.dumps({**weights(), "rewards": [1, -2.5, None, True], "b": {"x": (1, 2, 3, 4)}}))
    assert import_pickle(path).hidden_units == 3


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
    "nothing but marks": b"(" * 301_000,
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
            import_pickle(path)
        assert tracemalloc.get_traced_memory()[1] < 4 * len(MEAN[what]) + (1 << 20) * 16
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("protocol", [2, 5])
def test_ordered_dicts_column_major_and_big_endian_arrays_are_read(tmp_path, protocol):
    path = tmp_path / "save.p"
    model = weights()
    turned = OrderedDict(W1=np.asfortranarray(model["W1"]), W2=model["W2"].astype(">f8"))
    path.write_bytes(pickle.dumps(turned, protocol))
    policy = import_pickle(path)
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
    with pytest.raises(CheckpointError, match=r"an order to use \w+\.mkdir.*it was not run"):
        import_pickle(path)
    assert not trace.exists()


@pytest.mark.parametrize(
    "name", ["builtins.eval", "numpy.load", "functools.partial", "pongarena.core.files.write_atomically"]
)
def test_other_names_are_refused(tmp_path, name):
    module, _, function = name.rpartition(".")
    path = tmp_path / "save.p"
    path.write_bytes(f"c{module}\n{function}\n.".encode())
    with pytest.raises(CheckpointError, match="could run code"):
        import_pickle(path)


def test_an_array_that_promises_more_than_it_holds_takes_no_memory(tmp_path):
    path = tmp_path / "save.p"
    huge = python2_pickle(weights()).replace(b"(K\x03M\x00\x19t", b"(K\x03J\xff\xff\xff\x7ft")
    assert b"\x7f" in huge
    path.write_bytes(huge)
    with pytest.raises(CheckpointError, match="expected W1 to be an array"):
        import_pickle(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([1, 2], "expected a dict with W1 and W2"),
        ({"W1": 1}, "expected a dict with W1 and W2"),
        ({"W1": 1, "W2": 2}, "expected W1 to be an array"),
        ({"W1": np.zeros((2, 6400), int), "W2": np.zeros(2)}, "expected W1 to be an array of floats"),
        ({"W1": np.zeros((2, 6399)), "W2": np.zeros(2)}, r"got \(2, 6399\)"),
        ({"W1": np.zeros((2, 6400)), "W2": np.zeros(3)}, r"got \(2, 6400\) and \(1, 3\)|\(3,\)"),
        ({"W1": np.zeros((0, 6400)), "W2": np.zeros(0)}, "1 to 4096 hidden units"),
        ({"W1": np.full((2, 6400), np.nan), "W2": np.zeros(2)}, "expected finite weights"),
        ({"W1": np.full((2, 6400), 1e300), "W2": np.zeros(2)}, "expected finite weights"),
    ],
)
def test_other_contents_are_refused_in_words(tmp_path, content, message):
    path = tmp_path / "save.p"
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(CheckpointError, match=message):
        import_pickle(path)


def test_damaged_files_are_refused(tmp_path):
    path = tmp_path / "save.p"
    whole = pickle.dumps(weights())
    for content in (b"", b"hello", whole[:100], whole[:-50], b"r\xff\xff\xff\x7f."):
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match="damaged, cut off or foreign"):
            import_pickle(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"cannot read .*gone\.p"):
        import_pickle(tmp_path / "gone.p")
