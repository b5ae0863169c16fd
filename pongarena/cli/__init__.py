"""The command line. ``pongarena --help`` needs only this module and ``lazy``."""

import click

from pongarena import __version__
from pongarena.cli.lazy import LazyCommand, LazyGroup, require_terminal
from pongarena.core.output import open_what_is_closed, replace_what_cannot_be_said

__all__ = ["cli", "main"]

_COMMANDS = {
    "train": LazyCommand("pongarena.cli.train:train", "Train a model, here or in the background."),
    "estimate": LazyCommand("pongarena.cli.estimate:estimate_command", "Estimate how fast it trains here."),
    "sessions": LazyCommand("pongarena.cli.sessions:sessions", "List the sessions that are training."),
    "pause": LazyCommand("pongarena.cli.sessions:pause", "Pause a session, using no processor time."),
    "resume": LazyCommand("pongarena.cli.sessions:resume", "Continue a paused or ended session."),
    "jobs": LazyCommand("pongarena.cli.jobs:jobs", "List everything that runs in the background."),
    "checkpoint": LazyCommand("pongarena.cli.sessions:checkpoint", "Save a session's checkpoint now."),
    "learning-rate": LazyCommand(
        "pongarena.cli.sessions:learning_rate", "Change a running session's learning rate."
    ),
    "stop": LazyCommand("pongarena.cli.sessions:stop", "End a session, with a checkpoint."),
    "models": LazyCommand(
        "pongarena.cli.models:models", "List, show, fork, delete, restore, import, export."
    ),
    "export": LazyCommand("pongarena.cli.exchange:export", "Export a model as one file, to share it."),
    "import": LazyCommand("pongarena.cli.exchange:import_", "Import a model from a file."),
    "play": LazyCommand("pongarena.cli.play:play", "Play a match in a window, or in the terminal."),
    "watch": LazyCommand("pongarena.cli.watch:watch", "Watch or play a match here in the terminal."),
    "ladder": LazyCommand("pongarena.cli.ladder:ladder", "See how far you have climbed, and who is next."),
    "ratings": LazyCommand("pongarena.cli.ladder:ratings", "List the ratings of all players."),
    "tournament": LazyCommand("pongarena.cli.tournament:tournament", "Let everybody play everybody."),
    "replay": LazyCommand("pongarena.cli.replay:replay", "Play a match of the log again, or film it."),
    "record": LazyCommand("pongarena.cli.record:record", "Film a match without a window."),
    "reel": LazyCommand("pongarena.cli.reel:reel", "Film how a model improved, checkpoint by checkpoint."),
    "eval": LazyCommand("pongarena.cli.evaluate:evaluate", "Measure a model against the cartridge's CPU."),
    "lesson": LazyCommand("pongarena.cli.lesson:lesson", "For teachers: a report of what a class made."),
    "lab": LazyCommand("pongarena.cli.lab:lab", "Experiments on learning itself."),
    "sweep": LazyCommand("pongarena.cli.sweep:sweep", "Search for a recipe's best settings."),
    "population": LazyCommand("pongarena.cli.population:population", "Train many seeds, keep the best."),
    "completion": LazyCommand(
        "pongarena.cli.completion:completion", "Let your shell complete commands and names."
    ),
    "man": LazyCommand("pongarena.cli.man:man", "Show the manual page."),
    "docs": LazyCommand("pongarena.cli.docs:docs", "Write the documentation as web pages."),
    "doctor": LazyCommand("pongarena.cli.doctor:doctor", "Check whether everything here works."),
    "bench": LazyCommand("pongarena.bench:bench", "Measure the project's claims on this machine."),
    "session": LazyCommand("pongarena.cli.train:session", "The background process itself.", hidden=True),
}


@click.group(
    cls=LazyGroup,
    lazy=_COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="pongarena")
@click.pass_context
def cli(context: click.Context) -> None:
    """Play Atari Pong against a neural network that you trained yourself, and see it think.

    Without a command, it opens the app.
    """
    if context.invoked_subcommand is not None:
        return
    require_terminal("the app")
    # textual takes a quarter of a second to load, and only the app needs it
    from pongarena.tui.app import run  # noqa: PLC0415

    run()


def main() -> None:
    """Run the command line."""
    open_what_is_closed()
    replace_what_cannot_be_said()
    cli(prog_name="pongarena")
