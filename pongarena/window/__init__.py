"""The match window: a match, and what its networks think, drawn with pygame."""

import os
import sys

os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"  # stdout is ours: results go there, as JSON if asked for

# where setuptools is installed, pygame would spend a fifth of its start on finding its own icon through it
if "pkg_resources" not in sys.modules:
    sys.modules["pkg_resources"] = None  # type: ignore[assignment]
    try:
        import pygame  # noqa: F401
    finally:
        del sys.modules["pkg_resources"]
