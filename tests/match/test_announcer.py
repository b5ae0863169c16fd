"""What the cabinet calls, over a real match in which nobody on the right moves."""

import pytest

from pongarena.game.cartridge import Event, Side
from pongarena.game.paddle import Move
from pongarena.match.announcer import Announcer
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.block_font import can_write


def calls(points, frames=20_000, steer=None):
    """The banner of every frame of a match."""
    match = Match(PlayerSpec.ai(), PlayerSpec.human("ann"), points=points)
    announcer, heard = Announcer(match), {}
    for _ in range(frames):
        if steer is not None:
            match.players[1].control = steer(match)
        announcer.hear(match.step())
        if (banner := announcer.banner()) is not None:
            heard[match.frames] = banner
        if match.over:
            break
    match.close()
    return match, heard


def test_the_countdown_ends_with_the_first_serve():
    match = Match(PlayerSpec.ai(), PlayerSpec.human())
    announcer, counted = Announcer(match), []
    while True:
        frame = match.step()
        announcer.hear(frame)
        if Event.SERVE in frame.events:
            break
        banner = announcer.banner()
        counted.append("" if banner is None else banner.title)
    match.close()
    assert list(dict.fromkeys(counted)) == ["3", "2", "1"]
    assert all(counted.count(number) >= 18 for number in "321")


def test_points_are_called_between_two_serves_and_the_match_point_before_the_last():
    match, heard = calls(points=3)
    assert match.score == (3, 0)
    titles = [(heard[frame].title, heard[frame].side) for frame in sorted(heard) if frame > 60]
    order = [title for i, title in enumerate(titles) if i == 0 or titles[i - 1] != title]
    left = Side.LEFT
    assert order == [("Point", left), ("Match point", left)]
    assert all(banner.line.startswith("CPU") for banner in heard.values() if banner.title == "Point")
    told = {banner.line.partition("·")[2].strip() for banner in heard.values() if banner.title == "Point"}
    assert told == {"an ace" if rally.hits == 0 else f"rally of {rally.hits}" for rally in match.rallies[:-1]}


def test_the_longest_rally_so_far_is_called():
    def defend_a_while(match):
        ball = match._cartridge.ball_position
        if ball is None or match.frames < 500 or match.rally >= 3:
            return Move.STAY
        return Move.UP if ball[1] < match.paddles[1] + 4 else Move.DOWN

    match, heard = calls(points=5, steer=defend_a_while)
    assert match.longest_rally >= 2
    assert any("the longest" in banner.line for banner in heard.values())
    first = min(frame for frame, banner in heard.items() if banner.title == "Point")
    assert "the longest" not in heard[first].line


@pytest.mark.parametrize("points", [1, 21])
def test_the_last_point_is_not_called_as_a_point(points):
    match, heard = calls(points)
    assert match.over
    assert match.frames not in heard


def test_every_call_can_be_written_in_block_letters():
    assert all(can_write(words) for words in ("Point", "Match point", "Last point", "Game", "3 2 1 wins!"))
