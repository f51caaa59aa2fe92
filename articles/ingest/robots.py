"""What a site's robots.txt says to us (RFC 9309); pure reading, the fetch door gets the file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes, urlsplit

MAX_BYTES = 500 * 1024  # the least that the RFC asks a reader to take
_MAX_RULES = 5000
_MAX_STARS = 20
_KEPT = (
    b"-._~/:@!$&'()*+,;=?" + bytes(range(0x30, 0x3A)) + bytes(range(0x41, 0x5B)) + bytes(range(0x61, 0x7B))
)
_PRODUCT = re.compile(r"[A-Za-z_-]+")
_SECONDS = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,3})?")
# Memory is bounded by both: a few sites with huge files must not cost more than many ordinary ones.
_SITES_KEPT = 5000
_RULES_KEPT = 200_000

Origin = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of the group that speaks to us: (is it allowed, path pattern).

    `delay_seconds` is its Crawl-delay: no part of the RFC, but a wish that is easily met.
    """

    rules: tuple[tuple[bool, str], ...] = ()
    is_closed: bool = False
    delay_seconds: float = 0.0

    def allows(self, url: str) -> bool:
        """Whether the page may be fetched: the longest matching rule decides, and allow wins a tie."""
        if self.is_closed:
            return False
        parts = urlsplit(url)
        path = _plain(f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}")
        if path == "/robots.txt":
            return True
        best = (-1, True)
        for allowed, pattern in self.rules:
            if _matches(pattern, path):
                best = max(best, (len(pattern), allowed))
        return best[1]


class RobotsMemory:
    """What sites said lately, each until its time: scheme, host and port name a site. `now` is monotonic."""

    def __init__(self, sites: int = _SITES_KEPT, rules: int = _RULES_KEPT) -> None:
        self._most_sites, self._most_rules = sites, rules
        self._kept: dict[Origin, tuple[float, Robots]] = {}
        self._rules = 0

    def get(self, origin: Origin, *, now: float) -> Robots | None:
        """What holds for a site, or None when it must be asked."""
        until, robots = self._kept.get(origin, (0.0, None))
        return robots if until > now else None

    def put(self, origin: Origin, robots: Robots, *, until: float) -> None:
        """Remember; the sites that were learned first are forgotten when there is no room."""
        self._forget(origin)
        self._kept[origin] = (until, robots)
        self._rules += len(robots.rules)
        while len(self._kept) > 1 and (len(self._kept) > self._most_sites or self._rules > self._most_rules):
            self._forget(next(iter(self._kept)))

    def _forget(self, origin: Origin) -> None:
        kept = self._kept.pop(origin, None)
        if kept is not None:
            self._rules -= len(kept[1].rules)


EVERYTHING = Robots()
NOTHING = Robots(is_closed=True)


def read_robots(body: bytes, user_agent: str) -> Robots:
    """The rules for `user_agent` (its product token counts), else those for `*`; unreadable lines are passed over."""
    groups = _Groups(product_token(user_agent))
    for line in body[:MAX_BYTES].decode("utf-8", "replace").lstrip("\ufeff").splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        if colon:
            groups.read(key.strip().lower(), value.strip())
    return groups.chosen()


def product_token(user_agent: str) -> str:
    """The name by which a robots.txt speaks to us, in lower case (RFC 9309, 2.2.1)."""
    match = _PRODUCT.match(user_agent)
    return match.group().lower() if match else ""


class _Group:
    """The rules of all groups that speak to the same reader, put together (RFC 9309, 2.2.1)."""

    def __init__(self) -> None:
        self.rules: list[tuple[bool, str]] = []
        self.delay = 0.0
        self.is_named = False

    def add(self, name: str, value: str) -> None:
        if name == "crawl-delay":
            self.delay = float(value) if _SECONDS.fullmatch(value) else self.delay
        elif value and len(self.rules) < _MAX_RULES:
            self.rules.append((name == "allow", _plain(value)))


class _Groups:
    """Reads line by line; names that follow one another open one group together."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._ours, self._everyone = _Group(), _Group()
        self._open: list[_Group] = []
        self._is_in_names = False

    def read(self, name: str, value: str) -> None:
        if name == "user-agent":
            if not self._is_in_names:
                self._open = []
            self._is_in_names = True
            if value.startswith("*"):
                self._enter(self._everyone)
            elif self._token and product_token(value) == self._token:
                self._enter(self._ours)
        elif name in {"allow", "disallow", "crawl-delay"}:
            self._is_in_names = False
            for group in self._open:
                group.add(name, value)

    def chosen(self) -> Robots:
        group = self._ours if self._ours.is_named else self._everyone
        return Robots(tuple(group.rules), delay_seconds=group.delay)

    def _enter(self, group: _Group) -> None:
        group.is_named = True
        if group not in self._open:
            self._open.append(group)


def _plain(path: str) -> str:
    """One spelling of escapes, so that rule and path compare byte by byte."""
    spelled = []
    for piece in re.split(r"(%[0-9A-Fa-f]{2})", path):
        raw = unquote_to_bytes(piece)
        if piece.startswith("%") and raw not in {bytes([code]) for code in _KEPT if code not in b"/*$?"}:
            spelled.append(piece.upper())
        else:
            spelled.append("".join(chr(code) if code in _KEPT else f"%{code:02X}" for code in raw))
    return "".join(spelled)


def _matches(pattern: str, path: str) -> bool:
    """`*` stands for anything, `$` at the end for the end. Linear: each part is sought once, from the left."""
    is_anchored = pattern.endswith("$")
    parts = pattern.removesuffix("$").split("*")
    if len(parts) > _MAX_STARS or not path.startswith(parts[0]):
        return False
    position = len(parts[0])
    for part in parts[1:-1]:
        found = path.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    if len(parts) == 1:
        return not is_anchored or position == len(path)
    last = parts[-1]
    if is_anchored:
        return len(path) - len(last) >= position and path.endswith(last)
    return path.find(last, position) >= 0
