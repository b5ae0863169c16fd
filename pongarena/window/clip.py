"""Write pictures as a GIF or an MP4, completely or not at all.

A GIF counts in hundredths of a second, and browsers slow down anything faster than 20 ms a picture, so it
cannot show 60 pictures per second. It takes every second frame and shows them for 30, 30 and 40 ms in turn,
which is the game's own speed on average. With 50 pictures per second, every sixth frame would be missing and
the ball would stutter. Each picture holds only what changed.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, cycle
from pathlib import Path
from types import ModuleType
from typing import BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import GifImagePlugin, Image

from pongarena.core.arrays import UInt8Array
from pongarena.core.errors import InvalidSettingError
from pongarena.core.extras import require
from pongarena.core.files import (
    LONGEST_PART,
    open_mode,
    open_to_append,
    require_new_file,
    write_atomically,
    write_error,
)
from pongarena.core.system import rename
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.window.soundtrack import Soundtrack

__all__ = ["Picture", "check_clip", "frames_a_picture", "has_sound", "write_clip"]

Picture: TypeAlias = NDArray[np.uint32]
"""Shape (height, width), one colour per pixel: 0xRRGGBB."""

_DELAYS_MS = (30, 30, 40)
_LAST_MS = 1500
"""How long the last picture stays before the clip repeats."""

_CLEAR = 255
"""The colour index for a pixel that does not change."""

_CROWDED = 32
"""Difference in red, green or blue, of 255, that a new colour needs to get the palette's last place."""

_PROBE_BLOCK, _PROBE_BLOCKS = 1 << 16, 16
"""Bytes and number of writes that find out whether the disk is full."""

_WAYS = "name a file that ends in .gif or .mp4"


def frames_a_picture(path: Path) -> int:
    """Number of game frames per picture of this kind of file."""
    return 2 if path.suffix.lower() == ".gif" else 1


def has_sound(path: Path) -> bool:
    """Whether this kind of file has sound."""
    return path.suffix.lower() == ".mp4"


def check_clip(path: Path, *, force: bool = False) -> None:
    """Check before the work whether a clip can be written there.

    Args:
        path: The clip.
        force: Whether to replace an existing file.

    Raises:
        InvalidSettingError: For an unknown kind of file, or one that needs an extra to be installed.
        LibraryError: When the folder is missing, or the file already exists.
    """
    kind = path.suffix.lower()
    if kind not in (".gif", ".mp4"):
        raise InvalidSettingError(f"expected a .gif or an .mp4, got {path.name!r}; {_WAYS}")
    if kind == ".mp4":
        _ffmpeg()
    require_new_file(path, force=force)


def write_clip(path: Path, pictures: Iterable[Picture], sound: Soundtrack | None = None) -> None:
    """Write pictures, one every `frames_a_picture` frames, as they arrive.

    Args:
        path: A .gif or an .mp4; replaced only when everything is written.
        pictures: At least one, all of one size.
        sound: Their sound, complete when the last picture has arrived; ignored for a GIF.

    Raises:
        InvalidSettingError: See `check_clip`.
        LibraryError: When it cannot be written; no partial file is left then.
    """
    check_clip(path, force=True)
    if path.suffix.lower() == ".gif":
        write_atomically(path, lambda file: _write_gif(file, pictures))
    else:
        _write_mp4(path, pictures, sound)


class _Palette:
    """The colours of a GIF, collected picture by picture, the most frequent ones first.

    The fuller the palette is, the more a new colour must differ to get a place. So the soft edges of letters
    leave places for later colours.
    """

    def __init__(self) -> None:
        self._numbers = np.full(1 << 16, -1, np.int16)
        self._colours = np.zeros((_CLEAR, 3), np.int16)
        self._count = 0

    def numbers(self, pixels: Picture) -> UInt8Array:
        """The colour indices of pixels."""
        keys = (pixels >> 8 & 0xF800) | (pixels >> 5 & 0x07E0) | (pixels >> 3 & 0x001F)
        numbers = self._numbers[keys]
        if (missing := numbers < 0).any():
            unknown, where, often = np.unique(keys[missing], return_index=True, return_counts=True)
            colours = pixels[missing][where]
            for i in np.argsort(-often, kind="stable"):
                self._numbers[unknown[i]] = self._place(int(colours[i]))
            numbers = self._numbers[keys]
        result: UInt8Array = numbers.astype(np.uint8)
        return result

    def to_bytes(self) -> bytes:
        """256 colours, three bytes each."""
        return self._colours.astype(np.uint8).tobytes().ljust(768, b"\0")

    def _place(self, colour: int) -> int:
        """The index of a colour: a new one, or that of the nearest colour."""
        parts = np.array((colour >> 16 & 255, colour >> 8 & 255, colour & 255), np.int16)
        if self._count:
            distances = np.abs(self._colours[: self._count] - parts).max(axis=1)
            nearest = int(distances.argmin())
            if self._count == _CLEAR or distances[nearest] <= _CROWDED * self._count // _CLEAR:
                return nearest
        self._colours[self._count] = parts
        self._count += 1
        return self._count - 1


def _write_gif(file: BinaryIO, pictures: Iterable[Picture]) -> None:
    """Write a header and the changes from picture to picture; fill in the header's colours at the end."""
    palette, delays = _Palette(), cycle(_DELAYS_MS)
    before: Picture | None = None
    waiting, shown_ms = None, 0
    for picture in pictures:
        if before is None:
            height, width = picture.shape
            size = width.to_bytes(2, "little") + height.to_bytes(2, "little")
            file.write(b"GIF89a" + size + b"\xf7\0\0" + bytes(768))
            file.write(b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0")  # repeat for ever
        change = _change(before, picture, palette)
        if change is not None:
            _write_picture(file, waiting, shown_ms)
            waiting, shown_ms, before = change, 0, picture
        shown_ms += next(delays)
    if before is None:
        raise InvalidSettingError("expected at least one picture, got none; take a longer piece of the match")
    _write_picture(file, waiting, shown_ms + _LAST_MS)
    file.write(b";")
    file.seek(13)
    file.write(palette.to_bytes())


def _change(
    before: Picture | None, picture: Picture, palette: _Palette
) -> tuple[UInt8Array, tuple[int, int]] | None:
    """The colour indices of the part that changed, and its position; None when nothing did."""
    if before is None:
        return palette.numbers(picture), (0, 0)
    differs = before != picture
    rows, columns = differs.any(axis=1).nonzero()[0], differs.any(axis=0).nonzero()[0]
    if not len(rows):
        return None
    part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    numbers = np.full(differs[part].shape, _CLEAR, np.uint8)
    numbers[differs[part]] = palette.numbers(picture[part][differs[part]])
    return numbers, (int(columns[0]), int(rows[0]))


def _write_picture(file: BinaryIO, change: tuple[UInt8Array, tuple[int, int]] | None, shown_ms: int) -> None:
    """Write one picture with its duration, which is known only when the next one arrives."""
    if change is None:
        return
    numbers, place = change
    image = Image.fromarray(numbers)
    parts = GifImagePlugin.getdata(image, place, duration=shown_ms, transparency=_CLEAR, disposal=1)
    file.write(b"".join(bytes(part) for part in parts))


def _write_mp4(path: Path, pictures: Iterable[Picture], sound: Soundtrack | None) -> None:
    """Write with ffmpeg, through hidden files in the same folder."""
    temporary: list[Path] = []

    def fresh() -> Path:
        start = f".{path.name[:LONGEST_PART]}."
        handle, name = tempfile.mkstemp(prefix=start, suffix=".mp4", dir=path.parent)
        os.close(handle)
        temporary.append(Path(name))
        return temporary[-1]

    try:
        finished = fresh()
        _encode_mp4(finished, iter(pictures))
        if sound is not None:
            sound.be_silent(_LAST_MS * FRAME_RATE_HZ // 1000)
            sound.finish()
            silent, finished = finished, fresh()
            _join(silent, sound.path, finished)
        finished.chmod(open_mode(path.parent))  # a temporary file is private
        rename(finished, path)
    except OSError as error:
        raise write_error(path, _cause(temporary[-1], error) if temporary else error) from error
    finally:
        for each in temporary:
            with suppress(OSError):
                each.unlink(missing_ok=True)


def _cause(unfinished: Path, error: OSError) -> OSError:
    """Return why ffmpeg stopped, which it does not tell us: the system's own error for writing on."""
    if error.errno is not None:
        return error
    try:
        handle = open_to_append(unfinished, 0o600)
        try:
            for _ in range(_PROBE_BLOCKS):
                os.write(handle, bytes(_PROBE_BLOCK))
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as found:
        return found
    return OSError(f"ffmpeg stopped early ({str(error).strip().partition(chr(10))[0]})")


def _encode_mp4(path: Path, pictures: Iterator[Picture]) -> None:
    first = next(pictures, None)
    if first is None:
        raise InvalidSettingError("expected at least one picture, got none; take a longer piece of the match")
    height, width = (each - each % 2 for each in first.shape)  # the format requires even sizes
    writer = _ffmpeg().write_frames(
        str(path),
        (width, height),
        fps=FRAME_RATE_HZ,
        pix_fmt_in="bgr0",
        macro_block_size=2,
        quality=8,
        ffmpeg_log_level="quiet",
        output_params=["-movflags", "+faststart"],
    )
    try:
        writer.send(None)
        picture = first
        for picture in chain([first], pictures):
            writer.send(np.ascontiguousarray(picture[:height, :width]).tobytes())
        for _ in range(_LAST_MS * FRAME_RATE_HZ // 1000):
            writer.send(np.ascontiguousarray(picture[:height, :width]).tobytes())
    finally:
        writer.close()
    if not path.stat().st_size:
        raise OSError("it wrote nothing")


def _join(film: Path, sound: Path, path: Path) -> None:
    """Add the sound without encoding the pictures again."""
    command = [_ffmpeg().get_ffmpeg_exe(), "-y", "-loglevel", "error", "-i", str(film), "-i", str(sound)]
    command += ["-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac", "-b:a", "96k"]
    command += ["-movflags", "+faststart", str(path)]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        raise OSError((done.stderr.strip().splitlines() or ["it could not add the sound"])[-1])


def _ffmpeg() -> ModuleType:
    return require("imageio_ffmpeg", "an .mp4", "name a .gif")
