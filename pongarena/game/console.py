"""The emulator with the Pong cartridge in it, one frame an action and nothing left to chance.

To load a cartridge takes the emulator longer than to play for seconds: it computes a palette that nobody here
asks for. So a silent console is kept when a game was closed, and taken for the next one. After a reset it
plays bit for bit what a fresh one does (`tests/game/test_console.py`); only the sound chip keeps its phase.
"""

import atexit

import ale_py

from pongarena.core.errors import InvalidSettingError

__all__ = ["give_back", "take_console"]

_MOST_SPARE = 2
"""Consoles kept; of a few megabytes each."""

_spare: list[ale_py.ALEInterface] = []
atexit.register(_spare.clear)  # of one that outlives the emulator's module the terminal hears complaints


def take_console(*, sound: bool) -> ale_py.ALEInterface:
    """A console whose game is to be reset before it is played.

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
    ale.setInt("random_seed", 0)  # the emulator's only chance is in sticky actions, which are off
    rom = ale_py.roms.get_rom_path("pong")
    if rom is None:
        raise InvalidSettingError("expected ale-py to bring the Pong cartridge; reinstall ale-py")
    ale.loadROM(rom)
    return ale


def give_back(ale: ale_py.ALEInterface, *, sound: bool) -> None:
    """Keep a console that nobody plays on any more, if it is a silent one and there is room."""
    if not sound and len(_spare) < _MOST_SPARE:
        _spare.append(ale)
