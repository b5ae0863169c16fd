"""pongarena: play Atari Pong against a neural network that you trained yourself, and see it think."""

__version__ = "0.1.0"
