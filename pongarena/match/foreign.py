"""Players from outside of pongarena, by their files: asked in a process of their own, with time limits."""

import contextlib
import hashlib
import json
import queue
import re
import subprocess
import sys
import tempfile
import threading
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from pongarena.core.errors import MatchError, PlayerFailedError
from pongarena.core.reading import open_ordinary
from pongarena.core.text import printable
from pongarena.match.foreign_agents import ACTIONS, KINDS
from pongarena.nn.archive import open_zip

__all__ = ["AgentProcess", "ForeignSource", "code_warning", "find_source"]

_PLACE = re.compile(r"(?P<path>.+\.(?:py|onnx|zip))(?::(?P<maker>[A-Za-z_]\w*))?", re.IGNORECASE | re.DOTALL)

_MAKER = "make_player"
"""The function of a Python file, unless another one is named."""

_LOAD_S, _DECIDE_S = 120.0, 5.0
"""The longest that loading a player may take, PyTorch and all, and each of its decisions."""

_LONGEST_ANSWER, _LAST_WORDS = 1 << 16, 2000
"""Bytes of an answer, and of what a player printed last, that are looked at."""

_LONGEST_NAME = 48

_BLOCK = 1 << 20


@dataclass
class ForeignSource:
    """A file that makes players.

    Attributes:
        path: The file.
        maker: The function that makes a player, of a Python file; empty for others.
        digest: SHA-256 of the file.
        decide_s: The longest that a decision may take.
    """

    path: Path
    maker: str
    digest: str
    decide_s: float = _DECIDE_S
    _tried: "AgentProcess | None" = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """What the screens, the log and the ratings call it: another content has another name."""
        words = self.path.name + (f":{self.maker}" if self.maker not in ("", _MAKER) else "")
        return f"{printable(words, most=_LONGEST_NAME)}@{self.digest[:6]}"

    @property
    def place(self) -> str:
        """The word by which `find_source` finds it from every folder."""
        return f"{self.path}:{self.maker}" if self.maker else str(self.path)

    def try_out(self) -> None:
        """Loads a player and lets it decide once, before a match depends on it.

        Raises:
            MatchError: When it cannot play.
        """
        self._tried = process = AgentProcess(self)
        process.reset(0)
        process.decide(np.zeros(KINDS[process.observation], process.dtype), greedy=False)

    def process(self) -> "AgentProcess":
        """A player in a process of its own, to be closed.

        Raises:
            MatchError: When it cannot play, or the file is no longer what it was.
        """
        tried, self._tried = self._tried, None
        if tried is not None and tried.is_alive:
            return tried
        if _digest(self.path) != self.digest:
            raise MatchError(
                f"expected {self.path} as it was, got another content; start a new match with it"
            )
        return AgentProcess(self)


def find_source(name: str, *, decide_s: float = _DECIDE_S) -> ForeignSource | None:
    """The source that a word names; None for a word that names no such file.

    Args:
        name: ``path.py:make_player``, ``path.py``, ``path.onnx`` or ``path.zip``.
        decide_s: The longest that a decision may take.

    Raises:
        MatchError: When there is no such file, or it is of another kind.
    """
    found = _PLACE.fullmatch(name)
    if found is None:
        return None
    path, maker = Path(found["path"]).absolute(), found["maker"] or ""
    is_python = path.suffix.lower() == ".py"
    if maker and not is_python:
        raise MatchError(f"expected a function after the : of a .py file only, got {name}")
    digest = _digest(path)
    if path.suffix.lower() == ".zip":
        _require_sb3(path)
    return ForeignSource(path, (maker or _MAKER) if is_python else "", digest, decide_s)


def code_warning(name: str) -> str:
    """What to say before a word's file is loaded; empty for all that run no code unexpectedly."""
    found = _PLACE.fullmatch(name)
    if found is None or not found["path"].lower().endswith(".zip"):
        return ""
    return f"careful: loading {name} runs what code is in it; play it only if you trust who made it"


class AgentProcess:
    """A player at work in another process.

    Attributes:
        observation: What it is shown: a word of `KINDS`.
        fade: How much of the last view is taken off in a difference.
        frame_skip: Frames that its decisions last.
        actions: What its actions' numbers mean, if it says so.
    """

    def __init__(self, source: ForeignSource) -> None:
        """Starts it and waits until it is loaded.

        Raises:
            MatchError: When it cannot play.
        """
        self._name, self._decide_s = source.name, source.decide_s
        words = [
            "-m",
            "pongarena.match.foreign_host",
            str(source.path),
            *([source.maker] if source.maker else []),
        ]
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed by the finalizer)
        process = subprocess.Popen(
            [sys.executable, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said
        )
        self._process, self._answers = process, queue.SimpleQueue[bytes]()
        reader = threading.Thread(target=_read, args=(process, self._answers), daemon=True, name="foreign")
        reader.start()
        self._end = weakref.finalize(self, _end, process, reader, self._said)
        told = self._answer(_LOAD_S)
        try:
            self.observation, self.frame_skip = str(told["observation"]), int(told["frame_skip"])
            self.fade, self.actions = float(told["fade"]), tuple(map(str, told["actions"]))
        except (KeyError, TypeError, ValueError) as error:
            raise self._fault(f"its process said something else than what it wants: {told!r:.80}") from error

    @property
    def dtype(self) -> type[np.generic]:
        """Of what it is shown."""
        return np.float32 if self.observation == "difference" else np.uint8

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._end.alive and self._process.poll() is None

    def reset(self, seed: int) -> None:
        """Tells it that a game begins.

        Raises:
            MatchError: When it fails.
        """
        self._ask(json.dumps({"seed": seed}).encode() + b"\n")

    def decide(self, seen: NDArray[Any], *, greedy: bool) -> tuple[int, tuple[float, ...]]:
        """What it does: the number of its action, or −1 and the probabilities of all.

        Raises:
            MatchError: When it raises, ends, answers nonsense, or takes too long.
        """
        question = {"shape": seen.shape, "type": seen.dtype.str, "greedy": greedy}
        told = self._ask(json.dumps(question).encode() + b"\n" + np.ascontiguousarray(seen).tobytes())
        shares, action = told.get("probabilities", ()), told.get("action", -1)
        if shares and len(shares) in ACTIONS and all(isinstance(each, float) for each in shares):
            return -1, tuple(shares)
        if isinstance(action, int) and 0 <= action < (len(self.actions) or max(ACTIONS)):
            return action, ()
        raise self._fault(f"its process answered something else: {told!r:.80}")

    def close(self) -> None:
        """Ends it; twice does no harm."""
        self._end()

    def _ask(self, question: bytes) -> dict[str, Any]:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(question)
            self._process.stdin.flush()
        except OSError:
            raise self._fault("its process ended") from None
        return self._answer(self._decide_s)

    def _answer(self, seconds: float) -> dict[str, Any]:
        try:
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            raise self._fault(f"it did not answer within {seconds:g} s") from None
        if not line:
            raise self._fault("its process ended")
        try:
            told = json.loads(line)
        except ValueError as error:
            raise self._fault("its process answered something else") from error
        if not isinstance(told, dict) or "error" in told:
            raise self._fault(printable(str(told["error"] if isinstance(told, dict) else told), lines=True))
        return told

    def _fault(self, reason: str) -> PlayerFailedError:
        """The error to raise; ends the process."""
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError, ValueError):
            self._said.seek(max(0, self._said.seek(0, 2) - _LAST_WORDS))
            words = printable(self._said.read().decode("utf-8", "replace"), lines=True).strip()
            reason += f"\nwhat it said last:\n{words}" if words else ""
        self.close()
        return PlayerFailedError(self._name, reason)


def _read(process: "subprocess.Popen[bytes]", answers: "queue.SimpleQueue[bytes]") -> None:
    """In a thread: hands on each line that a process writes, and an empty one at its end."""
    assert process.stdout is not None
    with contextlib.suppress(OSError, ValueError):
        while line := process.stdout.readline(_LONGEST_ANSWER):
            answers.put(line)
    answers.put(b"")


def _end(process: "subprocess.Popen[bytes]", reader: threading.Thread, said: IO[bytes]) -> None:
    process.kill()
    process.wait()
    reader.join()
    for file in (process.stdin, process.stdout, said):
        with contextlib.suppress(OSError):
            if file is not None:
                file.close()


def _digest(path: Path) -> str:
    try:
        with open_ordinary(path) as file:
            digest = hashlib.sha256()
            while block := file.read(_BLOCK):
                digest.update(block)
            return digest.hexdigest()
    except OSError as error:
        raise MatchError(
            f"cannot read {path}: {error.strerror or error}; a player is a .py with a function {_MAKER}, "
            "an .onnx, or a .zip of Stable-Baselines3"
        ) from error


def _require_sb3(path: Path) -> None:
    try:
        with open_zip(path) as archive:
            names = set(archive.namelist())
    except Exception as error:  # zipfile raises what it likes
        raise MatchError(
            f"{path}: expected a .zip of Stable-Baselines3, got a damaged archive: {error}"
        ) from error
    if not {"data", "policy.pth"} <= names:
        raise MatchError(
            f"{path}: expected a .zip as Stable-Baselines3's save() writes it, got another archive; import a "
            "model's bundle with pongarena import"
        )
