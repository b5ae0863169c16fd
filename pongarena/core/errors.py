"""The exceptions that pongarena raises on purpose.

::

    PongArenaError
    ├── UnknownNameError        no such model, checkpoint, recipe or player
    ├── InvalidNameError        a name that cannot be a folder's, or is taken
    ├── InvalidSettingError     a hyperparameter or option out of its range
    ├── CheckpointError         a file of weights that is damaged, foreign or of another shape
    │   └── NewerFileError      a whole one, which only a later pongarena can read
    ├── BundleError             a model that was exported, damaged or altered since
    ├── LibraryError            the data directory, or a file in it, cannot be read or written
    │   ├── DiskFullError       no space left: who can wait tries again
    │   └── SessionError        a session is running, is not running, or does not answer
    ├── ClusterError            a scheduler, or its workers, that cannot be used or went away
    ├── MatchError              two players that cannot meet
    │   └── PlayerFailedError   a player from outside that cannot play, or no longer
    └── DisplayError            no screen to open the window on

A message says what was expected, what came, and what to do next. The command line prints it and exits
with code 2; the terminal app shows it where it happened. It may quote what stood in a file, so it is made
printable before anybody sees it.
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
"""Characters; more would only be what stood in a file."""


class PongArenaError(Exception):
    """Anything that the user can do something about."""

    def __str__(self) -> str:
        return printable(super().__str__(), lines=True, most=_LONGEST_MESSAGE)


class UnknownNameError(PongArenaError):
    """No model, checkpoint, recipe or player has this name."""


class InvalidNameError(PongArenaError):
    """A name that cannot be a model's, or that another model holds."""


class InvalidSettingError(PongArenaError):
    """A hyperparameter or an option outside its allowed range."""


class CheckpointError(PongArenaError):
    """A file of weights that is damaged, foreign, of another shape, or not finite."""


class NewerFileError(CheckpointError):
    """A file of weights that a later pongarena wrote: nothing is wrong with it."""


class BundleError(PongArenaError):
    """An exported model that is damaged, was altered, or holds what does not belong there."""


class DivergedError(PongArenaError):
    """A training whose numbers grew beyond all bounds; the network is back at its last good weights."""


class LibraryError(PongArenaError):
    """The data directory, or a file in it, cannot be read or written."""


class DiskFullError(LibraryError):
    """The disk, or the user's share of it, is full; what could not be written is worth another try later."""


class SessionError(LibraryError):
    """A session is running where it must not, is not running where it must, or does not answer."""


class ClusterError(PongArenaError):
    """A scheduler, or its workers, that cannot be used, differ from this machine, or went away."""


class MatchError(PongArenaError):
    """Two players that cannot meet, or a match that cannot be set up as asked."""


class PlayerFailedError(MatchError):
    """A player from outside that raised, ended, answered nonsense, or took too long.

    Attributes:
        player: Its name.
        reason: What happened.
    """

    def __init__(self, player: str, reason: str) -> None:
        super().__init__(f"{player} cannot play: {reason}")
        self.player, self.reason = player, reason

    def __reduce__(self) -> tuple[type["PlayerFailedError"], tuple[str, str]]:
        return type(self), (self.player, self.reason)  # else it would not come back from another process


class DisplayError(PongArenaError):
    """There is no screen to open the match window on."""
