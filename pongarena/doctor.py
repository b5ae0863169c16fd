"""Check whether everything that pongarena needs works on this machine, and say what to do if not."""

import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pongarena import __version__
from pongarena.core import paths
from pongarena.core.errors import PongArenaError
from pongarena.core.output import encoding_of
from pongarena.jobs.status import State
from pongarena.lab import store
from pongarena.library.models import Library, Model, checkpoint_path
from pongarena.library.repairs import needed_repairs
from pongarena.library.trash import Bin, Trash
from pongarena.match import tournament
from pongarena.training.registry import RECIPES

__all__ = ["CHECKS", "Finding", "Level", "examine"]

_FRAMES = 100
"""Frames to run; the first serve comes after 59."""

_ENOUGH_DISK = 1 << 30
"""Bytes: a model keeps up to 40 checkpoints of 5 MB."""

_LITTLE_DISK = 100 << 20
"""Bytes; below this a session would soon fail."""

_TERMINAL = (80, 24)
"""Columns and rows that the app needs."""

_PROBE_TIMEOUT_S = 60.0

_PACKAGES = ("ale-py", "gymnasium", "numpy", "textual", "click", "rich", "filelock", "psutil", "pillow")

_SDL_PROBE = """
import json, os
os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"
import pygame
found = {"pygame": pygame.version.ver, "video": None, "audio": None, "video_error": "", "audio_error": ""}
try:
    pygame.display.init()
    found["video"] = pygame.display.get_driver()
except pygame.error as error:
    found["video_error"] = str(error)
try:
    pygame.mixer.init(30720, -16, 1, 512)
    found["audio"] = pygame.mixer.get_sdl_mixer_version() and (os.environ.get("SDL_AUDIODRIVER") or "default")
except pygame.error as error:
    found["audio_error"] = str(error)
print(json.dumps(found))
"""
"""Probes SDL in a separate process, because it may crash, hang or print messages."""


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARN = "warn"
    """Something optional is missing."""
    FAIL = "fail"
    """Something does not work."""


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report.

    Attributes:
        subject: What was checked.
        level: How bad it is.
        found: What was found.
        advice: What to do; empty when nothing is needed.
    """

    subject: str
    level: Level
    found: str
    advice: str = ""


def examine() -> list[Finding]:
    """Run every check; a check that fails unexpectedly is a finding, too.

    Note: starts a process that opens SDL, runs the cartridge for 100 frames, and writes and removes one file.
    """
    findings = []
    for check in CHECKS:
        try:
            findings += check()
        except PongArenaError as error:
            if str(error) not in {each.found for each in findings}:  # several checks may fail alike
                findings.append(Finding("data", Level.FAIL, str(error)))
        except Exception as error:
            # the doctor must not crash itself: any other error becomes a finding
            advice = "please report this, with the line above"
            name = check.__name__.strip("_").replace("_", " ")
            findings.append(Finding(name, Level.FAIL, f"{type(error).__name__}: {error}", advice))
    return findings


def _versions() -> list[Finding]:
    advice = "" if sys.version_info >= (3, 11) else "install Python 3.11 or newer"
    level = Level.FAIL if advice else Level.OK
    system = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    found = [Finding("python", level, system, advice)]
    missing = []
    versions = [f"pongarena {__version__}"]
    for package in _PACKAGES:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(package)
    if missing:
        found.append(
            Finding("packages", Level.FAIL, f"missing: {', '.join(missing)}", "install pongarena again")
        )
    else:
        found.append(Finding("packages", Level.OK, " · ".join(versions)))
    return found


def _recipes() -> list[Finding]:
    advice = "update or remove the package that provides it"
    own = ", ".join(RECIPES)
    faults = [
        Finding("recipe", Level.WARN, f"{name}: {fault}", advice) for name, fault in RECIPES.faults.items()
    ]
    return [Finding("recipes", Level.OK, own), *faults]


def _cartridge() -> list[Finding]:
    # imported here, so that a broken emulator is a finding
    from pongarena.game.cartridge import Cartridge  # noqa: PLC0415
    from pongarena.game.paddle import Move  # noqa: PLC0415

    subject = "cartridge"
    try:
        game = Cartridge(seed=0, left_ai=True)
        try:
            first = game.screen.copy()
            for _ in range(_FRAMES):
                game.step(Move.STAY, Move.UP)
            moved = bool((game.screen != first).any())
        finally:
            game.close()
    except (PongArenaError, OSError, RuntimeError) as error:
        return [
            Finding(subject, Level.FAIL, str(error), "install again: pip install --force-reinstall ale-py")
        ]
    if not moved:
        advice = "install again: pip install --force-reinstall ale-py"
        return [Finding(subject, Level.FAIL, f"the picture did not change in {_FRAMES} frames", advice)]
    return [Finding(subject, Level.OK, f"the ROM is there and ran {_FRAMES} frames")]


def _display() -> list[Finding]:
    return [display_finding(os.environ, sys.platform), *sdl_findings(_probe_sdl())]


def display_finding(environment: Mapping[str, str], system: str) -> Finding:
    """Check for a display by the environment.

    Args:
        environment: The environment variables.
        system: The value of ``sys.platform``.
    """
    if system in ("darwin", "win32"):
        return Finding("display", Level.OK, "the system's own")
    for variable, kind in (("WAYLAND_DISPLAY", "Wayland"), ("DISPLAY", "X11")):
        if environment.get(variable):
            return Finding("display", Level.OK, f"{kind} ({variable}={environment[variable]})")
    return Finding(
        "display",
        Level.WARN,
        "none: neither DISPLAY nor WAYLAND_DISPLAY is set",
        "training and the app work without, and so does pongarena play human ai --terminal; for the window, "
        "sit at the machine, or use a remote desktop or ssh -X",
    )


def sdl_findings(probe: Mapping[str, str | None]) -> list[Finding]:
    """Turn the SDL probe's answer into findings on the window and the sound."""
    if "fault" in probe:
        return [
            Finding(
                "window",
                Level.FAIL,
                f"pygame does not load: {probe['fault']}",
                "install again: pip install pygame",
            )
        ]
    video, audio = probe.get("video"), probe.get("audio")
    if video in ("dummy", "offscreen"):
        advice = (
            "nothing will be seen; unset SDL_VIDEODRIVER"
            if os.environ.get("SDL_VIDEODRIVER")
            else "no screen"
        )
        window = Finding("window", Level.WARN, f"SDL draws to nowhere ({video})", advice)
    elif video:
        window = Finding("window", Level.OK, f"pygame {probe.get('pygame')}, SDL driver {video}")
    else:
        window = Finding(
            "window", Level.WARN, f"SDL: {probe.get('video_error')}", "matches need a screen; see display"
        )
    if audio:
        sound = Finding("sound", Level.OK, f"SDL opens it ({audio})")
    else:
        sound = Finding(
            "sound", Level.WARN, f"SDL: {probe.get('audio_error')}", "matches are silent; see --mute"
        )
    return [window, sound]


def _probe_sdl() -> dict[str, str | None]:
    try:
        done = subprocess.run(
            [sys.executable, "-c", _SDL_PROBE],
            capture_output=True,
            text=True,
            timeout=_PROBE_TIMEOUT_S,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        answer = json.loads(done.stdout.strip().rpartition("\n")[2])
        return dict(answer)
    except subprocess.TimeoutExpired:
        return {"fault": f"no answer within {_PROBE_TIMEOUT_S:.0f} s"}
    except ValueError:
        return {"fault": done.stderr.strip().rpartition("\n")[2] or f"exit code {done.returncode}"}


def _terminal() -> list[Finding]:
    size = tuple(shutil.get_terminal_size())
    return [encoding_finding(sys.stdout), *terminal_findings(os.environ, size, sys.stdout.isatty())]


def encoding_finding(output: object) -> Finding:
    """Check whether an output can show every character."""
    encoding = encoding_of(output)
    if encoding is None:
        return Finding("encoding", Level.OK, "UTF-8")
    advice = "set a locale with UTF-8, such as LANG=C.UTF-8, or PYTHONUTF8=1"
    return Finding("encoding", Level.WARN, f"{encoding}: lines and other characters are replaced", advice)


def terminal_findings(
    environment: Mapping[str, str], size: tuple[int, ...], is_terminal: bool
) -> list[Finding]:
    """Check what the app needs of a terminal.

    Args:
        environment: The environment variables.
        size: Columns and rows.
        is_terminal: Whether the output is a terminal.
    """
    if not is_terminal:
        return [
            Finding(
                "terminal", Level.WARN, "the output goes elsewhere", "run the doctor in the app's terminal"
            )
        ]
    term = environment.get("TERM", "")
    if environment.get("COLORTERM") in ("truecolor", "24bit"):
        colours = Finding("colours", Level.OK, f"16 million (TERM={term})")
    elif "256" in term:
        colours = Finding("colours", Level.OK, f"256 (TERM={term})")
    elif sys.platform == "win32":
        colours = Finding("colours", Level.OK, "the system's own")
    else:
        colours = Finding("colours", Level.WARN, f"few (TERM={term or 'unset'})", "try TERM=xterm-256color")
    columns, rows = size
    small = columns < _TERMINAL[0] or rows < _TERMINAL[1]
    advice = f"make it at least {_TERMINAL[0]}×{_TERMINAL[1]}" if small else ""
    return [colours, Finding("terminal", Level.WARN if small else Level.OK, f"{columns}×{rows}", advice)]


def _data_directory() -> list[Finding]:
    data = paths.data_dir()
    nearest = next(folder for folder in (data, *data.parents) if folder.exists())
    advice = f"make it writable, or set {paths.HOME_VARIABLE} to another folder"
    try:
        if not nearest.is_dir():
            return [Finding("data", Level.FAIL, f"{nearest} is a file", advice)]
        with tempfile.NamedTemporaryFile(dir=nearest, prefix=".pongarena-doctor-") as file:
            file.write(b"x" * 4096)
            file.flush()
    except OSError as error:
        return [Finding("data", Level.FAIL, f"{data} cannot be written: {error.strerror}", advice)]
    found = f"{data}" if data.exists() else f"{data} (made by the first model)"
    return [Finding("data", Level.OK, found), disk_finding(shutil.disk_usage(nearest).free)]


def disk_finding(free: int) -> Finding:
    """Check the free disk space, in bytes."""
    found = f"{free / 1e9:.1f} GB free"
    if free < _LITTLE_DISK:
        return Finding("disk", Level.FAIL, found, "free some space: sessions fail on a full disk")
    if free < _ENOUGH_DISK:
        return Finding(
            "disk", Level.WARN, found, "a model grows to 200 MB; free some space before long trainings"
        )
    return Finding("disk", Level.OK, found)


def _library() -> list[Finding]:
    library = Library()
    try:
        models, repairs = library.models(), needed_repairs(library)
    except PongArenaError as error:
        return [Finding("library", Level.FAIL, str(error), "make the folder readable")]
    findings = [
        Finding("library", Level.FAIL, f"{model.name}: {model.fault}", _rescue(model))
        for model in models
        if model.fault is not None
    ]
    findings += [
        Finding(
            "repair", Level.WARN, f"{each.subject}: {each.found}", f"pongarena doctor --fix: {each.remedy}"
        )
        for each in repairs
    ]
    dead = {each.model for each in repairs}
    for model in models:
        status = model.status()
        if model.fault is None and model.path not in dead and status.state is State.CRASHED:
            found = f"{model.name}: {status.message}"
            findings.append(Finding("session", Level.WARN, found, f"pongarena resume {model.name}"))
    return findings or [Finding("library", Level.OK, f"{len(models)} models")]


def _rescue(model: Model) -> str:
    """Say what can be done for a model whose description is damaged."""
    episodes = model.checkpoints()
    if not episodes:
        return f"it has no weights: pongarena models delete {model.name}"
    return (
        f"save its weights: pongarena models import '{checkpoint_path(model.path, episodes[-1])}' --name NEW"
    )


def _trash() -> list[Finding]:
    bins: dict[str, Bin] = {
        "models trash": Trash(Library()),
        "tournament restore": tournament.trash(),
        "lab restore": store.trash(),
    }
    found = []
    for command, each in bins.items():
        try:
            items = each.items()
        except PongArenaError as error:
            found.append(Finding("trash", Level.FAIL, str(error), "make the folder readable"))
            continue
        if items:
            size = sum(item.size for item in items)
            found.append(trash_finding(len(items), size, each.folder, f"pongarena {command} --empty"))
    return found


def trash_finding(number: int, size: int, folder: Path, command: str) -> Finding:
    """Report the number and the size, in bytes, of deleted items."""
    things = "1 deleted thing" if number == 1 else f"{number:,} deleted things"
    found = f"{things}, {size / 1e6:,.0f} MB in {folder}"
    if size < _ENOUGH_DISK:
        return Finding("trash", Level.OK, found)
    return Finding("trash", Level.WARN, found, f"remove them for good: {command}")


CHECKS: tuple[Callable[[], list[Finding]], ...] = (
    _versions,
    _recipes,
    _cartridge,
    _display,
    _terminal,
    _data_directory,
    _library,
    _trash,
)
"""All checks, in the order of the report."""
