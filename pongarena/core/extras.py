"""Optional libraries: imported when a command needs them, with clear advice when missing."""

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
"""For each module: the package that installs it, and pongarena's extra that includes it."""


def require(module: str, what: str, instead: str = "") -> ModuleType:
    """Import a module that may not be installed.

    Args:
        module: Its name; its package must be an extra.
        what: What needs it, with an article.
        instead: An alternative, as the end of a sentence.

    Raises:
        InvalidSettingError: When it is not installed; the message gives the commands to install it.
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
