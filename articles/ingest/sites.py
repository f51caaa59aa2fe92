"""Whose site an address is on, and what its desktop form is: mobile hosts, AMP paths and AMP caches; pure."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from tld import get_fld

from articles.ingest.canonical import absolute_url, canonical_url, host_of

Form = Literal["amp", "mobile"]

_MOBILE_LABELS = frozenset({"m", "mobile", "mobil", "wap", "touch"})
_AMP_LABELS = frozenset({"amp"})
_MOBILE_STARTS = tuple(
    f"{scheme}://{label}." for scheme in ("https", "http") for label in sorted(_MOBILE_LABELS)
)
# The caches that serve other sites' AMP pages under their own names, with the address in the path.
_CACHED = re.compile(r"/(?:[a-z]/)?(?:s/)?(?P<rest>[a-z0-9.-]+\.[a-z]{2,}(?:/.*)?)", re.IGNORECASE)
_AMP_CACHE_HOSTS = (".cdn.ampproject.org", ".ampproject.org")
_AMP_QUERY = re.compile(
    r"(?:amp|_amp|amphtml)(?:=(?:1|true|amp)?)?|outputtype=amp|(?:output|format|view)=amp", re.IGNORECASE
)
_AMP_END = re.compile(r"(?:/amp(?:\.html?)?|[._-]amp(?=\.html?$)|\.amp)(?P<rest>/?$|\.html?$)", re.IGNORECASE)
_AMP_START = re.compile(r"^/amp/(?=.)", re.IGNORECASE)
_HOME = re.compile(r"/(?:(?:index|home|default)(?:\.\w{2,5})?/?)?", re.IGNORECASE)
# A last step of a path that names one text: a number, or several words put together.
_NAMES_A_TEXT = re.compile(
    r"\d{4}|[^/_-]+(?:[_-][^/_-]+){3}|\.(?:s?html?|php|aspx?|ece|cms|story)$", re.IGNORECASE
)

_DIGIT = re.compile(r"\d")
_STEP_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=4096)
def site_of(url: str) -> str:
    """The registrable domain of an address (public suffix list, private part too): `bbc.co.uk`, `ann.blogspot.com`.

    Of a numeric address, or a name without a public suffix, it is the host with its port. "" when there is no host.
    """
    host = host_of(url)
    if not host:
        return ""
    name = host.removeprefix("[").removesuffix("]")
    try:
        ip_address(name)
    except ValueError:
        found = get_fld(f"https://{host}/", fail_silently=True, search_private=True)
        return str(found) if found else _unlisted(host)
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def is_same_site(left: str, right: str) -> bool:
    """Whether two addresses belong to one registrable domain."""
    site = site_of(left)
    return bool(site) and site == site_of(right)


def has_form(url: str) -> bool:
    """Whether an address may be that of an AMP or mobile form; False for sure, at a fiftieth of the cost of `form_of`."""
    plain = url.lower()
    return "amp" in plain or plain.startswith(_MOBILE_STARTS)


def form_of(url: str) -> Form | None:
    """What an address shows of itself: the AMP or the mobile form of a text; None when neither."""
    plain = canonical_url(url)
    if not plain:
        return None
    if _uncached(plain) != plain:
        return "amp"
    parts = urlsplit(plain)
    if _is_amp(parts.netloc, parts.path, parts.query):
        return "amp"
    return "mobile" if _first_label(parts.netloc) in _MOBILE_LABELS else None


def desktop_url(url: str) -> str:
    """The canonical address with what marks AMP and mobile forms taken off; the same when nothing does, "" for none.

    `https://amp.example.com/x`, `https://m.example.com/x`, `https://example.com/x/amp`, `https://example.com/x?amp=1`
    and `https://example-com.cdn.ampproject.org/c/s/example.com/x` are all `https://example.com/x`.
    """
    plain = _uncached(canonical_url(url))
    if not plain or form_of(plain) is None:
        return plain
    parts = urlsplit(plain)
    host, path = parts.netloc, _AMP_START.sub("/", parts.path)
    if _first_label(host) in _MOBILE_LABELS | _AMP_LABELS:
        host = host.partition(".")[2]
    path = _AMP_END.sub(lambda found: found["rest"], path) or "/"
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _AMP_QUERY.fullmatch(pair))
    return canonical_url(urlunsplit((parts.scheme, host, path, query, "")))


def is_home(url: str) -> bool:
    """Whether an address is a site's front page."""
    parts = urlsplit(url)
    return _HOME.fullmatch(parts.path or "/") is not None and not parts.query


def is_section_of(found: str, url: str) -> bool:
    """Whether `found` is only a part of the site, for the text at `url`: a shorter path that names no text.

    Such a path is the beginning of the text's own, or is of words alone of which its last step tells others.
    """
    short, long = urlsplit(desktop_url(found) or found), urlsplit(desktop_url(url) or url)
    shorter, longer = short.path.rstrip("/"), long.path.rstrip("/")
    name = shorter.rpartition("/")[2]
    if short.query or _NAMES_A_TEXT.search(name) is not None:
        return False
    if longer.startswith(f"{shorter}/"):
        return True
    if shorter.count("/") >= longer.count("/") or _DIGIT.search(shorter) is not None:
        return False
    own = _STEP_WORD.findall(longer.rpartition("/")[2].casefold())
    return not set(_STEP_WORD.findall(name.casefold())) <= set(own)


def same_text_address(href: str, url: str) -> str:
    """An address that the page at `url` gives for its own text, canonical; "" when it is not to be believed.

    Not believed are other sites, a front page or a section (unless the page is that), and what is no http(s) address.
    """
    found = _uncached(canonical_url(absolute_url(href, url)))
    here = desktop_url(url)
    if not found or not here or not is_same_site(found, here):
        return ""
    is_other = desktop_url(found) != here and not is_home(here)
    if is_other and (is_home(found) or is_section_of(found, here)):
        return ""
    return found


def _unlisted(host: str) -> str:
    labels = host.split(".")
    return ".".join(labels[-2:])


def _first_label(host: str) -> str:
    """The first label of a host when that is below its registrable domain: `m` of m.example.com, not of m.co."""
    first = host.partition(".")[0]
    if first not in _MOBILE_LABELS | _AMP_LABELS:
        return ""
    return first if site_of(f"https://{host}/") != host else ""


def _is_amp(host: str, path: str, query: str) -> bool:
    return (
        _first_label(host) in _AMP_LABELS
        or _AMP_END.search(path) is not None
        or _AMP_START.match(path) is not None
        or any(_AMP_QUERY.fullmatch(pair) for pair in query.split("&"))
    )


def _uncached(plain: str) -> str:
    parts = urlsplit(plain)
    path = parts.path
    if parts.netloc in {"google.com", "www.google.com"} and path.startswith("/amp/"):
        path = path.removeprefix("/amp")
    elif not parts.netloc.endswith(_AMP_CACHE_HOSTS):
        return plain
    found = _CACHED.fullmatch(path)
    query = f"?{parts.query}" if parts.query else ""
    return canonical_url(f"https://{found['rest']}{query}") if found else plain
