"""Players, and what they are called."""

from pongarena.match.players import PlayerSpec, called


def test_a_single_person_is_you_and_two_have_a_side_each(model):
    person, ai, network = PlayerSpec.human(), PlayerSpec.ai(), model()
    assert called((person, ai)) == ("you", "ai")
    assert called((network, person)) == ("m@100", "you")
    assert called((person, person)) == ("left", "right")
    assert called((network, person), ("m@200", "human")) == ("m@200", "you")
