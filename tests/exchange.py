"""An adapter's steps, driven by hand: which requests came, and what they were for in the end."""

from typing import Any

from newsletter.deliver.drafts.shapes import Answer, Audience, Call, Steps, Value, Wanted


def exchange(steps: Steps[Value], *answers: Answer) -> tuple[list[Call], Value]:
    """Hand in the answers, one a request, all of which must be used up; return the requests, and what came of them."""
    calls: list[Call] = []
    step = next(steps)
    for answer in answers:
        assert isinstance(step, Call)
        calls.append(step)
        try:
            step = steps.send(answer)
        except StopIteration as end:
            assert len(calls) == len(answers), "not all answers were wanted"
            value: Value = end.value
            return calls, value
    raise AssertionError(f"one more request: {step}")


def ok(json: Any = None, status: int = 200) -> Answer:
    """Return an answer."""
    return Answer(status=status, json=json)


def line(call: Call) -> str:
    """Return a request as `METHOD /path`."""
    return f"{call.method} {call.path}"


def wanted_for(audience: str, **more: Any) -> Wanted:
    """Return what is wanted there: a page of one sentence, for that audience."""
    known: dict[str, Any] = {
        "mark": "nl-0123456789",
        "name": "2024-09/state-LPMN",
        "subject": "Trees & more",
        "preheader": "A tree for every street",
        "html": "<p>Two council members planted a tree</p>",
        "text": "Two council members planted a tree\n",
        "sender_name": "Example Network",
        "sender_address": "news@network.example",
        "reply_to": "",
        "audience": Audience(id=audience, name="Minnesota", readers=200),
    }
    return Wanted(**known | more)
