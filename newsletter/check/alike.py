"""Two items -> whether they say the same: one title, one page, nearly the same words."""

import re
from functools import lru_cache

from newsletter.check import lists

# Where a link leads is none of its words.
_TARGET = re.compile(r"\]\([^()\s]*+\)|https?://\S++")
# Phrases of four words from which on a text is more than a standing sentence; how many of them two texts share.
_TELLING, _ALIKE = 20, 0.6


def folded(words: str) -> str:
    """Return words without what makes no difference to a title: capitals and blanks."""
    return " ".join(words.casefold().split())


@lru_cache(1024)
def page_of(address: str) -> str:
    """Return what makes two web addresses the same page: not the scheme, www., where its reader came from, an end."""
    if not address.lower().startswith(("http://", "https://")):
        return ""
    page, _, query = address.partition("#")[0].partition("?")
    host, slash, path = page.partition("://")[2].partition("/")
    folder, _, last = path.rstrip("/").rpartition("/")
    path = folder if last in {"index.htm", "index.html", "index.php"} else path.rstrip("/")
    unread = lists.hosts("origins") | lists.hosts("personal")
    kept = sorted(
        parameter
        for parameter in query.split("&")
        if parameter and (name := parameter.partition("=")[0].lower()) not in unread and not name.startswith("utm_")
    )
    host = re.sub(r"^(?:www|m|mobile)\.", "", host.lower())
    return host + (f"/{path}" if slash and path else "") + (f"?{'&'.join(kept)}" if kept else "")


def is_same_page(one: str, other: str) -> bool:
    """Tell whether two addresses are those of one page."""
    return bool(page := page_of(one)) and page == page_of(other)


@lru_cache(1024)
def phrases(markdown: str) -> frozenset[int]:
    """Return the hash of every four words in a row; signs of Chinese and Japanese count as words."""
    words = re.findall(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_]+", _TARGET.sub("", markdown).casefold())
    return frozenset(hash(" ".join(words[at : at + 4])) for at in range(len(words) - 3))


def is_alike(one: frozenset[int], other: frozenset[int]) -> bool:
    """Tell whether texts with these phrases are nearly the same; short ones never are."""
    least = min(len(one), len(other))
    return least >= _TELLING and not one.isdisjoint(other) and len(one & other) >= _ALIKE * least
