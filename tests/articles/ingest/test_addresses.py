"""Every way of writing a closed address is refused, and public ones are not."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import pytest

from articles.ingest.addresses import (
    AddressRules,
    BadUrlError,
    RefusedAddressError,
    check_address,
    read_target,
    unwrap,
)
from articles.ingest.canonical import canonical_url
from tests.shared_data import shared

OPEN = AddressRules()
CLOSED = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254", "100.100.100.200",  # noqa: S104
    "127.0.0.1", "127.255.255.254", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255",
    "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255",
    "198.51.100.1", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::7f00:1", "::a00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe",
    "::ffff:0:127.0.0.1", "::ffff:0:808:808", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::1",
    "64:ff9b:1::808:808", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1", "2001:db8::1",
    "2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254",
    "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "ff02::1", "ff0e::1", "4000::1", "::8.8.8.8", "200::1",
]  # fmt: skip


@pytest.mark.parametrize("text", CLOSED)
def test_it_refuses_a_closed_address(text: str) -> None:
    with pytest.raises(RefusedAddressError):
        check_address(ip_address(text), 80, OPEN)


@pytest.mark.parametrize(
    "text",
    ["1.1.1.1", "8.8.8.8", "93.184.216.34", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1",
     "198.17.0.1", "198.20.0.1", "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "2002:808:808::1",
     "64:ff9b::808:808", "::ffff:8.8.8.8"],
)  # fmt: skip
def test_it_lets_a_public_address_pass(text: str) -> None:
    check_address(ip_address(text), 443, OPEN)


def test_it_says_why() -> None:
    with pytest.raises(RefusedAddressError, match=r"^127\.0\.0\.1 is loopback$"):
        check_address(ip_address("127.0.0.1"), 80, OPEN)
    with pytest.raises(RefusedAddressError, match=r"holds 10\.0\.0\.1, which is private"):
        check_address(ip_address("64:ff9b::a00:1"), 80, OPEN)


def test_a_mapped_address_is_the_address_it_dials() -> None:
    assert str(unwrap(ip_address("::ffff:127.0.0.1"))) == "127.0.0.1"


def test_other_ports_are_closed_unless_named() -> None:
    for port in (22, 25, 6379, 8080):
        with pytest.raises(RefusedAddressError, match=str(port)):
            check_address(ip_address("8.8.8.8"), port, OPEN)
    check_address(ip_address("8.8.8.8"), 8080, AddressRules(ports=frozenset({8080})))


def test_an_allowed_network_is_open_on_any_port_and_opens_nothing_else() -> None:
    rules = AddressRules(allow=(ip_network("10.1.0.0/16"),))
    check_address(ip_address("10.1.2.3"), 9999, rules)
    check_address(ip_address("::ffff:10.1.2.3"), 9999, rules)
    for text in ("10.2.0.1", "127.0.0.1", "64:ff9b::7f00:1"):
        with pytest.raises(RefusedAddressError):
            check_address(ip_address(text), 80, rules)
    with pytest.raises(RefusedAddressError, match="port"):
        check_address(ip_address("8.8.8.8"), 9999, rules)


def test_the_fence_closes_everything_outside_and_opens_nothing() -> None:
    rules = AddressRules(only=(ip_network("127.0.0.0/8"), ip_network("8.8.8.0/24")))
    check_address(ip_address("8.8.8.8"), 80, rules)
    with pytest.raises(RefusedAddressError, match="NEWSDESK_FETCH_ONLY"):
        check_address(ip_address("1.1.1.1"), 80, rules)
    with pytest.raises(RefusedAddressError, match="loopback"):
        check_address(ip_address("127.0.0.1"), 80, rules)


@pytest.mark.parametrize(
    "url",
    [
        "", "news.example", "//news.example/", "file:///etc/passwd", "ftp://news.example/", "gopher://127.0.0.1:6379/_x",
        "javascript:alert(1)", "http://", "http:///127.0.0.1/", "http://user@news.example/", "http://a:b@news.example/",
        "http://example.com@127.0.0.1/", "http://news.example:0/", "http://news.example:70000/", "http://news.example:x/",
        "http://127.1/", "http://0/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://127.0.1/",
        "http://0x7f.0.0.1/", "http://1.2.3.4.5/", "http://127.0.0.1%2eexample.com/", "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/", "http://ⓔⓧⓐⓜⓟⓛⓔ.ⓒⓞⓜ/", "http://localhost/", "http://LOCALHOST./", "http://a.localhost/",
        "http://ip6-localhost/", "http://metadata/", "http://metadata.google.internal/", "http://printer.local/",
        "http://router.lan/", "http://[::1", "http://[::1%25lo]/", "http://[127.0.0.1]/", "http://[v1.x]/",
        "http://a b.example/", "http://news.example\\@127.0.0.1/", "http://news.example/\r\nX: y", "http://-a.example/",
        "http://a..example/", "http://" + "a" * 64 + ".example/", "http://x.example/" + "a" * 3000,
        "http://${VAR}/", "http:http://0xA9FEA9FE",
    ],
)  # fmt: skip
def test_it_refuses_a_url_as_written(url: str) -> None:
    with pytest.raises(BadUrlError):
        read_target(url, OPEN)


def test_it_takes_an_honest_url_apart() -> None:
    target = read_target(" HTTPS://News.Example./a%20b?q=ü#part", OPEN)
    assert target.url == "https://news.example/a%20b?q=%C3%BC"
    assert target.origin == ("https", "news.example", 443)


def test_it_writes_a_foreign_name_in_ascii() -> None:
    assert read_target("https://bücher.example/x", OPEN).url == "https://xn--bcher-kva.example/x"


def test_it_knows_a_written_address() -> None:
    target = read_target("http://[2606:4700::1111]:8080/", OPEN)
    assert (str(target.address), target.host, target.port) == ("2606:4700::1111", "2606:4700::1111", 8080)
    assert target.url == "http://[2606:4700::1111]:8080/"


def test_local_names_are_read_once_a_private_network_is_allowed() -> None:
    rules = AddressRules(allow=(ip_network("10.0.0.0/8"),))
    assert read_target("http://feeds/rss", rules).host == "feeds"


def test_every_closed_url_of_the_shared_list_is_refused() -> None:
    """What stays must be a public name or address; names are judged by their addresses later."""
    for line in shared("security/ssrf-urls.txt").read_text("utf-8").split("\n"):
        try:
            target = read_target(line, OPEN)
            if target.address is not None:
                check_address(target.address, target.port, OPEN)
        except (BadUrlError, RefusedAddressError):
            continue
        assert target.scheme in {"http", "https"}
        assert "." in target.host, line
        assert target.host.rpartition(".")[2].isalpha() or target.address is not None, line
        assert not target.host.endswith((".internal", ".local", "localhost")), line


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://A.example/feed", "a.example"),
        ("https://a.example:443/", "a.example"),
        ("http://a.example:443/", "a.example:443"),
        ("https://a.example.:8443/", "a.example:8443"),
        ("http://[2606:4700::1111]/", "[2606:4700::1111]"),
        ("http://[2606:4700::1111]:8080/", "[2606:4700::1111]:8080"),
        ("http://93.184.216.34/", "93.184.216.34"),
    ],
)
def test_politeness_is_counted_by_the_place_that_a_feeds_row_names(url: str, place: str) -> None:
    assert read_target(url, AddressRules()).place == place
    assert urlsplit(canonical_url(url.replace(".:", ":"))).netloc == place
