"""How the desk names itself to servers: product, version, and where its operator is found. Pure."""

from __future__ import annotations

import re

PRODUCT = "Newsdesk"
# The page that says what is fetched, how often, and how to be left out.
ABOUT_PATH = "/about-our-fetcher"

_FIT = re.compile(r"[\x21-\x27\x2a-\x7e]{1,300}")


def default_user_agent(version: str, site_url: str, contact: str) -> str:
    """The User-Agent header of a desk that is reached at `site_url` (empty: not known) by `contact` (may be empty).

    What cannot stand in a header's comment (RFC 9110, 5.6.5) is left out.
    """
    about = f"+{site_url}{ABOUT_PATH}" if site_url else ""
    words = [word for word in (about, contact) if _FIT.fullmatch(word)]
    return f"{PRODUCT}/{version} ({'; '.join(words) or 'feed reader'})"


def contact_link(contact: str) -> str:
    """Where a link to the operator leads: the address itself, or mailto: for a mail address."""
    return contact if contact.startswith(("https://", "http://")) else f"mailto:{contact}"
