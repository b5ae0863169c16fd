"""The two lines above a dashboard."""

from pongarena.jobs.status import State, Status
from pongarena.tui.data.library_watcher import Entry, LibrarySnapshot
from pongarena.tui.widgets.session_head import session_head


def test_what_is_not_known_yet_is_left_out(make_model):
    model = make_model("deep", games=0)
    begins = Entry(model, Status(State.STARTING, message="compiling"), (), 0)
    assert session_head(begins, LibrarySnapshot((begins,)), None).plain.endswith(
        "0 games  0 steps\ncompiling"
    )
    runs = Entry(model, Status(State.RUNNING, steps_per_s=2000.0), (), 0)
    assert session_head(runs, LibrarySnapshot((runs,)), 7.0).plain.endswith(
        "\n2,000 steps a second  ·  7 times the bare emulator's speed"
    )
