"""Files mistaken for weights: recognise them by their first bytes, and advise what to do."""

import re
from collections.abc import Iterable

from pongarena.nn.pickle_reader import SAVE_ARRAYS

__all__ = ["HEAD", "is_text", "what_is", "what_zip_is"]

HEAD = 512
"""Bytes from the start of a file that identify its kind."""

_SAVE = f"in the program that wrote it, save the arrays: {SAVE_ARRAYS}"
_TEXT = "download the file itself (on GitHub: “Raw” or “Download”)"
_BINARY = "copy it again in binary mode"
_UNPACK = "unpack it first, then import what is in it"

_KINDS = (
    (rb"\s*\Z", "an empty file", "download or copy it again"),
    (rb"\x00{8}", "full of zeros, as a broken download leaves them", "download or copy it again"),
    (rb"version https://git-lfs", "a Git LFS pointer, not the file itself", "fetch the file: git lfs pull"),
    (rb"(\xef\xbb\xbf)?\s*<[!?a-zA-Z]", "a web page", _TEXT),
    (rb"(?i:\s*(\d{3}:? )?(not found|forbidden|moved))\b", "a server's error message", _TEXT),
    (rb"[(\[\]}c\x80][^\n]{0,40}\r\n", "a pickle that was copied as text, with other ends of lines", _BINARY),
    (rb"(\xef\xbb\xbf)?\s*[{\[]\s*[\"{\[\d-]", "a JSON file", _SAVE),
    (rb"\x08[\x01-\x14][\x12\x1a:B]", "an ONNX file", "let it play: pongarena play human FILE.onnx"),
    (rb"\x93NUMPY", "one numpy array (.npy); weights are two", f"save both: {SAVE_ARRAYS}"),
    (rb"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes it", _SAVE),
    (rb"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19\.", "a PyTorch file", _SAVE),
    (rb"(ZF|\x78[\x01\x5e\x9c\xda])", "compressed with zlib, as joblib does", _SAVE),
    (rb".{8}\{\s*\"", "a safetensors file", _SAVE),
    (rb"BZh|\xfd7zXZ\x00|\x28\xb5\x2f\xfd|7z\xbc\xaf|Rar!|.{257}ustar", "an archive", _UNPACK),
    (rb"\x89PNG|\xff\xd8\xff|GIF8|%PDF|RIFF", "a picture or a document", "choose the file of weights"),
    (rb"\x7fELF|MZ|SQLite format 3", "a program or a database", "choose the file of weights"),
)


def what_is(head: bytes) -> str | None:
    """Say what kind of file begins with these bytes, and what to do; None if unknown.

    Args:
        head: The first `HEAD` bytes, or the whole of a shorter file.
    """
    for start, kind, advice in _KINDS:
        if re.match(start, head, re.DOTALL):
            return f"it is {kind}; {advice}"
    return None


def is_text(head: bytes) -> bool:
    """Return whether a file that is no pickle begins as a text for people: a table, or a program's source."""
    return head[:1] not in b"(c]}" and all(9 <= letter < 127 for letter in head) and b"\n" in head


def what_zip_is(names: Iterable[str]) -> str | None:
    """Do the same for a zip file, given the names of its members."""
    names = list(names)
    if any(name.endswith("data.pkl") for name in names):
        return f"it is a PyTorch file; {_SAVE}"
    if "model.weights.h5" in names or "saved_model.pb" in names:
        return f"it is a Keras file; {_SAVE}"
    if not any(name.endswith(".npy") for name in names):
        return f"it is an archive without numpy arrays; {_UNPACK}"
    return None
