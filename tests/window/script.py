"""A person at the window: keys and more at given frames, through the recorder's seam."""

import pygame

from pongarena.window.arrangement import arrange, window_size
from pongarena.window.pacing import FrameTimes
from pongarena.window.settings import Settings, write_settings


class Script(FrameTimes):
    """Presses keys and does other things after given frames; closes the window after the last one."""

    def __init__(self, keys, last=60):
        super().__init__(rate_hz=1000)
        script = self
        self.frames = 0

        class Work(list):
            def append(self, value):
                script.frames += 1
                for action in keys.get(script.frames, ()):
                    if callable(action):
                        action()
                    else:
                        press(action)()
                if script.frames == last:
                    pygame.event.post(pygame.event.Event(pygame.QUIT))

        self.work_s = Work()


def post(kind, **values):
    return lambda: pygame.event.post(pygame.event.Event(kind, **values))


def press(key, unicode=""):
    return post(pygame.KEYDOWN, key=key, unicode=unicode, mod=0)


def release(key):
    return post(pygame.KEYUP, key=key, mod=0)


def field_of(scale, minds=()):
    """Where the field lies in a window that was opened at a scale."""
    return arrange(window_size(scale, len(minds)), minds, scale).field


def know_the_tour():
    """As on a machine where pongarena was started before, and people have said their names."""
    write_settings(Settings(toured=True, asked=2))


def window_picture(into):
    return lambda: into.append(pygame.surfarray.array3d(pygame.display.get_surface()))


def watch(match, into):
    """After every frame: where both paddles are."""
    return lambda: into.append((match.frames, match.paddles))
