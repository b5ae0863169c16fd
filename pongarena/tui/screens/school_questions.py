"""The questions of the school: the user predicts, a thread computes the answer, and both are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.table import Table
from rich.text import Text
from textual import work
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.worker import get_current_worker

from pongarena.core import paths
from pongarena.core.errors import PongArenaError
from pongarena.school.answers import Answer, Answers, add_answer, read_answers
from pongarena.school.book import Chapter
from pongarena.school.lesson import Lesson
from pongarena.tui.keys import key
from pongarena.tui.screens.base import ArcadeScreen
from pongarena.tui.widgets.question import QuestionView

if TYPE_CHECKING:
    from pongarena.school.questions.question import Question

__all__ = ["SchoolQuestions", "questions"]


class SchoolQuestions(ArcadeScreen):
    """Asks the questions; subclasses show the pages of the chapters, and choose the network."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("a", "answer(0)", "Predict", "Predict, then see the answer", shown_as="a b c"),
        key("b", "answer(1)", "", "The second choice of the question"),
        key("c", "answer(2)", "", "The third choice of the question"),
    ]

    @dataclass
    class Answered(Message):
        """A thread has computed and saved an answer, or failed, or reports its progress."""

        question: str
        choice: int
        done: float
        answer: Answer | None = None
        reason: str = ""

    def __init__(self) -> None:
        super().__init__()
        self._book: tuple[Chapter, ...] = ()
        self._number = 0
        self._lesson: Lesson | None = None
        self._pages: dict[int, VerticalScroll] = {}
        self._answers = Answers()

    def read_answers(self) -> None:
        """Read the answers of earlier days."""
        self._answers = read_answers(paths.data_dir())
        if self._answers.fault:
            self.notify(self._answers.fault, severity="warning", timeout=10, markup=False)

    def line_of(self, number: int) -> Table:
        """Return a chapter for the list: its number, the mark of its questions, and the title, indented."""
        line = Table.grid(padding=(0, 1, 0, 0))
        line.add_column(no_wrap=True)
        line.add_column()
        line.add_row(f"{number + 1:>2}{self._mark(number)}", Text(self._book[number].title))
        return line

    def _mark(self, number: int) -> str:
        answers = [self._answers.answers.get(name) for name in self._book[number].questions]
        if not answers or None in answers:
            return "○" if answers else " "
        return "✓" if all(each is not None and each.right for each in answers) else "✗"

    def show_place(self) -> None:
        """Show which chapter is open."""
        number = self._number
        parts = (f"{number + 1}/{len(self._book)}", self._mark(number).strip(), self._book[number].title)
        words = " ".join(part for part in parts if part)
        self.query_one("#place", Static).update(words)

    def show_score(self) -> None:
        """Show how many questions were answered, and how many predictions were right."""
        asked = [name for each in self._book for name in each.questions]
        answers = [self._answers.answers[name] for name in asked if name in self._answers.answers]
        right = sum(each.right for each in answers)
        words = f"{len(answers)} of {len(asked)} questions answered, {right} predicted right"
        self.query_one("#score", Static).update(words)

    def show_answers(self) -> None:
        """Show the known answers in the open chapter."""
        page = self._pages.get(self._number)
        for view in page.query(QuestionView) if page is not None else ():
            if view.question in self._answers.answers:
                view.show(self._answers.answers[view.question])

    def action_answer(self, choice: int) -> None:
        """Predict the first question of the page without an answer, or else the last one."""
        page = self._pages.get(self._number)
        views = list(page.query(QuestionView)) if page is not None else []
        new = [each for each in views if each.question not in self._answers.answers]
        for view in (new or views[-1:])[:1]:
            view.scroll_visible(animate=False)
            view.predict(choice)

    def on_question_view_predicted(self, event: QuestionView.Predicted) -> None:
        if self._lesson is None:
            self.notify("The network is still playing its game; try again in a moment", severity="warning")
            return
        self._answer(self._lesson, event.question, event.choice)

    @work(thread=True, exclusive=True, group="answer")
    def _answer(self, lesson: Lesson, name: str, choice: int) -> None:
        """Compute and save an answer; this takes some seconds at most."""
        worker, question = get_current_worker(), questions()[name]

        def tell(done: float) -> None:
            if worker.is_cancelled:
                raise _LeftError
            self.post_message(self.Answered(name, choice, done))

        try:
            tell(0.0)
            finding, used = question.answer(lesson, tell)
            chosen, found = question.choices[choice], question.choices[finding.choice]
            answer = Answer(question.words, chosen, found, finding.words, used.name)
            add_answer(paths.data_dir(), name, answer)
        except _LeftError:
            return
        except PongArenaError as error:
            self.post_message(self.Answered(name, choice, 1.0, reason=str(error)))
        else:
            self.post_message(self.Answered(name, choice, 1.0, answer))

    def on_school_questions_answered(self, message: Answered) -> None:
        for view in self.query(QuestionView):
            if view.question != message.question:
                continue
            if message.answer is not None:
                view.show(message.answer)
                self.call_after_refresh(view.scroll_visible, animate=False)
            elif message.reason:
                view.fail(message.reason)
            else:
                view.wait(message.choice, message.done)
        if message.answer is not None:
            self._answers = Answers({**self._answers.answers, message.question: message.answer})
            chapters = self.query_one("#chapters", OptionList)
            for number, each in enumerate(self._book):
                if message.question in each.questions:
                    chapters.replace_option_prompt_at_index(number, self.line_of(number))
            self.show_place()
            self.show_score()


class _LeftError(Exception):
    """The worker that computes an answer was cancelled."""


def questions() -> "Mapping[str, Question]":
    """Return all questions, imported when they are first needed."""
    from pongarena.school.questions import QUESTIONS  # noqa: PLC0415 (numba)

    return QUESTIONS
