"""The cartridge's sound: in step, without gaps, and silent when it should be."""

import time

import numpy as np
import pygame
import pytest

from pongarena.game.cartridge import AUDIO_SAMPLES, Cartridge
from pongarena.game.paddle import Move
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window import paint
from pongarena.window.app import play
from pongarena.window.sound import SAMPLE_RATE_HZ, Sound, Stream
from tests.window.script import Script, field_of, window_picture

SILENCE = np.full(AUDIO_SAMPLES, 128, np.uint8)
NOISE = np.full(AUDIO_SAMPLES, 188, np.uint8)


def test_ten_minutes_of_a_real_game_come_out_sample_by_sample():
    cartridge = Cartridge(left_ai=True, sound=True)
    stream, given, taken = Stream(), [], []
    for _ in range(36_000):
        cartridge.step(Move.STAY, Move.STAY)
        samples = cartridge.audio()
        given.append(samples.copy())
        stream.push(samples)
        if (piece := stream.pull()) is not None:
            taken.append(piece)
        if len(given) % 2_000 == 0:
            cartridge.reset()
    given, taken = np.concatenate(given), np.concatenate(taken)
    assert given.std() > 0
    assert len(given) == len(taken) == 36_000 * SAMPLE_RATE_HZ // 60
    assert np.array_equal(given, taken)
    assert stream.corrected == 0
    cartridge.close()


def test_a_slow_device_costs_silence_only():
    stream = Stream()
    for number in range(100):
        stream.push(NOISE if number == 50 else SILENCE)
    heard = [stream.pull() for _ in range(len(stream) // 2)]
    assert len(heard) == 4
    stream = Stream()
    for number in range(20):
        stream.push(NOISE if number == 3 else SILENCE)
    waiting = np.concatenate([stream.pull() for _ in range(len(stream) // 2)])
    assert (waiting == 188).sum() == AUDIO_SAMPLES
    assert stream.corrected == -12


def test_a_hungry_device_gets_silence_twice_but_never_a_beep():
    stream = Stream()
    stream.push(SILENCE, hungry=True)
    stream.push(NOISE, hungry=True)
    assert len(stream) == 3
    assert stream.corrected == 1


@pytest.fixture
def written(tmp_path, monkeypatch):
    """SDL's driver that writes what would be heard into a file."""
    file = tmp_path / "heard.raw"
    monkeypatch.setenv("SDL_AUDIODRIVER", "disk")
    monkeypatch.setenv("SDL_DISKAUDIOFILE", str(file))
    monkeypatch.setenv("SDL_DISKAUDIODELAY", "50")  # slow, so that a busy machine keeps up
    yield file
    pygame.mixer.quit()


def play_a_ramp(frames, rest_s):
    """Let each frame have a value of its own; returns how often the device ran dry."""
    sound = Sound(volume=1.0)
    for number in range(frames):
        sound.hear(np.full(AUDIO_SAMPLES, 129 + number, np.uint8))
        while len(sound.stream) > 3:  # as the window would: a frame when there is room for one
            time.sleep(rest_s)
            sound.feed()
    before, end = sound.gaps, time.monotonic() + 2.0
    while sound.gaps == before and time.monotonic() < end:  # until it ran dry for good
        time.sleep(0.005)
        sound.feed()
    pygame.mixer.quit()
    return before


@pytest.mark.parametrize("rest_s", [0.002, 0.0])
def test_what_the_device_gets_has_no_gap_and_no_seam(written, rest_s):
    """Any sample that is lost, doubled or late would break the ramp; so would a feed between two pieces."""
    frames = 30
    for _ in range(5):  # on a machine that cannot even feed the device in time, try again
        if not play_a_ramp(frames, rest_s):
            break
    else:
        pytest.fail("the device ran dry each time")
    heard = np.frombuffer(written.read_bytes(), np.int16)
    heard = heard[np.flatnonzero(heard)[0] :] // 200
    steps = heard[: (frames - 2) * AUDIO_SAMPLES]
    assert np.array_equal(steps, np.repeat(np.arange(1, frames - 1), AUDIO_SAMPLES))


def test_mute_and_volume():
    sound = Sound(volume=0.5)
    assert sound.toggle()
    assert sound.change_volume(1) == 0.6
    assert not sound.muted
    assert [sound.change_volume(1) for _ in range(6)][-1] == 1.0
    assert [sound.change_volume(-1) for _ in range(12)][-1] == 0.0
    pygame.mixer.quit()


def test_pausing_falls_silent_at_once():
    sound = Sound()
    for _ in range(8):
        sound.hear(NOISE)
    assert pygame.mixer.Channel(0).get_busy()
    sound.pause()
    assert not pygame.mixer.Channel(0).get_busy()
    assert len(sound.stream) == 0
    assert sound.gaps == 0
    pygame.mixer.quit()


def test_without_a_device_nothing_fails(monkeypatch):
    monkeypatch.setenv("SDL_AUDIODRIVER", "nonsense")
    sound = Sound()
    assert not sound.available
    sound.hear(NOISE)
    sound.pause()


def test_plays_silently_without_a_sound_device(monkeypatch):
    monkeypatch.setenv("SDL_AUDIODRIVER", "nonsense")
    pictures = []
    script = Script({30: [window_picture(pictures)], 40: [pygame.K_m]})
    result = play(Match(PlayerSpec.ai(), PlayerSpec.human()), scale=1, log=False, recorder=script)
    assert result.frames > 50
    place = field_of(1)
    foot = pictures[0][place.left : place.right, place.bottom - 40 : place.bottom]
    assert (foot == paint.INK).all(axis=2).any()  # the message
