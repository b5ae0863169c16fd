"""What the people at this machine are called: kept in the preferences, asked for once."""

from collections.abc import Sequence

from pongarena.core import paths
from pongarena.core.errors import InvalidNameError
from pongarena.library.names import check_person
from pongarena.library.preferences import read_preferences, update_preferences

__all__ = ["keep_names", "kept_names"]


def kept_names() -> tuple[str, str]:
    """Names of the person at this machine, and of the second one of two; empty where none was given."""
    found = read_preferences(paths.data_dir())
    return found.name, found.other_name


def keep_names(names: Sequence[str]) -> tuple[str, ...]:
    """Check one or two names and keep them for the next time.

    Args:
        names: Of the person at this machine, and of the second one of two; an empty one is forgotten.

    Returns:
        The names, without spaces around them.

    Raises:
        InvalidNameError: When one cannot be used, or there are more than two.
        LibraryError: When the preferences cannot be written.
    """
    if len(names) > 2:
        raise InvalidNameError(f"expected one name or two, got {len(names)}; two people can play at most")
    checked = tuple(check_person(name) for name in names)
    if checked:
        update_preferences(paths.data_dir(), **dict(zip(("name", "other_name"), checked, strict=False)))
    return checked
