"""Find the network among a file's arrays: first by shape, and by name where shapes do not decide."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from numpy.typing import NDArray

from pongarena.core.errors import CheckpointError
from pongarena.envs.observation import CROPS, PIXELS, Observation
from pongarena.nn.pickle_reader import SAVE_ARRAYS
from pongarena.nn.policy import MAX_HIDDEN_UNITS
from pongarena.nn.spec import AgentSpec

__all__ = ["Pair", "StoredArray", "find_pair"]

_SPECS: Mapping[int, AgentSpec] = {
    spec.observation.inputs: spec
    for spec in (AgentSpec(), AgentSpec(Observation(crop=CROPS.index((0, 75, 0, 80)))))
}
"""By number of inputs: the post's network, and forks of its program that crop to 35:185. Other numbers of
inputs are ambiguous: several crops have them."""

_MOST_GROUPS = 1000
"""Maximum number of containers to search."""

_ASIDE = re.compile(r"cache|grad|optim|momentum|buffer|adam|rms|velocity|accum|moment|mean_?sq")
"""Names of optimiser state, which has the same shapes as the weights."""

_BIAS = re.compile(r"b\d*|.*bias.*")
_MAIN = re.compile(
    r"(best_?)?(model|weights|params|parameters|policy|network|net|state_?dict)(_?state_?dict)?"
)
_FIRST = re.compile(r"(w|weights?|theta|kernel|layer|fc|linear|dense|l)[\W_]*1([\W_]*(w|weights?|kernel))?|1")
_SECOND = re.compile(
    r"(w|weights?|theta|kernel|layer|fc|linear|dense|l)[\W_]*2([\W_]*(w|weights?|kernel))?|2"
)


@dataclass(frozen=True)
class StoredArray:
    """An array of floats in a file; `read` returns it in the file's own dtype."""

    shape: tuple[int, ...]
    read: Callable[[], NDArray[Any]]


@dataclass(frozen=True)
class Pair:
    """The network in a file.

    Attributes:
        w1: Shape (h, inputs), floats.
        w2: Shape (1, h), floats.
        spec: Its observation, frame skip and actions.
    """

    w1: NDArray[Any]
    w2: NDArray[Any]
    spec: AgentSpec


@dataclass(frozen=True)
class _Group:
    """The entries of one container: a dict's by key, or a list's by index."""

    place: tuple[str, ...]
    things: dict[str, object]

    @property
    def arrays(self) -> dict[str, StoredArray]:
        return {name: each for name, each in self.things.items() if isinstance(each, StoredArray)}

    def firsts(self) -> dict[str, StoredArray]:
        """Return the arrays that can be a first layer."""
        return {
            name: each
            for name, each in self.arrays.items()
            if len(each.shape) == 2 and _SPECS.keys() & {*each.shape}
        }


def find_pair(found: object, path: Path) -> Pair:
    """Find the two layers in a file's content.

    The first layer is the array with a side of 6,400, or of 6,000 for the tighter crop: (h, 6400) or (6400,
    h). The second one has h entries in any of the shapes (h,), (1, h) and (h, 1). Both are in the same dict
    or list, at the top level or nested as in ``{"model": {…}}`` or ``(model, cache, reward)``. Names decide
    where shapes do not.

    Args:
        found: Dicts and lists of `StoredArray`, numbers, and other objects.
        path: The file, for messages.

    Raises:
        CheckpointError: When there is no network, more than one, or one with further weights.
    """
    groups = list(_groups(found))
    group = _chosen([each for each in groups if each.firsts()], groups, path)
    first = _the_one(group.firsts(), _FIRST, group, path)
    stored = group.arrays[first]
    inputs = max(_SPECS.keys() & {*stored.shape})
    hidden = stored.shape[0] if stored.shape[1] == inputs else stored.shape[1]
    if not 1 <= hidden <= MAX_HIDDEN_UNITS:
        _refuse(path, f"{first} {stored.shape}", f"1 to {MAX_HIDDEN_UNITS} hidden units")
    fit = {(hidden,), (1, hidden), (hidden, 1)}
    seconds = {name: each for name, each in group.arrays.items() if name != first and each.shape in fit}
    if not seconds:
        _refuse(path, _listed(group.arrays))
    second = _the_one(seconds, _SECOND, group, path)
    _require_nothing_else(group, first, second, hidden, path)
    w1 = stored.read()
    return Pair(
        w1 if w1.shape == (hidden, inputs) else w1.T,
        group.arrays[second].read().reshape(1, hidden),
        _SPECS[inputs],
    )


def _groups(found: object) -> Iterator[_Group]:
    """Yield the containers of a file, outer ones first."""
    waiting: list[tuple[tuple[str, ...], object]] = [((), found)]
    seen: set[int] = set()
    for place, value in waiting:
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Mapping):
            things = dict(value)
        elif isinstance(value, list):
            things = {str(number): each for number, each in enumerate(value)}
        else:
            continue
        yield _Group(place, things)
        inner = [(name, each) for name, each in things.items() if isinstance(each, (Mapping, list))]
        waiting += [((*place, name), each) for name, each in inner[: _MOST_GROUPS - len(waiting)]]


def _chosen(candidates: list[_Group], groups: list[_Group], path: Path) -> _Group:
    """Choose the group that holds the network, not the optimiser's state."""
    if not candidates:
        arrays = {".".join((*each.place, name)): a for each in groups for name, a in each.arrays.items()}
        _refuse(path, _listed(arrays) or "no array of floats")
    for keep in (
        lambda group: not group.place,
        lambda group: not any(_ASIDE.search(name.lower()) for name in group.place),
        lambda group: _MAIN.fullmatch(group.place[-1].lower()),
        _has_negative,  # sums of squares have none
    ):
        if len(candidates) > 1:
            candidates = [group for group in candidates if keep(group)] or candidates
    if len(candidates) > 1:
        places = ", ".join(".".join(group.place) for group in candidates[:5])
        raise CheckpointError(
            f"{path}: expected one network, got {len(candidates)}: {places}; save only one: {SAVE_ARRAYS}"
        )
    return candidates[0]


def _has_negative(group: _Group) -> bool:
    return any(bool((each.read() < 0).any()) for each in group.firsts().values())


def _the_one(
    candidates: Mapping[str, StoredArray], likely: re.Pattern[str], group: _Group, path: Path
) -> str:
    """Return the name of the most plausible candidate."""
    names = list(candidates)
    for keep in (
        lambda name: not _ASIDE.search(name.lower()),
        lambda name: likely.fullmatch(name.lower()),
        lambda name: not _BIAS.fullmatch(name.lower()),
        lambda name: bool(candidates[name].read().any()),
    ):
        if len(names) > 1:
            names = [name for name in names if keep(name)] or names
    if len(names) > 1:
        raise CheckpointError(
            f"{path}: expected W1 and W2, got {_listed(group.arrays)}, of which several could be the same "
            f"layer; save only these two: {SAVE_ARRAYS}"
        )
    return names[0]


def _require_nothing_else(group: _Group, first: str, second: str, hidden: int, path: Path) -> None:
    """Refuse a network that uses more than its two layers."""
    for name, each in group.things.items():
        if name in (first, second) or _ASIDE.search(name.lower()):
            continue
        is_bias = bool(_BIAS.fullmatch(name.lower()))
        if isinstance(each, StoredArray):
            is_layer = len([side for side in each.shape if side > 1]) >= 2 or hidden in each.shape
            counts = (is_bias or is_layer) and bool(each.read().any())
        else:
            counts = is_bias and isinstance(each, (int, float)) and each != 0
        if counts:
            raise CheckpointError(
                f"{path}: expected two layers without biases, got also {name}, which is not zero; without "
                "it the network would play differently: choose a file of a network like that of pg-pong.py"
            )


def _refuse(path: Path, got: str, wanted: str = f"1 to {MAX_HIDDEN_UNITS} hidden units") -> NoReturn:
    raise CheckpointError(
        f"{path}: expected W1 (h, {PIXELS}) and W2 (h,), arrays of floats with {wanted}, got {got}; only "
        "networks with one output that see 80×80 pixels, or the upper 75×80, can play here"
    )


def _listed(arrays: Mapping[str, StoredArray]) -> str:
    items: Iterable[tuple[str, StoredArray]] = list(arrays.items())[:6]
    words = ", ".join(f"{name:.40} {each.shape}" for name, each in items)
    return words + (", …" if len(arrays) > 6 else "")
