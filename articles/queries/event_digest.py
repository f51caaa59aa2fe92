"""What the machine says of an event, as pages show it: each piece with the address of the words it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from articles.measures.independence import Telling
from articles.texts.citing import cite
from articles.texts.passages import GAP

SLOTS = (("who", "Who"), ("whom", "Whom"), ("what", "What"), ("where", "Where"), ("when", "When"))
MOST_OF_A_SLOT = 4
MOST_SENTENCES = 5
DEK = 2  # sentences below the headline
MOST_QUOTES = 6
MOST_MOVES = 8
_ROLES = {"who": "acts", "whom": "is acted upon"}
# How a party keeps from confirming, in words behind its name; what is not said here is plainly not confirmed.
_SILENCE = {
    "no_answer": "did not answer",
    "declined": "declined to comment",
    "no_statement": "has made no statement",
    "not_reached": "could not be reached",
    "denied": "denies it",
}
NOT_CONFIRMED = "has not confirmed"
# What nobody in particular has not confirmed.
_NOBODY = {"not_verified": "Not verified", "nameless": "Rests on sources without a name", "denied": "Denied"}


@dataclass(frozen=True, slots=True)
class Cited:
    """Some words of an article, and where they stand: `cite` is what the article's address is asked for."""

    text: str
    article: int
    publisher: str
    at: datetime
    cite: str
    entity: int | None = None
    party: str = ""  # who has not confirmed it
    silence: str = ""  # how, in words behind the party's name
    code: str = ""
    first: date | None = None  # the days that the words mean
    last: date | None = None
    name: str = ""  # whose shares moved
    percent: float | None = None
    direction: str = ""
    detail: str = ""  # what goes with the figure: "as much as", a market

    @property
    def quoted(self) -> str:
        """The words on one line."""
        return " ".join(self.text.replace(GAP, " ").split())


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that say of somebody that he has not confirmed: once, however many parties they name."""

    said: Cited
    parties: tuple[tuple[str, tuple[str, ...]], ...]  # how they keep silent, and who

    @property
    def words(self) -> str:
        """Who keeps silent, and how: "SIA did not answer"; empty where the words name nobody."""
        return "; ".join(
            f"{', '.join(names)}{':' if len(names) > 1 else ''} {silence}" for silence, names in self.parties
        )


@dataclass(frozen=True, slots=True)
class Slot:
    """Who, whom, what, where or when, as the texts say it."""

    name: str
    words: str
    said: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """An event's digest. `is_old`: something came since it was put together."""

    summary: tuple[Cited, ...]
    slots: tuple[Slot, ...]
    unconfirmed: tuple[Cited, ...]  # one for each party, also where the same words name several
    moves: tuple[Cited, ...]  # moves of prices, as the texts report them
    times: Mapping[int, tuple[Cited, ...]]  # by article
    built_at: datetime
    is_old: bool

    @property
    def dek(self) -> tuple[Cited, ...]:
        """The sentences that stand below the headline."""
        return self.summary[:DEK]

    @property
    def rest(self) -> tuple[Cited, ...]:
        """The other sentences."""
        return self.summary[DEK:]

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """What is not confirmed, word for word, each sentence of an article once."""
        found: dict[tuple[int, str], list[Cited]] = {}
        for one in self.unconfirmed:
            found.setdefault((one.article, one.quoted), []).append(one)
        quotes = []
        for same in found.values():
            parties: dict[str, dict[str, None]] = {}
            for one in same:
                if one.party:
                    parties.setdefault(one.silence, {})[one.party] = None
            named = tuple((silence, tuple(names)) for silence, names in parties.items())
            quotes.append(Quote(same[0], named))
        return tuple(quotes[:MOST_QUOTES])

    @property
    def entities(self) -> tuple[int, ...]:
        """The entities that it names."""
        named = [*(one for slot in self.slots for one in slot.said), *self.unconfirmed, *self.moves]
        return tuple({one.entity for one in named if one.entity is not None})

    @property
    def roles(self) -> Mapping[int, tuple[str, ...]]:
        """What it says of the part of each entity, in words."""
        found: dict[int, list[str]] = {}
        for slot in self.slots:
            for one in slot.said:
                if one.entity is not None and slot.name in _ROLES:
                    found.setdefault(one.entity, []).append(_ROLES[slot.name])
        for one in self.unconfirmed:
            if one.entity is not None:
                found.setdefault(one.entity, []).append(one.silence)
        return {pk: tuple(dict.fromkeys(words)) for pk, words in found.items()}

    @property
    def unsure(self) -> str:
        """What is not confirmed, in a few words; empty when the texts say nothing of the kind."""
        parties = dict.fromkeys(one.party for one in self.unconfirmed if one.party and one.code != "denied")
        denying = dict.fromkeys(one.party for one in self.unconfirmed if one.party and one.code == "denied")
        words = [f"Denied by {', '.join(denying)}"] if denying else []
        words += [f"Not confirmed by {', '.join(parties)}"] if parties else []
        bare = (_NOBODY.get(one.code, "Not confirmed") for one in self.unconfirmed if not one.party)
        return "; ".join(words or list(dict.fromkeys(bare))[:1])


def read_digest(row: Mapping[str, Any], known: Mapping[int, Telling]) -> Digest | None:
    """The digest in an event's row (`digest__...`), without the pieces of articles that are not in it any more.

    None when there is none yet.
    """
    if row["digest__built_from"] is None:
        return None
    slots: Mapping[str, Sequence[Mapping[str, Any]]] = row["digest__slots"]
    times: dict[int, list[Cited]] = {}
    for one in _pieces(row["digest__times"], known):
        times.setdefault(one.article, []).append(one)
    said = [
        Slot(name, words, tuple(_pieces(slots.get(name, ()), known))[:MOST_OF_A_SLOT])
        for name, words in SLOTS
    ]
    return Digest(
        summary=tuple(_pieces(row["digest__summary"], known))[:MOST_SENTENCES],
        slots=tuple(slot for slot in said if slot.said),
        unconfirmed=tuple(_pieces(row["digest__unconfirmed"], known)),
        moves=tuple(_pieces(slots.get("moves", ()), known))[:MOST_MOVES],
        times={article: tuple(found) for article, found in times.items()},
        built_at=row["digest__built_at"],
        is_old=row["digest__built_from"] < row["version"],
    )


def _pieces(rows: Sequence[Mapping[str, Any]], known: Mapping[int, Telling]) -> Iterator[Cited]:
    for row in rows:
        span = row["span"]
        telling = known.get(span["article"])
        if telling is not None:
            yield Cited(
                text=row["text"],
                article=telling.article,
                publisher=telling.publisher,
                at=telling.at,
                cite=str(cite(span["field"], span["start"], span["end"], row["text"])),
                entity=row.get("entity"),
                party=row.get("party") or "",
                silence=_SILENCE.get(row.get("code", ""), NOT_CONFIRMED),
                code=row.get("code", ""),
                first=_day(row.get("first")),
                last=_day(row.get("last")),
                name=row.get("name", ""),
                percent=row.get("percent"),
                direction=row.get("direction", ""),
                detail=", ".join(filter(None, (row.get("hedge"), row.get("market")))),
            )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
