"""``pongarena models``: list and manage the models in the library."""

from dataclasses import replace
from typing import Any

import click

from pongarena.cli.lazy import LazyCommand, LazyGroup
from pongarena.cli.show import (
    age,
    ancestor_words,
    checkpoint_words,
    number,
    print_json,
    show_trash,
    state_text,
    strength_cells,
    strength_words,
    trash_json,
)
from pongarena.cli.tables import print_table
from pongarena.core.errors import LibraryError
from pongarena.core.options import Real, Whole
from pongarena.jobs.status import Status
from pongarena.library.card import read_opponent_card
from pongarena.library.duplicate import duplicate as copy
from pongarena.library.evaluations import read_evaluations
from pongarena.library.models import Library, Model, cloned_entry
from pongarena.library.notes import parse_tags, read_notes, write_notes
from pongarena.library.strength import strength_of
from pongarena.library.trash import Trash
from pongarena.nn.checkpoint import read_card
from pongarena.training import registry
from pongarena.training.settings import parse_settings, setting_label

__all__ = ["models"]

_RESTORE = "pongarena models restore"

_EVALUATIONS = 12
"""How many of the latest evaluations are shown: enough for a setting and its variants."""

_LAZY = {
    "export": LazyCommand("pongarena.cli.exchange:export", "Export a model as one file, to share it."),
    "import": LazyCommand("pongarena.cli.exchange:import_", "Import a model from a file."),
}


@click.group(cls=LazyGroup, lazy=_LAZY, invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """Manage the models in the library; without a command, list them."""
    if context.invoked_subcommand is None:
        context.invoke(list_models, as_json=False)


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def list_models(as_json: bool) -> None:
    """List the models."""
    found = Library().models()
    if as_json:
        print_json([_summary(model) for model in found])
        return
    if not found:
        click.echo("there is no model yet; make one: pongarena train NAME")
        return
    rows = []
    for model in found:
        status = model.status()
        episode, strength = status.episode, None if model.fault else strength_of(model)
        state = "damaged" if model.fault else state_text(status)
        if model.bundled and not model.fault:
            episode, state = read_card(model.checkpoint().path).episode, "built in"
        rows.append(
            (
                model.name,
                state,
                "?" if model.recipe is None else model.recipe.name,
                f"{episode:,}",
                *strength_cells(strength),
                str(len(model.checkpoints())),
                age(model.created),
            )
        )
    print_table(("model", "state", "recipe", "#games", "#won", "#score", "#saved", "made"), rows)
    if all(model.bundled for model in found):
        click.echo("these came with pongarena; train your own: pongarena train NAME")
    for model in found:
        if model.fault:
            click.echo(f"{model.name}: {model.fault}", err=True)


@models.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def show(name: str, as_json: bool) -> None:
    """Show one model: its training, settings, ancestors and checkpoints."""
    model = Library().model(name)
    summary = _summary(model)
    if as_json:
        print_json(summary)
        return
    status = model.status()
    state = str(status.state) + (f": {status.message}" if status.message else "")
    if model.bundled:
        known = read_card(model.checkpoint().path)
        state = "built in: it can be played and forked, but not changed"
        status = replace(status, episode=known.episode, updates=known.updates, steps=known.steps)
    rows = [
        ("model", model.name),
        ("state", state),
        ("made", age(model.created)),
        ("seed", str(model.seed)),
        ("games", f"{status.episode:,}"),
        ("updates", f"{status.updates:,}"),
        ("steps", f"{status.steps:,}"),
        ("strength", strength_words(strength_of(model), model.name)),
        *_running_reward(model, status),
        ("ancestors", ancestor_words(model)),
        *([] if model.cloned is None else [("began", str(model.cloned))]),
        ("checkpoints", checkpoint_words(model)),
        *_circumstances(model),
        ("tags", " ".join(f"#{tag}" for tag in summary["tags"]) or "–"),
        ("notes", summary["notes"] or "–"),
        ("folder", str(model.path)),
    ]
    if (card := read_opponent_card(model.path)) is not None:
        rows += [("about", card.about), ("trained in", f"{card.time} on {card.machine}")]
        rows += [("evaluation", str(rating)) for rating in card.ratings]
        rows += [("made by", command) for command in card.commands]
    rows += [
        ("evaluation", f"{model.name}@{each.checkpoint}, {each}")
        for each in read_evaluations(model.path)[-_EVALUATIONS:]
    ]
    rows += [(f"  {setting_label(key)}", f"{value}") for key, value in summary["recipe"].items()]
    print_table(("", ""), rows)


def _running_reward(model: Model, status: Status) -> list[tuple[str, str]]:
    """Return the row with the running reward; none for a bundled model, which has been evaluated."""
    if model.bundled:
        return []
    return [
        ("running reward", f"{number(status.running_reward)} (best {number(status.best_running_reward)})")
    ]


def _circumstances(model: Model) -> list[tuple[str, str]]:
    """Return what the model was trained on, sees and may do, from its last checkpoint."""
    if not model.checkpoints():
        return []
    card = read_card(model.checkpoint().path)
    return [("trained on", card.trained_on), ("sees", card.sees), ("may go", card.may)]


@models.command()
@click.argument("source", metavar="MODEL[@GAME]")
@click.argument("name", metavar="NEW-NAME")
@click.option("--seed", type=Whole(0, 2**63 - 1), help="Seed of its games.  [default: the parent's]")
@click.option("--set", "pairs", metavar="KEY=VALUE", multiple=True, help="Change a setting; repeatable.")
def fork(source: str, name: str, seed: int | None, pairs: tuple[str, ...]) -> None:
    """Make a new model that starts from a checkpoint of another."""
    library = Library()
    ref = library.checkpoint(source)
    recipe = None
    if pairs:
        recipe = registry.from_json(_summary(library.model(ref.model))["recipe"] | parse_settings(pairs))
    library.fork(ref, name, recipe=recipe, seed=seed)
    click.echo(f"made {name} from {ref}; train it: pongarena train {name}")


@models.command()
@click.argument("name")
@click.argument("new_name", metavar="NEW-NAME")
def rename(name: str, new_name: str) -> None:
    """Rename a model."""
    Library().rename(name, new_name)
    click.echo(f"{name} is now {new_name}")


@models.command()
@click.argument("name")
@click.argument("new_name", metavar="NEW-NAME")
def duplicate(name: str, new_name: str) -> None:
    """Copy a model with its checkpoints, its curve, and the state that its training resumes from."""
    copy(Library(), name, new_name)
    click.echo(f"{new_name} is a copy of {name}")


@models.command()
@click.argument("source", metavar="MODEL[@GAME]")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(source: str, yes: bool) -> None:
    """Delete a model or one of its checkpoints; `restore` brings it back."""
    library = Library()
    if "@" in source:
        ref = library.checkpoint(source)
        if not yes:
            click.confirm(f"Delete the checkpoint {ref}?", abort=True)
        click.echo(f"deleted {Trash(library).delete_checkpoint(ref)}; bring it back: {_RESTORE} {ref}")
        return
    count = sum(len(model.checkpoints()) for model in library.models() if model.name == source)
    if not yes and any(model.name == source for model in library.models()):
        click.confirm(f"Delete {source} and its {count} checkpoints?", abort=True)
    Trash(library).delete(source)
    click.echo(f"deleted {source}; bring it back: {_RESTORE} {source}")


@models.command()
@click.argument("what", metavar="MODEL[@GAME]")
@click.option("--as", "new_name", metavar="NEW-NAME", help="Another name, if the old one is taken.")
def restore(what: str, new_name: str | None) -> None:
    """Restore the model or checkpoint that was last deleted under this name."""
    trash = Trash(Library())
    item = trash.find(what)
    model = trash.restore(item, new_name)
    click.echo(f"{item if item.episode is not None else model.name} is back")


@models.command()
@click.option("--empty", is_flag=True, help="Remove everything for good; asks first.")
@click.option(
    "--older-than",
    "days",
    default=0.0,
    metavar="DAYS",
    type=Real(0, 100_000),
    help="Only what was deleted at least so many days ago.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def trash(empty: bool, days: float, yes: bool, as_json: bool) -> None:
    """List what was deleted and can be restored, or remove it for good.

    Nothing is removed unless you ask for it.
    """
    library = Library()
    bin_ = Trash(library)
    items = bin_.older_than(days)
    if as_json:
        print_json(trash_json(items))
    elif not items and days:
        click.echo(f"nothing was deleted {days:g} days ago or earlier")
    else:
        show_trash(bin_, items, f"{_RESTORE} NAME", "pongarena models trash --empty")
    if not items:
        return
    if empty:
        if not yes:
            click.confirm(f"Remove these {len(items)} for good? There is no way back", abort=True)
        for item in items:
            bin_.remove(item)
        click.echo(f"removed {len(items)}")


@models.command()
@click.argument("name")
@click.option("--text", help="New notes; an empty text removes them.")
@click.option("--tags", help="New tags, separated by spaces or commas; an empty text removes them.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def note(name: str, text: str | None, tags: str | None, as_json: bool) -> None:
    """Show a model's notes and tags, or replace them."""
    model = Library().model(name)
    notes = read_notes(model.path)
    if text is not None or tags is not None:
        chosen = notes.tags if tags is None else parse_tags(tags)
        notes = write_notes(model, notes.text if text is None else text, chosen)
    if notes.fault:
        raise LibraryError(notes.fault)
    if as_json:
        print_json({"name": model.name, "tags": list(notes.tags), "notes": notes.text})
        return
    click.echo(" ".join(f"#{tag}" for tag in notes.tags) or "no tags")
    click.echo(notes.text or "no notes")


def _summary(model: Model) -> dict[str, Any]:
    notes = read_notes(model.path)
    strength = None if model.fault else strength_of(model)
    return {
        "name": model.name,
        "bundled": model.bundled,
        "fault": model.fault,
        "created": model.created,
        "seed": model.seed,
        "lineage": list(model.lineage),
        **cloned_entry(model.cloned),
        "recipe": None if model.recipe is None else registry.to_json(model.recipe),
        "checkpoints": model.checkpoints(),
        "notes": notes.text,
        "tags": list(notes.tags),
        "path": str(model.path),
        "strength": strength and strength.to_json(),
        "status": model.status().to_json(),
    }
