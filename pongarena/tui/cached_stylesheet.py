"""The app's style sheets, read once for each theme."""

from textual.css.stylesheet import Stylesheet

__all__ = ["Sheets"]


class Sheets(Stylesheet):
    """Reads its sources again only when a colour changed.

    Textual asks for that twice with every new screen, the first one included, which is a sixth of the start.
    """

    def __init__(self, *, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._now = variables
        self._changed = False

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take the colours of a theme."""
        if variables != self._now:
            self._now, self._changed = variables, True
            super().set_variables(variables)

    def reparse(self) -> None:
        """Read all sources again, if they could mean something else than before."""
        if self._changed:
            super().reparse()
            self._changed = False
