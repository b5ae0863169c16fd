"""Read a pickle's content without executing it.

Python's own unpickler can be kept from running code, but six bytes can still make it fill the memory or
compute for a year: a memo index may be any number, and hashing nested tuples that share their parts takes
exponential time. So this module interprets only the few opcodes that a dict of arrays needs. Names are
checked against a short list, and calls are only noted down, never made. Memory and time are bounded by the
file's size and by `_MOST_ORDERS`.
"""

import pickle
import pickletools
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pongarena.core.errors import CheckpointError

__all__ = ["SAVE_ARRAYS", "Noted", "read_pickle"]

_MOST_ORDERS = 500_000
"""Opcodes. A dict of two arrays takes about a hundred, a list of rewards one or two per entry."""

SAVE_ARRAYS = 'numpy.savez("weights.npz", W1=..., W2=...)'
"""The advice for saving any program's weights in a readable form."""

_DICTS = ("OrderedDict", "defaultdict", "Counter", "dict")

_LONGEST_WORD = 100
"""In bytes: a name or a number written as text."""

_LONGEST_NAME = 1000
"""In characters: a longer key of a dict names nothing; one key may be used 100,000 times."""

_LONG = 1 << 16
"""Bytes of a text that can only be the content of an array, whose characters are below 256."""

_WIDE = re.compile(rb"[\xc4-\xff]")
_WIDE_ESCAPE = re.compile(rb"\\(u(?!00)|U)")
"""A character of 256 or above, in UTF-8 and as Python 2 writes it: a text with one takes four times as
much memory."""

_BUILTINS = ("builtins", "__builtin__")

_ADMITTED = frozenset(
    {
        *(
            (f"numpy.{core}.{name}")
            for core in ("core", "_core")
            for name in ("multiarray._reconstruct", "multiarray.scalar", "numeric._frombuffer")
        ),
        *(f"numpy.{name}" for name in ("ndarray", "dtype")),
        *(f"collections.{name}" for name in ("OrderedDict", "defaultdict", "Counter", "deque")),
        *(
            f"{module}.{name}"
            for module in _BUILTINS
            for name in ("list", "dict", "set", "frozenset", "int", "float", "bool", "str", "bytearray")
        ),
        *(f"datetime.{name}" for name in ("datetime", "date", "timedelta", "timezone")),
        "_codecs.encode",
    }
)
"""Names needed by weights, and by numbers and histories saved beside them. None is called."""

_LIBRARIES = {
    "torch": "PyTorch",
    "joblib": "joblib",
    "sklearn": "scikit-learn",
    "keras": "Keras",
    "tensorflow": "TensorFlow",
    "jax": "JAX",
    "jaxlib": "JAX",
    "cupy": "CuPy",
    "chainer": "Chainer",
    "pandas": "pandas",
}

_QUOTED = {
    quote: re.compile(quote + rb"((?:[^\\\n" + quote + rb"]++|\\[\\'\"nrt]|\\x[0-9a-fA-F]{2})*+)" + quote)
    for quote in (b"'", b'"')
}
"""A byte string as Python 2's text protocol writes it. The possessive pattern needs no backtracking."""


@dataclass
class Noted:
    """An object that the pickle would have created.

    Attributes:
        name: The function called.
        made_of: Its arguments.
        state: The state that BUILD would set.
    """

    name: str
    made_of: tuple[Any, ...]
    state: Any = ()


@dataclass(frozen=True)
class _Name:
    module: str
    name: str


_MARK = object()


def read_pickle(content: bytes) -> object:
    """Return the content: dicts, lists, tuples, numbers, texts, bytes, and `Noted` for everything else.

    Raises:
        CheckpointError: When it refers to anything that arrays do not need.
        ValueError: When it is damaged, or not a pickle of arrays.
    """
    return _Machine(content).run()


class _Machine:
    """An unpickler's stack and memo, whose opcodes execute nothing."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._place = 0
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._copied = 0

    def run(self) -> object:
        for _ in range(_MOST_ORDERS):
            code = self._take(1)
            if code == pickle.STOP:
                return self._pop()
            order = _ORDERS.get(code)
            if order is None:
                raise ValueError(f"the opcode {_order_name(code)}, which no array needs")
            order(self)
        raise ValueError(f"more than {_MOST_ORDERS:,} opcodes")

    # -- reading

    def _take(self, count: int) -> bytes:
        part = self._content[self._place : self._place + count]
        if len(part) != count:
            raise ValueError("it is cut off")
        self._place += count
        return part

    def _number(self, form: str) -> int:
        return int(struct.unpack(form, self._take(struct.calcsize(form)))[0])

    def _line(self, longest: int | None = None) -> bytes:
        end = self._content.find(b"\n", self._place, None if longest is None else self._place + longest)
        if end < 0:
            raise ValueError("a line without an end")
        line = self._content[self._place : end]
        self._place = end + 1
        return line

    def _word(self) -> str:
        return self._line(_LONGEST_WORD).decode("ascii")

    # -- the stack

    def _push(self, value: object) -> None:
        self._stack.append(value)

    def _pop(self) -> Any:  # noqa: ANN401 - anything may lie on the stack
        if not self._stack or self._stack[-1] is _MARK:
            raise ValueError("it pops from an empty stack")
        return self._stack.pop()

    def _pop_to_mark(self) -> list[Any]:
        for place in range(len(self._stack) - 1, -1, -1):
            if self._stack[place] is _MARK:
                found = self._stack[place + 1 :]
                del self._stack[place:]
                return found
        raise ValueError("a mark is missing")

    # -- the opcodes

    def frame(self) -> None:
        self._take(8)

    def protocol(self) -> None:
        if self._take(1)[0] > pickle.HIGHEST_PROTOCOL:
            raise ValueError("an unknown protocol")

    def integer_line(self) -> None:
        word = self._word()
        self._push({"00": False, "01": True}[word] if word in ("00", "01") else int(word))

    def long_line(self) -> None:
        self._push(int(self._word().removesuffix("L")))

    def float_line(self) -> None:
        self._push(float(self._word()))

    def long(self) -> None:
        self._push(int.from_bytes(self._take(self._number("<B")), "little", signed=True))

    def long_of_4(self) -> None:
        self._push(int.from_bytes(self._take(self._number("<I")), "little", signed=True))

    def real(self) -> None:
        self._push(struct.unpack(">d", self._take(8))[0])

    def string_line(self) -> None:
        line = self._line()
        pattern = _QUOTED.get(line[:1])
        found = pattern and pattern.fullmatch(line)
        if not found:
            raise ValueError("an invalid Python 2 string")
        self._push(found[1].decode("unicode_escape"))

    def unicode_line(self) -> None:
        line = self._line()
        if len(line) > _LONG and _WIDE_ESCAPE.search(line):
            raise ValueError("a long text that is no array")
        # as in pickle: only \u and \U are escapes
        self._push(line.decode("raw_unicode_escape"))

    def tuple_to_mark(self) -> None:
        self._push(tuple(self._pop_to_mark()))

    def dict_to_mark(self) -> None:
        items = self._pop_to_mark()
        self._push({})
        self._fill(items)

    def set_item(self) -> None:
        value = self._pop()
        self._fill([self._pop(), value])

    def set_items(self) -> None:
        self._fill(self._pop_to_mark())

    def _fill(self, items: list[Any]) -> None:
        filled = self._pop()
        keys, values = items[::2], items[1::2]
        if not isinstance(filled, dict) or len(keys) != len(values):
            raise ValueError("entries for an object that is not a dict")
        for key, value in zip(keys, values, strict=True):
            filled[_entry_name(key) or f"entry {len(filled)}"] = value
        self._push(filled)

    def append(self) -> None:
        value = self._pop()
        self._extend([value])

    def appends(self) -> None:
        self._extend(self._pop_to_mark())

    def _extend(self, items: list[Any]) -> None:
        filled = self._pop()
        if not isinstance(filled, list):
            raise ValueError("items for an object that is not a list")
        filled.extend(items)
        self._push(filled)

    def get(self, place: int) -> None:
        if place not in self._memo:
            raise ValueError("a memo entry is missing")
        self._push(self._memo[place])

    def put(self, place: int | None = None) -> None:
        value = self._pop()
        self._memo[len(self._memo) if place is None else place] = value
        self._push(value)

    def name_lines(self) -> None:
        module = self._word()
        self._push(_admitted(module, self._word()))

    def name_on_stack(self) -> None:
        name, module = self._pop(), self._pop()
        if not (isinstance(name, str) and isinstance(module, str)):
            raise ValueError("a name that is not a text")
        self._push(_admitted(module, name))

    def call(self) -> None:
        arguments, called = self._pop(), self._pop()
        if not (isinstance(called, _Name) and isinstance(arguments, tuple)):
            raise ValueError("a call of an object that is not a name")
        if called.name == "encode":
            self._push(self._encode(arguments))
        elif called.name in _DICTS:
            self._push(self._dict(arguments))
        elif called.name == "deque":
            self._push([])
        else:
            self._push(Noted(called.name, arguments))

    def _encode(self, arguments: tuple[Any, ...]) -> bytes:
        """Encode text as Python 3 does to write bytes in protocol 2."""
        match arguments:
            case (str(text), "latin1") | (str(text),):
                self._count_copied(len(text))
                return text.encode("latin1")
        raise ValueError("bytes in an unknown encoding")

    def _dict(self, arguments: tuple[Any, ...]) -> dict[str, Any]:
        """Create a dict from its arguments: Python 2's OrderedDict of pairs, a Counter's counts."""
        made: dict[str, Any] = {}
        for given in arguments:
            if isinstance(given, dict):
                self._count_copied(len(given))
                made.update(given)
            elif isinstance(given, list):
                self._count_copied(len(given))
                for pair in given:
                    if not isinstance(pair, (list, tuple)) or len(pair) != 2:
                        raise ValueError("a dict of something other than pairs")
                    made[_entry_name(pair[0]) or f"entry {len(made)}"] = pair[1]
        return made

    def _count_copied(self, count: int) -> None:
        """Limit copying: a file could have the same content copied again and again."""
        self._copied += count
        if self._copied > len(self._content):
            raise ValueError("it copies more than it contains")

    def build(self) -> None:
        state, built = self._pop(), self._pop()
        if isinstance(built, Noted):
            built.state = state
        elif not isinstance(built, (dict, list)):  # these are complete
            raise ValueError("a state for an object that is not an array")
        self._push(built)


def _entry_name(key: object) -> str | None:
    """Return a dict's key as text; None for a key that no weights use, whose value is kept all the same.

    Only texts are used as keys: their hashes are randomised, so no file can make them collide.
    """
    if isinstance(key, str | bytes) and len(key) > _LONGEST_NAME:
        return None
    if isinstance(key, str):
        return key
    if isinstance(key, bytes):
        return key.decode("latin-1")
    if type(key) is int and key.bit_length() <= 60:
        return str(key)
    return None


def _admitted(module: str, name: str) -> _Name:
    if f"{module}.{name}" in _ADMITTED:
        return _Name(module, name)
    if maker := _LIBRARIES.get(module.partition(".")[0]):
        raise CheckpointError(
            f"expected weights as plain arrays, got a {maker} file ({module:.60}.{name:.60}), whose "
            f"objects are not read here; in the program that wrote it, save only the arrays: {SAVE_ARRAYS}"
        )
    if f"{module}.{name}" == "numpy.matrix" or module.startswith(("numpy.matrixlib.", "numpy.ma.")):
        raise CheckpointError(
            f"expected weights as plain arrays, got numpy's {name:.60}; in the program that wrote it, make "
            f"each an array with numpy.asarray, and save these: {SAVE_ARRAYS}"
        )
    raise CheckpointError(
        f"expected nothing but weights in the pickle, got a reference to {module:.60}.{name:.60}, which "
        "could run code; it was not run: delete the file unless you know where it comes from"
    )


def _order_name(code: bytes) -> str:
    known = {each.code: each.name for each in pickletools.opcodes}
    return known.get(code.decode("latin-1"), f"{code[0]:#04x}")


def _constant(value: object) -> Callable[[_Machine], None]:
    return lambda machine: machine._push(value)


def _integer(form: str) -> Callable[[_Machine], None]:
    return lambda machine: machine._push(machine._number(form))


def _text(form: str, encoding: str) -> Callable[[_Machine], None]:
    def push(machine: _Machine) -> None:
        content = machine._take(machine._number(form))
        if encoding == "utf-8" and len(content) > _LONG and _WIDE.search(content):
            raise ValueError("a long text that is no array")
        machine._push(content.decode(encoding))

    return push


def _bytes(form: str) -> Callable[[_Machine], None]:
    return lambda machine: machine._push(machine._take(machine._number(form)))


def _tuple(length: int) -> Callable[[_Machine], None]:
    return lambda machine: machine._push(tuple([machine._pop() for _ in range(length)][::-1]))


_ORDERS: dict[bytes, Callable[[_Machine], None]] = {
    pickle.PROTO: _Machine.protocol,
    pickle.FRAME: _Machine.frame,
    pickle.MARK: _constant(_MARK),
    pickle.NONE: _constant(None),
    pickle.NEWTRUE: _constant(True),
    pickle.NEWFALSE: _constant(False),
    pickle.INT: _Machine.integer_line,
    pickle.LONG: _Machine.long_line,
    pickle.FLOAT: _Machine.float_line,
    pickle.BINFLOAT: _Machine.real,
    pickle.BININT: _integer("<i"),
    pickle.BININT1: _integer("<B"),
    pickle.BININT2: _integer("<H"),
    pickle.LONG1: _Machine.long,
    pickle.LONG4: _Machine.long_of_4,
    pickle.STRING: _Machine.string_line,
    pickle.BINSTRING: _text("<I", "latin-1"),
    pickle.SHORT_BINSTRING: _text("<B", "latin-1"),
    pickle.UNICODE: _Machine.unicode_line,
    pickle.SHORT_BINUNICODE: _text("<B", "utf-8"),
    pickle.BINUNICODE: _text("<I", "utf-8"),
    pickle.BINUNICODE8: _text("<Q", "utf-8"),
    pickle.SHORT_BINBYTES: _bytes("<B"),
    pickle.BINBYTES: _bytes("<I"),
    pickle.BINBYTES8: _bytes("<Q"),
    pickle.BYTEARRAY8: _bytes("<Q"),
    pickle.EMPTY_TUPLE: _constant(()),
    pickle.TUPLE: _Machine.tuple_to_mark,
    pickle.TUPLE1: _tuple(1),
    pickle.TUPLE2: _tuple(2),
    pickle.TUPLE3: _tuple(3),
    pickle.EMPTY_LIST: lambda machine: machine._push([]),
    pickle.LIST: lambda machine: machine._push(machine._pop_to_mark()),
    pickle.APPEND: _Machine.append,
    pickle.APPENDS: _Machine.appends,
    pickle.EMPTY_DICT: lambda machine: machine._push({}),
    pickle.DICT: _Machine.dict_to_mark,
    pickle.SETITEM: _Machine.set_item,
    pickle.SETITEMS: _Machine.set_items,
    pickle.GET: lambda machine: machine.get(int(machine._word())),
    pickle.BINGET: lambda machine: machine.get(machine._number("<B")),
    pickle.LONG_BINGET: lambda machine: machine.get(machine._number("<I")),
    pickle.PUT: lambda machine: machine.put(int(machine._word())),
    pickle.BINPUT: lambda machine: machine.put(machine._number("<B")),
    pickle.LONG_BINPUT: lambda machine: machine.put(machine._number("<I")),
    pickle.MEMOIZE: _Machine.put,
    pickle.GLOBAL: _Machine.name_lines,
    pickle.STACK_GLOBAL: _Machine.name_on_stack,
    pickle.REDUCE: _Machine.call,
    pickle.NEWOBJ: _Machine.call,
    pickle.EMPTY_SET: lambda machine: machine._push([]),
    pickle.ADDITEMS: _Machine.appends,
    pickle.FROZENSET: lambda machine: machine._push(machine._pop_to_mark()),
    pickle.BUILD: _Machine.build,
}
"""The opcodes that Python 2 and 3 write for dicts of arrays and numbers, in all protocols."""
