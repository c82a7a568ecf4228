"""Buttondown v1, version 2026-04-01, as its openapi.json and docs describe it (1bb7f01; read 2026-11-25)."""

import hashlib
import json
import re
from typing import Any

from tests.standins.server import KEY, Reply, Request, Standin, form_file, stamp

# What a request may hold: of the many fields of an email, those that are of use here.
_FIELDS = {
    "subject": str,
    "body": str,
    "status": str,
    "filters": dict,
    "metadata": dict,
    "template": str,
    "archival_mode": str,
    "publish_date": str,
    "description": str,
    "slug": str,
}
_STATES = {"draft", "about_to_send", "scheduled", "in_flight", "paused", "errored", "sent", "throttled", "suppressed"}
_TEMPLATES = {"naked", "classic", "modern", "custom", "plaintext"}
_PAGE = 3


class Buttondown(Standin):
    """Tags, subscribers, emails, images."""

    kind, prefix = "buttondown", "/v1"

    def __init__(self) -> None:
        super().__init__()
        self.tags: dict[str, dict[str, Any]] = {}
        self.readers: dict[str, int] = {}
        self.emails: dict[str, dict[str, Any]] = {}
        self.attempts: dict[str, str] = {}
        self.images: dict[str, str] = {}
        # What the plan has: without naked mode, the newsletter's own template is taken in silence.
        self.has_naked = True
        self.made = 0

    def is_known(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Token {KEY}"

    def answer(self, request: Request) -> Reply:
        path, method = request.path, request.method
        if request.headers.get("x-api-version") != "2026-04-01":
            # Whatever version the newsletter was set to: none that anything here is written for.
            return problem(400, "version_unknown", "Which version?")
        if (method, path) == ("GET", "/accounts/me"):
            return Reply(200, {"username": "network", "email_address": "desk@network.example"})
        if (method, path) == ("GET", "/tags"):
            return self._page(request, list(self.tags.values()))
        if (method, path) == ("GET", "/subscribers"):
            return self._subscribers(request)
        if (method, path) == ("POST", "/images"):
            return self._upload(request)
        if path == "/emails":
            return self._list(request) if method == "GET" else self._create(request)
        if match := re.fullmatch(r"/emails/(\w+)(/[\w-]+)?", path):
            return self._email(request, match[1], match[2] or "")
        return problem(404, "not_found", "Not found")

    def _page(self, request: Request, found: list[dict[str, Any]]) -> Reply:
        number = int(request.query.get("page", "1"))
        shown = found[(number - 1) * _PAGE : number * _PAGE]
        is_last = number * _PAGE >= len(found)
        # An address that must not be followed with the key.
        following = None if is_last else f"http://127.0.0.2{request.path}?page={number + 1}"
        return Reply(200, {"results": shown, "count": len(found), "next": following, "previous": None})

    def _subscribers(self, request: Request) -> Reply:
        tag = request.query.get("tag")
        if tag is not None and tag not in self.tags:
            return unprocessable("value_error", "query", "tag", "Tag not found.")
        readers = self.readers[tag] if tag else sum(self.readers.values())
        # Without a type, those who left are counted too.
        readers += 0 if request.query.get("type") == "regular" else 4000
        return Reply(200, {"results": [], "count": readers, "next": None, "previous": None})

    def _list(self, request: Request) -> Reply:
        known = sorted(self.emails.values(), key=lambda one: str(one["creation_date"]), reverse=True)
        if status := request.query.get("status"):
            known = [one for one in known if one["status"] == status]
        if request.query.get("excluded_fields") == "body":
            known = [{name: value for name, value in one.items() if name != "body"} for one in known]
        return self._page(request, json.loads(json.dumps(known)))

    def _create(self, request: Request) -> Reply:
        body = request.json
        if "subject" not in body:
            return unprocessable("missing", "body", "subject", "Field required")
        if refused := self._refused(body):
            return refused
        attempt = request.headers.get("x-idempotency-key", "")
        if attempt and attempt in self.attempts:
            return self._shown(self.attempts[attempt], 201)
        self.made += 1
        email = f"em_{self.made:026d}"
        self.attempts[attempt] = email
        self.emails[email] = {
            "id": email,
            "status": "about_to_send",
            "body": "",
            "filters": {"filters": [], "groups": [], "predicate": "and"},
            "metadata": {},
            "template": None,
            "publish_date": None,
            "creation_date": f"{stamp()}{self.made:06d}",
            "absolute_url": f"https://buttondown.com/network/archive/{email}/",
            "source": "api",
        }
        self._take(email, body)
        return self._shown(email, 201)

    def _refused(self, body: Any) -> Reply | None:
        for name, value in body.items():
            if name not in _FIELDS:
                return unprocessable("extra_forbidden", "body", name, "Extra inputs are not permitted")
            if not isinstance(value, _FIELDS[name]):
                return unprocessable("type_error", "body", name, f"Input should be a valid {_FIELDS[name].__name__}")
        if len(body.get("subject", "")) > 2000:
            return unprocessable("string_too_long", "body", "subject", "String should have at most 2000 characters")
        if body.get("status", "draft") not in _STATES or body.get("template", "naked") not in _TEMPLATES:
            return unprocessable("enum", "body", "status", "Input should be one of those in the documentation")
        filters = body.get("filters", {"filters": [], "groups": [], "predicate": "and"})
        if set(filters) != {"filters", "groups", "predicate"} or filters["predicate"] not in {"and", "or"}:
            return unprocessable("missing", "body", "filters", "Field required")
        for one in filters["filters"]:
            if set(one) != {"field", "operator", "value"}:
                return unprocessable("missing", "body", "filters", "Field required")
            if one["field"] == "subscriber.tags" and one["value"] not in self.tags:
                return problem(400, "tag_invalid", "That tag does not exist.")
        if body.get("body", "").startswith("---"):
            return problem(400, "body_contains_frontmatter", "The body begins with frontmatter.")
        return None

    def _take(self, email: str, body: dict[str, Any]) -> None:
        own = self.emails[email]
        own |= body
        if own["template"] == "naked" and not self.has_naked:
            own["template"] = "modern"
        if own["status"] != "draft":
            self.mailed.append(email)

    def _email(self, request: Request, email: str, rest: str) -> Reply:
        if email not in self.emails:
            return problem(404, "not_found", "Not found")
        what = (request.method, rest)
        if what == ("GET", ""):
            return self._shown(email)
        if what == ("PATCH", ""):
            if refused := self._refused(request.json):
                return refused
            self._take(email, request.json)
            return self._shown(email)
        if what == ("POST", "/send-draft"):
            body = request.json
            if set(body) - {"recipients", "subscribers"} or not body.get("recipients"):
                return unprocessable("extra_forbidden", "body", "recipients", "Extra inputs are not permitted")
            self.tested.append(tuple(body["recipients"]))
            return Reply(200)
        if what == ("POST", "/publish"):
            self.mailed.append(email)
        return problem(405, "method_not_allowed", "Method not allowed")

    def _upload(self, request: Request) -> Reply:
        name, content = form_file(request, "image")
        if not re.search(r"\.(?:png|jpe?g|gif|webp)$", name):
            words = "Unsupported image type. Please upload a PNG, JPG, GIF, or WebP image."
            return unprocessable("value_error.file_extension", "file", "image", words)
        digest = hashlib.sha256(content).hexdigest()[:16]
        address = self.images.setdefault(digest, f"{self.url}/images/{digest}.png")
        return Reply(201, {"id": f"img_{digest}", "image": address, "creation_date": stamp(), "metadata": {}})

    def _shown(self, email: str, status: int = 200) -> Reply:
        return Reply(status, json.loads(json.dumps(self.emails[email])))

    # By hand.

    def add_list(self, name: str, readers: int) -> str:
        tag = f"tag_{len(self.tags) + 1:026d}"
        self.tags[tag] = {"id": tag, "name": name, "color": "#fff", "creation_date": stamp()}
        self.readers[tag] = readers
        return tag

    def set_list(self, list_id: str, *, name: str | None = None, readers: int | None = None) -> None:
        self.tags[list_id]["name"] = self.tags[list_id]["name"] if name is None else name
        self.readers[list_id] = self.readers[list_id] if readers is None else readers

    def drop_list(self, list_id: str) -> None:
        del self.tags[list_id], self.readers[list_id]

    def mails(self) -> dict[str, dict[str, Any]]:
        return {
            email: {
                "state": own["status"],
                "subject": own["subject"],
                "html": own["body"],
                "lists": [one["value"] for one in own["filters"]["filters"]],
            }
            for email, own in self.emails.items()
        }

    def edit(self, mail: str, old: str, new: str) -> None:
        own = self.emails[mail]
        assert old in own["body"]
        own["body"] = own["body"].replace(old, new)

    def move(self, mail: str, list_id: str) -> None:
        tag = {"field": "subscriber.tags", "operator": "contains", "value": list_id}
        self.emails[mail]["filters"] = {"filters": [tag], "groups": [], "predicate": "and"}

    def delete(self, mail: str) -> None:
        del self.emails[mail]

    def set_state(self, mail: str, state: str) -> None:
        self.emails[mail]["status"] = state
        self.emails[mail]["publish_date"] = stamp()


def problem(status: int, code: str, detail: str) -> Reply:
    """Return an error as it comes."""
    return Reply(status, {"detail": detail, "code": code, "metadata": {}})


def unprocessable(kind: str, where: str, name: str, message: str) -> Reply:
    """Return what it answers to a request that its schema does not know."""
    return Reply(422, {"detail": [{"type": kind, "loc": [where, "payload", name], "msg": message}]})
