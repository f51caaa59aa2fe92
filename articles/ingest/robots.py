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


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of the group that speaks to us: (is it allowed, path pattern)."""

    rules: tuple[tuple[bool, str], ...] = ()
    is_closed: bool = False

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


EVERYTHING = Robots()
NOTHING = Robots(is_closed=True)


def read_robots(body: bytes, user_agent: str) -> Robots:
    """The rules for `user_agent` (its product token counts), else those for `*`; unreadable lines are passed over."""
    match = _PRODUCT.match(user_agent)
    token = match.group().lower() if match else ""
    ours: list[tuple[bool, str]] = []
    everyone: list[tuple[bool, str]] = []
    is_named = is_ours = is_everyone = False
    is_in_names = False
    for line in body[:MAX_BYTES].decode("utf-8", "replace").lstrip("\ufeff").splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        name, value = key.strip().lower(), value.strip()
        if not colon:
            continue
        if name == "user-agent":
            if not is_in_names:
                is_ours = is_everyone = False
            is_in_names = True
            agent = _PRODUCT.match(value)
            is_everyone = is_everyone or value.startswith("*")
            if agent and agent.group().lower() == token:
                is_ours = is_named = True
        elif name in {"allow", "disallow"}:
            is_in_names = False
            if value and (is_ours or is_everyone) and len(ours) + len(everyone) < _MAX_RULES:
                rule = (name == "allow", _plain(value))
                if is_ours:
                    ours.append(rule)
                if is_everyone:
                    everyone.append(rule)
    return Robots(tuple(ours if is_named else everyone))


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
