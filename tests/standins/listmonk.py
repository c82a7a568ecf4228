"""listmonk 6.2, as its source describes it (911e0b7; read 2026-11-25)."""

import json
import re
from typing import Any

from tests.standins.server import KEY, Reply, Request, Standin, basic, form_file, stamp

# What Go's html/template knows in a campaign, as far as tests go.
_KNOWN = r'UnsubscribeURL|MessageURL|TrackView|Safe "(?:[^"\\]|\\.)*"|\.[A-Z][\w.]*|if \.[\w.]+|else|end'
_ACTION = re.compile(rf"\{{\{{-?\s*(?:{_KNOWN})\s*-?\}}\}}")
_BODY = {
    "name": str,
    "subject": str,
    "lists": list,
    "from_email": str,
    "type": str,
    "content_type": str,
    "messenger": str,
    "template_id": int,
    "body": str,
    "altbody": str,
    "headers": list,
    "tags": list,
    "media": list,
}


class Listmonk(Standin):
    """Lists, campaigns, templates, media."""

    kind, prefix = "listmonk", "/api"

    def __init__(self) -> None:
        super().__init__()
        self.lists: dict[int, dict[str, Any]] = {}
        self.campaigns: dict[int, dict[str, Any]] = {}
        self.media: list[dict[str, Any]] = []
        self.templates = [
            {"id": 1, "name": "Default", "type": "campaign", "is_default": True, "body": _WRAPPER},
            {"id": 2, "name": "Sign-up", "type": "tx", "is_default": False, "body": '{{ template "content" . }}'},
            {"id": 7, "name": "Bare", "type": "campaign", "is_default": False, "body": '{{ template "content" . }}\n'},
        ]
        self.subscribers = {"desk@network.example", "editor@network.example"}
        # Lists that the token may not use: they are dropped in silence.
        self.forbidden: set[int] = set()
        # Whether it ignores `per_page=all`, as a store of an older version does.
        self.most = 0
        self.made = 0

    def is_known(self, request: Request) -> bool:
        return basic(request) == ("newsletter", KEY)

    def answer(self, request: Request) -> Reply:
        path, method = request.path, request.method
        if (method, path) == ("GET", "/config"):
            return good({"root_url": f"{self.url}/", "from_email": "listmonk <noreply@listmonk.example>"})
        if (method, path) == ("GET", "/lists"):
            return self._page(request, [one for one in self.lists.values() if one["id"] not in self.forbidden])
        if (method, path) == ("GET", "/templates"):
            return good(self.templates)
        if path == "/media":
            return self._list_media(request) if method == "GET" else self._upload(request)
        if path == "/campaigns":
            return self._list(request) if method == "GET" else self._create(request)
        if match := re.fullmatch(r"/campaigns/(\d+)(/\w+)?", path):
            return self._campaign(request, int(match[1]), match[2] or "")
        return bad(404, "not found")

    def _page(self, request: Request, found: list[dict[str, Any]]) -> Reply:
        size = request.query.get("per_page", "20")
        number = int(request.query.get("page", "1"))
        if not found:
            return good({"results": [], "query": "", "total": 0, "per_page": 0, "page": 0})
        if size != "all" or self.most:
            most = self.most or min(int(size), 50)
            shown = found[(number - 1) * most : number * most]
        else:
            # Its offset is nought on every page.
            shown = found
        return good({"results": shown, "query": "", "total": len(found), "per_page": len(shown), "page": number})

    def _list(self, request: Request) -> Reply:
        known = sorted(self.campaigns.values(), key=lambda one: int(one["id"]), reverse=True)
        if tag := request.query.get("tag"):
            known = [one for one in known if tag in one["tags"]]
        if request.query.get("no_body") == "true":
            known = [{**one, "body": ""} for one in known]
        return self._page(request, json.loads(json.dumps(known)))

    def _create(self, request: Request) -> Reply:
        body = request.json
        if refused := self._refused(body) or self._refused_lists(body):
            return refused
        self.made += 1
        number = self.made + 40
        own = {
            "id": number,
            "uuid": f"{number:08d}-0000-4000-8000-000000000000",
            "created_at": stamp(),
            "updated_at": stamp(),
            "to_send": 0,
            "sent": 0,
            # Whatever else is stated.
            "status": "draft",
            "from_email": "listmonk <noreply@listmonk.example>",
            "content_type": "richtext",
            "altbody": None,
            "template_id": 1,
            "messenger": "email",
            "tags": [],
            "headers": [],
            "started_at": None,
            "send_at": None,
        }
        self.campaigns[number] = own
        self._take(own, body)
        return self._shown(number)

    def _refused(self, body: Any) -> Reply | None:
        """Go takes fields of the right type, and does not look at others."""
        for name, kind in _BODY.items():
            if name in body and not isinstance(body[name], kind):
                return bad(400, f"json: cannot unmarshal into Go struct field {name}")
        if not all(isinstance(one, int) for one in (*body.get("lists", ()), *body.get("media", ()))):
            return bad(400, "json: cannot unmarshal string into Go struct field campReq.lists of type int")
        if "<" in body.get("from_email", "") and not re.search(r"((.+?)\s)?<(.+?)@(.+?)>", body["from_email"]):
            return bad(400, "invalid from_email")
        for name in ("subject", "body", "altbody"):
            rest = _ACTION.sub("", body.get(name) or "")
            if match := re.search(r"\{\{-?\s*(\w*)", rest):
                return bad(400, f'Error compiling campaign {name}: function "{match[1]}" not defined')
        return None

    def _refused_lists(self, body: Any) -> Reply | None:
        if not body.get("lists") or not set(body["lists"]) - self.forbidden:
            return bad(400, "No lists selected")
        if not body.get("name") or not body.get("subject"):
            return bad(400, "Invalid length for name or subject")
        return None

    def _take(self, own: dict[str, Any], body: dict[str, Any]) -> None:
        own |= {name: body[name] for name in _BODY if name in body and name not in {"lists", "media", "tags"}}
        if own["content_type"] not in {"html", "richtext", "plain", "markdown", "visual"}:
            own["content_type"] = "richtext"
        if "tags" in body:
            own["tags"] = [re.sub(r"\s+", "-", tag) for tag in body["tags"]]
        chosen = [self.lists[one] for one in body["lists"] if one in self.lists and one not in self.forbidden]
        own["lists"] = [{"id": one["id"], "name": one["name"]} for one in chosen]
        own["media"] = [{"id": one, "filename": f"{one}.png"} for one in body.get("media", ())]

    def _campaign(self, request: Request, number: int, rest: str) -> Reply:
        if number not in self.campaigns:
            return bad(400, "Campaña no encontrada")
        own, what = self.campaigns[number], (request.method, rest)
        if what == ("GET", ""):
            return self._shown(number)
        if what == ("PUT", ""):
            body = request.json
            if own["status"] not in {"draft", "scheduled", "paused"}:
                return bad(400, "Cannot update a running or finished campaign")
            if refused := self._refused(body) or self._refused_lists({**own, **body, "lists": body.get("lists")}):
                return refused
            if own["status"] == "scheduled":
                # It stays scheduled, and goes out as it is now.
                self.mailed.append(str(number))
            self._take(own, body)
            return self._shown(number)
        if what == ("PUT", "/status"):
            self.mailed.append(str(number))
            own["status"] = request.json["status"]
            return self._shown(number)
        if what == ("POST", "/test"):
            return self._test(request)
        return bad(405, "Method Not Allowed")

    def _test(self, request: Request) -> Reply:
        body = request.json
        if refused := self._refused(body) or self._refused_lists(body):
            return refused
        known = tuple(one for one in body.get("subscribers", ()) if one.lower() in self.subscribers)
        if not known:
            return bad(400, "No known subscribers given to test")
        self.tested.append(known)
        return good(True)

    def _list_media(self, request: Request) -> Reply:
        query = request.query.get("query", "")
        return self._page(request, [one for one in reversed(self.media) if query in one["filename"]])

    def _upload(self, request: Request) -> Reply:
        name, content = form_file(request, "file")
        assert content
        number = len(self.media) + 1
        if any(one["filename"] == name for one in self.media):
            stem, _, ending = name.rpartition(".")
            name = f"{stem}_{number:06x}.{ending}"
        # As the store in the file system does; one at S3 answers whole addresses.
        self.media.append({"id": number, "uuid": "0", "filename": name, "url": f"/uploads/{name}", "thumb_url": ""})
        return good(self.media[-1])

    def _shown(self, number: int) -> Reply:
        return good(json.loads(json.dumps(self.campaigns[number])))

    # By hand.

    def add_list(self, name: str, readers: int) -> str:
        number = len(self.lists) + 3
        self.lists[number] = {"id": number, "uuid": "0", "name": name, "type": "private", "optin": "single"}
        self.set_list(str(number), readers=readers)
        return str(number)

    def set_list(self, list_id: str, *, name: str | None = None, readers: int | None = None) -> None:
        own = self.lists[int(list_id)]
        own["name"] = own["name"] if name is None else name
        if readers is not None:
            # Some wait for a mail to confirm, some have left: both are in subscriber_count.
            own["subscriber_statuses"] = {"confirmed": readers - 10, "unconfirmed": 10, "unsubscribed": 4000}
            own["subscriber_count"] = readers + 4000

    def drop_list(self, list_id: str) -> None:
        del self.lists[int(list_id)]
        for own in self.campaigns.values():
            own["lists"] = [{**one, "id": None if str(one["id"]) == list_id else one["id"]} for one in own["lists"]]

    def mails(self) -> dict[str, dict[str, Any]]:
        states = {"finished": "sent"}
        return {
            str(number): {
                "state": states.get(own["status"], own["status"]),
                "subject": own["subject"],
                "html": own["body"],
                "lists": [str(one["id"]) for one in own["lists"]],
            }
            for number, own in self.campaigns.items()
        }

    def edit(self, mail: str, old: str, new: str) -> None:
        own = self.campaigns[int(mail)]
        assert old in own["body"]
        own["body"] = own["body"].replace(old, new)

    def move(self, mail: str, list_id: str) -> None:
        own = self.lists[int(list_id)]
        self.campaigns[int(mail)]["lists"] = [{"id": own["id"], "name": own["name"]}]

    def delete(self, mail: str) -> None:
        del self.campaigns[int(mail)]

    def set_state(self, mail: str, state: str) -> None:
        own = self.campaigns[int(mail)]
        own["status"] = {"sent": "finished"}.get(state, state)
        own["started_at"] = stamp() if state == "sent" else None


_WRAPPER = '<!doctype html><html><body><h1>Logo</h1>{{ template "content" . }}<p>Footer</p></body></html>'


def good(data: Any) -> Reply:
    """Return what it answers, in `data`."""
    return Reply(200, {"data": data})


def bad(status: int, message: str) -> Reply:
    """Return an error as it comes."""
    return Reply(status, {"message": message})
