"""The picture of a network's connections."""

import numpy as np
import pygame
import pytest

from pongarena.match.inspector import UP_COLOUR
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.nn.spec import AgentSpec
from pongarena.window import arrangement, paint
from pongarena.window.app import play
from pongarena.window.connections import ConnectionsPanel
from pongarena.window.connections_layout import lay_out_connections
from pongarena.window.layout import Layout, View
from pongarena.window.paint import Scale
from tests.window.script import Script, window_picture

HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()


@pytest.mark.parametrize("size", [(208, 400), (335, 480), (527, 666), (760, 950), (1500, 1900)])
def test_everything_has_a_place_of_its_own(size):
    at = lay_out_connections(size, Scale(max(0.85, size[1] / 640)))
    votes = [vote for vote in (*at.votes, at.others) if vote is not None and vote.width]
    boxes = [
        at.name,
        at.picture,
        *([at.parts] if at.parts else []),
        *at.nodes,
        *votes,
        at.total,
        at.gauge,
        at.move,
    ]
    for i, box in enumerate(boxes):
        assert pygame.Rect(0, 0, *size).contains(box)
        assert box.collidelist(boxes[i + 1 :]) == -1
    assert len(at.nodes) >= 4


@pytest.mark.usefixtures("display")
@pytest.mark.parametrize(("actions", "deeper"), [(2, ()), (3, ()), (2, (9,))])
def test_the_panel_lights_the_way_and_its_sparks_leave_nothing_behind(actions, deeper, model):
    spec = model(1, 30, AgentSpec(actions=actions), deeper)
    match = Match(AI, spec)
    window = pygame.display.set_mode((480, 420))
    panel = ConnectionsPanel(spec, match.players[1], (335, 380), Scale(0.85), accent=paint.GREEN)
    assert panel.update(None)
    while match.decisions[1] is None or match.decisions[1].number < 30:
        match.step()
    assert panel.update(match.decisions[1])
    assert not panel.update(match.decisions[1])
    picture = pygame.surfarray.array3d(panel.surface)
    gauge = panel._at.gauge
    filled = (picture[gauge.centerx, gauge.top : gauge.bottom] == UP_COLOUR).all(axis=1).mean()
    assert filled == pytest.approx(match.decisions[1].p_up, abs=0.02)
    window.blit(panel.surface, (20, 10))
    plain = pygame.surfarray.array3d(window)
    seen = []
    for frame in range(40):
        assert panel.draw_sparks(window, (20, 10))
        if frame in (5, 30):
            seen.append((pygame.surfarray.array3d(window) != plain).any(axis=2))
    assert all(0 < lit.mean() < 0.03 for lit in seen)
    assert (seen[0] != seen[1]).any()
    panel._lines.clear()
    panel.draw_sparks(window, (20, 10))
    assert np.array_equal(pygame.surfarray.array3d(window), plain)
    match.close()


def test_the_key_shows_the_left_one_the_right_one_and_none(model):
    pictures = []
    keys = {n: [pygame.K_l] for n in (70, 80, 90)} | {n: [window_picture(pictures)] for n in (69, 79, 89, 99)}
    play(Match(model(hidden=8), model(1, hidden=8)), log=False, crt=False, recorder=Script(keys, last=100))
    minds, left, right, again = (picture[:, 70:-40] for picture in pictures)
    brown = [np.flatnonzero((each == (144, 72, 17)).all(axis=2).any(axis=1)).mean() for each in pictures]
    middle = len(minds) / 2
    assert brown[1] > middle + 50 > middle - 50 > brown[2]
    assert abs(brown[0] - middle) < 20
    assert abs(brown[3] - middle) < 20
    assert minds.shape == left.shape == right.shape == again.shape


def test_the_key_of_the_minds_leads_back_to_them(model):
    pictures = []
    keys = {70: [pygame.K_p, pygame.K_n], 72: [window_picture(pictures), pygame.K_l]}
    keys |= {74: [window_picture(pictures), pygame.K_o], 76: [window_picture(pictures)]}
    play(Match(AI, model(hidden=8)), log=False, crt=False, recorder=Script(keys, last=77))
    minds, connections, again = (picture[:, 70:-40] for picture in pictures)  # without the fps
    assert (minds != connections).mean() > 0.1
    assert (minds != again).mean() < 0.01  # brightness follows the latest steps


@pytest.mark.usefixtures("display")
def test_without_a_network_or_room_it_says_so(model):
    window = pygame.display.set_mode((800, 600))
    scene = Layout(Match(HUMAN, AI), window, overlay=True, scale=None)
    assert "let a model play" in scene.show_connections()
    window = pygame.display.set_mode((500, 900))
    scene = Layout(Match(HUMAN, model()), window, overlay=True, scale=None)
    assert "make the window larger" in scene.show_connections()
    assert scene.draw(View())
    assert arrangement.arrange((500, 900), (1,)).field == scene.field
