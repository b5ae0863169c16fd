"""The figures that the project claims, measured on this machine: ``pongarena bench``.

Everything is a ratio within one run, measured in turns, because a laptop's speed drifts.
"""

from pongarena.bench.command import bench

__all__ = ["bench"]
