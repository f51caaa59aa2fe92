"""CSS selectors that an admin wrote for a publisher: read from a form's text and applied to a page; pure."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

import soupsieve
from bs4 import BeautifulSoup, Tag, XMLParsedAsHTMLWarning
from bs4.element import NavigableString, PreformattedString
from soupsieve import SelectorSyntaxError

from articles.ingest.bylines import people_of
from articles.ingest.dates import read_date_parts
from articles.ingest.decoding import decode
from articles.ingest.sanitize import one_line, plain_text
from articles.types import PageContainer, ReadingRules, SelectorPart

_WHOLE = frozenset({"html", "body"})
_MAX_TITLE = 1000
_MAX_DATE = 300  # characters of an element that are searched for a date
_MOST_READ = 50  # of the elements that a selector matches: a title, a date or a byline stands among the first
_DATE_WORDS = 16  # words of them at which a date may begin
_SHOWN = 80  # characters of a selector that a sentence quotes
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,300}\?>")
_OPENING = re.compile(r"<[a-zA-Z]")
# What one more check of an element is asked for by: a compound, an attribute, a pseudo-class, a combinator.
_CHECK = re.compile(r"[.#:\[>~+,*]|\s+(?=[^\s>~+,])")
_NOT_CSS = (
    (re.compile(r"^<"), "this is markup. Write a selector such as div.article."),
    (re.compile(r"^\.?/"), "this looks like XPath. Write a CSS selector such as div.article > p."),
    (re.compile(r"[{}]"), "it has a brace. Write the selector alone, without a rule."),
    (re.compile(r"^[>~+,|)]"), "nothing stands before its first sign."),
    (re.compile(r"[>~+,|]$"), "nothing follows its last sign."),
    (re.compile(r"::"), "pseudo-elements (with two colons) are no part of a page."),
    (
        re.compile(r":contains\s*\(", re.IGNORECASE),
        "write :-soup-contains(...) in place of :contains(...).",
    ),
)
_PARENTHESIS = re.compile(r"(?::has)?\(|\)", re.IGNORECASE)
_POSITION = re.compile(r"pos\w*tion (\d+)")
_SAID = (
    (
        re.compile(r"^Malformed class selector"),
        "“{rest}” is no class. Write it as .story-body, or as [class~='123'] when it begins with a digit.",
    ),
    (
        re.compile(r"^Malformed id selector"),
        "“{rest}” is no id. Write it as #content, or as [id='123'] when it begins with a digit.",
    ),
    (
        re.compile(r"^Malformed attribute selector"),
        "“{rest}” is no attribute. Write it as [itemprop=headline], a value with spaces in quotes.",
    ),
    (
        re.compile(r"^'(.+?)' was detected as a pseudo-class"),
        "“{what}” is no pseudo-class that is known here.",
    ),
    (re.compile(r"^Invalid syntax for pseudo class '(.+?)'"), "“{what}” is not written as it should be."),
    (re.compile(r"^Unmatched pseudo-class close"), "there is a “)” with no “(” before it."),
    (re.compile(r"^Unclosed pseudo-class"), "a “(” is never closed."),
    (re.compile(r"^The combinator '(.+?)'"), "nothing stands before “{what}”."),
    (re.compile(r"multiple combinators"), "two combinators follow each other at “{rest}”."),
    (
        re.compile(r"^Tag name found"),
        "the name of an element must come first, not “{rest}” after other parts.",
    ),
    (re.compile(r"^Value in"), "a number in it is too large."),
)
_BLOCKS = ["article", "main", "section", "div", "td", "body", "center", "form"]
_SPEAKING = frozenset({"p", "li", "blockquote", "h2", "h3", "h4", "dd", "pre"})
_SILENT = frozenset(
    {"script", "style", "noscript", "template", "select", "option", "svg", "iframe", "head", "button"}
)
# A name that the next page has too: no numbers of articles, no hashes of style builders.
_LASTING = re.compile(r"(?!.*\d{3})(?!(?:css|sc|jsx|jss|svelte|emotion|styled|astro)-)[A-Za-z_][\w-]{0,60}")
_SENTENCE = 8  # words of a paragraph from which on it speaks for what holds it
_LEAST_WORDS = 25
_NEARLY = 0.98
_MOST_CONTAINERS = 8
_MOST_TRIED = 40
_MOST_STEPS = 4
_BEGINS = 120
_DATE_ATTRIBUTES = ("datetime", "content", "data-datetime", "data-date", "data-timestamp", "title")


@dataclass(frozen=True, slots=True)
class SelectorLimits:
    """Bounds of what an admin may write for one field, and of the work that it may cost on one page.

    soupsieve's time is the size of the selector times that of the page (its own contract since 4.0), so `max_checks`
    counts elements times parts of the selectors; a million take about a second.
    """

    max_text: int = 4000
    max_selectors: int = 30
    max_selector: int = 500
    max_elements: int = 50_000
    max_checks: int = 2_000_000


@dataclass(frozen=True, slots=True)
class Selected:
    """What an admin's selectors say about a page.

    `markup` is the whole page without what was removed. `kept` is a page of its own whose body holds nothing but the
    elements that were to be kept, in the page's order; empty when there are none, and then the machine is to look for
    the text in `markup`. `title`, `date` and `authors` are empty when no selector found one. `date` has the zone that the page writes, `date_has_time` whether it tells a time of day,
    `date_raw` what the page says. `notes` are sentences.
    """

    markup: str
    kept: str = ""
    title: str = ""
    date: datetime | None = None
    date_has_time: bool = False
    date_raw: str = ""
    authors: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_kept(self) -> bool:
        """Whether the text is what `kept` holds."""
        return bool(self.kept)

    @property
    def by_rule(self) -> tuple[SelectorPart, ...]:
        """The parts of the article that selectors found."""
        found: dict[SelectorPart, object] = {
            "keep": self.kept,
            "title": self.title,
            "date": self.date,
            "author": self.authors,
        }
        return tuple(part for part, value in found.items() if value)


def parse_selectors(
    text: str, limits: SelectorLimits | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(the selectors of a form's text, one a line; sentences about those that cannot be used).

    Each sentence names its selector and what is wrong. Blank lines are passed over, a selector written twice counts
    once. With a problem the selectors that are right are returned all the same.
    """
    bounds = limits or SelectorLimits()
    if len(text) > bounds.max_text:
        return (), (f"The selectors have {len(text):,} characters; {bounds.max_text:,} are the most.",)
    lines = list(dict.fromkeys(line for line in (" ".join(raw.split()) for raw in text.splitlines()) if line))
    if len(lines) > bounds.max_selectors:
        return (), (f"There are {len(lines)} selectors; {bounds.max_selectors} are the most.",)
    good, problems = [], []
    for line in lines:
        problem = _problem(line, bounds)
        if problem:
            problems.append(f"“{_shown(line)}” cannot be used: {problem}")
        else:
            good.append(line)
    return tuple(good), tuple(problems)


def apply_selectors(markup: str, rules: ReadingRules, limits: SelectorLimits | None = None) -> Selected:
    """Obey the selectors of `rules` on a page.

    First what is to be removed goes, then the rest is looked for in what is left. A selector that matches nothing,
    that cannot be read or that would cost too much is told in `notes` and does nothing else; when nothing that is to
    be kept is there, the page stays whole. Raises nothing.
    """
    if not rules.has_selectors:
        return Selected(markup)
    bounds = limits or SelectorLimits()
    if len(_OPENING.findall(markup)) > bounds.max_elements:
        return Selected(
            markup,
            notes=(f"The page has more than {bounds.max_elements:,} elements: no selector was tried on it.",),
        )
    page = _Page(_soup(markup), bounds)
    page.remove(rules.remove)
    title = page.first("title", rules.title, _title_of)
    date_text = page.first("date", rules.date, _date_text)
    found = _read_date(date_text)
    authors = page.authors(rules.author)
    return Selected(
        markup=str(page.soup) if page.is_changed else markup,
        kept=page.kept(rules.keep),
        title=title,
        date=found[0] if found else None,
        date_has_time=bool(found and found[1]),
        date_raw=date_text,
        authors=authors,
        notes=tuple(page.notes),
    )


def find_containers(
    page: bytes | str, *, content_type: str = "", limits: SelectorLimits | None = None
) -> list[PageContainer]:
    """The parts of a page that may hold its article, likeliest first, each with a selector that matches it alone.

    A part that says the same as the part around it is given once. Nothing for a page that is too large to be tried.
    """
    bounds = limits or SelectorLimits()
    markup = decode(page, content_type)[0] if isinstance(page, bytes) else page
    if len(_OPENING.findall(markup)) > bounds.max_elements:
        return []
    soup = _soup(plain_text(markup))
    names = _Names(soup)
    weights = _weigh(soup)
    total = max(1, max((weight.words for weight in weights.values()), default=1))
    found: list[PageContainer] = []
    taken: list[_Weight] = []
    tries = 0
    for tag, weight in sorted(
        ((tag, weights[id(tag)]) for tag in soup.find_all(_BLOCKS)), key=lambda one: -one[1].score
    ):
        if len(found) == _MOST_CONTAINERS or tries == _MOST_TRIED:
            break
        if weight.words < _LEAST_WORDS or any(_says_the_same(weight, known) for known in taken):
            continue
        tries += 1
        selector = names.selector_of(tag)
        if not selector:
            continue
        taken.append(weight)
        begins = one_line(_text_of(tag), _BEGINS)
        linked = round(100 * weight.linked / weight.words)
        share = min(100, round(100 * weight.words / total))
        found.append(PageContainer(selector, weight.words, share, linked, begins))
    return found


@dataclass(slots=True)
class _Weight:
    """What lies in an element: all words, those in links, and how much its own paragraphs speak for it.

    `first` and `last` are its own place in the page and that of the last element in it.
    """

    first: int = 0
    last: int = 0
    words: int = 0
    linked: int = 0
    score: float = 0.0


def _weigh(soup: BeautifulSoup) -> dict[int, _Weight]:
    """By id of element. A paragraph speaks for the element around it, and half as much for the next one."""
    weights: dict[int, _Weight] = {}
    order = [tag for tag in soup.descendants if isinstance(tag, Tag)]
    for place in range(len(order) - 1, -1, -1):  # what lies inside comes before what holds it
        tag = order[place]
        weight = weights.setdefault(id(tag), _Weight())
        weight.first, weight.last = place, max(place, weight.last)
        if tag.parent is not None:
            above = weights.setdefault(id(tag.parent), _Weight())
            above.last = max(above.last, weight.last)
        if tag.name in _SILENT:
            weights[id(tag)] = _Weight(place, weight.last)
            continue
        own = sum(
            len(node.split())
            for node in tag.contents
            if isinstance(node, NavigableString) and not isinstance(node, PreformattedString)
        )
        weight.words += own
        weight.score += own
        if tag.name == "a":
            weight.linked = weight.words
        parent = tag.parent
        if parent is None:
            continue
        above = weights.setdefault(id(parent), _Weight())
        above.words += weight.words
        above.linked += weight.linked
        if tag.name in _SPEAKING and weight.words >= _SENTENCE:
            said = weight.words - 2 * weight.linked
            above.score += said
            if parent.parent is not None:
                weights.setdefault(id(parent.parent), _Weight()).score += said / 2
    return weights


def _says_the_same(one: _Weight, other: _Weight) -> bool:
    """Whether one of the two lies in the other and has nearly all of its words."""
    fewer, more = sorted((one.words, other.words))
    outer, inner = sorted((one, other), key=lambda weight: weight.first)
    return fewer >= _NEARLY * more and inner.first <= outer.last


class _Names:
    """Selectors that match one element of a page alone, and are likely to match its like on the next page too."""

    def __init__(self, soup: BeautifulSoup) -> None:
        self._counts: dict[str, int] = {}
        for tag in soup.find_all():
            for name in set(_names_of(tag)):
                self._counts[name] = self._counts.get(name, 0) + 1

    def selector_of(self, tag: Tag) -> str:
        """The selector, shortest first; below an ancestor that has one; empty when none is found."""
        own = _names_of(tag)
        for name in own:
            if self._counts[name] == 1:
                return name
        steps = [own[0] if own else tag.name]
        for parent in tag.parents:
            if parent.name in {"html", "body", "[document]"} or len(steps) > _MOST_STEPS:
                break
            names = _names_of(parent)
            alone = next((name for name in names if self._counts[name] == 1), "")
            if alone:
                return self._checked(" > ".join([alone, *reversed(steps)]), tag)
            steps.append(names[0])
        return ""

    @staticmethod
    def _checked(selector: str, tag: Tag) -> str:
        top = next((parent for parent in tag.parents if parent.parent is None), None)
        if top is None:
            return ""
        return selector if len(soupsieve.select(selector, top, limit=2)) == 1 else ""


def _names_of(tag: Tag) -> list[str]:
    """Simple selectors of an element, those that tell most of its meaning first; never what only this page has."""
    found = []
    for attribute in ("itemprop", "role", "data-testid", "data-component"):
        value = _attribute(tag, attribute)
        if value and _LASTING.fullmatch(value):
            found.append(f'{tag.name}[{attribute}="{value}"]')
    identifier = _attribute(tag, "id")
    if identifier and _LASTING.fullmatch(identifier):
        found.append(f"{tag.name}#{soupsieve.escape(identifier)}")
    classes = [name for name in _attribute(tag, "class").split() if _LASTING.fullmatch(name)]
    found += [f"{tag.name}.{soupsieve.escape(name)}" for name in classes[:6]]
    return [*found, tag.name]


@dataclass
class _Page:
    """A page at work: the tree, what was said about it, and how many checks of an element are left."""

    soup: BeautifulSoup
    bounds: SelectorLimits
    notes: list[str] = field(default_factory=list)
    is_changed: bool = False
    spent: int = 0
    elements: int = 0

    def __post_init__(self) -> None:
        self.elements = sum(1 for node in self.soup.descendants if isinstance(node, Tag))

    def matches(self, part: SelectorPart, selector: str) -> list[Tag]:
        """The elements that a selector matches, in the page's order; a note when it could not be tried."""
        cost = self.elements * _checks(selector)
        if self.spent + cost > self.bounds.max_checks:
            self.notes.append(
                f"{_quoted(part, selector)} was not tried: this page is so large that its selectors would take too long."
            )
            return []
        self.spent += cost
        try:
            found = list(soupsieve.select(selector, self.soup))
        except (SelectorSyntaxError, RecursionError, ValueError, OverflowError):
            self.notes.append(f"{_quoted(part, selector)} cannot be read as a selector.")
            return []
        if not found:
            self.notes.append(f"{_quoted(part, selector)} matches nothing in this page.")
        return found

    def remove(self, selectors: Sequence[str]) -> None:
        """Take out what the selectors match; never the page itself."""
        for selector in selectors:
            found = self.matches("remove", selector)
            parts = [tag for tag in found if tag.name not in _WHOLE]
            if len(parts) < len(found):
                self.notes.append(
                    f"{_quoted('remove', selector)} matches the whole page, which is not taken out."
                )
            outermost = _outermost(self.soup, parts)
            for tag in outermost:
                tag.extract()
            if outermost:
                self.is_changed = True
                self.notes.append(f"{_quoted('remove', selector)} took out {_places(len(outermost))}.")

    def first(self, part: SelectorPart, selectors: Sequence[str], read: Callable[[Tag], str]) -> str:
        """What the first selector says that matches an element with something to read."""
        for selector in selectors:
            found = self.matches(part, selector)
            for tag in islice(found, _MOST_READ):
                text = read(tag)
                if text:
                    return text
            if found:
                what = "an empty element" if part == "title" else "no date that can be read"
                self.notes.append(f"{_quoted(part, selector)} matches {what}.")
        return ""

    def authors(self, selectors: Sequence[str]) -> tuple[str, ...]:
        """The people whom the first selector names that names any."""
        for selector in selectors:
            found = self.matches("author", selector)
            names = people_of(_texts_of(found))
            if names:
                return names
            if found:
                self.notes.append(f"{_quoted('author', selector)} matches no name of a person.")
        return ()

    def kept(self, selectors: Sequence[str]) -> str:
        """What the selectors match, as a page; empty when there are no words in it."""
        chosen: dict[int, Tag] = {}
        for selector in selectors:
            chosen |= {id(tag): tag for tag in self.matches("keep", selector)}
        parts = _outermost(self.soup, chosen.values())
        if not selectors:
            return ""
        if not any(_has_words(tag) for tag in parts):
            self.notes.append(
                "Nothing that is to be kept is in this page, so its text was found in the machine's own way."
            )
            return ""
        whole = self.soup.body if parts[0].name in _WHOLE else None
        inside = whole.decode_contents() if whole else "".join(str(part) for part in parts)
        return f"<html><body>{inside}</body></html>"


def _soup(markup: str) -> BeautifulSoup:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        return BeautifulSoup(_XML_DECLARATION.sub("", markup), "lxml")


def _outermost(soup: BeautifulSoup, tags: Iterable[Tag]) -> list[Tag]:
    """Those of the tags that lie in no other of them, in the page's order."""
    wanted = {id(tag) for tag in tags}
    covered: set[int] = set()  # they and all that lies in them: parents come first, so one walk tells it
    found = []
    for node in soup.descendants:
        if isinstance(node, Tag):
            if node.parent is not None and id(node.parent) in covered:
                covered.add(id(node))
            elif id(node) in wanted:
                covered.add(id(node))
                found.append(node)
    return found


def _has_words(tag: Tag) -> bool:
    return any(
        isinstance(node, NavigableString) and not isinstance(node, PreformattedString) and node.strip()
        for node in tag.descendants
    )


def _text_of(tag: Tag) -> str:
    """The words of an element in one line; of a very large one the beginning."""
    parts: list[str] = []
    size = 0
    for part in tag.stripped_strings:
        parts.append(part[:_MAX_TITLE])
        size += len(parts[-1]) + 1
        if size > _MAX_TITLE:
            break
    return one_line(" ".join(parts), _MAX_TITLE)


def _attribute(tag: Tag, name: str) -> str:
    value = tag.get(name)
    return value if isinstance(value, str) else " ".join(value or ())


def _title_of(tag: Tag) -> str:
    return one_line(_attribute(tag, "content") if tag.name == "meta" else _text_of(tag), _MAX_TITLE)


def _texts_of(tags: Iterable[Tag]) -> list[str]:
    texts = (_attribute(tag, "content")[:_MAX_TITLE] or _text_of(tag) for tag in islice(tags, _MOST_READ))
    return [text for text in texts if text]


def _date_text(tag: Tag) -> str:
    """The attribute or text that tells a date, else nothing."""
    for text in (*(_attribute(tag, name) for name in _DATE_ATTRIBUTES), _text_of(tag)):
        raw = one_line(text, _MAX_DATE)
        if raw and _read_date(raw):
            return raw
    return ""


def _read_date(text: str) -> tuple[datetime, bool] | None:
    """The first date in a text such as "Published on 3 May 2024, 10:15 CET": it may begin at any of its words."""
    words = text.split()
    for place in range(min(len(words), _DATE_WORDS)):
        found = read_date_parts(" ".join(words[place:])[:100])
        if found:
            return found
    return None


def _problem(selector: str, bounds: SelectorLimits) -> str:
    """Why a selector cannot be used, in words; empty when it can."""
    if len(selector) > bounds.max_selector:
        return f"it has {len(selector)} characters, and {bounds.max_selector} are the most."
    for pattern, words in _NOT_CSS:
        if pattern.search(selector):
            return words
    if _nests_has(selector):
        return "a :has(...) cannot stand inside another."
    try:
        soupsieve.compile(selector)
    except SelectorSyntaxError as error:
        return _in_words(str(error).split("\n", 1)[0], selector)
    except (RecursionError, ValueError, OverflowError):
        return "it is too involved to be read."
    return ""


def _nests_has(selector: str) -> bool:
    """Whether one `:has()` lies in another: CSS forbids it, and older readers of CSS take very long over it."""
    open_ones: list[bool] = []
    for match in _PARENTHESIS.finditer(selector):
        if match[0] == ")":
            if open_ones:
                open_ones.pop()
        else:
            is_has = match[0].lower() == ":has("
            if is_has and any(open_ones):
                return True
            open_ones.append(is_has)
    return False


def _in_words(message: str, selector: str) -> str:
    """What soupsieve says about a selector, as an admin would say it."""
    place = _POSITION.search(message)
    rest = selector[int(place[1]) :].strip() if place else ""
    for pattern, words in _SAID:
        match = pattern.search(message)
        if match:
            return words.format(rest=_shown(rest), what=match[1] if pattern.groups else "")
    if not rest:
        return "it ends before it is complete."
    return f"“{_shown(rest)}” is not how CSS is written."


def _checks(selector: str) -> int:
    return 1 + len(_CHECK.findall(selector))


def _shown(selector: str) -> str:
    return selector if len(selector) <= _SHOWN else selector[: _SHOWN - 1] + "…"


def _quoted(part: SelectorPart, selector: str) -> str:
    return f"“{_shown(selector)}” ({part})"


def _places(count: int) -> str:
    return f"{count:,} place{'' if count == 1 else 's'}"
