"""Steps of an adapter, answered by hand: what it asks for, and what it makes of the answers."""

from typing import TypeVar

from msgspec.structs import replace

from newsletter.deliver.drafts.shapes import Answer, Audience, Call, Pause, Steps, Wanted

Value = TypeVar("Value")

WANTED = Wanted(
    mark="nl-0123456789",
    name="2024-09/state-LPMN",
    subject="A tree for every street",
    preheader="Two council members with a spade",
    html="<!doctype html><p>A tree</p>",
    text="A tree\n",
    sender_name="Minnesota Network",
    sender_address="mn@network.example",
    reply_to="desk@network.example",
    audience=Audience(id="3", name="Minnesota", readers=200),
)


def wanted_for(audience: str) -> Wanted:
    """Return what is wanted, at another list."""
    return replace(WANTED, audience=Audience(id=audience, name="Minnesota"))


def driven(steps: Steps[Value], *answers: object) -> tuple[list[Call | Pause], Value]:
    """Return all that the steps ask for while they get these answers (JSON, or an Answer), and what they return.

    Each answer must be asked for.
    """
    asked: list[Call | Pause] = []
    left = [one if isinstance(one, Answer) else Answer(status=200, json=one) for one in answers]
    answer: Answer | None = None
    while True:
        try:
            asked.append(steps.send(answer))  # type: ignore[arg-type]  # a generator begins with None
        except StopIteration as end:
            assert not left, f"{len(left)} answers were not asked for"
            value: Value = end.value
            return asked, value
        assert left, f"nothing answers {asked[-1]}"
        answer = left.pop(0)


def called(steps: Steps[Value], *answers: object) -> tuple[list[Call], Value]:
    """Return the same of steps that nobody has to wait for."""
    asked, value = driven(steps, *answers)
    calls = [one for one in asked if isinstance(one, Call)]
    assert len(calls) == len(asked)
    return calls, value
