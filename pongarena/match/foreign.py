"""Players that come from files, each run in its own process with time limits."""

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
"""The default function of a Python file that makes a player."""

_LOAD_S, _DECIDE_S = 120.0, 5.0
"""Time limits for loading a player, PyTorch included, and for each of its decisions."""

_LONGEST_ANSWER, _LAST_WORDS = 1 << 16, 2000
"""Bytes read of an answer, and of a player's last output."""

_LONGEST_NAME = 48

_BLOCK = 1 << 20


@dataclass
class ForeignSource:
    """A file that makes players.

    Attributes:
        path: The file.
        maker: The function of a Python file that makes a player; empty for other files.
        digest: SHA-256 of the file.
        decide_s: Time limit for a decision.
    """

    path: Path
    maker: str
    digest: str
    decide_s: float = _DECIDE_S
    _tried: "AgentProcess | None" = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Name for screens, log and ratings; it changes with the file's content."""
        words = self.path.name + (f":{self.maker}" if self.maker not in ("", _MAKER) else "")
        return f"{printable(words, most=_LONGEST_NAME)}@{self.digest[:6]}"

    @property
    def place(self) -> str:
        """The word by which `find_source` finds it from any working directory."""
        return f"{self.path}:{self.maker}" if self.maker else str(self.path)

    def try_out(self) -> None:
        """Load a player and ask it for one decision, before a match depends on it.

        Raises:
            MatchError: When it cannot play.
        """
        self._tried = process = AgentProcess(self)
        process.reset(0)
        process.decide(np.zeros(KINDS[process.observation], process.dtype), greedy=False)

    def process(self) -> "AgentProcess":
        """Start a player in its own process; the caller closes it.

        Raises:
            MatchError: When it cannot play, or the file has changed.
        """
        tried, self._tried = self._tried, None
        if tried is not None and tried.is_alive:
            return tried
        if _digest(self.path) != self.digest:
            raise MatchError(
                f"expected {self.path} unchanged, got another content; start a new match with it"
            )
        return AgentProcess(self)


def find_source(name: str, *, decide_s: float = _DECIDE_S) -> ForeignSource | None:
    """Find the file that a word names; None for a word that does not have the form of such a file.

    Args:
        name: ``path.py:make_player``, ``path.py``, ``path.onnx`` or ``path.zip``.
        decide_s: Time limit for a decision.

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
    """A warning to show before loading a file; empty unless loading would run code unexpectedly."""
    found = _PLACE.fullmatch(name)
    if found is None or not found["path"].lower().endswith(".zip"):
        return ""
    return f"careful: loading {name} runs the code in it; play it only if you trust its author"


class AgentProcess:
    """A player that runs in another process.

    Attributes:
        observation: Kind of its observation: a key of `KINDS`.
        fade: The factor of the last view that a difference subtracts.
        frame_skip: Frames that each of its decisions lasts.
        actions: The meaning of its action numbers, if it declares them.
    """

    def __init__(self, source: ForeignSource) -> None:
        """Start the process and wait until the player is loaded.

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
            raise self._fault(f"its process sent an invalid description: {told!r:.80}") from error

    @property
    def dtype(self) -> type[np.generic]:
        """Dtype of its observations."""
        return np.float32 if self.observation == "difference" else np.uint8

    @property
    def is_alive(self) -> bool:
        """Whether it can still be asked."""
        return self._end.alive and self._process.poll() is None

    def reset(self, seed: int) -> None:
        """Tell it that a game begins.

        Raises:
            MatchError: When it fails.
        """
        self._ask(json.dumps({"seed": seed}).encode() + b"\n")

    def decide(self, seen: NDArray[Any], *, greedy: bool) -> tuple[int, tuple[float, ...]]:
        """Ask for an action.

        Returns:
            (action, ()), or (−1, probabilities of all actions).

        Raises:
            MatchError: When it fails, ends, sends an invalid answer, or takes too long.
        """
        question = {"shape": seen.shape, "type": seen.dtype.str, "greedy": greedy}
        told = self._ask(json.dumps(question).encode() + b"\n" + np.ascontiguousarray(seen).tobytes())
        shares, action = told.get("probabilities", ()), told.get("action", -1)
        if shares and len(shares) in ACTIONS and all(isinstance(each, float) for each in shares):
            return -1, tuple(shares)
        if isinstance(action, int) and 0 <= action < (len(self.actions) or max(ACTIONS)):
            return action, ()
        raise self._fault(f"its process sent an invalid answer: {told!r:.80}")

    def close(self) -> None:
        """End the process; closing twice is harmless."""
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
            raise self._fault("its process sent an invalid answer") from error
        if not isinstance(told, dict) or "error" in told:
            raise self._fault(printable(str(told["error"] if isinstance(told, dict) else told), lines=True))
        return told

    def _fault(self, reason: str) -> PlayerFailedError:
        """End the process, and return the error to raise."""
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError, ValueError):
            self._said.seek(max(0, self._said.seek(0, 2) - _LAST_WORDS))
            words = printable(self._said.read().decode("utf-8", "replace"), lines=True).strip()
            reason += f"\nits last output:\n{words}" if words else ""
        self.close()
        return PlayerFailedError(self._name, reason)


def _read(process: "subprocess.Popen[bytes]", answers: "queue.SimpleQueue[bytes]") -> None:
    """In a thread, queue each line that a process writes, and an empty one at its end."""
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
    except Exception as error:  # zipfile raises many types of errors
        raise MatchError(
            f"{path}: expected a .zip of Stable-Baselines3, got a damaged archive: {error}"
        ) from error
    if not {"data", "policy.pth"} <= names:
        raise MatchError(
            f"{path}: expected a .zip written by Stable-Baselines3's save(), got another archive; to add a "
            "model's bundle, use pongarena import"
        )
