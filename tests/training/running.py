"""Running trainers in tests."""

from pongarena.training.events import Compiling, Updated


def train(trainer, updates):
    """All events up to an update, and the checkpoint that is due with it; closes the trainer.

    Without those of the compiler, which come in the first run only.
    """
    events, running, before = [], trainer.events(), _checkpoints(trainer)
    for event in running:
        if isinstance(event, Compiling):
            continue
        events.append(event)
        if isinstance(event, Updated):
            is_due, before = _checkpoints(trainer) > before, _checkpoints(trainer)
            if event.update == updates:
                events += [next(running)] if is_due else []
                break
    running.close()
    trainer.close()
    return events


def _checkpoints(trainer):
    return trainer.resume_state()[1]["episode"] // trainer.recipe.checkpoint_every


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def weights(trainer):
    return trainer.policy.w1.tobytes(), trainer.policy.w2.tobytes()


def differing(trainer, other):
    """Names of what differs in the states that two trainers would save."""
    (arrays, state), (others, other_state) = trainer.resume_state(), other.resume_state()
    assert arrays.keys() == others.keys()
    names = [name for name in arrays if arrays[name].tobytes() != others[name].tobytes()]
    return names + [key for key in {*state, *other_state} if state.get(key) != other_state.get(key)]
