"""What surrounds every page: rail, keys, sample and network lines; the context processor `shell`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from articles.ingest.space import is_short_of_room
from articles.queries.review import about_left
from articles.queries.sources import Pulse, desk_pulse

MOST_SHOWN = 9_999  # of a figure in the rail
FONT = "fonts/ibm-plex-sans-latin-400-normal.woff2"

# Name, URL name, icon, key after `g`, who sees it besides admins (all, editors, none), what is there.
PLACES = (
    ("Today", "today", "today", "t", "all", "what is new: figures, top events, the state of the sources"),
    ("Articles", "articles", "articles", "a", "all", "every story, with search and filters"),
    ("Events", "events", "events", "v", "all", "stories of several sources gathered into what happened"),
    (
        "Entities",
        "entities",
        "entities",
        "e",
        "all",
        "companies, bodies and people, and where they are named",
    ),
    (
        "Review",
        "review",
        "review",
        "r",
        "editors",
        "what waits for an editor: unsure names, new names, likely duplicates; rules for names",
    ),
    ("Sources", "sources", "sources", "s", "none", "the feeds behind the desk: add, test, watch, pause"),
    ("Jobs", "jobs", "clock", "j", "none", "every step that waits, runs or failed: retry, drop"),
    ("People", "people", "person", "p", "none", "who may sign in, and as what"),
)


@dataclass(frozen=True, slots=True)
class RailItem:
    """One line of the rail; `key` follows `g` on the keyboard."""

    name: str
    url: str
    icon: str
    key: str
    words: str
    current: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """One line of the keyboard help: the keys in order and what they do."""

    parts: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Shell:
    """Everything that base.html says around a page."""

    rail: tuple[RailItem, ...]
    keys: tuple[Key, ...]
    home: str
    search: str
    palette: str
    fonts: bool
    passkeys: bool = False
    session_days: int = 0
    sample: bool = False
    sample_remove: str = ""
    offline_since: datetime | None = None
    stalled_since: datetime | None = None
    short_of_room: bool = False
    last_story: datetime | None = None
    sources: int = 0
    failing: int = 0
    to_review: int = 0


def _path(name: str) -> str:
    """The path of a URL name, empty when no such page exists."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@lru_cache(maxsize=1)
def has_fonts() -> bool:
    """True when set-up has made the font files; until then the system's fonts serve."""
    return finders.find(FONT) is not None or staticfiles_storage.exists(FONT)


def _passkeys_work(request: HttpRequest) -> bool:
    """Browsers give passkeys to https and to localhost, never to a bare address."""
    host = request.get_host().rsplit(":", 1)[0]
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return request.is_secure() and not host.startswith("[") and not host.replace(".", "").isdigit()


def sees(place_for: str, user: Any) -> bool:
    """Whether a place of PLACES is for this user."""
    return place_for == "all" or user.is_admin or (place_for == "editors" and user.can_edit)


def _keys(rail: tuple[RailItem, ...], *, single: bool, palette: bool, edits: bool) -> tuple[Key, ...]:
    """Only the keys that work for this user."""
    keys: list[Key] = [Key(("Ctrl", "K"), "go to an entity, an event or a page")] if palette else []
    if single:
        keys += [Key(("g", item.key), f"go to {item.name}") for item in rail]
        keys += [
            Key(("/",), "search"),
            Key(("j", "k"), "next and previous row"),
            Key(("Enter",), "open the row"),
            Key(("Space",), "peek at the row, in lists of articles"),
            Key(("o",), "open the original in a new tab"),
            Key(("b",), "watch or stop watching, on an entity’s page"),
            Key(("?",), "these keys"),
        ]
    if single and any(item.key == "s" for item in rail):
        keys.append(Key(("x",), "choose the row, in the list of sources"))
    if single and edits:
        keys += [
            Key(("a",), "note the selected words or the paragraph, on an article"),
            Key(("e",), "link a name in them"),
            Key(("u",), "take back what was just done; on a name in an article, its link"),
            Key(("y",), "yes, in Review"),
            Key(("n",), "no, in Review"),
            Key(("s",), "skip, in Review"),
            Key(("2",), "another answer, in Review: its button shows the figure"),
        ]
    keys.append(Key(("Esc",), "close what is open"))
    return tuple(keys)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell` for base.html, made when a template first asks: a fragment pays nothing."""
    return {"shell": SimpleLazyObject(lambda: _shell(request))}


def _sources_note(pulse: Pulse) -> str:
    """What an admin should know of the sources before opening them."""
    if pulse.notices:
        return f"{pulse.notices} notice{'' if pulse.notices == 1 else 's'}"
    return f"{pulse.failing} failing" if pulse.failing else ""


def _note(view: str, pulse: Pulse, to_review: int) -> str:
    """The figure behind a line of the rail."""
    if view == "sources":
        return _sources_note(pulse)
    if view == "review" and to_review:
        return f"{to_review:,}" if to_review <= MOST_SHOWN else f"{MOST_SHOWN:,}+"
    return ""


def _shell(request: HttpRequest) -> Shell:
    """The shell of a request. Anonymous visitors get the doors' part only, without a query."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Shell(
            rail=(),
            keys=(),
            home="/",
            search="",
            palette="",
            fonts=has_fonts(),
            passkeys=_passkeys_work(request),
            session_days=settings.SESSION_COOKIE_AGE // 86_400,
        )
    pulse = desk_pulse()
    to_review = about_left() if user.can_edit else 0
    rail = tuple(
        RailItem(
            name,
            url,
            icon,
            key,
            words,
            current=request.path == url or (url != "/" and request.path.startswith(url)),
            note=_note(view, pulse, to_review),
        )
        for name, view, icon, key, place_for, words in PLACES
        if (url := _path(view)) and sees(place_for, user)
    )
    palette = _path("palette")
    return Shell(
        rail=rail,
        keys=_keys(rail, single=user.single_key_shortcuts, palette=bool(palette), edits=user.can_edit),
        home=_path("today") or "/",
        search=_path("articles"),
        palette=palette,
        fonts=has_fonts(),
        passkeys=_passkeys_work(request),
        sample=pulse.sample,
        sample_remove=_path("sample_remove"),
        offline_since=pulse.offline_since,
        stalled_since=pulse.stalled_since,
        short_of_room=is_short_of_room(),
        last_story=pulse.last_story,
        sources=pulse.sources,
        failing=pulse.failing,
        to_review=to_review,
    )
