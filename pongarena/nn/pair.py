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

__all__ = ["Pair", "StoredArray", "UnreadNumbers", "find_pair"]

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

_BIAS = re.compile(
    r"(.*[^a-z])?(b|c|\d+b|b[\W_]*(\d+|[a-z]|out|output|hid|hidden|in)|w\d+b|beta\d*|theta[\W_]*0|shift)([\W_]*\d+)?"
    r"|.*(bias|intercept|offset).*|output_b"
)
"""Names of biases, also behind the name of a layer."""

_SCALE = re.compile(r".*(scale|gain|temperature|mean|std|var|norm|bn_).*")
"""Names of normalisations."""

_SPENT = re.compile(
    r".*(reward|score|loss|return|histor|length|episode|points|wins|entropy|log|prev|last|frame|obs|image).*"
    r"|x|xs|hs|ep?[xhr]|dlogps?|epdlogp|drs|ys|acts?|actions?"
)
"""Names of what was played: histories, pictures and the buffers of an episode."""

_MAIN = re.compile(
    r"(best_?)?(model|weights|params|parameters|policy|network|net|state_?dict)(_?state_?dict)?"
)
_FIRST = re.compile(r"(w|weights?|theta|kernel|layer|fc|linear|dense|l)[\W_]*1([\W_]*(w|weights?|kernel))?|1")
_SECOND = re.compile(
    r"(w|weights?|theta|kernel|layer|fc|linear|dense|l)[\W_]*2([\W_]*(w|weights?|kernel))?|2"
)


@dataclass(frozen=True)
class StoredArray:
    """Numbers in a file.

    Attributes:
        shape: Their shape.
        read: Returns them in the file's own dtype.
        is_float: Whether it is an array of floats, which alone can be weights.
        source: What they are read from; arrays with an equal source and shape are equal.
    """

    shape: tuple[int, ...]
    read: Callable[[], NDArray[Any]]
    is_float: bool = True
    source: object = None


@dataclass(frozen=True)
class UnreadNumbers:
    """Something in a file that may be numbers and is not read, such as an array of Python objects."""

    shape: tuple[int, ...] = ()


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
    def is_aside(self) -> bool:
        """Whether its place is that of an optimiser's state."""
        return any(_ASIDE.search(name.lower()) for name in self.place)

    @property
    def arrays(self) -> dict[str, StoredArray]:
        return {
            name: each
            for name, each in self.things.items()
            if isinstance(each, StoredArray) and each.is_float
        }

    def firsts(self) -> dict[str, StoredArray]:
        """Return the arrays that can be a first layer."""
        return {
            name: each
            for name, each in self.arrays.items()
            if len(each.shape) == 2 and _SPECS.keys() & {*each.shape}
        }


@dataclass(frozen=True)
class _Found:
    """The two layers by their names in a group, and the sides of both: hidden units and inputs."""

    group: _Group
    first: str
    second: str
    sides: set[int]

    def holds(self, group: _Group, name: str) -> bool:
        """Return whether an entry is one of the two, or equal to one of them."""
        thing = group.things[name]
        mine = [self.group.arrays[layer] for layer in (self.first, self.second)]
        return any(thing is each for each in mine) or (
            isinstance(thing, StoredArray)
            and thing.source is not None
            and any((thing.source, thing.shape) == (each.source, each.shape) for each in mine)
        )

    def would_change(self, group: _Group, name: str, any_of: Callable[[StoredArray], bool]) -> bool:
        """Return whether an entry may be a part of the network: a layer, a bias or a normalisation."""
        inside = any(_is_bias(each) and each != "c" for each in group.place)
        is_bias = inside or _is_bias(name)
        match group.things[name]:
            case UnreadNumbers() as unread:
                return is_bias or self._is_layer(group, name, unread.shape)
            case StoredArray() as each:
                fits = bool(self.sides & {*each.shape}) and not _SPENT.fullmatch(name.lower())
                is_scale = bool(_SCALE.fullmatch(name.lower())) and fits
                is_layer = each.is_float and self._is_layer(group, name, each.shape)
                return (is_bias or is_scale or is_layer) and any_of(each)
            case bool():
                return False
            case int() as number:  # a batch's size is often called b
                return is_bias and name.lower() not in ("b", "c") and number != 0
            case float() as number:
                around = self.group.place[: len(group.place)] == group.place
                return is_bias and name != "c" and (around or inside) and number != 0
        return False

    def _is_layer(self, group: _Group, name: str, shape: tuple[int, ...]) -> bool:
        """Return whether an array may be a layer, by its shape and place."""
        lower = name.lower()
        around = () if group is self.group else group.place
        if any(_SPENT.fullmatch(each.lower()) for each in (*around, name)):
            return False
        for layer in (self.first, self.second):  # an optimiser's memory of it, or its gradient
            own = self.group.arrays[layer].shape
            if layer.lower() in lower and lower != layer.lower() and shape == own and not layer.isdigit():
                return False
        wide = len([side for side in shape if side > 1]) >= 2
        is_listed = name.isdigit() or name.startswith("arr_")
        return bool(self.sides & {*shape}) or (group is self.group and (wide or (is_listed and shape != ())))


def _is_bias(name: str) -> bool:
    return bool(_BIAS.fullmatch(name.lower()))


def find_pair(found: object, path: Path) -> Pair:
    """Find the two layers in a file's content.

    The first layer is the array with a side of 6,400, or of 6,000 for the tighter crop: (h, 6400) or (6400,
    h). The second one has h entries in any of the shapes (h,), (1, h) and (h, 1). Both are in the same dict
    or list, at the top level or nested as in ``{"model": {…}}`` or ``(model, cache, reward)``. Names decide
    where shapes do not. Whatever else may be weights, biases or a normalisation anywhere in the file has to
    be zero, or the state of an optimiser.

    Args:
        found: Dicts and lists of `StoredArray`, `UnreadNumbers`, numbers, and other objects.
        path: The file, for messages.

    Raises:
        CheckpointError: When there is no network, more than one, or one with further weights.
    """
    groups = list(_groups(found))
    candidates = [each for each in groups if each.firsts()]
    group = _chosen(candidates, groups, path)
    first = _the_one(group.firsts(), _FIRST, group, path)
    stored = group.arrays[first]
    inputs = max(_SPECS.keys() & {*stored.shape})
    hidden = stored.shape[0] if stored.shape[1] == inputs else stored.shape[1]
    if not 1 <= hidden <= MAX_HIDDEN_UNITS:
        _refuse(path, f"{first} {stored.shape}", f"1 to {MAX_HIDDEN_UNITS} hidden units")
    fit = {(hidden,), (1, hidden), (hidden, 1)}
    seconds = {
        name: each
        for name, each in group.arrays.items()
        if name != first and each.shape in fit and not _is_bias(name)
    }
    if not seconds:
        _refuse(path, _listed(group.arrays))
    second = _the_one(seconds, _SECOND, group, path)
    pair = _Found(group, first, second, {hidden, inputs})
    _require_nothing_else(pair, groups, [each.place for each in candidates if each is not group], path)
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
    negative = _Once(lambda each: bool((each.read() < 0).any()))
    for keep in (
        lambda group: not group.place,
        lambda group: not group.is_aside,
        lambda group: _MAIN.fullmatch(group.place[-1].lower()),
        lambda group: any(negative(each) for each in group.firsts().values()),  # sums of squares have none
    ):
        if len(candidates) > 1:
            candidates = [group for group in candidates if keep(group)] or candidates
    if len(candidates) > 1:
        places = ", ".join(".".join(group.place) for group in candidates[:5])
        raise CheckpointError(
            f"{path}: expected one network, got {len(candidates)}: {places}; save only one: {SAVE_ARRAYS}"
        )
    return candidates[0]


def _the_one(
    candidates: Mapping[str, StoredArray], likely: re.Pattern[str], group: _Group, path: Path
) -> str:
    """Return the name of the most plausible candidate."""
    names, any_of = list(candidates), _Once(_is_nonzero)
    for keep in (
        lambda name: not _ASIDE.search(name.lower()),
        lambda name: likely.fullmatch(name.lower()),
        lambda name: not _is_bias(name),
        lambda name: any_of(candidates[name]),
    ):
        if len(names) > 1:
            names = [name for name in names if keep(name)] or names
    if len(names) > 1:
        raise CheckpointError(
            f"{path}: expected W1 and W2, got {_listed(group.arrays)}, of which several could be the same "
            f"layer; save only these two: {SAVE_ARRAYS}"
        )
    return names[0]


def _require_nothing_else(
    pair: _Found, groups: Iterable[_Group], others: Iterable[tuple[str, ...]], path: Path
) -> None:
    """Refuse a network that uses more than its two layers.

    Args:
        pair: The two layers.
        groups: All containers.
        others: The places of further networks or of an optimiser's state, which are not looked into.
        path: The file.
    """
    any_of, others = _Once(_is_nonzero), tuple(others)
    for group in groups:
        is_other = any(group.place[: len(place)] == place for place in others if place)
        if group is not pair.group and (is_other or group.is_aside):
            continue
        for name in group.things:
            if _ASIDE.search(name.lower()) or pair.holds(group, name):
                continue
            if pair.would_change(group, name, any_of):
                raise CheckpointError(
                    f"{path}: expected two layers without biases, got also {_dotted(group, name)}, which is "
                    "not zero; without it the network may play differently: choose a file of a network like "
                    f"that of pg-pong.py; if it takes no part in playing, save only these two: {SAVE_ARRAYS}"
                )


def _is_nonzero(each: StoredArray) -> bool:
    return bool(each.read().any())


class _Once:
    """Asks a question about an array once for each source: a file may hold one array thousands of times."""

    def __init__(self, ask: Callable[[StoredArray], bool]) -> None:
        self._ask = ask
        self._known: dict[object, bool] = {}

    def __call__(self, each: StoredArray) -> bool:
        key = each.source if each.source is not None else id(each)
        if key not in self._known:
            self._known[key] = self._ask(each)
        return self._known[key]


def _dotted(group: _Group, name: str) -> str:
    return ".".join((*group.place, name))[:80]


def _refuse(path: Path, got: str, wanted: str = f"1 to {MAX_HIDDEN_UNITS} hidden units") -> NoReturn:
    raise CheckpointError(
        f"{path}: expected W1 (h, {PIXELS}) and W2 (h,), arrays of floats with {wanted}, got {got}; only "
        "networks with one output that see 80×80 pixels, or the upper 75×80, can play here"
    )


def _listed(arrays: Mapping[str, StoredArray]) -> str:
    items: Iterable[tuple[str, StoredArray]] = list(arrays.items())[:6]
    words = ", ".join(f"{name:.40} {each.shape}" for name, each in items)
    return words + (", …" if len(arrays) > 6 else "")
