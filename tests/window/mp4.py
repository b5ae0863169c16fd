"""Films, looked into and listened to with ffmpeg itself."""

import re
import subprocess

import imageio_ffmpeg
import numpy as np

from pongarena.window.sound import SAMPLE_RATE_HZ


def streams(path):
    """What ffmpeg says of the streams."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-i", path]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    return [line for line in said.splitlines() if "Stream #" in line]


def heard_in(path):
    """The loudest sample in every frame."""
    decoded = _decoded(path, "-f", "s16le", "-ac", "1", "-ar", str(SAMPLE_RATE_HZ))
    samples = np.abs(decoded.view(np.int16).astype(int))
    return samples[: len(samples) // 512 * 512].reshape(-1, 512).max(axis=1)


def pictures_of(path):
    """Two pictures of every second: shape (pictures, height, width, 3)."""
    width, height = map(int, re.search(r" (\d{2,})x(\d{2,})", streams(path)[0]).groups())
    pixels = _decoded(path, "-vf", "fps=2", "-f", "rawvideo", "-pix_fmt", "rgb24")
    return pixels.reshape(-1, height, width, 3)


def _decoded(path, *form):
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", path, *form, "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.uint8)
