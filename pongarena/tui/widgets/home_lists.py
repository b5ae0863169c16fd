"""The four lists of the home screen: what to do next, what runs, the ladder, the last matches."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from pongarena.tui.widgets.picks import Picks, Row

if TYPE_CHECKING:
    from pongarena.match.ladder import Ladder, LadderEntry
    from pongarena.match.ratings import Rated
    from pongarena.match.result import MatchResult
    from pongarena.tui.data.library_watcher import CurveView, Entry, LibrarySnapshot
    from pongarena.tui.data.player_rank import Standing
    from pongarena.tui.data.suggestions import Suggestion

__all__ = ["LadderList", "MatchList", "NextList", "SessionList"]

_TITLE_WIDTH = 26
"""Columns of what is done; why follows."""

_NEXT = "What next?"
_WELCOME = "Welcome! Play Atari Pong against networks that you train yourself"

_LOOKING = Row(None, (Content.styled("looking …", "$faint"),))


class NextList(Picks):
    """What to do next."""

    def __init__(self) -> None:
        super().__init__(id="next")
        self.border_title = _NEXT
        self._suggestions: Sequence[Suggestion] | None = None
        self._most = 0
        self._tall = False

    def show(self, suggestions: "Sequence[Suggestion]", most: int, *, tall: bool) -> None:
        """Show the first ``most`` of these, each on lines of its own where there is room."""
        newcomer = {"Play your first match", "Train your first agent"} <= {each.title for each in suggestions}
        self.border_title = _WELCOME if newcomer else _NEXT
        self._suggestions, self._most, self._tall = suggestions, most, tall
        self.update_rows()

    def rows_for(self, width: int) -> Sequence[Row]:
        """What, and why: beside it or below it."""
        if self._suggestions is None:
            return [_LOOKING]
        if self._tall:
            return [row for each in self._suggestions[: self._most] for row in _tall_suggestion(each)]
        rows = []
        for each in self._suggestions[: self._most]:
            title = each.title.ljust(_TITLE_WIDTH)
            rows.append(Row(each.key, (Content.assemble((title, "bold"), "  ", (each.why, "$muted")),)))
        return rows


class SessionList(Picks):
    """The sessions that are there, each with the share of points it wins, and whether it learns."""

    def __init__(self) -> None:
        super().__init__(id="sessions")
        self.border_title = "Training"
        self._look: LibrarySnapshot | None = None
        self._tall = False

    def show(self, look: "LibrarySnapshot", *, tall: bool) -> None:
        """Show the sessions of this look, with more words where there is room."""
        self._look, self._tall = look, tall
        self.update_rows()

    def rows_for(self, width: int) -> Sequence[Row]:
        """One line each, or three."""
        if self._look is None:
            return [_LOOKING]
        if self._look.fault:
            return [
                Row(None, (Content.styled(line, "$error"),))
                for line in _wrapped(f"✗ {self._look.fault}", width)
            ]
        if not self._look.live:
            words = Content.assemble("nothing trains now; ", ("n", "bold $left"), " starts a training")
            return [Row(None, (words.stylize("$muted"),))]
        name_width = min(24, max(8, *(len(entry.name) for entry in self._look.live)))
        each_has = self.content_size.height // len(self._look.live)
        rows = []
        for entry in self._look.live:
            curve = self._look.curves.get(entry.name)
            if self._tall and each_has >= 4:
                rows.append(Row(entry.name, _tall_session(entry, curve, width, min(4, each_has - 4))))
            else:
                rows.append(Row(entry.name, _session(entry, curve, name_width, width)))
        return rows


class LadderList(Picks):
    """The opponents that came with pongarena, the strongest at the top, and where one stands among them."""

    def __init__(self) -> None:
        super().__init__(id="ladder")
        self.border_title = "Ladder"
        self._standing: Standing | None = None
        self._tall = False

    def show(self, standing: "Standing", *, tall: bool) -> None:
        """Show this standing, with the person's records where there is room."""
        self._standing, self._tall = standing, tall
        self.border_title = _ladder_title(standing.ladder)
        self.update_rows()
        if self._cursor is None and standing.ladder is not None:
            self._cursor = standing.ladder.next_rival

    def rows_for(self, width: int) -> Sequence[Row]:
        """A rung a line, and a line for the person."""
        if self._standing is None:
            return [_LOOKING]
        if self._standing.fault:
            lines = _wrapped(f"✗ {self._standing.fault}", width)
            return [Row(None, (Content.styled(line, "$error"),)) for line in lines]
        ladder = self._standing.ladder
        if ladder is None or not ladder.rungs:
            return [Row(None, (Content.styled("no opponents came with this pongarena", "$muted"),))]
        rows = [_rung(rung, place == ladder.height, width) for place, rung in enumerate(ladder.rungs)]
        rows.insert(ladder.height, _you(ladder, width))
        rows.reverse()
        if self._tall:
            rail = Row(None, (Content.styled("║ ║", "$faint"),))
            rows = [each for row in rows for each in (row, rail)][:-1]
            rows += [Row(None, (line,)) for line in (Content(""), *_records(ladder))]
        return rows


class MatchList(Picks):
    """The last matches, the newest first."""

    def __init__(self) -> None:
        super().__init__(id="matches")
        self.border_title = "Last matches"
        self._standing: Standing | None = None

    def show(self, standing: "Standing") -> None:
        """Show this standing."""
        self._standing = standing
        self.update_rows()

    def rows_for(self, width: int) -> Sequence[Row]:
        """A match a line."""
        if self._standing is None:
            return [_LOOKING]
        rows = [_match(each, width, each.id in self._standing.recorded) for each in self._standing.matches]
        if self._standing.damaged:
            words = f"! {self._standing.damaged} lines of the match log cannot be read"
            rows.insert(0, Row(None, (Content.styled(words, "$warning"),)))
        return rows or [Row(None, (Content.styled("none yet", "$muted"),))]


def _tall_suggestion(each: "Suggestion") -> tuple[Row, Row]:
    lines = (Content.styled(each.title, "bold"), Content.styled(each.why, "$muted"))
    return Row(each.key, lines), Row(None, (Content(""),))


def _share(curve: "CurveView | None") -> Content:
    share = curve.progress.share if curve is not None else None
    return Content.styled(f"{share.value:4.0%}" if share is not None else "   –", "bold")


def _trend(curve: "CurveView | None") -> Content:
    from pongarena.library.progress import Trend  # noqa: PLC0415

    marks = {Trend.RISING: ("▲", "$right"), Trend.LEVEL: ("▬", "$muted"), Trend.FALLING: ("▼", "$warning")}
    trend = curve.progress.trend if curve is not None else None
    return Content.styled(*marks[trend]) if trend is not None else Content(" ")


def _spark(curve: "CurveView | None", width: int) -> Content:
    """The share of points from nothing to the AI's equal, or to the highest beyond it."""
    from pongarena.tui.widgets.sparkline import spark  # noqa: PLC0415

    if curve is None or not len(curve.shares):
        return Content.styled("·" * width, "$faint")
    top = max(0.5, float(curve.shares.max()))
    return Content.styled(spark(curve.shares, width, (0.0, top)).ljust(width), "$right")


def _mark(entry: "Entry") -> Content:
    from pongarena.tui import words  # noqa: PLC0415

    state = words.state(entry.status)
    return Content.styled(state.plain[:1], str(state.style))


def _verdict(entry: "Entry", curve: "CurveView | None") -> str:
    if str(entry.status.state) == "running":
        return curve.progress.verdict() if curve is not None else ""
    return str(entry.status.state)


def _short(verdict: str) -> str:
    """The answer without its reasons: the first sentence, without what the reference runs did."""
    return verdict.partition(". ")[0].partition(": the reference")[0].partition(": the first")[0].rstrip(".")


def _session(entry: "Entry", curve: "CurveView | None", name_width: int, width: int) -> tuple[Content, ...]:
    name = entry.name[:name_width].ljust(name_width)
    return (
        Content.assemble(
            _mark(entry), " ", (name, "bold"), " ", _spark(curve, 12), " ", _share(curve), " ", _trend(curve),
            " ", (_short(_verdict(entry, curve)), "$muted"),
        ),
    )  # fmt: skip


def _tall_session(entry: "Entry", curve: "CurveView | None", width: int, height: int) -> tuple[Content, ...]:
    """Name and share, a chart of so many lines if any, the verdict, the facts."""
    from pongarena.tui import words  # noqa: PLC0415

    status = entry.status
    facts = f"{words.count(status.episode)} games"
    if status.steps_per_s:
        facts += f", {words.rate(status.steps_per_s, 'decisions a second')}"
    first = Content.assemble(_mark(entry), " ", (entry.name, "bold"), "  ", (facts, "$muted"))
    share = Content.assemble(_share(curve), " ", _trend(curve))
    verdict = [Content.assemble("  ", line) for line in _wrapped(_verdict(entry, curve), width - 4)]
    chart = [Content.assemble("  ", line) for line in _chart(curve, width - 4, height)]
    return (_sides(first, share, width), *chart, *verdict[: 2 if height else 1], Content(""))


def _chart(curve: "CurveView | None", width: int, height: int) -> list[Content]:
    from pongarena.tui.widgets.sparkline import bars  # noqa: PLC0415

    if curve is None or not len(curve.shares) or not height:
        return [Content.styled("·" * width, "$faint")][:height]
    top = max(0.5, float(curve.shares.max()))
    return [Content.styled(line, "$right") for line in bars(curve.shares, width, height, (0.0, top))]


def _wrapped(text: str, width: int) -> list[str]:
    return [line.plain for line in Content(text).wrap(max(10, width))] if text else []


def _strength(rated: "Rated | None") -> str:
    if rated is None:
        return ""
    number = f"{rated.rating:,.0f}".replace("-", "−")
    return number if rated.uncertainty == 0 else f"{number} ±{rated.uncertainty:,.0f}"


def _ladder_title(ladder: "Ladder | None") -> str:
    if ladder is None or ladder.you is None:
        return "Ladder"
    return f"Ladder: {ladder.height} of {len(ladder.rungs)} climbed"


def _records(ladder: "Ladder") -> list[Content]:
    """What the person can be proud of, a line each."""
    record = ladder.record
    facts = []
    if record.matches:
        facts.append(("matches", f"{record.matches:,} played, {record.wins:,} won, {record.losses:,} lost"))
    if record.best_streak > 1:
        facts.append(("streak", f"{record.streak:,} won in a row, {record.best_streak:,} at best"))
    if record.longest_rally is not None:
        facts.append(
            ("longest rally", f"{record.longest_rally.hits:,} hits, {record.longest_rally.opponent}")
        )
    if ladder.rank is not None:
        facts.append(("place", f"{ladder.rank} of {ladder.rated}"))
    if ladder.plays_like is not None:
        facts.append(("you play like", ladder.plays_like.player))
    return [Content.assemble((name.ljust(15), "$muted"), words) for name, words in facts]


def _rung(rung: "LadderEntry", following: bool, width: int) -> Row:
    mark = ("✓", "$right") if rung.beaten else ("▹", "$left") if following else (" ", "")
    word = "next rival" if following and width >= 36 else ""
    right = _strength(rung.rated)
    style = "bold" if following else "$muted" if rung.beaten else ""
    name = Content.assemble(("╠═╣ ", "$faint"), mark, " ", (rung.name, style), ("  " + word, "$left"))
    return Row(rung.player, (_sides(name, Content.styled(right, "$muted"), width),))


def _you(ladder: "Ladder", width: int) -> Row:
    right = _strength(ladder.you) if ladder.you is not None else "not rated yet"
    line = Content.assemble(("║", "$faint"), ("▪", "$ball"), ("║ ", "$faint"), ("  you", "bold $ball"))
    return Row(None, (_sides(line, Content.styled(right, "bold"), width),))


def _sides(left: Content, right: Content, width: int) -> Content:
    gap = max(1, width - 1 - left.cell_length - right.cell_length)
    return Content.assemble(left, " " * gap, right)


def _match(result: "MatchResult", width: int, recorded: bool) -> Row:
    from pongarena.match.result import call  # noqa: PLC0415

    names = list(call(result.left, result.right))
    mine = names.index("you") if "you" in names else None
    won = result.winner is not None and mine is not None and result.winner == ("left", "right")[mine]
    if mine == 1:
        names.reverse()
    left, right = result.score if mine != 1 else result.score[::-1]
    mark = ("✓", "$right") if won else ("·", "$faint")
    if not result.finished:
        mark = ("~", "$muted")
    line = Content.assemble(
        mark, " ", (names[0], "bold" if mine is not None else ""), f" {left}:{right} ", names[1]
    )
    age = _age(result.time)
    early = "given up" if mine is not None else "cut short"
    if not result.finished and line.cell_length + len(early) + len(age) + 5 <= width:
        line += Content.styled(f"  {early}", "$muted")
    after = Content.styled(age if recorded else f"not recorded  {age}" if width >= 50 else age, "$muted")
    return Row(result.id or result.time, (_sides(line, after, width),))


def _age(iso: str) -> str:
    from pongarena.tui import words  # noqa: PLC0415

    return words.duration(max(0.0, time.time() - datetime.fromisoformat(iso).timestamp()))
