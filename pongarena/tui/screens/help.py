"""The help: all keys of a screen, and a glossary."""

from typing import Any, ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from pongarena.tui.screens.base import ArcadeScreen
from pongarena.tui.screens.dialog import Dialog
from pongarena.tui.theme import ORANGE
from pongarena.tui.widgets.keybar import KeyBar

_WORDS = (
    "[b]Tab[/] goes from part to part, the arrows move within one; you can also click everything. In forms, "
    "[b]F1[/] shows this help.\n\n"
    "A [b]model[/] is a network with its history. A [b]checkpoint[/] is a saved moment of it, model@game. "
    "A [b]session[/] is a process that trains one model: it keeps running when you close this app, and "
    "[b]pongarena sessions[/] lists it. A [b]step[/] is one choice of UP or DOWN, held for four frames.\n\n"
    "The strength of a network is the share of points that it has [b]won[/] against the cartridge's own "
    "player: 50 % is as strong as that. The [b]score[/] is the same as points in a game, from −21 to +21. A "
    "trained model shows its last 1,000 points; one that came with pongarena, or that you measured with "
    "[b]pongarena eval[/], shows that measurement. The [b]running reward[/] is the mean over the last "
    "hundred games of training, so it lags behind."
)

NOT_OURS = (
    "app.focus_next", "app.focus_previous", "screen.copy_text", "quit", "app.help_quit", "command_palette"
)  # fmt: skip
"""Actions of every Textual app; the text below the keys explains those that matter."""

_GROUPS = ("This screen", "What has the focus", "Everywhere")


class HelpScreen(Dialog[None]):
    """Lists every active key of the screen below."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,q,f1", "cancel", "Back", show=False)]

    def __init__(self, groups: dict[str, list[tuple[str, str]]]) -> None:
        """Take lists of (keys, what they do) by their headings."""
        super().__init__()
        self._groups = groups

    @property
    def keys(self) -> list[tuple[str, str]]:
        """All keys with what they do, in order."""
        return [each for group in self._groups.values() for each in group]

    @classmethod
    def of(cls, screen: Screen[Any]) -> "HelpScreen":
        """Make the help of a screen in its present state, with its own keys first."""
        general = {(each.action, each.tooltip) for each in ArcadeScreen.BINDINGS if isinstance(each, Binding)}
        found: dict[str, dict[str, list[str]]] = {group: {} for group in _GROUPS}
        for node, binding, _, _ in screen.active_bindings.values():
            if not binding.description or binding.system or binding.action in NOT_OURS:
                continue
            everywhere = node is screen.app or (binding.action, binding.tooltip) in general
            group = _GROUPS[2] if everywhere else _GROUPS[node is not screen]
            names = found[group].setdefault(binding.tooltip or binding.description, [])
            names.append(screen.app.get_key_display(binding))
        return cls(
            {
                group: [(" ".join(dict.fromkeys(names)), words) for words, names in keys.items()]
                for group, keys in found.items()
                if keys
            }
        )

    def compose(self) -> ComposeResult:
        table = Table.grid(padding=(0, 2))
        for heading, keys in self._groups.items():
            table.add_row("", Text(heading, style="$muted"))
            for names, words in keys:
                table.add_row(Text(names, style=f"bold {ORANGE}", justify="right"), Text(words))
        with Vertical(classes="dialog -large"):
            yield Static("Keys", classes="heading")
            with VerticalScroll():
                yield Static(table)
                yield Static(_WORDS, classes="words")
        yield KeyBar()
