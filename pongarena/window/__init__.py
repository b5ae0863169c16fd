"""The match window: a match and the decisions of its networks, drawn with pygame."""

import os
import sys

os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"  # stdout is for results, perhaps as JSON

# with setuptools installed, pygame would spend a fifth of its start time on finding its own icon through it
if "pkg_resources" not in sys.modules:
    sys.modules["pkg_resources"] = None  # type: ignore[assignment]
    try:
        import pygame  # noqa: F401
    finally:
        del sys.modules["pkg_resources"]
