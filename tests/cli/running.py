"""Running the command line in this process."""

from click.testing import CliRunner

from pongarena.cli import cli


def run(*arguments, **options):
    return CliRunner().invoke(cli, [str(each) for each in arguments], prog_name="pongarena", **options)


TRAIN = (
    "--recipe",
    "karpathy",
    "--hidden-units",
    "8",
    "--set",
    "batch_episodes=1",
    "--max-frames",
    "1200",
    "--checkpoint-every",
    "1",
)
