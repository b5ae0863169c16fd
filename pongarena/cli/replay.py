"""``pongarena replay``: play a match of the log again, in the window or as a clip."""

from collections.abc import Iterator
from pathlib import Path

import click

from pongarena.cli.filming import LAYOUT, OVERLAY, SCALE, progress_bar, shoot, shown
from pongarena.cli.play import show_in_window
from pongarena.cli.show import age, print_json, size_text
from pongarena.cli.tables import print_table
from pongarena.cli.watch import tell
from pongarena.core.errors import MatchError, UnknownNameError
from pongarena.core.options import FORCE, Whole
from pongarena.core.text import printable
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.library.models import Library
from pongarena.match.log import Recording, read_log, read_recording, recorded
from pongarena.match.match import Match
from pongarena.match.recorded_players import recorded_players
from pongarena.match.result import MatchResult
from pongarena.window.app import play
from pongarena.window.clip import Picture, check_clip, frames_a_picture, has_sound
from pongarena.window.offscreen import Film
from pongarena.window.soundtrack import Soundtrack

__all__ = ["replay"]

_SHOWN = 20


@click.command()
@click.argument("name", metavar="[ID]", required=False)
@click.option("--list", "as_list", is_flag=True, help="List the latest matches instead.")
@click.option("--json", "as_json", is_flag=True, help="With --list: as JSON, for scripts.")
@click.option("--resume", is_flag=True, help="Continue the match where it was left.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Film it: a .gif or an .mp4, no window."
)
@click.option("--from", "first", type=Whole(0), default=0, help="Film from this frame on.")
@click.option("--to", "last", type=Whole(), help="Film up to this frame.  [default: the end]")
@SCALE
@LAYOUT
@OVERLAY
@FORCE
def replay(  # noqa: PLR0917
    name: str | None,
    as_list: bool,
    as_json: bool,
    resume: bool,
    output: Path | None,
    first: int,
    last: int | None,
    scale: int,
    layout: str | None,
    overlay: bool,
    force: bool,
) -> None:
    """Play a match again exactly: the latest one, or the one with this ID (or part of an ID)."""
    if as_list or as_json:
        _list(as_json=as_json)
        return
    if resume and output is not None:
        raise click.UsageError("--resume opens a window, and -o films without one; leave one of them out")
    if layout is not None and output is None:
        raise click.UsageError("--layout is for clips; add -o FILE")
    look = shown(layout, overlay=overlay)
    if output is not None:
        check_clip(output, force=force)
    have = recorded()
    if name is None and not have:
        read_log()  # says so when its place cannot be read
        raise UnknownNameError("there is no match to play again yet; play one: pongarena play human ai")
    recording = _find(name or have[-1], have)
    match = _match(recording, sound=resume or (output is not None and has_sound(output)))
    frames = recording.result.frames
    try:
        if resume:
            _resume(match, recording, overlay=overlay)
            return
        if first >= min(frames, last or frames):
            raise MatchError(
                f"expected --from below {min(frames, last or frames)}, got {first}; begin earlier"
            )
        if output is None:
            play(match, overlay=overlay, log=False)
        else:
            clip = output

            def pictures(sound: Soundtrack | None) -> Iterator[tuple[Picture, float]]:
                film = Film(scale=scale, shown=look, every=frames_a_picture(clip), sound=sound)
                whole = not first and last is None
                for picture in film.play(match, first=first, last=last, whole=whole):
                    yield picture, match.frames

            shoot(clip, pictures, min(frames, last or frames))
    finally:
        match.close()
    what = f"wrote {printable(str(output))} ({size_text(output)}): " if output else ""
    click.echo(what + _verdict(match.result(), recording.result))


def _find(name: str, have: list[str]) -> Recording:
    """Read a recording; that of a tournament's match is made on first use."""
    if name not in have:
        from pongarena.match.tournament_play import record_again  # noqa: PLC0415

        if (again := record_again(name)) is not None:
            return again
    return read_recording(name)


def _match(recording: Recording, *, sound: bool) -> Match:
    """Set up a recorded match; a network that no longer exists plays by its recorded moves only."""
    left, right = recorded_players(recording.result, Library())
    for spec in (left, right):
        if spec.traits.absent:
            click.echo(f"{spec.name} no longer exists; it plays without showing its mind", err=True)
    return recording.match(left, right, sound=sound)


def _resume(match: Match, recording: Recording, *, overlay: bool) -> None:
    """Play to the end of the recording, and continue from there in the window."""
    with progress_bar("to where it was left", recording.result.frames) as bar:
        while not match.over:
            match.step()
            bar.show(match.frames)
    _verdict(match.result(), recording.result)
    match.go_on(recording.result)
    greedy = any(recording.result.greedy)
    tell(show_in_window(match, Library(), greedy=greedy, overlay=overlay), as_json=False)


def _verdict(again: MatchResult, before: MatchResult) -> str:
    """Say how a replay ended beside the recorded match.

    Raises:
        MatchError: When they differ.
    """
    score = before.words()
    if again.frames < before.frames:
        return f"{score}; seen to frame {again.frames:,} of {before.frames:,}"
    if (again.frames, again.score, again.rallies) == (before.frames, before.score, before.rallies):
        return f"{score}, {before.frames:,} frames: exactly as it was played"
    raise MatchError(
        f"expected the match to end {before.score[0]} : {before.score[1]} after {before.frames:,} frames, "
        f"got {again.score[0]} : {again.score[1]} after {again.frames:,}; it was played with pongarena "
        f"{before.pongarena}: install that version to see it"
    )


def _list(*, as_json: bool) -> None:
    log = read_log()
    have = set(recorded())
    if as_json:
        latest = reversed(log.results[-_SHOWN:])
        print_json([{**each.to_json(), "recorded": each.id in have} for each in latest])
        return
    rows = [
        (
            each.id[-6:] or "–",
            age(each.time),
            left,
            f"{each.score[0]} : {each.score[1]}",
            right,
            f"{each.frames / FRAME_RATE_HZ:.0f} s",
            str(each.longest_rally),
            ", ".join(_marks(each, each.id in have)),
        )
        for each in reversed(log.results[-_SHOWN:])
        for left, right in (each.called,)
    ]
    if rows:
        print_table(("id", "when", "left", "score", "right", "#time", "#longest rally", ""), rows)
    else:
        click.echo("no match has been played yet; play one: pongarena play human ai")
    if log.damaged:
        why = f" ({log.newer} of them a newer pongarena wrote: update to see them)" if log.newer else ""
        lines, were = ("line", "was") if log.damaged == 1 else ("lines", "were")
        click.echo(
            f"{log.damaged:,} {lines} of the match log cannot be read and {were} left out{why}", err=True
        )


def _marks(result: MatchResult, is_recorded: bool) -> Iterator[str]:
    """Yield what is special about a match."""
    if not result.finished:
        yield "left early"
    if any(result.altered):
        yield "altered"
    if any(result.taken_over):
        yield "taken over"
    if result.rewound:
        yield "rewound"
    if not is_recorded:
        yield "not recorded"
