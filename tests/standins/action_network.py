"""Action Network v2, as its docs describe it (read 2026-11-25)."""

import json
import re
from collections.abc import Callable
from typing import Any

from tests.standins.server import KEY, Reply, Request, Standin, stamp

_PAGE = 25
_FIELDS = {
    "subject": str,
    "body": str,
    "from": str,
    "reply_to": str,
    "name": str,
    "identifiers": list,
    "targets": list,
    "origin_system": str,
    "_links": dict,
}


class ActionNetwork(Standin):
    """Queries and messages of one group; how many a message reaches is counted only when it was made."""

    kind, prefix = "action-network", "/api/v2"
    takes_pictures = tests = counts = False

    def __init__(self) -> None:
        super().__init__()
        self.queries: dict[str, dict[str, Any]] = {}
        self.readers: dict[str, int] = {}
        self.messages: dict[str, dict[str, Any]] = {}
        # Identifiers of all groups, and of what was deleted.
        self.identifiers: set[str] = set()
        # How often one has to look before it has counted, and how often one did so for each message.
        self.counts_for = 2
        self.looks: dict[str, int] = {}
        # The seconds that a test counts, where the pause between two messages is looked at.
        self.clock: Callable[[], float] | None = None
        self.last = -1e9
        self.made = 0
        # What stands before its own ids.
        self.own = "action_network"

    def is_known(self, request: Request) -> bool:
        return request.headers.get("osdi-api-token") == KEY

    def answer(self, request: Request) -> Reply:
        path, method = request.path.rstrip("/"), request.method
        if (method, path) == ("GET", "/queries"):
            return self._page(request, "osdi:queries", list(self.queries.values()))
        if match := re.fullmatch(r"/queries/([\w-]+)", path):
            own = self.queries.get(match[1])
            return Reply(200, own) if own and method == "GET" else problem(404, "Resource not found")
        if (method, path) == ("GET", "/messages"):
            newest = sorted(self.messages.values(), key=lambda one: str(one["created_date"]), reverse=True)
            return self._page(request, "osdi:messages", json.loads(json.dumps(newest)))
        if (method, path) == ("POST", "/messages"):
            return self._create(request)
        if match := re.fullmatch(r"/messages/([\w-]+)(/\w+)?", path):
            return self._message(request, match[1], match[2] or "")
        return problem(404, "Resource not found")

    def _page(self, request: Request, name: str, found: list[dict[str, Any]]) -> Reply:
        number = int(request.query.get("page", "1"))
        pages = -(-len(found) // _PAGE)
        shown = found[(number - 1) * _PAGE : number * _PAGE]
        stated = {"total_pages": pages, "per_page": _PAGE, "page": number, "total_records": len(found)}
        return Reply(200, {**stated, "_embedded": {name: shown}, "_links": {"self": {"href": self._href("messages")}}})

    def _create(self, request: Request) -> Reply:
        body = request.json
        missing = [name for name in ("subject", "body", "from", "reply_to") if not body.get(name)]
        if missing:
            return problem(400, f"{missing[0]} is required")
        if refused := self._refused(body):
            return refused
        for one in body.get("identifiers", ()):
            if not re.fullmatch(r"[\w-]+:[\w-]+", one) or one in self.identifiers:
                # Nobody has said what it answers to one that is taken, anywhere and by anybody.
                return problem(400, "identifiers must be unique")
        self.made += 1
        message = f"d91b4b2e-ae0e-4cd3-9ed7-{self.made:012x}"
        self.identifiers |= {*body.get("identifiers", ())}
        self.messages[message] = {
            "identifiers": [f"{self.own}:{message}", *body.get("identifiers", ())],
            "type": "email",
            "created_date": f"{stamp()} {self.made:06d}",
            "administrative_url": f"{self.url}/emails/{message}/manage",
            "origin_system": "Action Network",
            "total_targeted": 0,
            "statistics": {},
            "_links": {"self": {"href": self._href("messages", message)}},
            "targets": [],
        }
        self._take(message, body)
        self._count(message)
        return self._shown(message)

    def _refused(self, body: Any) -> Reply | None:
        """Fields that it does not know are ignored, as OSDI wants it."""
        for name, kind in _FIELDS.items():
            if name in body and not isinstance(body[name], kind):
                return problem(400, f"{name} is invalid")
        if len(body.get("subject", "")) >= 200:
            return problem(400, "subject is too long")
        hrefs = {self._href("queries", one) for one in self.queries}
        if not all(set(one) == {"href"} and one["href"] in hrefs for one in body.get("targets", ())):
            return problem(400, "targets are invalid")
        if self.clock and "targets" in body:
            if self.clock() - self.last < 30:
                return Reply(429, {"error": "Too many requests"})
            self.last = self.clock()
        return None

    def _take(self, message: str, body: dict[str, Any]) -> None:
        own = self.messages[message]
        own |= {name: body[name] for name in _FIELDS if name in body and name not in {"identifiers", "_links"}}
        # Its editor puts links and paragraphs in order; the words are the same.
        own["body"] = re.sub(r"\s+\n", "\n", own["body"])

    def _count(self, message: str) -> None:
        self.messages[message]["status"] = "calculating"
        self.looks[message] = 0

    def _message(self, request: Request, message: str, rest: str) -> Reply:
        if message not in self.messages:
            return problem(404, "Resource not found")
        own, what = self.messages[message], (request.method, rest)
        if what == ("GET", ""):
            self.looks[message] += 1
            if own["status"] == "calculating" and self.looks[message] > self.counts_for:
                own |= {"status": "draft", "total_targeted": self._targeted(own)}
            return self._shown(message)
        if what == ("PUT", ""):
            if own["status"] != "draft":
                return problem(400, "Message can not be modified")
            if refused := self._refused(request.json):
                return refused
            self._take(message, request.json)
            if "targets" in request.json:
                self._count(message)
            return self._shown(message)
        if request.method == "POST" and rest in {"/send", "/schedule"}:
            self.mailed.append(message)
            return Reply(200, {"message": "Your email has been sent."})
        return problem(400, "Not supported")

    def _targeted(self, own: dict[str, Any]) -> int:
        chosen = [one["href"].rpartition("/")[2] for one in own["targets"]]
        # None at all is the whole list.
        return sum(self.readers.get(one, 0) for one in chosen) if chosen else sum(self.readers.values())

    def _shown(self, message: str) -> Reply:
        return Reply(200, json.loads(json.dumps(self.messages[message])))

    def _href(self, *parts: str) -> str:
        return "/".join((f"{self.url}{self.prefix}", *parts))

    # By hand.

    def add_list(self, name: str, readers: int) -> str:
        query = f"2d1e6c0a-1111-4222-8333-{len(self.queries) + 1:012x}"
        self.queries[query] = {
            "identifiers": [f"action_network:{query}"],
            "name": name,
            "_links": {"self": {"href": self._href("queries", query)}},
        }
        self.readers[query] = readers
        return query

    def set_list(self, list_id: str, *, name: str | None = None, readers: int | None = None) -> None:
        self.queries[list_id]["name"] = self.queries[list_id]["name"] if name is None else name
        self.readers[list_id] = self.readers[list_id] if readers is None else readers

    def drop_list(self, list_id: str) -> None:
        del self.queries[list_id], self.readers[list_id]

    def mails(self) -> dict[str, dict[str, Any]]:
        return {
            message: {
                # Whether it has been counted depends on who looked.
                "state": "draft" if own["status"] == "calculating" else own["status"],
                "subject": own["subject"],
                "html": own["body"],
                "lists": [one["href"].rpartition("/")[2] for one in own["targets"]],
            }
            for message, own in self.messages.items()
        }

    def edit(self, mail: str, old: str, new: str) -> None:
        own = self.messages[mail]
        assert old in own["body"]
        own["body"] = own["body"].replace(old, new)

    def move(self, mail: str, list_id: str) -> None:
        self.messages[mail]["targets"] = [{"href": self._href("queries", list_id)}]

    def delete(self, mail: str) -> None:
        del self.messages[mail]

    def set_state(self, mail: str, state: str) -> None:
        self.messages[mail]["status"] = state
        self.messages[mail]["sent_start_date"] = stamp() if state == "sent" else None


def problem(status: int, words: str) -> Reply:
    """Return an error as it comes."""
    return Reply(status, {"error": words})
