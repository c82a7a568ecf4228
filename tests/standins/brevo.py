"""Brevo v3, as brevo-python 5.1.0 and what is known of its limits describe it (read 2026-11-25)."""

import re
from typing import Any

from tests.standins.server import KEY, Reply, Request, Standin, stamp

# What a campaign may be made of, with its kind; the settings that schedule it among them.
_FIELDS: dict[str, type] = {
    "name": str,
    "sender": dict,
    "subject": str,
    "previewText": str,
    "replyTo": str,
    "toField": str,
    "htmlContent": str,
    "htmlUrl": str,
    "templateId": int,
    "recipients": dict,
    "mirrorActive": bool,
    "inlineImageActivation": bool,
    "header": str,
    "footer": str,
    "utmCampaign": str,
    "tag": str,
    "scheduledAt": str,
    "sendAtBestTime": bool,
}
_PER_HOUR = 100


class Brevo(Standin):
    """Email campaigns, contact lists."""

    kind, prefix = "brevo", "/v3"
    takes_pictures = False

    def __init__(self) -> None:
        super().__init__()
        self.lists: dict[int, dict[str, Any]] = {}
        self.campaigns: dict[int, dict[str, Any]] = {}
        self.made = 0
        # Requests that count: all but those for contacts, and those that send.
        self.counted = 0
        # An account from before organizations had ids.
        self.organization: str | None = "6560d3b1c2a4f5e6d7c8b9a0"

    def is_known(self, request: Request) -> bool:
        return request.headers.get("api-key") == KEY

    def answer(self, request: Request) -> Reply:
        path, method = request.path, request.method
        if not path.startswith("/contacts/") and not path.endswith("/sendTest"):
            self.counted += 1
            if self.counted > _PER_HOUR:
                return Reply(429, {"code": "too_many_requests", "message": "Too many requests"})
        if (method, path) == ("GET", "/account"):
            known = {"organization_id": self.organization} if self.organization else {}
            return Reply(200, {**known, "email": "owner@network.example", "companyName": "Example Network", "plan": []})
        if (method, path) == ("GET", "/contacts/lists"):
            return self._page(request, "lists", list(self.lists.values()), count=10, most=50)
        if path == "/emailCampaigns":
            return self._list(request) if method == "GET" else self._create(request)
        if match := re.fullmatch(r"/emailCampaigns/([^/]+)(/\w+)?", path):
            if not match[1].isdecimal() or int(match[1]) not in self.campaigns:
                return refused(404, "document_not_found", "Campaign does not exist")
            return self._campaign(request, int(match[1]), match[2] or "")
        return refused(404, "document_not_found", "Route not found")

    def _page(self, request: Request, name: str, values: list[Any], *, count: int, most: int) -> Reply:
        limit, offset = int(request.query.get("limit", count)), int(request.query.get("offset", 0))
        if limit > most:
            return refused(400, "out_of_range", "Limit exceeds max value")
        found = values[offset : offset + limit]
        # An empty page has no such key.
        return Reply(200, {"count": len(values), **({name: found} if found else {})})

    def _list(self, request: Request) -> Reply:
        known = sorted(self.campaigns.values(), key=lambda one: one["id"], reverse=request.query.get("sort") != "asc")
        if status := request.query.get("status"):
            spelt = {"inProcess": "in_process", "inReview": "in_review"}.get(status, status)
            known = [one for one in known if one["status"] == spelt]
        hides = request.query.get("excludeHtmlContent") == "true"
        shown = [{**one, "htmlContent": ""} if hides else one for one in known]
        return self._page(request, "campaigns", shown, count=50, most=100)

    def _create(self, request: Request) -> Reply:
        body = request.json
        if fault := self._fault(body):
            return fault
        if missing := [name for name in ("name", "sender", "subject") if not body.get(name)]:
            return refused(400, "missing_parameter", f"{missing[0]} is missing")
        if sum(name in body for name in ("htmlContent", "htmlUrl", "templateId")) != 1:
            return refused(400, "invalid_parameter", "exactly one of htmlContent, htmlUrl and templateId")
        self.made += 1
        self.campaigns[self.made] = {
            "id": self.made,
            "type": "classic",
            "status": "draft",
            "createdAt": stamp(),
            "subject": "",
            "previewText": "",
            "replyTo": "[DEFAULT_REPLY_TO]",
            "htmlContent": "",
            "header": "[DEFAULT_HEADER]",
            "footer": "[DEFAULT_FOOTER]",
            "recipients": {"lists": [], "exclusionLists": []},
        }
        self._put(self.made, body)
        return Reply(201, {"id": self.made})

    def _campaign(self, request: Request, campaign: int, rest: str) -> Reply:
        own, what = self.campaigns[campaign], (request.method, rest)
        if what == ("GET", ""):
            return Reply(200, dict(own))
        if what == ("PUT", ""):
            if own["status"] not in {"draft", "queued"}:
                return refused(400, "campaign_sent", "Campaign has been sent")
            if fault := self._fault(request.json):
                return fault
            self._put(campaign, request.json)
            return Reply(204)
        if what == ("POST", "/sendTest"):
            addresses = request.json.get("emailTo", [])
            if not addresses:
                # The whole test list has got it.
                self.mailed.append(f"the test list: {campaign}")
            self.tested.append(tuple(addresses))
            return Reply(204)
        if what in {("POST", "/sendNow"), ("PUT", "/status")}:
            self.mailed.append(str(campaign))
            return Reply(204)
        return refused(405, "method_not_allowed", "POST Method is not allowed")

    def _fault(self, body: dict[str, Any]) -> Reply | None:
        for name, value in body.items():
            if name not in _FIELDS or not isinstance(value, _FIELDS[name]):
                return refused(400, "invalid_parameter", f"{name} is not valid")
        sender = body.get("sender", {"email": ""})
        if set(sender) - {"name", "email", "id"} or ("email" in sender) == ("id" in sender):
            return refused(400, "invalid_parameter", "either the email or the id of a sender")
        if len(body.get("htmlContent", "more than ten")) <= 10:
            return refused(400, "invalid_parameter", "htmlContent is too short")
        lists = body.get("recipients", {}).get("listIds", [])
        if set(lists) - set(self.lists):
            return refused(400, "invalid_parameter", "List ids are not valid")
        return None

    def _put(self, campaign: int, body: dict[str, Any]) -> None:
        own = self.campaigns[campaign]
        own |= {name: value for name, value in body.items() if name != "recipients"}
        own["modifiedAt"] = stamp()
        if "sender" in body:
            own["sender"] = {"id": 7, **body["sender"]}
        if "recipients" in body:
            recipients = body["recipients"]
            own["recipients"] = {
                "lists": list(recipients.get("listIds", [])),
                "exclusionLists": list(recipients.get("exclusionListIds", [])),
            }
        if "htmlContent" in body:
            own["header"] = "" if "{{ mirror }}" in body["htmlContent"] else "[DEFAULT_HEADER]"
            own["footer"] = "" if "{{ unsubscribe }}" in body["htmlContent"] else "[DEFAULT_FOOTER]"
        if "scheduledAt" in body or body.get("sendAtBestTime"):
            own["status"] = "queued"
            self.mailed.append(str(campaign))

    # By hand.

    def add_list(self, name: str, readers: int) -> str:
        number = len(self.lists) + 12
        self.lists[number] = {
            "id": number,
            "name": name,
            "folderId": 1,
            "uniqueSubscribers": readers,
            "totalSubscribers": 0,
            "totalBlacklisted": 0,
        }
        return str(number)

    def set_list(self, list_id: str, *, name: str | None = None, readers: int | None = None) -> None:
        own = self.lists[int(list_id)]
        own["name"] = own["name"] if name is None else name
        own["uniqueSubscribers"] = own["uniqueSubscribers"] if readers is None else readers

    def drop_list(self, list_id: str) -> None:
        del self.lists[int(list_id)]

    def mails(self) -> dict[str, dict[str, Any]]:
        return {
            str(campaign): {
                "state": {"queued": "scheduled"}.get(own["status"], own["status"]),
                "subject": own["subject"],
                "html": own["htmlContent"],
                "lists": [str(one) for one in own["recipients"]["lists"]],
            }
            for campaign, own in self.campaigns.items()
        }

    def edit(self, mail: str, old: str, new: str) -> None:
        own = self.campaigns[int(mail)]
        assert old in own["htmlContent"]
        own["htmlContent"] = own["htmlContent"].replace(old, new)

    def move(self, mail: str, list_id: str) -> None:
        self.campaigns[int(mail)]["recipients"] = {"lists": [int(list_id)], "exclusionLists": []}

    def delete(self, mail: str) -> None:
        del self.campaigns[int(mail)]

    def set_state(self, mail: str, state: str) -> None:
        own = self.campaigns[int(mail)]
        own["status"] = {"scheduled": "queued"}.get(state, state)
        if state == "sent":
            own["sentDate"] = stamp()


def refused(status: int, code: str, message: str) -> Reply:
    """Return an error as it comes."""
    return Reply(status, {"code": code, "message": message})
