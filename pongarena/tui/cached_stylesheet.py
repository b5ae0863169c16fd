"""A style sheet that is parsed once for each theme."""

from textual.css.stylesheet import Stylesheet

__all__ = ["Sheets"]


class Sheets(Stylesheet):
    """Parses its sources again only when a colour has changed.

    Textual parses them twice for every new screen. For the first one that takes a sixth of the start-up time.
    """

    def __init__(self, *, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._now = variables
        self._changed = False

    def set_variables(self, variables: dict[str, str]) -> None:
        """Set the colours of a theme."""
        if variables != self._now:
            self._now, self._changed = variables, True
            super().set_variables(variables)

    def reparse(self) -> None:
        """Parse all sources again if the colours have changed."""
        if self._changed:
            super().reparse()
            self._changed = False
