"""The family of a model as a tree."""

from dataclasses import dataclass

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static, Tree
from textual.widgets.tree import TreeNode

from pongarena.tui import words
from pongarena.tui.data.family import Relative, family_of
from pongarena.tui.data.library_watcher import Entry, LibrarySnapshot


class FamilyTree(Vertical):
    """Ancestors, siblings and descendants; Enter or a click on one chooses it."""

    DEFAULT_CSS = """
    FamilyTree {
        height: 1fr;
        & Tree { height: 1fr; background: $background; scrollbar-size-vertical: 1; padding: 0; }
        & Static { height: auto; color: $muted; }
    }
    """

    @dataclass
    class Picked(Message):
        """A relative was chosen."""

        name: str

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        tree: Tree[str] = Tree("", id="family")
        tree.show_root, tree.guide_depth = False, 3
        yield tree
        yield Static("", id="family-words", markup=False)

    def show(self, entry: Entry | None, look: LibrarySnapshot) -> None:
        relatives = family_of(entry.name, look.entries) if entry else []
        known = {each.name: look.entry(each.name) for each in relatives}
        shown = (
            entry.name if entry else None,
            tuple(relatives),
            tuple(_facts(one) for one in known.values()),
        )
        if shown == self._shown:
            return
        self._shown = shown
        tree: Tree[str] = self.query_one("#family", Tree)
        tree.clear()
        places: list[TreeNode[str]] = [tree.root]
        chosen = None
        for each in relatives:
            del places[each.depth + 1 :]
            mine = entry is not None and each.name == entry.name
            node = places[-1].add(_label(each, known[each.name], mine=mine), data=each.name, expand=True)
            node.allow_expand = False
            places.append(node)
            chosen = node if mine else chosen
        tree.root.expand_all()
        if chosen is not None:
            # the tree knows the lines of its nodes only after a refresh
            self.call_after_refresh(tree.move_cursor, chosen)
        self.query_one("#family-words", Static).update(_words(entry, relatives))

    def on_tree_node_selected(self, event: Tree.NodeSelected[str]) -> None:
        event.stop()
        if event.node.data:
            self.post_message(self.Picked(event.node.data))


def _facts(entry: Entry | None) -> tuple[float | None, int] | None:
    return (entry.score, entry.episode) if entry else None


def _label(each: Relative, entry: Entry | None, *, mine: bool) -> Text:
    text = Text(each.name, style="bold" if mine else "")
    if mine:
        text.append("  ◄ chosen", style="bold")
    if not each.present:
        text = Text(f"{each.name}  (not here any more)", style="$muted")
    elif entry is not None and not mine:
        text.append(f"  {words.signed(entry.score)}, {words.count(entry.episode)} games", style="$muted")
    if each.episode is not None:
        text.append(f"  from @{each.episode}", style="$muted")
    return text


def _words(entry: Entry | None, relatives: list[Relative]) -> str:
    if entry is None:
        return ""
    if entry.model.cloned is not None:
        begin = f"began as an imitation of {entry.model.cloned.player}"
    elif not entry.model.lineage:
        begin = "began with random weights"
    else:
        begin = f"began with the weights of {entry.model.lineage[-1]}"
    forks = "no forks" if len(relatives) == 1 else f"{len(relatives)} in the family"
    return f"{entry.name} {begin}; {forks}"
