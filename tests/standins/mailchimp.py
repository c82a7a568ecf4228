"""Mailchimp Marketing 3.0, as its Swagger 3.0.55 and its libraries' issues describe it (read 2026-11-25)."""

import base64
import json
import re
from typing import Any

from tests.standins.server import KEY, Reply, Request, Standin, basic, page_of, stamp


class Mailchimp(Standin):
    """Campaigns, lists, file manager."""

    kind, prefix = "mailchimp", "/3.0"

    def __init__(self) -> None:
        super().__init__()
        self.lists: dict[str, dict[str, Any]] = {}
        self.segments: dict[str, dict[int, dict[str, Any]]] = {}
        self.campaigns: dict[str, dict[str, Any]] = {}
        self.contents: dict[str, dict[str, str]] = {}
        self.files: list[dict[str, Any]] = []
        self.made = 0
        self.identity = "8d3a3db4d97663a9074efcc16"
        # Says yes to content and keeps the old one: what a template_id does (codegen #34).
        self.ignores_content = False

    def is_known(self, request: Request) -> bool:
        return basic(request)[1] == KEY

    def answer(self, request: Request) -> Reply:
        path, method = request.path, request.method
        if (method, path) == ("GET", "/"):
            return Reply(200, {"account_id": self.identity, "account_name": "Example Network"})
        if (method, path) == ("GET", "/lists"):
            found = page_of(list(self.lists.values()), request, count=10, most=1000)
            return Reply(200, {"lists": found, "total_items": len(self.lists)})
        if match := re.fullmatch(r"/lists/(\w+)/segments(?:/(\d+))?", path):
            return self._segments(request, *match.groups())
        if path == "/campaigns":
            return self._list(request) if method == "GET" else self._create(request)
        if match := re.fullmatch(r"/campaigns/(\w+)(/.*)?", path):
            return self._campaign(request, match[1], match[2] or "")
        if path == "/file-manager/files":
            return self._files(request)
        return problem(404, "Resource Not Found")

    def _segments(self, request: Request, list_id: str, segment: str | None) -> Reply:
        if list_id not in self.lists:
            return problem(404, "Resource Not Found")
        known = self.segments.get(list_id, {})
        if segment:
            return Reply(200, known[int(segment)]) if int(segment) in known else problem(404, "Resource Not Found")
        found = page_of(list(known.values()), request, count=10, most=1000)
        return Reply(200, {"segments": found, "total_items": len(known)})

    def _list(self, request: Request) -> Reply:
        known = sorted(self.campaigns.values(), key=lambda one: one["web_id"], reverse=True)
        if status := request.query.get("status"):
            known = [one for one in known if one["status"] == status]
        return Reply(200, {"campaigns": page_of(known, request, count=10, most=1000), "total_items": len(known)})

    def _create(self, request: Request) -> Reply:
        body = request.json
        if set(body) - {"type", "recipients", "settings", "tracking", "content_type"} or body.get("type") != "regular":
            return problem(400, "Invalid Resource")
        list_id = body.get("recipients", {}).get("list_id", "")
        if list_id and list_id not in self.lists:
            return problem(400, "Invalid Resource", ("recipients.list_id", "The list does not exist"))
        self.made += 1
        campaign = f"c{self.made:09x}"
        self.campaigns[campaign] = {
            "id": campaign,
            "web_id": 1000 + self.made,
            "type": "regular",
            "status": "save",
            "create_time": stamp(),
            "send_time": "",
            "content_type": "template",
            "recipients": self._recipients(body.get("recipients", {})),
            "settings": {**_BLANK, **body.get("settings", {})},
        }
        self.contents[campaign] = {"html": "", "plain_text": ""}
        return self._shown(campaign)

    def _recipients(self, stated: dict[str, Any]) -> dict[str, Any]:
        list_id = stated.get("list_id", "")
        options = stated.get("segment_opts", {})
        if options.get("saved_segment_id") not in {None, *self.segments.get(list_id, {})}:
            options = {}
        count = self.lists[list_id]["stats"]["member_count"] if list_id else 0
        return {"list_id": list_id, "recipient_count": count, **({"segment_opts": options} if options else {})}

    def _campaign(self, request: Request, campaign: str, rest: str) -> Reply:
        if campaign not in self.campaigns:
            return problem(404, "Resource Not Found")
        own, what = self.campaigns[campaign], (request.method, rest)
        if what == ("GET", ""):
            return self._shown(campaign)
        if what == ("PATCH", ""):
            body = request.json
            missing = {"subject_line", "from_name", "reply_to"} - set(body.get("settings", {}))
            if missing:
                words = f"Required fields were not provided: {', '.join(sorted(missing))}"
                return problem(400, "Invalid Resource", ("settings", words))
            if own["status"] not in {"save", "paused"}:
                return problem(400, "Bad Request")
            own["settings"] |= body["settings"]
            if "recipients" in body:
                own["recipients"] = self._recipients(body["recipients"])
            return self._shown(campaign)
        if what == ("GET", "/content"):
            return Reply(200, {**self.contents[campaign], "archive_html": self.contents[campaign]["html"]})
        if what == ("PUT", "/content"):
            return self._content(request, campaign)
        if what == ("GET", "/send-checklist"):
            items = [{"type": "success", "id": 1, "heading": "Subject", "details": ""}]
            if not own["settings"]["reply_to"]:
                items.append({"type": "error", "id": 2, "heading": "Reply-to", "details": "has no address"})
            return Reply(200, {"is_ready": len(items) == 1, "items": items})
        if what == ("POST", "/actions/test"):
            body = request.json
            if not body.get("test_emails") or body.get("send_type") not in {"html", "plaintext"}:
                return problem(400, "Invalid Resource")
            self.tested.append(tuple(body["test_emails"]))
            return Reply(204)
        if request.method == "POST" and rest in {"/actions/send", "/actions/schedule"}:
            self.mailed.append(campaign)
            return Reply(204)
        return problem(405, "Method Not Allowed")

    def _content(self, request: Request, campaign: str) -> Reply:
        body = request.json
        if self.campaigns[campaign]["status"] not in {"save", "paused"}:
            return problem(400, "Bad Request")
        if set(body) - {"html", "plain_text", "url", "template", "archive"}:
            return problem(400, "Invalid Resource")
        if not self.ignores_content and "template_id" not in self.campaigns[campaign]["settings"]:
            page = body["html"]
            if "*|UNSUB|*" not in page:
                page += '<center><a href="*|UNSUB|*">unsubscribe</a></center>'
            self.contents[campaign] = {"html": page, "plain_text": body.get("plain_text") or "made from the HTML"}
        return Reply(200, {**self.contents[campaign], "archive_html": ""})

    def _files(self, request: Request) -> Reply:
        if request.method == "GET":
            found = page_of(list(reversed(self.files)), request, count=10, most=1000)
            return Reply(200, {"files": found, "total_items": len(self.files), "total_file_size": 0})
        body = request.json
        base64.b64decode(body["file_data"], validate=True)
        number = len(self.files) + 1
        address = f"{self.url}/gallery/{number}/{body['name']}"
        self.files.append({"id": number, "name": body["name"], "full_size_url": address, "type": "image"})
        return Reply(200, self.files[-1])

    def _shown(self, campaign: str) -> Reply:
        # An answer that somebody goes on changing is none.
        return Reply(200, json.loads(json.dumps(self.campaigns[campaign])))

    # By hand.

    def add_list(self, name: str, readers: int) -> str:
        list_id = f"{len(self.lists) + 0x4F2A91:x}c0de"
        self.lists[list_id] = {"id": list_id, "web_id": 1, "name": name, "stats": {"member_count": readers}}
        return list_id

    def set_list(self, list_id: str, *, name: str | None = None, readers: int | None = None) -> None:
        own = self.lists[list_id]
        own["name"] = own["name"] if name is None else name
        own["stats"] = own["stats"] if readers is None else {"member_count": readers}

    def drop_list(self, list_id: str) -> None:
        del self.lists[list_id]

    def mails(self) -> dict[str, dict[str, Any]]:
        states = {"save": "draft", "schedule": "scheduled"}
        return {
            campaign: {
                "state": states.get(own["status"], own["status"]),
                "subject": own["settings"]["subject_line"],
                "html": self.contents[campaign]["html"],
                "lists": [own["recipients"]["list_id"]],
            }
            for campaign, own in self.campaigns.items()
        }

    def edit(self, mail: str, old: str, new: str) -> None:
        assert old in self.contents[mail]["html"]
        self.contents[mail]["html"] = self.contents[mail]["html"].replace(old, new)

    def move(self, mail: str, list_id: str) -> None:
        self.campaigns[mail]["recipients"] = self._recipients({"list_id": list_id})

    def delete(self, mail: str) -> None:
        del self.campaigns[mail], self.contents[mail]

    def set_state(self, mail: str, state: str) -> None:
        self.campaigns[mail]["status"] = {"scheduled": "schedule"}.get(state, state)
        self.campaigns[mail]["send_time"] = stamp() if state == "sent" else ""


_BLANK = {"subject_line": "", "preview_text": "", "title": "", "from_name": "", "reply_to": ""}


def problem(status: int, title: str, *errors: tuple[str, str]) -> Reply:
    """Return an error as it comes, application/problem+json."""
    named = [{"field": name, "message": message} for name, message in errors]
    stated = {"type": "about:blank", "title": title, "status": status, "detail": "See the docs", "instance": "x"}
    return Reply(status, {**stated, **({"errors": named} if named else {})})
