"""``pongarena estimate``: estimate how fast a recipe trains on this machine."""

from dataclasses import asdict
from math import inf

import click

from pongarena.bench.probe import probe
from pongarena.cli.show import print_json
from pongarena.core.errors import InvalidSettingError
from pongarena.core.options import Real
from pongarena.library.measured import Estimate, estimate, outlook, write_probe
from pongarena.library.models import Library
from pongarena.training import registry
from pongarena.training.settings import parse_settings

__all__ = ["estimate_command"]


@click.command("estimate")
@click.option(
    "--recipe",
    type=click.Choice(sorted(registry.RECIPES)),
    default=registry.DEFAULT_RECIPE,
    show_default=True,
)
@click.option(
    "--set", "pairs", metavar="KEY=VALUE", multiple=True, help="A setting of the recipe; repeatable."
)
@click.option("--measure", is_flag=True, help="Train for a moment to measure it, and remember it.")
@click.option("--seconds", type=Real(0.1, 600), default=6.0, show_default=True, help="For --measure.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def estimate_command(
    recipe: str, pairs: tuple[str, ...], measure: bool, seconds: float, as_json: bool
) -> None:
    """Estimate speed, memory and time of a training on this machine."""
    if not seconds < inf:  # comparisons with NaN are false, so no range excludes it
        raise InvalidSettingError(f"expected 0.1 to 600 seconds, got {seconds}")
    kind = registry.recipe(recipe, **parse_settings(pairs))
    library = Library()
    root = library.root.parent
    if measure:
        steps_per_s, bare = probe(kind, seconds)
        made = write_probe(root, kind, steps_per_s=steps_per_s, bare_steps_per_s=bare)
        found: Estimate | None = Estimate(made.steps_per_s, made.memory_mb, "measured just now")
    else:
        found = estimate(root, kind, library.models())
    if as_json:
        print_json(None if found is None else asdict(found))
    elif found is None:
        click.echo(
            "nothing like it was measured on this machine yet; measure it: pongarena estimate --measure"
        )
    else:
        click.echo("\n".join(outlook(kind, found)))
