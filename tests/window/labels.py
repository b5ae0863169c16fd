"""Finds out where lettering comes to lie: a surface that notes what is put on it."""

from contextlib import contextmanager

import pygame

from pongarena.window import paint, screens


class Noting(pygame.Surface):
    """Notes the place of every picture that is put on it."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.places = []

    def blit(self, source, dest, *more):
        place = super().blit(source, dest, *more)
        whole = source.get_rect(topleft=dest[:2])
        self.places.append(whole)
        return place


@contextmanager
def noting(monkeypatch):
    """Pictures that are made meanwhile note what is put on them."""
    with monkeypatch.context() as patched:
        patched.setattr(pygame, "Surface", Noting)
        forget()
        yield
    forget()


def forget():
    screens.forget()
    paint.forget()


def overlaps(places):
    """Pairs of rectangles that overlap; a pixel of a letter's empty edge is none."""
    inner = [place.inflate(-2, -max(2, place.height // 4)) for place in places]
    return [
        (places[i], places[j])
        for i in range(len(places))
        for j in range(i + 1, len(places))
        if inner[i].colliderect(inner[j])
    ]
