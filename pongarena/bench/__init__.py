"""Benchmarks of the figures that the project claims: ``pongarena bench``.

Figures are ratios within one run, measured in alternating turns, because a laptop's speed drifts.
"""

from pongarena.bench.command import bench

__all__ = ["bench"]
