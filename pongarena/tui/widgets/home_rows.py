"""The rows of the home screen's lists: suggestions, background work, ladder, last matches and clips."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from pongarena.core.text import unix_time
from pongarena.library.names import player_label
from pongarena.library.progress import Trend
from pongarena.tui import words
from pongarena.tui.data.library_watcher import CurveView, Entry, LibrarySnapshot
from pongarena.tui.data.suggestions import Suggestion
from pongarena.tui.widgets.job_rows import job_rows
from pongarena.tui.widgets.picks import Row
from pongarena.tui.widgets.sparkline import bars, spark

if TYPE_CHECKING:  # the thread that reads the match log imports these
    from pongarena.match.ladder import Ladder, LadderEntry
    from pongarena.match.ratings import Rated
    from pongarena.match.result import MatchResult
    from pongarena.tui.data.player_rank import Standing

__all__ = ["clip_rows", "ladder_rows", "ladder_title", "match_rows", "next_rows", "session_rows"]

_TITLE_WIDTH = 26
"""Columns of a suggestion's title; its reason follows."""

_MARKS = {Trend.RISING: ("▲", "$right"), Trend.LEVEL: ("▬", "$muted"), Trend.FALLING: ("▼", "$warning")}


def _said(words: str, style: str, width: int = 0) -> list[Row]:
    """Return text as rows that cannot be chosen, wrapped to a width if there is one."""
    lines = _wrapped(words, width) if width else [words]
    return [Row(None, (Content.styled(line, style),)) for line in lines]


def next_rows(suggestions: Sequence[Suggestion], *, tall: bool) -> list[Row]:
    """Return the suggestions, each with its reason beside it, or below it if ``tall``."""
    rows = []
    for each in suggestions:
        if tall:
            lines = (Content.styled(each.title, "bold"), Content.styled(each.why, "$muted"))
            rows += [Row(each.key, lines), Row(None, (Content(""),))]
        else:
            title = each.title.ljust(_TITLE_WIDTH)
            rows.append(Row(each.key, (Content.assemble((title, "bold"), "  ", (each.why, "$muted")),)))
    return rows


def session_rows(look: LibrarySnapshot, width: int, height: int, *, tall: bool) -> list[Row]:
    """Return the sessions, each with its share of points and whether it learns; then the other jobs."""
    if look.fault:
        return _said(f"✗ {look.fault}", "$error", width)
    others = job_rows(look.jobs)
    if not look.live and others:
        return others
    if not look.live:
        nothing = Content.assemble("nothing trains now; ", ("n", "bold $left"), " starts a training")
        return [Row(None, (nothing.stylize("$muted"),))]
    name_width = min(24, max(8, *(len(entry.name) for entry in look.live)))
    each_has = (height - len(others)) // len(look.live)
    rows = []
    for entry in look.live:
        curve = look.curves.get(entry.name)
        if tall and each_has >= 4:
            rows.append(Row(entry.name, _tall_session(entry, curve, width, min(4, each_has - 4))))
        else:
            rows.append(Row(entry.name, _session(entry, curve, name_width)))
    return rows + others


def ladder_rows(standing: "Standing", width: int, height: int, *, tall: bool) -> list[Row]:
    """Return the opponents, the strongest first, with the person among them; if ``tall``, also records.

    A row of rails separates the rungs where all of them fit.
    """
    if standing.fault:
        return _said(f"✗ {standing.fault}", "$error", width)
    ladder = standing.ladder
    if ladder is None or not ladder.rungs:
        return _said("no opponents came with this pongarena", "$muted")
    rows = [_rung(rung, place == ladder.height, width) for place, rung in enumerate(ladder.rungs)]
    rows.insert(ladder.height, _you(ladder, width))
    rows.reverse()
    if tall and 2 * len(rows) - 1 <= height:
        rail = Row(None, (Content.styled("║ ║", "$faint"),))
        rows = [each for row in rows for each in (row, rail)][:-1]
    if tall:
        rows += [Row(None, (line,)) for line in (Content(""), *_records(ladder))]
    return rows


def match_rows(standing: "Standing", width: int) -> list[Row]:
    """Return the last matches, the newest first."""
    rows = [_match(each, width, each.id in standing.recorded) for each in standing.matches]
    if standing.damaged:
        rows[:0] = _said(
            f"! {words.counted(standing.damaged, 'line')} of the match log cannot be read", "$warning"
        )
    return rows or _said("none yet", "$muted")


def clip_rows(standing: "Standing", width: int) -> list[Row]:
    """Return the last clips, the newest first."""
    if not standing.clips:
        return _said("none yet: F9 in a match window saves its last 15 s", "$muted", width)
    rows = []
    for clip in standing.clips:
        facts = f"{clip.size / 1e6:.1f} MB  {words.duration(max(0.0, time.time() - clip.made))}"
        name = words.shorten(clip.path.name, width - len(facts) - 3)
        rows.append(Row(str(clip.path), (_sides(Content(name), Content.styled(facts, "$muted"), width),)))
    return rows


def _share(curve: CurveView | None) -> Content:
    share = curve.progress.share if curve is not None else None
    return Content.styled(f"{share.value:4.0%}" if share is not None else "   –", "bold")


def _trend(curve: CurveView | None) -> Content:
    trend = curve.progress.trend if curve is not None else None
    return Content.styled(*_MARKS[trend]) if trend is not None else Content(" ")


def _spark(curve: CurveView | None, width: int) -> Content:
    """Draw the share of points, on a scale from 0 to 50 %, or to its maximum if that is higher."""
    if curve is None or not len(curve.shares):
        return Content.styled("·" * width, "$faint")
    top = max(0.5, float(curve.shares.max()))
    return Content.styled(spark(curve.shares, width, (0.0, top)).ljust(width), "$right")


def _mark(entry: Entry) -> Content:
    state = words.state(entry.status)
    return Content.styled(state.plain[:1], str(state.style))


def _verdict(entry: Entry, curve: CurveView | None) -> str:
    if str(entry.status.state) == "running":
        return curve.progress.verdict() if curve is not None else ""
    return str(entry.status.state)


def _short(verdict: str) -> str:
    """Shorten a verdict to its first sentence, without the comparison with the reference runs."""
    return verdict.partition(". ")[0].partition(": the reference")[0].partition(": the first")[0].rstrip(".")


def _session(entry: Entry, curve: CurveView | None, name_width: int) -> tuple[Content, ...]:
    name = words.shorten(entry.name, name_width).ljust(name_width)
    return (
        Content.assemble(
            _mark(entry), " ", (name, "bold"), " ", _spark(curve, 12), " ", _share(curve), " ", _trend(curve),
            " ", (_short(_verdict(entry, curve)), "$muted"),
        ),
    )  # fmt: skip


def _tall_session(entry: Entry, curve: CurveView | None, width: int, height: int) -> tuple[Content, ...]:
    """Return the lines of a session: name, facts and share, a chart of ``height`` lines, the verdict."""
    status = entry.status
    facts = f"{words.count(status.episode)} games"
    if status.steps_per_s:
        facts += f", {words.rate(status.steps_per_s, 'steps a second')}"
    first = Content.assemble(_mark(entry), " ", (entry.name, "bold"), "  ", (facts, "$muted"))
    share = Content.assemble(_share(curve), " ", _trend(curve))
    verdict = [Content.assemble("  ", line) for line in _wrapped(_verdict(entry, curve), width - 4)]
    chart = [Content.assemble("  ", line) for line in _chart(curve, width - 4, height)]
    return (_sides(first, share, width), *chart, *verdict[: 2 if height else 1], Content(""))


def _chart(curve: CurveView | None, width: int, height: int) -> list[Content]:
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


def ladder_title(ladder: "Ladder | None") -> str:
    """Return the title of the ladder, with the number of rungs climbed."""
    if ladder is None or ladder.you is None:
        return "Ladder"
    return f"Ladder: {ladder.height} of {len(ladder.rungs)} climbed"


def _records(ladder: "Ladder") -> list[Content]:
    """Return the person's records, a line each."""
    record = ladder.record
    facts = []
    if record.matches:
        facts.append(("matches", f"{record.matches:,} played, {record.wins:,} won, {record.losses:,} lost"))
    if record.best_streak > 1:
        facts.append(("streak", f"{record.streak:,} won in a row, {record.best_streak:,} at best"))
    if record.longest_rally is not None:
        hits, opponent = record.longest_rally.hits, player_label(record.longest_rally.opponent)
        facts.append(("longest rally", f"{words.counted(hits, 'hit')}, {opponent}"))
    if ladder.rank is not None:
        facts.append(("place", f"{ladder.rank} of {ladder.rated}"))
    if ladder.plays_like is not None:
        facts.append(("you play like", player_label(ladder.plays_like.player)))
    return [Content.assemble((name.ljust(15), "$muted"), words) for name, words in facts]


def _rung(rung: "LadderEntry", following: bool, width: int) -> Row:
    mark = ("✓", "$right") if rung.beaten else ("▹", "$left") if following else (" ", "")
    word = "next rival" if following and width >= 36 else ""
    right = _strength(rung.rated)
    style = "bold" if following else "$muted" if rung.beaten else ""
    name = Content.assemble(
        ("╠═╣ ", "$faint"), mark, " ", (player_label(rung.name), style), ("  " + word, "$left")
    )
    return Row(rung.player, (_sides(name, Content.styled(right, "$muted"), width),))


def _you(ladder: "Ladder", width: int) -> Row:
    right = _strength(ladder.you) if ladder.you is not None else "not rated yet"
    line = Content.assemble(("║", "$faint"), ("▪", "$ball"), ("║ ", "$faint"), ("  you", "bold $ball"))
    return Row(None, (_sides(line, Content.styled(right, "bold"), width),))


def _sides(left: Content, right: Content, width: int) -> Content:
    gap = max(1, width - 1 - left.cell_length - right.cell_length)
    return Content.assemble(left, " " * gap, right)


def _match(result: "MatchResult", width: int, recorded: bool) -> Row:
    names, sides = list(result.called), (result.left, result.right)
    mine = sides.index("human") if sides.count("human") == 1 else None
    won = result.winner is not None and mine is not None and result.winner == ("left", "right")[mine]
    if mine == 1:
        names.reverse()
    left, right = result.score if mine != 1 else result.score[::-1]
    mark = ("✓", "$right") if won else ("·", "$faint")
    if not result.finished:
        mark = ("~", "$muted")
    age, score = _age(result.time), f" {left}:{right} "
    room = width - len(score) - len(age) - 4  # the mark, and spaces
    first = words.shorten(names[0], max(room // 2, room - len(names[1])))
    second = words.shorten(names[1], room - len(first))
    line = Content.assemble(mark, " ", (first, "bold" if mine is not None else ""), score, second)
    early = "given up" if mine is not None else "cut short"
    if not result.finished and line.cell_length + len(early) + len(age) + 5 <= width:
        line += Content.styled(f"  {early}", "$muted")
    unrecorded = f"not recorded  {age}"
    fits = line.cell_length + len(unrecorded) + 2 <= width
    after = Content.styled(unrecorded if fits and not recorded else age, "$muted")
    return Row(result.id or result.time, (_sides(line, after, width),))


def _age(iso: str) -> str:
    return words.duration(max(0.0, time.time() - unix_time(iso)))
