"""Clips, looked into."""

import numpy as np
from PIL import Image


def opened(path):
    """Sizes, pictures and times of a GIF."""
    pictures, times = [], []
    with Image.open(path) as image:
        for number in range(image.n_frames):
            image.seek(number)
            rgb = np.asarray(image.convert("RGB"), np.uint32)
            pictures.append(rgb[..., 0] << 16 | rgb[..., 1] << 8 | rgb[..., 2])
            times.append(image.info["duration"])
        assert image.info["loop"] == 0
    return pictures, times
