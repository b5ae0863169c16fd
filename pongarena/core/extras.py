"""Libraries that only few commands need: imported when they are needed, and named when they are missing."""

import importlib
from types import ModuleType

from pongarena.core.errors import InvalidSettingError

__all__ = ["require"]

_EXTRAS = {
    "dask": ("'dask[distributed]'", "cluster"),
    "distributed": ("'dask[distributed]'", "cluster"),
    "imageio_ffmpeg": ("imageio-ffmpeg", "video"),
    "matplotlib": ("matplotlib", "plots"),
    "onnx": ("onnx", "onnx"),
    "onnxruntime": ("onnxruntime", "onnx"),
    "optuna": ("optuna", "sweep"),
    "pettingzoo": ("pettingzoo", "pettingzoo"),
    "safetensors": ("safetensors", "safetensors"),
    "stable_baselines3": ("stable-baselines3", "sb3"),
    "tensorboardX": ("tensorboardX", "tensorboard"),
}
"""What installs a module, and the extra of pongarena that it belongs to."""


def require(module: str, what: str, instead: str = "") -> ModuleType:
    """Imports a module that may not be installed.

    Args:
        module: Its name, of one of the packages that are extras.
        what: What needs it, with an article.
        instead: What else could be done, as the end of a sentence.

    Raises:
        InvalidSettingError: When it is not installed; the message has the commands that install it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package, extra = _EXTRAS[module.partition(".")[0]]
        other = f", or {instead}" if instead else ""
        raise InvalidSettingError(
            f"{what} needs {package} (the extra {extra}), which is not installed; install it: "
            f"pipx inject pongarena {package} · uv tool install pongarena --with {package} · "
            f"pip install 'pongarena[{extra}]'{other}"
        ) from error
