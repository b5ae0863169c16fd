"""The reader's predictions in the school, with the right answers: ``school.json`` in the data directory.

A file that cannot be read does not stop the school: ``fault`` says why, and no question counts as answered.
Writing an answer then keeps the file as ``school.json.old``.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pongarena.core.errors import LibraryError
from pongarena.core.files import make_folder, write_json_atomically
from pongarena.core.reading import reason
from pongarena.core.records import Line, Meta, Moment, Word, read_record
from pongarena.core.system import rename
from pongarena.core.text import printable
from pongarena.jobs.lock import held

__all__ = ["FILE", "FORMAT_VERSION", "Answer", "Answers", "add_answer", "read_answers"]

FILE = "school.json"
"""The file's name in the data directory."""

FORMAT_VERSION = 1
"""The version of the file."""

_LARGEST = 1 << 20
"""Bytes; a larger file is damage."""

_MOST = 1000
"""The most answers in a file; the school has some twenty questions."""

_PATIENCE_S = 5.0

_Name = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9-]{0,39}\Z")]


@dataclass(frozen=True)
class Answer:
    """One answered question, in words, so that it can be read even after the questions have changed.

    Attributes:
        question: The question as it was asked.
        chosen: The choice that was predicted.
        found: The choice that was right.
        told: The computed result, in words.
        model: The model whose numbers were used: ``model@number``.
        when: ISO date and time, UTC.
    """

    question: Line
    chosen: Line
    found: Line
    told: Line
    model: Word
    when: Moment = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    @property
    def right(self) -> bool:
        """Whether the prediction was right."""
        return self.chosen == self.found


@dataclass(frozen=True)
class Answers:
    """All answers.

    Attributes:
        answers: The latest answer to each question, by the question's name.
        fault: Why the file could not be read; empty when it could, or does not exist.
    """

    answers: Annotated[dict[_Name, Answer], Meta(max_length=_MOST)] = field(default_factory=dict)
    fault: str = ""


@dataclass(frozen=True)
class _Record:
    answers: Annotated[dict[_Name, Answer], Meta(max_length=_MOST)]


def read_answers(root: Path) -> Answers:
    """Read the answers in the data directory ``root``; never raises, whatever the file holds."""
    path = root / FILE
    try:
        return Answers(read_record(path, _Record, limit=_LARGEST, version=FORMAT_VERSION).answers)
    except (FileNotFoundError, NotADirectoryError):
        return Answers()
    except (OSError, ValueError) as error:
        why = f"{path} cannot be read ({reason(error)}); the next answer puts it aside"
        return Answers(fault=printable(why, most=1000))


def add_answer(root: Path, name: str, answer: Answer) -> Mapping[str, Answer]:
    """Store an answer; it replaces an earlier one to the same question.

    Args:
        root: The data directory; created if missing.
        name: The question's name.
        answer: The answer.

    Returns:
        All answers.

    Raises:
        LibraryError: When the file cannot be written.
    """
    path = root / FILE
    taken = f"another program writes {path}; try again in a moment"
    try:
        make_folder(root)
        with held(root / f".{FILE}.lock", _PATIENCE_S, taken):
            before = read_answers(root)
            if before.fault:  # perhaps a newer version wrote it
                rename(path, root / f"{FILE}.old")
            answers = {**before.answers, name: answer}
            record = {each: asdict(value) for each, value in answers.items()}
            write_json_atomically(path, {"format_version": FORMAT_VERSION, "answers": record})
    except OSError as error:
        raise LibraryError(
            f"cannot write {path}: {reason(error)}; make the folder writable, then try again"
        ) from error
    return answers
