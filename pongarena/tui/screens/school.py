"""How it works: the method in words, with the numbers of a network that one chooses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Markdown, OptionList, Select, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from pongarena.core.errors import PongArenaError
from pongarena.nn.checkpoint import read_checkpoint
from pongarena.school.book import Ask, Chapter, Live, read_book
from pongarena.school.lesson import Lesson
from pongarena.school.parts import Parameters, Part
from pongarena.tui.data.library_watcher import Entry, LibrarySnapshot
from pongarena.tui.keys import key
from pongarena.tui.screens.school_questions import SchoolQuestions, questions
from pongarena.tui.widgets.demo import ExhibitView
from pongarena.tui.widgets.question import QuestionView

if TYPE_CHECKING:
    from pongarena.school.demos import Exhibit

__all__ = ["SchoolScreen"]

_GAMMAS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.97, 0.99, 0.995, 1.0)
_RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
_BALL_STEP, _BALL_REACH = 2, 60
_FAVOURITE = "champion"

_TURNS = {"gamma": "Discount", "rate": "Step", "ball": "Ball"}
"""What − and + do, by the knob."""


class _Page(VerticalScroll, inherit_bindings=False):
    """A chapter, made when it is first opened, and kept; its keys are the screen's."""

    def __init__(self, chapter: Chapter, when_ready: Callable[[], None]) -> None:
        super().__init__()
        self._chapter, self._when_ready = chapter, when_ready

    def compose(self) -> ComposeResult:
        for piece in self._chapter.pieces:
            if isinstance(piece, Live):
                yield ExhibitView(piece.name, _title(piece.name))
            elif isinstance(piece, Ask):
                asked = questions().get(piece.name)
                if asked is not None:
                    yield QuestionView(piece.name, asked.words, asked.choices)
            else:
                yield Markdown(piece.text, open_links=False)

    def on_mount(self) -> None:
        self.call_after_refresh(self._when_ready)


class SchoolScreen(SchoolQuestions):
    """Chapters on the left, or one at a time on a narrow screen; the page beside them."""

    HERE: ClassVar[str] = "school"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("space", "read_on", "Read on", "Scroll on; at the end of a chapter, go to the next"),
        key("left_square_bracket,pageup", "chapter(-1)", "Chapter", "Chapter before", shown_as="["),
        key("right_square_bracket,full_stop,pagedown", "chapter(1)", "Chapter", "Next chapter", shown_as="]"),
        key("left", "moment(-1)", "Moment", "The step before", shown_as="←"),
        key("right", "moment(1)", "Moment", "The next step of the game", shown_as="→"),
        key("minus,underscore", "turn(-1)", "Try", "Less of what the page lets one try", shown_as="−"),
        key("plus,equals_sign", "turn(1)", "Try", "More of it", shown_as="+"),
        key("m", "model", "Model", "Choose whose numbers are shown"),
        Binding("down,j", "scroll(1)", "Down", show=False),
        Binding("up,k", "scroll(-1)", "Up", show=False),
        key("p", "play", "Play", "Play a match against this network"),
        key("r", "replay", "", "Let the network play another game"),
        Binding("home", "edge(-1)", "To the beginning", show=False),
        Binding("end", "edge(1)", "To the end", show=False),
    ]

    DEFAULT_CSS = """
    SchoolScreen {
        #body { layout: horizontal; }
        #chapters { width: 29; height: 1fr; padding: 1 0 0 0; border: none; background: $background; }
        #chapters:focus { border: none; }
        #score { height: auto; padding: 1 1 0 1; color: $muted; }
        #side { width: 30; height: 1fr; border-right: solid $border; }
        #whose { height: auto; padding: 0 1; color: $muted; }
        #page-column { width: 1fr; height: 1fr; }
        #bar { height: 1; }
        #place { width: 1fr; padding: 0 1; color: $left; text-style: bold; }
        #model { width: 44; }
        _Page { height: 1fr; scrollbar-size-vertical: 1; padding: 1 0 0 1; }
        _Page Markdown { max-width: 82; height: auto; padding: 0; margin: 0; background: $background; }
        _Page MarkdownBlock { margin: 0 0 1 0; padding: 0; }
        _Page MarkdownFence { padding: 0 0 0 2; margin: 0 0 1 0; max-height: 100; background: $background; }
        _Page MarkdownFence > Label { padding: 0; }
        _Page MarkdownListItem, #page MarkdownListItem MarkdownBlock { margin: 0; }
        _Page MarkdownBulletList, _Page MarkdownOrderedList { margin: 0 0 1 0; padding: 0; }
        &.-narrow #side { display: none; }
    }
    """

    @dataclass
    class Recorded(Message):
        """A game was played for the lesson, or could not be."""

        lesson: Lesson | None
        reason: str = ""

    @dataclass
    class Computed(Message):
        """An exhibit was computed, or could not be."""

        made_from: tuple[Lesson, Parameters]
        exhibit: str
        parts: list[Part]
        reason: str = ""

    def __init__(self) -> None:
        super().__init__()
        self._parameters = Parameters()
        self._game = 1
        self._shown: dict[str, tuple[Lesson, Parameters]] = {}
        self._whose = ""

    def compose_body(self) -> ComposeResult:
        with Vertical(id="side"):
            yield OptionList(id="chapters")
            yield Static("", id="score", markup=False)
        with Vertical(id="page-column"):
            with Horizontal(id="bar"):
                yield Static("", id="place", markup=False)
                yield Select[str]([], prompt="whose numbers?", compact=True, id="model")
            yield Vertical(id="pages")

    def on_mount(self) -> None:
        try:
            self._book = read_book()
        except PongArenaError as error:
            self.query_one("#pages").mount(Static(str(error), markup=False))
            return
        self.read_answers()
        chapters = self.query_one("#chapters", OptionList)
        chapters.add_options([Option(self.line_of(n)) for n in range(len(self._book))])
        chapters.highlighted = 0
        self.show_score()
        self._open_chapter(0)

    def chosen(self) -> Entry | None:
        """The model whose numbers are shown."""
        return self.arcade.look.entry(self._whose)

    def show_look(self, look: LibrarySnapshot) -> None:
        """Offer the models; choose one when none was chosen."""
        super().show_look(look)
        names = [entry.name for entry in look.entries if entry.checkpoints and entry.model.fault is None]
        select = self.query_one("#model", Select)
        if names != self._offered():
            with select.prevent(Select.Changed):
                select.set_options([(name, name) for name in names])
                if self._whose in names:
                    select.value = self._whose
        if self._whose not in names and names:
            self._choose(_at_first(look, names))

    def _offered(self) -> list[str]:
        select = self.query_one("#model", Select)
        return [str(value) for _, value in select._options if isinstance(value, str)]

    # -- whose numbers

    def _choose(self, name: str) -> None:
        self._whose = name
        select = self.query_one("#model", Select)
        with select.prevent(Select.Changed):
            select.value = name
        self._lesson = None
        self._record(name, self._game)

    def on_select_changed(self, event: Select.Changed) -> None:
        if isinstance(event.value, str) and event.value != self._whose:
            self._choose(event.value)
            self._pages[self._number].focus()

    @work(thread=True, exclusive=True, group="record")
    def _record(self, name: str, seed: int) -> None:
        """Let the network play, in a thread; a second or so."""
        from pongarena.school.lesson import record_lesson  # noqa: PLC0415 (numba, as below)

        worker = get_current_worker()
        try:
            checkpoint = read_checkpoint(self.arcade.library.checkpoint(name).path)
            lesson = record_lesson(checkpoint, seed, lambda: worker.is_cancelled)
            if lesson is not None and not lesson.is_classic:
                classic = read_checkpoint(self.arcade.library.checkpoint(_FAVOURITE).path)
                stand_in = record_lesson(classic, seed, lambda: worker.is_cancelled)
                lesson = replace(lesson, stand_in=stand_in)
        except PongArenaError as error:
            self.post_message(self.Recorded(None, str(error)))
            return
        if not worker.is_cancelled:
            self.post_message(self.Recorded(lesson))

    def on_school_screen_recorded(self, message: Recorded) -> None:
        if message.lesson is None:
            for view in self.query(ExhibitView):
                view.fail(message.reason)
            return
        self._lesson = message.lesson
        self._parameters = replace(self._parameters, moment=message.lesson.first, ball=0)
        self._show_exhibits()

    # -- the page

    def _open_chapter(self, number: int) -> None:
        self._number = number
        if number not in self._pages:
            self._pages[number] = _Page(self._book[number], self._show_page)
            self.query_one("#pages").mount(self._pages[number])
        for place, page in self._pages.items():
            page.display = place == number
        self.show_place()
        chapters = self.query_one("#chapters", OptionList)
        with chapters.prevent(OptionList.OptionHighlighted):
            chapters.highlighted = number
        if not chapters.has_focus:
            self.call_after_refresh(self._pages[number].focus)
        self.refresh_bindings()
        self.call_after_refresh(self._show_exhibits)
        self.call_after_refresh(self.show_answers)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_index != self._number:
            self._open_chapter(event.option_index)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.focus_what_is_seen()

    def focus_what_is_seen(self) -> None:
        """Let keys scroll the page."""
        if self._number in self._pages:
            self._pages[self._number].focus()

    def _show_page(self) -> None:
        self._show_exhibits()
        self.show_answers()

    def _show_exhibits(self) -> None:
        """Compute those of this chapter's exhibits that show something else than they should."""
        lesson, parameters = self._lesson, self._parameters
        if lesson is None:
            return
        stale = []
        for view in self._views():
            shown = self._shown.get(view.exhibit)
            if shown is None or shown[0] is not lesson or _differ(view.exhibit, shown[1], parameters):
                stale.append(view.exhibit)
        if stale:
            self._compute(lesson, parameters, stale)

    def _views(self) -> list[ExhibitView]:
        page = self._pages.get(self._number)
        return list(page.query(ExhibitView)) if page is not None else []

    @work(thread=True, exclusive=True, group="compute")
    def _compute(self, lesson: Lesson, parameters: Parameters, names: list[str]) -> None:
        worker = get_current_worker()
        for name in names:
            if worker.is_cancelled:
                return
            try:
                parts, reason = _exhibits()[name].parts(lesson, parameters), ""
            except PongArenaError as error:
                parts, reason = [], str(error)
            self.post_message(self.Computed((lesson, parameters), name, parts, reason))

    def on_school_screen_computed(self, message: Computed) -> None:
        """Show an exhibit, unless another network was chosen by now."""
        if message.made_from[0] is not self._lesson:
            return
        self._shown[message.exhibit] = message.made_from
        for view in self.query(ExhibitView):
            if view.exhibit == message.exhibit:
                if message.reason:
                    view.fail(message.reason)
                else:
                    view.show(message.parts)

    # -- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("pause", "stop", "checkpoint"):
            return False
        if action == "turn":
            return bool(self._turnable())
        if action == "moment":
            return any("moment" in turns for turns in self._turns())
        if action == "answer":
            return bool(self._book and self._book[self._number].questions)
        return super().check_action(action, parameters)

    def _turns(self) -> list[tuple[str, ...]]:
        if not self._book:
            return []
        names = [piece.name for piece in self._book[self._number].pieces if isinstance(piece, Live)]
        return [_exhibits()[name].turns for name in names if name in _exhibits()]

    def _turnable(self) -> str:
        """The knob that − and + turn here; empty when there is none."""
        return next((name for turns in self._turns() for name in turns if name in _TURNS), "")

    def action_read_on(self) -> None:
        """Scroll a page; at the end, the next chapter."""
        page = self._pages.get(self._number)
        if page is None:
            return
        if page.scroll_offset.y >= page.max_scroll_y:
            self.action_chapter(1)
        else:
            page.scroll_to(y=page.scroll_offset.y + max(1, page.size.height - 2), animate=False)

    def action_chapter(self, by: int) -> None:
        number = self._number + by
        if self._book and 0 <= number < len(self._book):
            self._open_chapter(number)

    def action_scroll(self, by: int) -> None:
        if self._number in self._pages:
            self._pages[self._number].scroll_relative(y=2 * by, animate=False)

    def action_edge(self, by: int) -> None:
        if self._number in self._pages:
            page = self._pages[self._number]
            (page.scroll_home if by < 0 else page.scroll_end)(animate=False)

    def action_moment(self, by: int) -> None:
        if self._lesson is not None:
            most = len(self._lesson.moments) - 1
            self._parameters = replace(
                self._parameters, moment=min(max(self._parameters.moment + by, 0), most)
            )
            self._show_exhibits()

    def action_turn(self, by: int) -> None:
        knob = self._turnable()
        if knob == "ball":
            ball = min(max(self._parameters.ball + _BALL_STEP * by, -_BALL_REACH), _BALL_REACH)
            self._parameters = replace(self._parameters, ball=ball)
        elif knob == "gamma":
            self._parameters = replace(self._parameters, gamma=_next(_GAMMAS, self._parameters.gamma, by))
        elif knob == "rate":
            self._parameters = replace(self._parameters, rate=_next(_RATES, self._parameters.rate, by))
        if knob:
            self._show_exhibits()

    def action_model(self) -> None:
        select = self.query_one("#model", Select)
        select.focus()
        select.expanded = True

    def action_replay(self) -> None:
        if self._whose:
            self._game += 1
            self._record(self._whose, self._game)


def _exhibits() -> "Mapping[str, Exhibit]":
    from pongarena.school.demos import EXHIBITS  # noqa: PLC0415 (numba: the words are read meanwhile)

    return EXHIBITS


def _title(exhibit: str) -> str:
    return _exhibits()[exhibit].title if exhibit in _exhibits() else exhibit


def _differ(exhibit: str, old: Parameters, new: Parameters) -> bool:
    """Whether an exhibit answers to a knob that was turned."""
    return any(getattr(old, name) != getattr(new, name) for name in _exhibits()[exhibit].turns)


def _at_first(look: LibrarySnapshot, names: list[str]) -> str:
    """One's newest model, or else the best one in the box."""
    own = [entry for entry in look.entries if entry.name in names and not entry.model.bundled]
    if own:
        return max(own, key=lambda entry: entry.created).name
    return _FAVOURITE if _FAVOURITE in names else names[0]


def _next(values: tuple[float, ...], now: float, by: int) -> float:
    """The value beside the nearest one."""
    nearest = min(range(len(values)), key=lambda place: abs(values[place] - now))
    return values[min(max(nearest + by, 0), len(values) - 1)]
