"""What an adapter's steps are driven with: answers, what is wanted, requests in short."""

from typing import Any

from newsletter.deliver.drafts.shapes import Answer, Audience, Call, Wanted


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
