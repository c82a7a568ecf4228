"""MailerLite, as its documentation and the recorded answers of mailerlite-nodejs describe it (read 2026-11-26)."""

import copy
import re
from typing import Any

from tests.standins.server import KEY, Reply, Request, Standin

_FIELDS: dict[str, type] = {
    "name": str,
    "type": str,
    "language_id": int,
    "emails": list,
    "groups": list,
    "segments": list,
    "settings": dict,
}
_EMAIL = {"subject", "from_name", "from", "reply_to", "content"}
_BLOCK = re.compile(r"</(?:p|td|th|tr|div|table|li|ul|h\d)>")
_STYLE = '<style type="text/css">\n    .mlFooter p {\n    margin: 0;\n    }\n    </style><!--{$body_bottom}-->'
_TEXT = "Hello,\n\nYou have received a newsletter from {$account}.\n\n{$url}\n"


class MailerLite(Standin):
    """Campaigns and groups."""

    kind, prefix = "mailerlite", "/api"
    takes_pictures = tests = False

    def __init__(self) -> None:
        super().__init__()
        self.groups: dict[str, dict[str, Any]] = {}
        self.campaigns: dict[str, dict[str, Any]] = {}
        self.made = 0
        # Says yes to groups and forgets them.
        self.drops_groups = False
        # An account that can't have HTML of its own; one whose answers have no audience in plain words.
        self.is_advanced = self.has_basic_filter = True

    def is_known(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {KEY}"

    def answer(self, request: Request) -> Reply:
        path, method = request.path, request.method
        if (method, path) == ("GET", "/groups"):
            return self._page(request, sorted(self.groups.values(), key=lambda one: str(one["name"])))
        if (method, path) == ("GET", "/campaigns"):
            # One that is not stated is none that staff would expect.
            status = request.query.get("filter[status]", "ready")
            known = [one for one in reversed(self.campaigns.values()) if one["status"] == status]
            return self._page(request, [self._shown(one, with_content=False) for one in known])
        if (method, path) == ("POST", "/campaigns"):
            return self._create(request.json)
        if match := re.fullmatch(r"/campaigns/([^/]+)(/\w+)?", path):
            if match[1] not in self.campaigns:
                return Reply(404, {"message": "Resource not found."})
            return self._one(request, self.campaigns[match[1]], match[2] or "")
        return Reply(404, {"message": "Not found."})

    def _page(self, request: Request, values: list[Any]) -> Reply:
        size, number = int(request.query.get("limit", 25)), int(request.query.get("page", 1))
        pages = max(1, -(-len(values) // size))
        found = values[(number - 1) * size : number * size]
        return Reply(200, {"data": found, "links": {}, "meta": {"current_page": number, "last_page": pages}})

    def _create(self, body: dict[str, Any]) -> Reply:
        if fault := self._fault(body):
            return fault
        if body.get("type") not in {"regular", "ab", "resend"}:
            return refused("type", "The selected type is invalid.")
        self.made += 1
        campaign = str(129543796892370121 + self.made)
        own: dict[str, Any] = {"id": campaign, "account_id": "252151", "type": body["type"], "status": "draft"}
        self.campaigns[campaign] = own | {"finished_at": None, "is_currently_sending_out": False, "groups": []}
        self._put(self.campaigns[campaign], body)
        return Reply(201, {"data": self._shown(self.campaigns[campaign], with_content=False)})

    def _one(self, request: Request, own: dict[str, Any], rest: str) -> Reply:
        what = (request.method, rest)
        if what == ("GET", ""):
            return Reply(200, {"data": self._shown(own)})
        if what == ("PUT", ""):
            if own["status"] != "draft":
                return Reply(422, "Campaign is not with status draft")
            if fault := self._fault(request.json):
                return fault
            self._put(own, request.json)
            return Reply(200, {"data": self._shown(own)})
        if what == ("POST", "/schedule"):
            self.mailed.append(own["id"])
            return Reply(200, {"data": self._shown(own)})
        return Reply(405, {"message": "The method is not supported for this route."})

    def _fault(self, body: dict[str, Any]) -> Reply | None:
        for name, value in body.items():
            if name not in _FIELDS or not isinstance(value, _FIELDS[name]):
                return refused(name, f"The {name} is invalid.")
        if not body.get("name") or len(body["name"]) > 255:
            return refused("name", "The name may not be greater than 255 characters.")
        if len(body.get("emails", [])) != 1:
            return refused("emails", "The emails must contain 1 items.")
        (email,) = body["emails"]
        for name in ("subject", "from_name", "from"):
            if not email.get(name):
                return refused(f"emails.0.{name}", f"The {name} field is required.")
        if unknown := set(email) - _EMAIL:
            return refused(f"emails.0.{min(unknown)}", "The field is invalid.")
        if "content" in email and not self.is_advanced:
            return refused("emails.0.content", "Content submission is only available on advanced plan.")
        if set(body.get("groups", [])) - set(self.groups):
            return refused("groups.0", "The selected groups.0 is invalid.")
        return None

    def _put(self, own: dict[str, Any], body: dict[str, Any]) -> None:
        (email,) = body["emails"]
        own["name"] = body["name"]
        # A group that is not stated is none, and without one it is for everybody.
        own["groups"] = [] if self.drops_groups else list(body.get("groups", []))
        before = own.get("email", {"content": ""})
        own["email"] = before | {"reply_to": email["from"]} | email
        if "content" in email:
            own["email"]["content"] = tidied(email["content"])

    def _shown(self, own: dict[str, Any], *, with_content: bool = True) -> dict[str, Any]:
        groups = own["groups"]
        shown = {name: value for name, value in own.items() if name not in {"groups", "email"}}
        email = {"type": "builder_html", **own["email"], "plain_text": _TEXT, "preheader": None}
        if not with_content:
            del email["content"]
        active = sum(one["active_count"] for one in self.groups.values())
        count = sum(self.groups[one]["active_count"] for one in groups if one in self.groups) if groups else active
        shown |= {"emails": [email], "missing_data": [], "warnings": [], "recipients_count": count}
        shown["filter"] = [[{"operator": "in_any", "args": ["groups", groups]}]] if groups else []
        if self.has_basic_filter:
            shown["basic_filter_for_humans"] = {
                "included_groups": [{"id": one, "name": self.groups.get(one, {}).get("name", "")} for one in groups],
                "excluded_groups": [],
                "included_segments": [],
                "excluded_segments": [],
                "all_active_subscribers": not groups,
            }
        return copy.deepcopy(shown)

    # By hand.

    def add_list(self, name: str, readers: int) -> str:
        group = str(75138557045376452 + len(self.groups))
        self.groups[group] = {"id": group, "name": name, "active_count": readers, "unsubscribed_count": 7}
        return group

    def set_list(self, list_id: str, *, name: str | None = None, readers: int | None = None) -> None:
        own = self.groups[list_id]
        own["name"] = own["name"] if name is None else name
        own["active_count"] = own["active_count"] if readers is None else readers

    def drop_list(self, list_id: str) -> None:
        del self.groups[list_id]

    def mails(self) -> dict[str, dict[str, Any]]:
        return {
            campaign: {
                "state": {"ready": "scheduled"}.get(own["status"], own["status"]),
                "subject": own["email"]["subject"],
                "html": own["email"]["content"],
                "lists": own["groups"] or ["everybody"],
            }
            for campaign, own in self.campaigns.items()
        }

    def edit(self, mail: str, old: str, new: str) -> None:
        email = self.campaigns[mail]["email"]
        assert old in email["content"]
        email["content"] = email["content"].replace(old, new)

    def move(self, mail: str, list_id: str) -> None:
        self.campaigns[mail]["groups"] = [list_id]

    def delete(self, mail: str) -> None:
        del self.campaigns[mail]

    def set_state(self, mail: str, state: str) -> None:
        own = self.campaigns[mail]
        own["status"] = {"scheduled": "ready"}.get(state, state)
        own["finished_at"] = "2024-09-05 14:00:07" if state == "sent" else None


def tidied(page: str) -> str:
    """Return a page as it comes back: its head in the body of another, each block on a line, a style sheet below."""
    inner = re.sub(r"<!doctype[^>]*>|</?(?:html|body)\b[^>]*>", "", page, flags=re.IGNORECASE)
    inner = _BLOCK.sub(lambda end: f"{end[0]}\n      ", inner.replace("</head>", "</head><!--{$body_top}-->"))
    head = "<!DOCTYPE html>\n<html>\n  <head>\n    <!--{$head_bottom}-->\n    <title></title>\n  </head>\n"
    return f'{head}  <body class="" style="">\n    <!--{{$body_top}}-->\n    {inner}\n    {_STYLE}\n  </body>\n</html>'


def refused(field: str, message: str) -> Reply:
    """Return an error as it comes."""
    return Reply(422, {"message": message, "errors": {field: [message]}})
