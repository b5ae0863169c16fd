"""Check that the compiled game equals the emulator's: play the same inputs on both, and compare everything.

Frame by frame (`compare`): the relevant memory, both sides' views, points and ends, in all four variations,
also after going back to an earlier state. In whole decisions (`same_decisions`): difference frames, rewards
and ends, as training gets them from the vector of emulators.

Before training, `objection` compares the compiled game with the installed emulator.
"""

import hashlib
from functools import cache
from pathlib import Path

import numpy as np

from pongarena.core.reading import read_ordinary
from pongarena.envs.comparison import Comparison, Progress
from pongarena.envs.same_frames import Rehearsal
from pongarena.game.console import give_back, take_console
from pongarena.game.emulator import ale_py

__all__ = ["ROM_MD5", "VARIATIONS", "Comparison", "compare", "objection"]

VARIATIONS = (0, 1, 2, 3)
"""The cartridge's variations: 0 and 1 for one player, 2 and 3 for two; in odd ones the ball gets faster."""

ROM_MD5 = "60e0ea3cbe0913d39803477945e9e5ec"
"""MD5 of the cartridge whose rules were compiled."""

_LARGEST_ROM = 1 << 16
"""In bytes; the cartridge has 2,048."""

_CHECKED_VERSIONS = ("0.12.1",)
"""Versions of ale-py that were compared over millions of frames."""

_QUICK_SEED = 1

_QUICK_FRAMES, _LONGER_FRAMES = 2_000, 20_000
"""Frames that `objection` compares, for a checked version of ale-py and for any other."""


def compare(
    frames: int,
    *,
    seed: int,
    variations: tuple[int, ...] = VARIATIONS,
    console: ale_py.ALEInterface | None = None,
    on_progress: Progress | None = None,
) -> Comparison:
    """Play on the compiled game and on the emulator, and compare frame by frame.

    When the games diverge, a new one starts; after many divergences, the variation is abandoned.

    Args:
        frames: Number of frames, divided equally among the variations.
        seed: Seed of the inputs.
        variations: The variations to play.
        console: The emulator to compare with; None for one from `take_console`.
        on_progress: Called with the number of frames compared so far.
    """
    ale = take_console(sound=False) if console is None else console
    total = Comparison()
    shares = np.diff(np.linspace(0, frames, len(variations) + 1).astype(int))
    for variation, share in zip(variations, shares, strict=True):
        for part in Rehearsal(ale, variation, seed).play(int(share)):
            total += part
            if on_progress is not None:
                on_progress(total.frames)
    if console is None:
        give_back(ale, sound=False)
    return total


def objection(rom: Path | None = None, *, console: ale_py.ALEInterface | None = None) -> str:
    """Say why the compiled game cannot replace the installed emulator; empty when it can.

    It takes a third of a second, or some seconds with an unchecked version of ale-py. The answer for a
    cartridge is cached in the process.

    Args:
        rom: The cartridge; None for ale-py's own.
        console: The emulator to compare with; None for one from `take_console`.

    Returns:
        One sentence, without a full stop.

    Raises:
        InvalidSettingError: When the installed ale-py has no Pong.
    """
    return _answer(rom) if console is None else _examine(rom, console)


@cache
def _answer(rom: Path | None) -> str:
    return _examine(rom, None)


def _examine(rom: Path | None, console: ale_py.ALEInterface | None) -> str:
    path = rom or ale_py.roms.get_rom_path("pong")
    if path is not None and (md5 := _md5(Path(path))) != ROM_MD5:
        return f"expected the Pong cartridge with MD5 {ROM_MD5}, got {md5} in {path}: its rules may differ"
    version = ale_py.__version__
    frames = _QUICK_FRAMES if version in _CHECKED_VERSIONS else _LONGER_FRAMES
    found = compare(frames, seed=_QUICK_SEED, variations=(0,), console=console)
    if found.differing:
        differing = f"{found.differing:,} of {found.frames:,} frames"
        return f"ale-py {version} plays {differing} differently, the first: {found.first}"
    return ""


def _md5(path: Path) -> str:
    return hashlib.md5(read_ordinary(path, limit=_LARGEST_ROM), usedforsecurity=False).hexdigest()
