"""Ways to spoil a file: blindly, and with knowledge of what is in it."""

import copy
import gzip
import hashlib
import io
import json
import random
import struct
import zipfile
from collections.abc import Callable
from functools import cache
from typing import Any

Mutation = Callable[[bytes, random.Random], bytes]

VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**53,
    2**63,
    2**64,
    2**70,
    -(2**63),
    10**40,
    1.5,
    -0.0,
    1e-320,
    1e300,
    float("nan"),
    float("inf"),
    float("-inf"),
    "",
    "x",
    "1",
    "\x1b[2J\x1b]0;owned\x07",
    "\ud800",
    "a" * 10_000,
    "../../x",
    "CON",
    "[/]",
    "[red]x",
    "\u202egpj",
    "2026-01-01",
    "0001-01-01T00:00:00",
    "9999-12-31T23:59:59",
    [],
    {},
    [[]],
    [None],
    [1, "2", 3.5],
    {"a": 1},
    list(range(500)),
    {str(n): n for n in range(300)},
]
"""What one does not expect in a file."""

WORDS = [struct.pack("<I", n) for n in (0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000)] + [
    b"PK\x01\x02",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\n",
    b"{",
    b"[" * 2000,
    b"null",
    b"NaN",
    b"1e999",
    b"9" * 6000,
    b"\x00",
    b"\xff",
    b"\x93NUMPY",
    b"(10000000000000,)",
    b"'|O'",
    b"'<U9999999'",
    b"\x1b[2J",
    b"\\ud800",
]


def mutate_bytes(content: bytes, rng: random.Random) -> bytes:
    """One to four of: flip, cut, remove, repeat, put in, overwrite, replace a number."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        place = rng.randrange(len(data) + 1)
        length = min(rng.choice((1, 2, 4, 16, 200)), len(data) - place)
        choice = rng.randrange(8)
        if choice < 2 and place < len(data):
            data[place] ^= 1 << rng.randrange(8)
        elif choice == 2:
            del data[place:]
        elif choice == 3:
            del data[place : place + length]
        elif choice == 4:
            data[place:place] = data[place : place + length] * rng.choice((1, 2, 50))
        elif choice == 5:
            data[place:place] = rng.choice(WORDS)
        elif choice == 6:
            word = rng.choice(WORDS)
            data[place : place + len(word)] = word
        else:
            other = rng.randrange(len(data) + 1)
            data[place : place + length] = data[other : other + length]
    return bytes(data)


def mutate_json(content: bytes, rng: random.Random) -> bytes:
    """Replaces, removes, adds or moves a value somewhere in a JSON text, or in one line of many."""
    lines = content.splitlines()
    many = len(lines) > 1 and all(line.startswith(b"{") for line in lines)
    which = rng.randrange(len(lines)) if many else 0
    root = [json.loads(lines[which] if many else content)]
    for _ in range(rng.choice((1, 1, 2, 5))):
        holder, key = _place(root, rng)
        choice = rng.randrange(5)
        if choice == 0 and holder is not root:
            holder.pop(key)
        elif choice == 1 and isinstance(holder, dict):
            holder[rng.choice(("", "x", "\x1b[2J", "format_version", "name"))] = copy.deepcopy(
                rng.choice(VALUES)
            )
        elif choice == 2:
            holder[key] = copy.deepcopy(_place(root, rng)[0])
        else:
            holder[key] = copy.deepcopy(rng.choice(VALUES))
    text = json.dumps(root[0]).encode()
    if not many:
        return text
    lines[which] = text
    return b"\n".join(lines) + b"\n"


def _place(root: list[Any], rng: random.Random) -> tuple[Any, Any]:
    """A list or an object somewhere in a value, and one of its keys."""
    holder, key = root, 0
    while isinstance(holder[key], (dict, list)) and holder[key] and rng.random() < 0.8:
        holder = holder[key]
        key = rng.choice(list(holder)) if isinstance(holder, dict) else rng.randrange(len(holder))
    return holder, key


def mutate_arrays(content: bytes, rng: random.Random) -> bytes:
    """Spoils one array of an .npz, its header or its text, and writes a good archive around it."""
    parts = _parts(content)
    name = rng.choice(sorted(parts))
    part = parts[name]
    choice = rng.randrange(6)
    if choice == 0:
        del parts[name]
    elif choice == 1:
        other = rng.choice(sorted(parts))
        parts[name], parts[other] = parts[other], part
    elif choice == 2:
        parts[rng.choice(("x.npy", "../x.npy", "w1", "\x1b.npy", ""))] = part
    elif choice == 3:
        parts[name] = mutate_bytes(part[:128], rng) + part[128:]
    elif name in ("card.npy", "state.npy", "result.npy"):
        parts[name] = _with_text(part, rng)
    else:
        parts[name] = mutate_bytes(part, rng)
    return _archive(parts, rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)))


def mutate_packed(content: bytes, rng: random.Random) -> bytes:
    """Spoils what is in a gzip file, and packs it again."""
    return gzip.compress(mutate_bytes(gzip.decompress(content), rng), 1)


def _with_text(part: bytes, rng: random.Random) -> bytes:
    import numpy as np

    array = np.load(io.BytesIO(part))
    file = io.BytesIO()
    if array.dtype == np.uint8:
        text = mutate_json(array.tobytes(), rng)
        np.lib.format.write_array(file, np.frombuffer(text, np.uint8))
    else:
        text = mutate_json(array.item().encode(), rng)
        np.lib.format.write_array(file, np.array(text.decode()))
    return file.getvalue()


def mutate_bundle(content: bytes, rng: random.Random) -> bytes:
    """Spoils a part of a bundle; the hashes fit, as a clever stranger would have it."""
    parts = _parts(content)
    manifest = json.loads(parts.pop("manifest.json"))
    name = rng.choice(sorted(parts))
    if rng.random() < 0.1:
        parts[rng.choice(("x", "../x", "checkpoints/ep000002.npz", "notes.json", "card.json"))] = parts[name]
    elif name.endswith(".npz"):
        parts[name] = rng.choice((mutate_arrays, mutate_bytes))(parts[name], rng)
    else:
        parts[name] = rng.choice((mutate_json, mutate_json, mutate_bytes))(parts[name], rng)
    manifest["parts"] = [
        {"name": name, "bytes": len(part), "sha256": hashlib.sha256(part).hexdigest()}
        for name, part in parts.items()
    ]
    text = json.dumps(manifest).encode()
    if rng.random() < 0.2:
        text = mutate_json(text, rng)
    return _archive({"manifest.json": text, **parts}, zipfile.ZIP_STORED)


def mutate_bomb(content: bytes, rng: random.Random) -> bytes:
    """An archive of which one part unpacks to 140 MB of zeros; anything else is spoiled blindly."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return mutate_bytes(content, rng)
    names = sorted(_parts(content))
    return _bomb(content, names[rng.randrange(len(names))])


@cache
def _bomb(content: bytes, name: str) -> bytes:
    parts = _parts(content)
    head = parts.pop(name)[:128]  # of an array, what says how large it is
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for other, part in parts.items():
            archive.writestr(zipfile.ZipInfo(other), part)
        with archive.open(name, "w") as part:
            part.write(head)
            for _ in range(140):
                part.write(bytes(1 << 20))
    return file.getvalue()


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def _archive(parts: dict[str, bytes], method: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part, method)
    return file.getvalue()
