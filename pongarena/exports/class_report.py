"""A class report: one HTML file with learning curves, pictures of weights, clips and the school's answers.

Pictures are embedded. A content security policy forbids everything else, including scripts: the file loads
nothing, and notes and names are only text.
"""

import base64
import hashlib
import html
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pongarena import __version__
from pongarena.core.arrays import UInt8Array
from pongarena.core.chart import draw_svg
from pongarena.core.errors import PongArenaError
from pongarena.core.files import require_new_file, write_atomically
from pongarena.core.text import local_time, printable
from pongarena.exports.curve_chart import ShareCurve, chart_of, share_curve_of
from pongarena.exports.model_card import ratings_of
from pongarena.library.model import Model
from pongarena.library.notes import read_notes
from pongarena.library.reference import changed_settings
from pongarena.library.strength import strength_of
from pongarena.nn.checkpoint import read_card, read_checkpoint
from pongarena.nn.policy import PolicyNetwork

__all__ = ["Clip", "Reply", "weights_png", "write_class_report"]

_UNITS = 12
"""Maximum number of weight pictures per model."""

_IN_A_ROW = 6
_GAP = 4
"""Pixels between two pictures."""

_UP, _DOWN = (0, 114, 178), (213, 94, 0)
"""Colours of weights above and below zero, distinguishable for colour-blind readers."""

_CURVES_IN_ONE = 6
"""More curves cannot be told apart in one chart."""

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 3rem; border-top: 1px solid #bbb; padding-top: 1rem; }
table { border-collapse: collapse; }
td, th { text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0; }
svg, img { max-width: 100%; } svg { width: 47rem; height: auto; }
img { image-rendering: pixelated; } figure { margin: 1rem 0; } figcaption { color: #555; }
pre { white-space: pre-wrap; background: #f4f4f4; padding: .5rem 1rem; font: inherit; }
@media print { h2 { break-before: page; } }
"""


@dataclass(frozen=True)
class Clip:
    """A clip of a match as a GIF file, with its caption."""

    words: str
    gif: bytes


@dataclass(frozen=True)
class Reply:
    """An answer given in the school, and whether its prediction was right."""

    chapter: str
    question: str
    predicted: str
    found: str
    right: bool


def write_class_report(
    models: Sequence[Model],
    path: Path,
    *,
    clips: Mapping[str, Clip],
    replies: Sequence[Reply] = (),
    asked: int = 0,
    overwrite: bool = False,
) -> int:
    """Write the report.

    Args:
        models: The models, in display order.
        path: The file; its folder must exist.
        clips: Clips by model name; a model may lack one.
        replies: The school's answers.
        asked: Number of questions in the school.
        overwrite: Whether to replace an existing file.

    Returns:
        The file's size in bytes.

    Raises:
        LibraryError: When `path` exists and may not be overwritten, or cannot be written.
    """
    require_new_file(path, force=overwrite)
    curves = [curve for model in models if len((curve := _curve(model)).xs)]
    body = [
        f"<h1>What {_count(len(models), 'network')} learned</h1>",
        f"<p>Made with pongarena {_text(__version__)}. It can be read without the internet.</p>",
        *(_charts(curves) if len(curves) > 1 else []),
        *(part for model in models for part in _chapter(model, clips.get(model.name))),
        *_answers(replies, asked),
    ]
    content = _page(body).encode()
    write_atomically(path, content)
    return len(content)


def weights_png(policy: PolicyNetwork) -> bytes:
    """Draw the first layer's strongest hidden units as a PNG: blue above zero, orange below, white for zero.

    A unit's picture is 80 × 80, scaled to its own largest weight; the strongest come first, row by row.
    """
    from PIL import Image  # noqa: PLC0415 (slow to load)

    strongest = np.argsort(-np.abs(policy.votes), kind="stable")[:_UNITS]
    pictures = [_coloured(policy.spec.observation.picture(policy.w1[number])) for number in strongest]
    side, columns = 80 + _GAP, min(_IN_A_ROW, len(pictures))
    rows = -(-len(pictures) // columns)
    sheet = np.full((rows * side - _GAP, columns * side - _GAP, 3), 221, np.uint8)
    for place, picture in enumerate(pictures):
        top, left = place // columns * side, place % columns * side
        sheet[top : top + 80, left : left + 80] = picture
    file = io.BytesIO()
    Image.fromarray(sheet).save(file, "PNG", optimize=True)
    return file.getvalue()


def _coloured(weights: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]") -> UInt8Array:
    grid = np.asarray(weights, np.float32).reshape(80, 80)
    share = grid / max(float(np.abs(grid).max()), 1e-12)
    ink = np.where(share[..., None] > 0, np.array(_UP), np.array(_DOWN))
    mixed: UInt8Array = np.rint(255 + (ink - 255) * np.abs(share)[..., None]).astype(np.uint8)
    return mixed


def _curve(model: Model) -> ShareCurve:
    try:
        return share_curve_of(model)
    except PongArenaError:
        nothing = np.zeros(0)
        return ShareCurve(model.name, nothing, nothing, nothing, nothing)


def _charts(curves: Sequence[ShareCurve]) -> Iterable[str]:
    yield "<h2>All together</h2>"
    for first in range(0, len(curves), _CURVES_IN_ONE):
        yield _chart(curves[first : first + _CURVES_IN_ONE], "All together")


def _chart(curves: Sequence[ShareCurve], title: str) -> str:
    return f"<figure>{draw_svg(*chart_of(curves, title))}</figure>"


def _chapter(model: Model, clip: Clip | None) -> Iterable[str]:
    yield f"<h2>{_text(model.name)}</h2>"
    if model.fault is not None:
        yield f"<p>This model is damaged: {_text(model.fault)}</p>"
        return
    yield _rows(_facts(model))
    curve = _curve(model)
    if len(curve.xs):
        yield _chart([curve], f"How {model.name} learned")
    else:
        yield "<p>Too few points were played to draw a curve.</p>"
    yield _weights(model)
    if clip is not None:
        yield _figure("gif", clip.gif, "A match", clip.words)
    if notes := read_notes(model.path).text.strip():
        yield f"<h3>Notes</h3><pre>{_text(notes, lines=True)}</pre>"


def _weights(model: Model) -> str:
    try:
        policy = read_checkpoint(model.checkpoint().path).policy
    except PongArenaError as error:
        return f"<p>No weights to show: {_text(str(error))}</p>"
    words = (
        "What its strongest hidden units look for: the first layer's weights as pictures of the field. "
        "What comes where it is blue makes a unit active; where it is orange, it keeps the unit silent."
    )
    return _figure("png", weights_png(policy), "Weights of the first layer", words)


def _facts(model: Model) -> list[tuple[str, str]]:
    recipe, steps, games = model.recipe, *_trained(model)
    assert recipe is not None, "a model without a fault has a recipe"
    changed = ", ".join(f"{name} {value:g}" for name, value in changed_settings(recipe).items())
    strength = strength_of(model)
    facts = [
        ("recipe", recipe.name + (f" with {changed}" if changed else "")),
        ("seed", f"{model.seed}"),
        ("trained", f"{steps:,} steps, {_count(games, 'game')}"),
        ("strength", "not known" if strength is None else str(strength)),
        ("checkpoints", f"{len(model.checkpoints()):,}"),
        ("made", local_time(model.created, "%Y-%m-%d %H:%M")),
    ]
    if model.checkpoints():
        facts += [
            (
                f"measured ({each.setting})",
                f"{each.mean:+.2f} ± {each.standard_deviation:.2f} a game, {each.games:,} games".replace(
                    "-", "−"
                ),
            )
            for each in ratings_of(model, model.checkpoints()[-1])
        ]
    if model.lineage:
        facts.append(("ancestors", " → ".join(model.lineage)))
    if model.cloned is not None:
        facts.append(("began", str(model.cloned)))
    return facts


def _trained(model: Model) -> tuple[int, int]:
    """Return steps and games from its status, or from its card if it was trained elsewhere."""
    status = model.status()
    try:
        card = read_card(model.checkpoint().path)
    except PongArenaError:
        return status.steps, status.episode
    return max(status.steps, card.steps), max(status.episode, card.episode)


def _answers(replies: Sequence[Reply], asked: int) -> Iterable[str]:
    yield "<h2>The school: predicted, then checked</h2>"
    if not replies:
        yield "<p>No question was answered yet: the app's school asks one in each chapter.</p>"
        return
    right = sum(each.right for each in replies)
    yield f"<p>{len(replies)} of {max(asked, len(replies))} questions answered, {right} predicted right.</p>"
    yield "<table><tr><th></th><th>question</th><th>predicted</th><th>found</th></tr>"
    for each in replies:
        mark = "✓ right" if each.right else "✗ wrong"
        question = f"{_text(each.chapter)}: {_text(each.question)}"
        yield (
            f"<tr><td>{mark}</td><td>{question}</td><td>{_text(each.predicted)}</td><td>{_text(each.found)}</td></tr>"
        )
    yield "</table>"


def _rows(facts: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f"<tr><th>{_text(term)}</th><td>{_text(words)}</td></tr>" for term, words in facts)
    return f"<table>{rows}</table>"


def _figure(kind: str, content: bytes, name: str, words: str) -> str:
    data = base64.b64encode(content).decode()
    return (
        f'<figure><img alt="{_text(name)}" src="data:image/{kind};base64,{data}">'
        f"<figcaption>{_text(words)}</figcaption></figure>"
    )


def _page(body: Sequence[str]) -> str:
    style = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{style}'"
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            "<title>pongarena: a class's report</title>",
            f"<style>{_STYLE}</style>\n</head>\n<body>",
            *body,
            "</body>\n</html>\n",
        ]
    )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _text(words: str, *, lines: bool = False) -> str:
    """Escape text for HTML."""
    return html.escape(printable(words, lines=lines))
