"""What may be sent along with a request, judged before it is stored."""

from __future__ import annotations

import pytest

from articles.ingest.credentials import (
    MAX_VALUE,
    Proxy,
    basic_authorization,
    find_fault,
    find_faults,
    read_proxy,
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("username", "ana"), ("username", "änä@desk.example"), ("password", "p:ä ß"), ("cookie", "id=1; other=2"),
        ("header:X-Api-Key", "abc def"), ("header:Accept", "text/xml"), ("header:Accept-Language", "de, en;q=0.5"),
        ("proxy", "http://127.0.0.1:3128"), ("proxy", "http://u:p%40@proxy.example:80/"), ("proxy", "http://[::1]:3128"),
    ],
)  # fmt: skip
def test_it_lets_pass_what_can_be_sent(name: str, value: str) -> None:
    assert find_fault(name, value) == ""


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("username", "a:b", "colon"), ("username", "a\nb", "control"), ("password", "a\x00", "control"),
        ("cookie", "id=ü", "ASCII"), ("cookie", " a=b", "ASCII"), ("cookie", "a\r\nb: c", "ASCII"),
        ("header:Host", "a", "desk itself"), ("header:cookie", "a", "fields of their own"),
        ("header:Content-Length", "1", "desk itself"), ("header:Proxy-Authorization", "x", "desk itself"),
        ("header:X Y", "a", "no name of a header"), ("header:", "a", "no name of a header"),
        ("header:X-Y", "", "must not be empty"), ("header:X-Y", "a\nb", "printable"), ("token", "a", "nothing that can be"),
        ("proxy", "socks5://a:1", "http://user"), ("proxy", "http://a", "http://user"), ("proxy", "a:80", "http://user"),
        ("proxy", "http://a:80/path", "http://user"), ("proxy", "http://a:99999", "http://user"),
        ("proxy", "http://a b:80", "http://user"), ("password", "x" * (MAX_VALUE + 1), "longer than 4000"),
    ],
)  # fmt: skip
def test_it_says_what_is_wrong_and_never_repeats_the_value(name: str, value: str, words: str) -> None:
    fault = find_fault(name, value)
    assert words in fault
    assert len(value) < 8 or value not in fault


def test_a_set_of_values_is_judged_as_a_whole() -> None:
    assert find_faults({"username": "ana", "password": "p", "header:X-A": "1"}) == []
    assert find_faults({"password": "p"}) == ["A password needs a user name."]
    many = {f"header:X-{number}": "1" for number in range(21)}
    assert find_faults(many) == ["At most 20 headers can be sent along."]


def test_a_proxy_shows_nothing_of_itself() -> None:
    proxy = read_proxy("http://ana:ge%20heim@Proxy.example:3128")
    assert proxy == Proxy("proxy.example", 3128, "ana", "ge heim")
    assert repr(proxy) == "Proxy(...)"
    assert read_proxy("") is None


def test_basic_sign_in_is_utf8() -> None:
    # The example of RFC 7617, section 2.1.
    assert basic_authorization("test", "123£") == "Basic dGVzdDoxMjPCow=="
