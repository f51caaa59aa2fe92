"""When two addresses are one: the canonical form of a URL and the key made of it."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit, urlunsplit

MAX_URL = 2048

# Parameters that say where a click came from, never which text is meant.
_TRACKING = re.compile(
    r"(?:utm_\w+|mtm_\w+|pk_\w+|hsa_\w+|at_(?:medium|campaign|custom\d|link\w*|ptr\w*|format|bbc\w*)|"
    r"_?hs(?:enc|mi)|_ga|_gl|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|twclid|ttclid|yclid|igshid|mc_[ce]id|"
    r"oly_(?:anon|enc)_id|vero_id|wickedid|__twitter_impression|cmpid|cmp|icid|ncid|ito|ocid|smid|guccounter|"
    r"guce_referrer\w*|feature_source|traffic_source|campaign_id|xtor|srnd|sref|ref_?src|ref_url)",
    re.IGNORECASE,
)
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")
# Addresses that are written as they should be, which nearly all are: nothing of them would change.
_PLAIN_HOST = r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?"
# Neither a default one nor one written oddly.
_PLAIN_PORT = r"(?::(?!80/|443/)(?:[1-9]\d{1,3}|[1-5]\d{4})(?=/))?"
_ABSOLUTE = re.compile(
    _PLAIN_HOST + r"(?::(?:\d{1,4}|[1-5]\d{4}))?(?:/[\w/:@!$&'()*+,=~.%-]*)?(?:\?[\w/:@!$'()*,;~.?|%&=+-]+)?",
    re.ASCII,
)
_CANONICAL = re.compile(
    _PLAIN_HOST + _PLAIN_PORT + r"(?:/[\w:@!$&'()*+,=~-][\w:@!$&'()*+,=~.-]*)+/?", re.ASCII
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_KEPT_IN_PATH = "/:@!$&'()*+,;=~-._"
_KEPT_IN_QUERY = "/:@!$'()*,;~-._?[]|"


def absolute_url(href: str, base: str = "") -> str:
    """`href` as an absolute http(s) address without fragment, or "" when it is none. Parameters are kept."""
    trimmed = href.strip()
    if not trimmed or len(trimmed) > MAX_URL:
        return ""
    if _ABSOLUTE.fullmatch(trimmed):
        return trimmed
    try:
        joined = urljoin(base, trimmed) if base else trimmed
        parts = urlsplit(joined)
        host, _ = _ascii_host(parts.hostname or ""), parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in _DEFAULT_PORTS or not host:
        return ""
    path = quote(_UNSAFE.sub(_escape, parts.path), safe=_KEPT_IN_PATH + "%\\")
    query = quote(_UNSAFE.sub(_escape, parts.query), safe=_KEPT_IN_QUERY + "%&=+\\")
    url = urlunsplit((parts.scheme.lower(), parts.netloc, path, query, ""))
    return "" if _UNSAFE.search(parts.netloc) or len(url) > MAX_URL else url


# The entries of one feed are looked at by several rules, one after the other.
@lru_cache(maxsize=4096)
def canonical_url(url: str) -> str:
    """The address in its plainest form, or "" when it is no http(s) address.

    Lower-case host in its ASCII form, no default port, no fragment, no dot segments, one spelling of escapes, no
    tracking parameters. The other parameters keep their order. User names and passwords are dropped.
    """
    if len(url) <= MAX_URL and _CANONICAL.fullmatch(url):
        return url
    whole = absolute_url(url)
    if not whole:
        return ""
    parts = urlsplit(whole)
    host = _ascii_host(parts.hostname or "")
    if not host:
        return ""
    port = f":{parts.port}" if parts.port and parts.port != _DEFAULT_PORTS[parts.scheme] else ""
    path = urlsplit(urljoin(f"{parts.scheme}://{host}/", _respell(parts.path, _KEPT_IN_PATH) or "/")).path
    query = "&".join(
        _respell(pair, _KEPT_IN_QUERY + "=+")
        for pair in parts.query.split("&")
        if pair and not _TRACKING.fullmatch(pair.partition("=")[0])
    )
    return urlunsplit((parts.scheme, f"{host}{port}", path, query, ""))


def url_sha256(url: str) -> bytes:
    """The 32-byte key of an address: equal for http and https, with and without `www.` or a closing slash."""
    plain = canonical_url(url)
    parts = urlsplit(plain)
    host = parts.netloc.removeprefix("www.")
    key = f"{host}{parts.path.rstrip('/')}?{parts.query}" if plain else url.strip()
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()


def host_of(url: str) -> str:
    """The lower-case ASCII host of an address, "" when there is none."""
    try:
        return _ascii_host(urlsplit(url).hostname or "")
    except ValueError:
        return ""


def _ascii_host(host: str) -> str:
    name = host.rstrip(".").lower()
    if ":" in name:
        name = f"[{name}]"
    elif not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    return name if _HOST.fullmatch(name) else ""


def _respell(part: str, kept: str) -> str:
    """One spelling of percent escapes: unreserved characters plain, all others as upper-case escapes."""
    pieces = re.split(r"(%[0-9A-Fa-f]{2})", part)
    spelled = []
    for piece in pieces:
        if piece.startswith("%") and len(piece) == 3:  # noqa: PLR2004 - "%XX"
            byte = unquote_to_bytes(piece)
            plain = byte.decode("ascii", "replace")
            spelled.append(plain if re.fullmatch(r"[A-Za-z0-9~._-]", plain) else piece.upper())
        else:
            spelled.append(quote(piece, safe=kept))
    return "".join(spelled)


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return "/" if character == "\\" else quote(character)
