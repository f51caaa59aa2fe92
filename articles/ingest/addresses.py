"""Which addresses may be dialled: pure rules over the written URL and over the address really connected to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from articles.ingest.canonical import MAX_URL, absolute_url

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

DEFAULT_PORTS = {"http": 80, "https": 443}

# From the IANA special-purpose registries. `ipaddress.is_global` is not enough: it calls multicast, NAT64, 6to4 and
# site-local addresses global in some versions of Python.
_DENIED: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), words)
    for network, words in (
        ("0.0.0.0/8", "an address of this very network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by a carrier's customers"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local, where clouds keep their secrets"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "a retired 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::ffff:0:0:0/96", "a translated IPv4 address"),
        ("64:ff9b:1::/48", "a local translation of IPv4"),
        ("100::/64", "a sink"),
        ("2001::/23", "reserved for protocols"),
        ("2001:db8::/32", "for documentation"),
        ("3fff::/20", "for documentation"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
_COMPATIBLE = IPv6Network("::/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_TEREDO = IPv6Network("2001::/32")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_LOCAL_NAMES = frozenset(
    {
        "localhost",
        "local",
        "localdomain",
        "internal",
        "intranet",
        "private",
        "corp",
        "home",
        "lan",
        "arpa",
        "onion",
    }
)
_HOST_NAME = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
)
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
_ODD_DOTS = re.compile("[\u3002\uff0e\uff61]")
_ODD = re.compile(r"[\x00-\x20\x7f\\]")
# An address that is written in its absolute form already, as nearly all are: nothing in it needs a second look.
_PLAIN_URL = re.compile(
    r"(https?)://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([1-9][0-9]{0,3}|[1-5][0-9]{4}))?"
    r"((?:/[A-Za-z0-9/:@!$&'()*+,;=~._%-]*)?(?:\?[A-Za-z0-9/:@!$'()*,;~._?|%&=+-]+)?)"
)


class BadUrlError(ValueError):
    """The text is no address that may be dialled, whatever its name resolves to; the message says why."""


class RefusedAddressError(ValueError):
    """The address itself, or its port, is closed; the message says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads. `url` is absolute and escaped, `host` ASCII and lower case, without brackets."""

    url: str
    scheme: str
    host: str
    port: int
    address: Address | None

    @property
    def place(self) -> str:
        """By what politeness is counted: the host, with its port when that is not http's or https's own.

        The same text as the host of a feed's row (the netloc of `canonical_url`).
        """
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return shown if self.port == DEFAULT_PORTS[self.scheme] else f"{shown}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """What makes two URLs one server."""
        return self.scheme, self.host, self.port


@dataclass(frozen=True, slots=True)
class AddressRules:
    """`allow` opens networks that are denied; `only`, when not empty, closes all others; `ports` adds to 80 and 443."""

    allow: tuple[Network, ...] = ()
    only: tuple[Network, ...] = ()
    ports: frozenset[int] = frozenset()


def read_target(url: str, rules: AddressRules) -> Target:
    """Take a URL apart. Raises BadUrlError; looks nothing up.

    Refused are other schemes, user names, odd characters, numbers that only some resolvers read as addresses, and,
    unless private networks are allowed at all, names that mean something on the local network only.
    """
    if len(url) > MAX_URL:
        raise BadUrlError(f"the address is longer than {MAX_URL} characters")
    target = _read_plain(url, rules)
    return _read_odd(url, rules) if target is None else target


def _read_plain(url: str, rules: AddressRules) -> Target | None:
    """The short way, which leads to the same: nine of ten addresses of feeds are written plainly."""
    plain = _PLAIN_URL.fullmatch(url)
    if plain is None:
        return None
    scheme, host, port, _ = plain.groups()
    name, address = _read_plain_host(host)
    if name != host:
        return None
    if address is None:
        _refuse_local_name(name, rules)
    return Target(url, scheme, host, int(port or DEFAULT_PORTS[scheme]), address)


def _read_odd(url: str, rules: AddressRules) -> Target:
    if _ODD.search(url.strip()):
        raise BadUrlError("the address holds a blank, a backslash or a control character")
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadUrlError("the address cannot be read") from None
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise BadUrlError(f"{scheme or 'no scheme'} is neither http nor https")
    if "@" in parts.netloc:
        raise BadUrlError("the address holds a user name or password")
    if not host:
        raise BadUrlError("the address names no host")
    if port == 0:
        raise BadUrlError("0 is no port")
    name, address = _read_host(host, is_bracketed="[" in parts.netloc)
    if address is None:
        _refuse_local_name(name, rules)
    shown = f"[{name}]" if isinstance(address, IPv6Address) else name
    netloc = shown if port is None else f"{shown}:{port}"
    whole = absolute_url(parts._replace(netloc=netloc, fragment="").geturl())
    if not whole:
        raise BadUrlError("the address cannot be read")
    return Target(whole, scheme, name, port or DEFAULT_PORTS[scheme], address)


def check_address(address: Address, port: int, rules: AddressRules) -> None:
    """Raises RefusedAddressError unless this address and port may be dialled."""
    real = unwrap(address)
    forms: list[Address] = [real]
    embedded = _embedded(real)
    if embedded is not None:
        forms.append(embedded)
    is_allowed = all(_is_in(form, rules.allow) for form in forms)
    if not is_allowed:
        for form in forms:
            words = "" if _is_in(form, rules.allow) else _denied(form)
            if words:
                inside = "" if form is real else f" holds {form}, which"
                raise RefusedAddressError(f"{address}{inside} is {words}")
    if rules.only and not _is_in(real, rules.only):
        raise RefusedAddressError(f"{address} is outside the networks that NEWSDESK_FETCH_ONLY fences in")
    if not is_allowed and port not in rules.ports and port not in DEFAULT_PORTS.values():
        raise RefusedAddressError(
            f"port {port} is neither 80 nor 443 and NEWSDESK_FETCH_PORTS does not name it"
        )


def is_allowed_network(address: Address | None, rules: AddressRules) -> bool:
    """Whether the operator has opened this address as one of their own."""
    return address is not None and _is_in(unwrap(address), rules.allow)


def unwrap(address: Address) -> Address:
    """The IPv4 address that an IPv4-mapped one dials; any other as it is, without a zone."""
    if isinstance(address, IPv6Address):
        plain = IPv6Address(int(address))
        return plain.ipv4_mapped or plain
    return address


def _embedded(address: Address) -> IPv4Address | None:
    """The IPv4 address that a translator on the way would dial."""
    if not isinstance(address, IPv6Address):
        return None
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    if address in _SIX_TO_FOUR:
        return IPv4Address(int(address) >> 80 & 0xFFFF_FFFF)
    if address in _TEREDO:
        return IPv4Address(~int(address) & 0xFFFF_FFFF)
    return None


def _denied(address: Address) -> str:
    words = next(
        (words for network, words in _DENIED if address.version == network.version and address in network), ""
    )
    if words or isinstance(address, IPv4Address):
        return words
    is_public = address in _GLOBAL_UNICAST or address in _NAT64
    return "" if is_public else "outside the public part of IPv6"


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


@lru_cache(maxsize=4096)
def _read_plain_host(host: str) -> tuple[str, Address | None]:
    return _read_host(host, is_bracketed=False)


def _read_host(host: str, *, is_bracketed: bool) -> tuple[str, Address | None]:
    if is_bracketed:
        try:
            address = ip_address(host)
        except ValueError:
            raise BadUrlError(f"[{host}] is no IPv6 address") from None
        if not isinstance(address, IPv6Address) or address.scope_id:
            raise BadUrlError(f"[{host}] is no IPv6 address that can be dialled")
        return str(address), address
    name = host.lower().removesuffix(".")
    if unicodedata.normalize("NFKC", name) != unicodedata.normalize("NFC", name) or _ODD_DOTS.search(name):
        raise BadUrlError(f"{host} is written with odd characters")
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            raise BadUrlError(f"{host} is no name of a host") from None
    if _HOST_NAME.fullmatch(name) is None:
        raise BadUrlError(f"{host} is no name of a host")
    if _NUMBER.fullmatch(name.rpartition(".")[2]) is None:
        return name, None
    try:
        return name, IPv4Address(name)
    except ValueError:
        raise BadUrlError(f"{host} is a number in a notation that hides which address is meant") from None


def _refuse_local_name(name: str, rules: AddressRules) -> None:
    last = name.rpartition(".")[2]
    if not rules.allow and ("." not in name or last in _LOCAL_NAMES):
        raise BadUrlError(f"{name} is a name of the local network")
