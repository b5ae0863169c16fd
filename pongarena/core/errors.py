"""The exceptions of pongarena.

::

    PongArenaError
    ├── UnknownNameError        no such model, checkpoint, recipe or player
    ├── InvalidNameError        a name that cannot be a folder name, or is taken
    ├── InvalidSettingError     a hyperparameter or option outside its range
    ├── CheckpointError         a weights file that is damaged, foreign or of another shape
    │   └── NewerFileError      an intact file that only a later pongarena can read
    ├── BundleError             an exported model that is damaged or was altered
    ├── DivergedError           a training run whose numbers overflowed
    ├── LibraryError            the data directory, or a file in it, cannot be read or written
    │   ├── DiskFullError       no space left; worth another try later
    │   └── SessionError        a session is running, is not running, or does not answer
    ├── ClusterError            a scheduler or its workers cannot be used or went away
    ├── MatchError              two players that cannot play each other
    │   └── PlayerFailedError   an external player that cannot play, or stopped
    └── DisplayError            no display to open the window on

A message says what was expected, what came, and what to do next. The command line prints it and exits with
code 2; the terminal app shows it where it happened. It may quote a file, so it is made printable before it is
shown.
"""

from pongarena.core.text import printable

__all__ = [
    "BundleError",
    "CheckpointError",
    "ClusterError",
    "DiskFullError",
    "DisplayError",
    "DivergedError",
    "InvalidNameError",
    "InvalidSettingError",
    "LibraryError",
    "MatchError",
    "NewerFileError",
    "PlayerFailedError",
    "PongArenaError",
    "SessionError",
    "UnknownNameError",
]


_LONGEST_MESSAGE = 4000
"""In characters; anything longer quotes a file's content."""


class PongArenaError(Exception):
    """Base of all errors that the user can act on."""

    def __str__(self) -> str:
        return printable(super().__str__(), lines=True, most=_LONGEST_MESSAGE)


class UnknownNameError(PongArenaError):
    """No model, checkpoint, recipe or player has this name."""


class InvalidNameError(PongArenaError):
    """A name that is not valid for a model, or already taken."""


class InvalidSettingError(PongArenaError):
    """A hyperparameter or an option outside its allowed range."""


class CheckpointError(PongArenaError):
    """A weights file that is damaged, foreign, of another shape, or not finite."""


class NewerFileError(CheckpointError):
    """An intact weights file that a later pongarena wrote."""


class BundleError(PongArenaError):
    """An exported model that is damaged, was altered, or holds unexpected files."""


class DivergedError(PongArenaError):
    """A training run whose numbers overflowed; the network is back at its last good weights."""


class LibraryError(PongArenaError):
    """The data directory, or a file in it, cannot be read or written."""


class DiskFullError(LibraryError):
    """The disk or the user's quota is full; writing is worth another try later."""


class SessionError(LibraryError):
    """A session is running where it must not, is not running where it must, or does not answer."""


class ClusterError(PongArenaError):
    """A scheduler or its workers cannot be used, differ from this machine, or went away."""


class MatchError(PongArenaError):
    """Two players that cannot play each other, or a match that cannot be set up as asked."""


class PlayerFailedError(MatchError):
    """An external player that raised an error, exited, gave an invalid answer, or took too long."""

    def __init__(self, player: str, reason: str) -> None:
        super().__init__(f"{player} cannot play: {reason}")
        self.player, self.reason = player, reason

    def __reduce__(self) -> tuple[type["PlayerFailedError"], tuple[str, str]]:
        return type(self), (self.player, self.reason)  # the default cannot be unpickled


class DisplayError(PongArenaError):
    """There is no display to open the match window on."""
