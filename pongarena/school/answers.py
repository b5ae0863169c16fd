"""What one predicted in the school, and what came out: ``school.json`` in the data directory.

A file that cannot be read is no reason not to go to school: ``fault`` tells why, nothing counts as answered,
and the file is kept as ``school.json.old`` when an answer is written.
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
"""Its name in the data directory."""

FORMAT_VERSION = 1
"""Of the file."""

_LARGEST = 1 << 20
"""Bytes; a larger file is damage."""

_MOST = 1000
"""Questions; the school has some twenty."""

_PATIENCE_S = 5.0

_Name = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9-]{0,39}\Z")]


@dataclass(frozen=True)
class Answer:
    """One answered question; the words are kept, so that they can be read when the questions have changed.

    Attributes:
        question: As it was asked.
        chosen: What was predicted.
        found: Which of the choices was right.
        told: What was computed.
        model: Whose numbers they are: ``model@number``.
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
        """Whether the prediction came true."""
        return self.chosen == self.found


@dataclass(frozen=True)
class Answers:
    """All answers, by the names of the questions.

    Attributes:
        answers: The latest of each question.
        fault: Why the file could not be read; empty when it could, or there is none.
    """

    answers: Annotated[dict[_Name, Answer], Meta(max_length=_MOST)] = field(default_factory=dict)
    fault: str = ""


@dataclass(frozen=True)
class _Record:
    answers: Annotated[dict[_Name, Answer], Meta(max_length=_MOST)]


def read_answers(root: Path) -> Answers:
    """The answers in the data directory ``root``; never raises for what stands in the file."""
    path = root / FILE
    try:
        return Answers(read_record(path, _Record, limit=_LARGEST, version=FORMAT_VERSION).answers)
    except (FileNotFoundError, NotADirectoryError):
        return Answers()
    except (OSError, ValueError) as error:
        why = f"{path} cannot be read ({reason(error)}); the next answer puts it aside"
        return Answers(fault=printable(why, most=1000))


def add_answer(root: Path, name: str, answer: Answer) -> Mapping[str, Answer]:
    """Write down an answer, in the place of an earlier one to the same question.

    Args:
        root: The data directory; made when it is not there.
        name: The question's.
        answer: What was predicted, and what came out.

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
            if before.fault:  # a newer program's, perhaps
                rename(path, root / f"{FILE}.old")
            answers = {**before.answers, name: answer}
            record = {each: asdict(value) for each, value in answers.items()}
            write_json_atomically(path, {"format_version": FORMAT_VERSION, "answers": record})
    except OSError as error:
        raise LibraryError(
            f"cannot write {path}: {reason(error)}; make the folder writable, then try again"
        ) from error
    return answers
