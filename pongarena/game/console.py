"""Emulators with the Pong cartridge loaded: one frame per action, nothing random.

Loading a cartridge takes longer than playing for seconds, because the emulator computes a palette that is
never used here. So a silent console is kept when its game closes, and reused for the next game. After a reset
it plays bit for bit like a new one (`tests/game/test_console.py`); only the sound chip keeps its phase.
"""

import atexit

from pongarena.core.errors import InvalidSettingError
from pongarena.game.emulator import ale_py

__all__ = ["give_back", "take_console"]

_MOST_SPARE = 2
"""Consoles kept for reuse, each of a few megabytes."""

_spare: list[ale_py.ALEInterface] = []
atexit.register(_spare.clear)  # a console that outlives the emulator's module prints errors


def take_console(*, sound: bool) -> ale_py.ALEInterface:
    """Return a console. Reset its game before playing.

    Raises:
        InvalidSettingError: The installed ale-py has no Pong.
    """
    if not sound:
        try:
            return _spare.pop()
        except IndexError:
            pass
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    ale = ale_py.ALEInterface()
    ale.setFloat("repeat_action_probability", 0.0)
    ale.setInt("frame_skip", 1)
    ale.setBool("sound_obs", sound)
    ale.setInt("random_seed", 0)  # unused: sticky actions, the only randomness, are off
    rom = ale_py.roms.get_rom_path("pong")
    if rom is None:
        raise InvalidSettingError("expected ale-py to bring the Pong cartridge; reinstall ale-py")
    ale.loadROM(rom)
    return ale


def give_back(ale: ale_py.ALEInterface, *, sound: bool) -> None:
    """Keep a console for reuse if it is silent and there is room."""
    if not sound and len(_spare) < _MOST_SPARE:
        _spare.append(ale)
