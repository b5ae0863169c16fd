"""Save a running match after each point, so that a killed process loses one rally only.

The next read of the match log adds the match as one that was left: it can be replayed and resumed.
"""

import os
import threading
from contextlib import suppress

from pongarena.core.errors import LibraryError
from pongarena.jobs.process import ProcessMark
from pongarena.match.log import Recording, place_of, write_recording
from pongarena.match.match import Match

__all__ = ["Journal"]


class Journal:
    """Saves one match at a time."""

    def __init__(self) -> None:
        self._name = ""
        self._writing: threading.Thread | None = None

    def keep(self, match: Match) -> None:
        """Save the match so far, in a thread: no frame waits for the disk, and a full disk ends nothing."""
        recording = Recording(match.result(), match.input_log.copy(match.frames))
        if match.id != self._name:  # it was continued from an earlier moment
            self.drop()
        self._join()
        self._name = match.id
        self._writing = threading.Thread(target=self._write, args=(recording,), daemon=True)
        self._writing.start()

    def drop(self) -> None:
        """Remove the saved file: the match is in the log, or goes on under another id."""
        self._join()
        if self._name:
            with suppress(OSError):
                place_of(self._name, unfinished=True).unlink(missing_ok=True)
        self._name = ""

    def _write(self, recording: Recording) -> None:
        with suppress(LibraryError):
            write_recording(recording, ProcessMark.of(os.getpid()))

    def _join(self) -> None:
        if self._writing is not None:
            self._writing.join()
