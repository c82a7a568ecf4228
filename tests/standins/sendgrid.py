"""SendGrid Marketing Campaigns, as twilio/sendgrid-oai describes single sends, lists, senders (read 2026-11-25)."""

import copy
import re
import uuid
from typing import Any

from tests.standins.server import KEY, Reply, Request, Standin, stamp

_CONTENT: dict[str, tuple[type, ...]] = {
    "subject": (str,),
    "html_content": (str,),
    "plain_content": (str,),
    "generate_plain_content": (bool,),
    "design_id": (str,),
    "editor": (str,),
    "suppression_group_id": (int, type(None)),
    "custom_unsubscribe_url": (str, type(None)),
    "sender_id": (int, type(None)),
    "ip_pool": (str, type(None)),
}
_SENT_TO: dict[str, tuple[type, ...]] = {"list_ids": (list,), "segment_ids": (list,), "all": (bool,)}
_FIELDS: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "categories": (list,),
    "send_at": (str, type(None)),
    "send_to": (dict,),
    "email_config": (dict,),
}


class SendGrid(Standin):
    """Single sends, lists, senders, unsubscribe groups."""

    kind, prefix = "sendgrid", "/v3"
    takes_pictures = tests = False

    def __init__(self) -> None:
        super().__init__()
        self.lists: dict[str, dict[str, Any]] = {}
        self.sends: dict[str, dict[str, Any]] = {}
        self.senders = [
            a_sender(4, "news@network.example", "An old name"),
            a_sender(5, "news@network.example", "Example Network"),
            a_sender(6, "desk@network.example", "Example Network"),
        ]
        self.groups = [
            {"id": 21, "name": "Alerts", "description": "", "is_default": False, "unsubscribes": 3},
            {"id": 22, "name": "Newsletters", "description": "", "is_default": True, "unsubscribes": 9},
        ]
        # Whether the key may see whom mails come from.
        self.shows_senders = True
        # How many the search shows a page.
        self.page = 50
        self.made = 0

    def is_known(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {KEY}"

    def answer(self, request: Request) -> Reply:
        path, method = request.path, request.method
        if (method, path) == ("GET", "/user/username"):
            return Reply(200, {"username": "network", "user_id": 180})
        if (method, path) == ("GET", "/marketing/contacts/count"):
            count = sum(one["contact_count"] for one in self.lists.values())
            return Reply(200, {"contact_count": count, "billable_count": count})
        if (method, path) == ("GET", "/marketing/lists"):
            return self._page(request, list(self.lists.values()), int(request.query.get("page_size", 100)))
        if (method, path) == ("GET", "/marketing/senders"):
            forbidden = Reply(403, {"errors": [{"field": None, "message": "access forbidden"}]})
            return Reply(200, {"results": self.senders}) if self.shows_senders else forbidden
        if (method, path) == ("GET", "/asm/groups"):
            return Reply(200, self.groups)
        if (method, path) == ("POST", "/marketing/singlesends/search"):
            return self._search(request)
        if (method, path) == ("POST", "/marketing/singlesends"):
            return self._create(request.json)
        if match := re.fullmatch(r"/marketing/singlesends/([^/]+)(/schedule)?", path):
            if match[1] not in self.sends:
                return refused(404, "id", "not found")
            return self._one(request, match[1], match[2] or "")
        return refused(404, "", "not found")

    def _page(self, request: Request, values: list[Any], size: int) -> Reply:
        start = int(request.query.get("page_token") or 0)
        metadata = {"self": f"{self.url}{request.path}?page_token={start}", "count": len(values)}
        if start + size < len(values):
            metadata["next"] = f"{self.url}{request.path}?page_size={size}&page_token={start + size}"
        return Reply(200, {"result": values[start : start + size], "_metadata": metadata})

    def _search(self, request: Request) -> Reply:
        body = request.json
        if set(body) - {"name", "status", "categories"}:
            return refused(400, "", "unknown field")
        found = [
            {**{name: one[name] for name in ("id", "name", "status", "categories", "created_at")}, "is_abtest": False}
            for one in reversed(self.sends.values())
            if set(body.get("categories", one["categories"])) & set(one["categories"])
            and one["status"] in body.get("status", [one["status"]])
            and body.get("name", "") in one["name"]
        ]
        return self._page(request, found, min(int(request.query.get("page_size", 10)), self.page))

    def _create(self, body: dict[str, Any]) -> Reply:
        if fault := self._fault(body):
            return fault
        if not 1 <= len(body.get("name", "")) <= 100:
            return refused(400, "name", "length must be between 1 and 100")
        self.made += 1
        send = str(uuid.UUID(int=self.made))
        self.sends[send] = {
            "id": send,
            "status": "draft",
            "categories": [],
            "send_to": {},
            "created_at": stamp(),
            "email_config": {"generate_plain_content": True, "editor": "code"},
        }
        self._put(send, body)
        return Reply(201, self._shown(send))

    def _one(self, request: Request, send: str, rest: str) -> Reply:
        own, what = self.sends[send], (request.method, rest)
        if what == ("GET", ""):
            return Reply(200, self._shown(send))
        if what == ("PATCH", ""):
            if own["status"] != "draft":
                return refused(400, "status", "only a draft can be updated")
            if fault := self._fault(request.json):
                return fault
            self._put(send, request.json)
            return Reply(202, self._shown(send))
        if what == ("PUT", "/schedule"):
            self.mailed.append(send)
            return Reply(201, {"send_at": request.json["send_at"], "status": "scheduled"})
        return refused(405, "", "method not allowed")

    def _fault(self, body: dict[str, Any]) -> Reply | None:
        parts = ((body, _FIELDS), (body.get("send_to", {}), _SENT_TO), (body.get("email_config", {}), _CONTENT))
        for part, fields in parts:
            for name, value in part.items():
                if name not in fields or type(value) not in fields[name]:
                    return refused(400, name, "is not valid")
        if body.get("send_at") == "now":
            return refused(400, "send_at", "now is for the schedule")
        if set(body.get("send_to", {}).get("list_ids", [])) - set(self.lists):
            return refused(400, "send_to.list_ids", "list does not exist")
        categories = body.get("categories", [])
        if len(categories) > 10 or len(set(categories)) < len(categories):
            return refused(400, "categories", "are not valid")
        sender = body.get("email_config", {}).get("sender_id")
        if sender and sender not in {one["id"] for one in self.senders if one["verified"]}:
            return refused(400, "email_config.sender_id", "sender is not verified")
        return None

    def _put(self, send: str, body: dict[str, Any]) -> None:
        """Change what is stated; what is blank stays as it is."""
        own = self.sends[send]
        own |= {name: value for name, value in body.items() if value and name not in {"send_to", "email_config"}}
        own["send_to"] = own["send_to"] | {name: value for name, value in body.get("send_to", {}).items() if value}
        stated = {name: value for name, value in body.get("email_config", {}).items() if value not in {"", None}}
        content = own["email_config"] = own["email_config"] | stated
        if content.get("design_id"):
            content |= {"subject": "", "html_content": "the design", "plain_content": ""}
        if content["generate_plain_content"]:
            content["plain_content"] = "made from the HTML"
        own["updated_at"] = stamp()

    def _shown(self, send: str) -> dict[str, Any]:
        own = copy.deepcopy(self.sends[send])
        nothing = {"suppression_group_id": None, "custom_unsubscribe_url": None, "sender_id": None, "ip_pool": None}
        own["email_config"] = nothing | own["email_config"]
        if not own["email_config"].get("subject"):
            own["warnings"] = [{"message": "subject is missing", "field": "subject", "warning_id": "1"}]
        return own

    # By hand.

    def add_list(self, name: str, readers: int) -> str:
        list_id = str(uuid.UUID(int=0xF2FE66A1 + len(self.lists)))
        self.lists[list_id] = {"id": list_id, "name": name, "contact_count": readers, "_metadata": {"self": "x"}}
        return list_id

    def set_list(self, list_id: str, *, name: str | None = None, readers: int | None = None) -> None:
        own = self.lists[list_id]
        own["name"] = own["name"] if name is None else name
        own["contact_count"] = own["contact_count"] if readers is None else readers

    def drop_list(self, list_id: str) -> None:
        del self.lists[list_id]

    def mails(self) -> dict[str, dict[str, Any]]:
        return {
            send: {
                "state": {"triggered": "sent"}.get(own["status"], own["status"]),
                "subject": own["email_config"].get("subject", ""),
                "html": own["email_config"].get("html_content", ""),
                "lists": own["send_to"].get("list_ids", []),
            }
            for send, own in self.sends.items()
        }

    def edit(self, mail: str, old: str, new: str) -> None:
        content = self.sends[mail]["email_config"]
        assert old in content["html_content"]
        content["html_content"] = content["html_content"].replace(old, new)

    def move(self, mail: str, list_id: str) -> None:
        self.sends[mail]["send_to"] = {"list_ids": [list_id]}

    def delete(self, mail: str) -> None:
        del self.sends[mail]

    def set_state(self, mail: str, state: str) -> None:
        self.sends[mail] |= {"status": {"sent": "triggered"}.get(state, state), "send_at": stamp()}


def a_sender(number: int, address: str, name: str, *, verified: bool = True) -> dict[str, Any]:
    """Return a sender, as staff set one up."""
    return {
        "id": number,
        "nickname": name,
        "from": {"email": address, "name": name},
        "reply_to": {"email": "press@network.example", "name": ""},
        "verified": verified,
        "locked": False,
    }


def refused(status: int, field: str, message: str) -> Reply:
    """Return an error as it comes."""
    return Reply(status, {"errors": [{"field": field, "message": message, "error_id": "x"}]})
