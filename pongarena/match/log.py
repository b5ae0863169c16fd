"""The append-only log of all matches."""

import os

from pongarena import paths
from pongarena.errors import LibraryError
from pongarena.match.match import MatchResult

__all__ = ["append_to_log"]


def append_to_log(result: MatchResult) -> None:
    """Adds one line of JSON and makes sure that it is on the disk.

    Raises:
        LibraryError: When the log cannot be written.
    """
    log = paths.matches_log()
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            file.write(result.to_line().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise LibraryError(
            f"cannot write {log}: {error.strerror or error}; free some space or make the folder writable; "
            f"the match ended {result.score[0]}:{result.score[1]}"
        ) from error
