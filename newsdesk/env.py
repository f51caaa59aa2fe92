"""Typed, loud readers of environment variables; the only door to `os.environ`."""

from __future__ import annotations

import ipaddress
import math
import os
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

_PORTS = 65_536
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingError(ValueError):
    """A setting cannot be read; the message names it, its value and what is expected."""


def text(name: str, default: str = "") -> str:
    """The variable's text, stripped; `default` when unset or empty."""
    return os.environ.get(name, "").strip() or default


def optional(name: str, default: str) -> str:
    """The variable's text, stripped; `default` only when unset: set to nothing it means none."""
    return os.environ.get(name, default).strip()


def put(name: str, value: str) -> None:
    """Set a variable for this process and the children it starts; before the settings are loaded."""
    os.environ[name] = value


def put_default(name: str, value: str) -> None:
    """The same, unless it is set already."""
    os.environ.setdefault(name, value)


def everything() -> dict[str, str]:
    """A copy of the whole environment, for a child that is ours."""
    return dict(os.environ)


def bare() -> dict[str, str]:
    """The environment for a program that is not ours: no secret, no locale, no PGDATA of ours reaches it."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def flag(name: str, *, default: bool) -> bool:
    """True or False, written just so. Raises SettingError for anything else."""
    value = text(name)
    if not value:
        return default
    if value not in {"True", "False"}:
        raise SettingError(f"{name}={value!r} is not understood: write True or False")
    return value == "True"


def whole(name: str, default: int, *, least: int = 0) -> int:
    """A whole number of at least `least`. Raises SettingError otherwise."""
    value = text(name)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise SettingError(f"{name}={value!r} is not a whole number") from None
    if number < least:
        raise SettingError(f"{name}={number} is too small: the least is {least}")
    return number


def number(name: str, default: float, *, least: float = 0.0) -> float:
    """A number of at least `least`. Raises SettingError otherwise."""
    value = text(name)
    if not value:
        return default
    try:
        found = float(value)
    except ValueError:
        raise SettingError(f"{name}={value!r} is not a number") from None
    if not math.isfinite(found):
        raise SettingError(f"{name}={value!r} is not a number that one can count to")
    if found < least:
        raise SettingError(f"{name}={found} is too small: the least is {least}")
    return found


def words(name: str, default: str = "") -> list[str]:
    """A list parted by commas or blanks."""
    return text(name, default).replace(",", " ").split()


def ports(name: str) -> frozenset[int]:
    """Ports parted by commas. Raises SettingError for what is no port."""
    found = words(name)
    for word in found:
        if not (word.isascii() and word.isdigit() and 0 < int(word[:6]) < _PORTS):
            raise SettingError(f"{name}: {word!r} is no port: write a number from 1 to {_PORTS - 1}")
    return frozenset(map(int, found))


def choice(name: str, default: str, *, among: Sequence[str]) -> str:
    """One of a few words. Raises SettingError for any other."""
    value = text(name, default)
    if value not in among:
        raise SettingError(f"{name}={value!r} is not understood: write one of {', '.join(among)}")
    return value


def url(name: str, *, schemes: Sequence[str]) -> str:
    """An address that begins with one of these schemes, or nothing. Its value may hold a password: it is not told."""
    value = text(name)
    try:
        parts = urlsplit(value)
        is_sound = not value or (parts.scheme in schemes and bool(parts.hostname) and (parts.port or 1) > 0)
    except ValueError:
        is_sound = False
    if not is_sound:
        raise SettingError(f"{name} cannot be read: write it like {schemes[0]}://user:password@host:port")
    return value


def contact(name: str) -> str:
    """A mail address or an http(s) address, or nothing. Raises SettingError for anything else."""
    value = text(name).removeprefix("mailto:")
    is_mail = re.fullmatch(r"[^\s@()<>;,]+@[^\s@()<>;,]+\.[^\s@()<>;,]+", value) is not None
    is_site = re.fullmatch(r"https?://[^\s@()<>;,]+", value) is not None
    if value and not (value.isascii() and (is_mail or is_site)):
        raise SettingError(
            f"{name}={value!r} is not understood: write a mail address, or a web address with https://"
        )
    return value


def networks(name: str, default: str = "") -> tuple[Network, ...]:
    """Networks in CIDR form parted by commas. Raises SettingError for what is no network."""
    found: list[Network] = []
    for word in words(name, default):
        try:
            found.append(ipaddress.ip_network(word, strict=False))
        except ValueError:
            raise SettingError(f"{name}: {word!r} is no network: write for example 10.0.0.0/8") from None
    return tuple(found)


def secret(name: str, file: Path | None = None) -> str:
    """A secret from NAME, from the file that NAME_FILE names, or from `file`; empty when there is none."""
    value = text(name)
    if value:
        return value
    named = text(f"{name}_FILE")
    if named:
        try:
            return Path(named).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingError(f"{name}_FILE={named!r} cannot be read: {error.strerror}") from error
    if file is not None and file.is_file():
        return file.read_text(encoding="utf-8").strip()
    return ""
