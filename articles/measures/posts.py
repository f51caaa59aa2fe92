"""Rule: when two sources contradict each other about who holds a post, and where a post lies on a line of time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

# Posts that one person holds at a time; with "co-", "vice" or "deputy" before them several may.
_SINGLE = re.compile(
    r"^(?:the )?(?:(?:group|interim|acting|executive|non-executive|global|federal) )*"
    r"(chief executive|ceo|chair|president|prime minister|premier|governor|"
    r"director[- ]general|secretary[- ]general|chief financial officer|cfo|chief operating officer|coo|"
    r"chief technology officer|cto|chancellor|head of state|king|queen|monarch|pope|mayor)\b"
)
_SAME = {
    "ceo": "chief executive",
    "cfo": "chief financial officer",
    "coo": "chief operating officer",
    "cto": "chief technology officer",
    "premier": "prime minister",
    "chairman": "chair",
    "chairwoman": "chair",
    "chairperson": "chair",
    "director general": "director-general",
    "secretary general": "secretary-general",
}
_WORDS = re.compile("|".join(rf"\b{word}\b" for word in sorted(_SAME, key=len, reverse=True)))
MONTHS, DAYS = 12, 366


@dataclass(frozen=True, slots=True)
class Post:
    """One statement that somebody is or was something at an organisation; dates are as exact as their source.

    `known` is when its source said so.
    """

    key: str
    person: str
    organization: str
    title: str
    since: str = ""
    until: str = ""
    former: bool = False
    known: str = ""

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.former or bool(self.until)


def post_name(title: str) -> str:
    """A title in the form in which two of them are compared: CEO is chief executive, chairwoman is chair."""
    words = " ".join(title.casefold().replace("officer of", "of").split())
    words = _WORDS.sub(lambda found: _SAME[found[0]], words)
    return words.replace("chief executive officer", "chief executive")


def contradictions(posts: Sequence[Post]) -> dict[str, tuple[str, ...]]:
    """For each post, by its key, the keys of those that cannot be true beside it; posts without any are absent.

    Two people in a post that one holds, both now or in years that overlap; or one person of whom one source says
    that it is over and another that it is not.
    """
    found: dict[str, list[str]] = {}
    groups: dict[str, list[Post]] = {}
    for post in posts:
        groups.setdefault(post.organization, []).append(post)
    for group in groups.values():
        for place, one in enumerate(group):
            for other in group[place + 1 :]:
                if _contradict(one, other):
                    found.setdefault(one.key, []).append(other.key)
                    found.setdefault(other.key, []).append(one.key)
    return {key: tuple(others) for key, others in found.items()}


def _contradict(one: Post, other: Post) -> bool:
    name, other_name = post_name(one.title), post_name(other.title)
    if one.person == other.person:
        return name == other_name and one.ended != other.ended and not _successive(one, other)
    single, other_single = _SINGLE.match(name), _SINGLE.match(other_name)
    if not single or not other_single or single[1] != other_single[1]:
        return False
    if one.ended or other.ended:
        return bool(one.since and other.since) and _overlap(one, other)
    return True


def _successive(one: Post, other: Post) -> bool:
    """Whether somebody left a post and took it again: the one that is over ended before the other began."""
    over, now = (one, other) if one.ended else (other, one)
    return bool(over.until and now.since) and year_of(over.until) <= year_of(now.since)


def _overlap(one: Post, other: Post) -> bool:
    """Whether two spans share more than the year in which one follows the other; an unknown end is not a claim."""
    if (one.former and not one.until) or (other.former and not other.until):
        return False
    low = max(year_of(one.since), year_of(other.since))
    high = min(_end(one), _end(other))
    return high - low >= 1


def _end(post: Post) -> float:
    return year_of(post.until) if post.until else float("inf")


def year_of(written: str) -> float:
    """A date as YYYY, YYYY-MM or YYYY-MM-DD in years, 2021-07 as 2021.5; 0 for what is no date."""
    parts = written.split("-")
    if not all(part.isascii() and part.isdecimal() for part in parts):
        return 0.0
    years = float(parts[0])
    if len(parts) > 1:
        years += (int(parts[1]) - 1) / MONTHS
    if len(parts) > 2:  # noqa: PLR2004 - year, month, day
        years += (int(parts[2]) - 1) / DAYS
    return years


@dataclass(frozen=True, slots=True)
class Line:
    """Where a post lies between the first year (0) and today (1) of a timeline; `open` has no known beginning.

    A `point` is a post without dates, at the day on which its source said so.
    """

    start: float
    end: float
    ended: bool
    open: bool
    point: bool = False


def lines_of(posts: Sequence[Post], today: date) -> tuple[int, dict[str, Line]]:
    """The first year of the timeline, and the line of each post by its key; posts without any date are points."""
    now = year_of(today.isoformat())
    begun = [year_of(post.since) for post in posts if post.since]
    over = [year_of(post.until) - 1 for post in posts if post.until and not post.since]
    points = {post.key: year_of(post.known) for post in posts if not post.since and not post.until}
    points = {key: min(year, now) for key, year in points.items() if year}
    first = int(min([*begun, *over, *points.values(), now - 1]))
    length = now - first
    lines = {}
    for post in posts:
        if post.key in points:
            at = (points[post.key] - first) / length
            lines[post.key] = Line(at, at, post.ended, open=True, point=True)
        if not post.since and not post.until:
            continue
        start = year_of(post.since) if post.since else year_of(post.until) - 1
        end = year_of(post.until) if post.until else (start + 1 if post.former else now)
        lines[post.key] = Line(
            max(0.0, (start - first) / length),
            min(1.0, max(0.0, (end - first) / length)),
            post.ended,
            not post.since,
        )
    return first, lines
