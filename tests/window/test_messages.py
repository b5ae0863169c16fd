"""Messages are seen until they were read."""

from pongarena.window.messages import Messages


def test_a_newer_message_leaves_an_unread_one():
    messages = Messages()
    messages.say("saved the clip")
    messages.tick()
    messages.say("no sound device")
    assert messages.shown == ("saved the clip", "no sound device")


def test_time_stands_still_while_nobody_can_see_it():
    messages = Messages()
    messages.say("saved")
    for _ in range(10_000):
        messages.tick(visible=False)
    assert messages.shown == ("saved",)
    for _ in range(600):
        messages.tick()
    assert messages.shown == ()


def test_a_long_one_stays_longer_and_those_that_wait_lose_no_time():
    messages = Messages()
    for words in ("one", "two", "three", "four", "a much longer message than all the others"):
        messages.say(words)
    seen = {}
    for frame in range(2000):
        for words in messages.shown:
            seen.setdefault(words, []).append(frame)
        messages.tick()
    assert len(seen["four"]) == len(seen["one"]) + 3
    assert len(seen["a much longer message than all the others"]) > len(seen["one"]) + 60


def test_the_same_topic_is_replaced_and_nothing_is_no_message():
    messages = Messages()
    for volume in range(9):
        messages.say(f"volume {volume}", "sound")
    messages.say("")
    messages.say("volume 8")
    assert messages.shown == ("volume 8",)
