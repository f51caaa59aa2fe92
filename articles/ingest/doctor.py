"""What ails a source, by what its fetches and its entries show, and what would help; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Literal

from articles.ingest.entries import WITHDRAWN
from articles.ingest.notices import usual_pauses
from articles.ingest.schedule import in_words

Act = Literal["", "move", "discover", "full_fetch", "resume"]
Place = Literal["", "edit", "identity", "site"]

# Full text: entries of a median length below this, while their pages hold so many times as much.
SHORT_ENTRY = 600
LONGER_BY = 3.0
PAIRS_TO_JUDGE = 3
# Of the newest entries so many, and so large a share, before a fault of dates or pages is called one of the source.
FAULTS_TO_TELL = 2
FAULTY_SHARE = 0.2
# A validator is called a liar when forced fetches found entries so often while no polite one found any.
LIES_TO_TELL = 2
POLITE_TO_JUDGE = 6
# A wish of the feed (ttl, Cache-Control) is too long when it is this much longer than what the rhythm asks for.
WISH_LEAST = 3 * 3600
WISH_RATIO = 4
BUSY_SHARE = 0.5
BLOCKED = frozenset({401, 403, 406, 429, 451})
SLOW_MILLISECONDS = 5000

# What a person can do about each kind of failure; the failure's own sentence stands before it.
ADVICE: Mapping[str, str] = {
    "bad_url": "Correct the address.",
    "refused_address": "It leads into a private network. If that is meant, an operator opens it with NEWSDESK_FETCH_ALLOW.",
    "robots": "Its robots.txt closes this to us. Ask the publisher, or use another feed.",
    "dns": "The name is not known. Check its spelling, and whether the site still exists.",
    "connect": "The server does not take the call. It is tried again by itself; look whether the site opens in a browser.",
    "tls": "The server's certificate is not in order. Ask the publisher; it is tried again by itself.",
    "timeout": "The server is too slow. It is tried again by itself, less often the longer it lasts.",
    "too_large": "Ask for a smaller feed, or raise NEWSDESK_FEED_MB.",
    "redirects": "The address leads in circles. Look for the feed on the site.",
    "protocol": "What the server sends is not in order. Ask the publisher; it is tried again by itself.",
    "not_a_feed": "The address answers with something else than a feed. Look for the feed on the site.",
    "parse": "The feed cannot be read. Look at it, or look for another feed of the site.",
    "secrets": "Enter its user name, password, cookie, headers or proxy anew in Edit.",
    "store": "What it says could not be stored. The log of the fetch worker tells why; nothing else was lost.",
    "sandbox": "Reading it takes too long or too much memory. Look whether the site has a smaller feed.",
}
STATUS_ADVICE: Mapping[int, str] = {
    401: "It wants a user name and a password: enter them in Edit.",
    403: "It refuses our request. Try another User-Agent in Edit, or ask the publisher to let us in.",
    404: "The feed is not there any more. Look for it on the site.",
    406: "It does not like how we ask. Try another User-Agent in Edit.",
    407: "The proxy wants a user name and a password: enter them with the proxy in Edit.",
    410: "The publisher took the feed away for good. Look for another one on the site, or remove it.",
    429: "It asks us to come less often. That is obeyed by itself; a longer interval in Edit helps for good.",
    451: "It is closed for legal reasons where we are. Ask the publisher.",
}
SERVER_ADVICE = "The fault is on the server's side. It is tried again by itself."


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One fetch: what the doctor looks at. `skipped` pairs a reason with its count."""

    at: datetime
    outcome: str
    kind: str = ""
    status: int | None = None
    milliseconds: int = 0
    entries: int = 0
    new: int = 0
    changed: int = 0
    forced: bool = False
    skipped: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """One of the newest articles of the source; lengths are characters of plain text, 0 = there is none."""

    title: str
    feed_characters: int
    page_characters: int
    wants_page: bool
    dated: bool  # False: the entry's own date was absent or impossible, the time of fetching stands for it
    date_as_served: str = ""
    is_ahead: bool = False  # the date as served lies in the future of when it was fetched
    robots: bool = False  # its page is closed by robots.txt


@dataclass(frozen=True, slots=True)
class Chart:
    """All that is known of a source when the doctor looks; runs and entries newest first."""

    state: str
    runs: Sequence[RunFacts] = ()
    entries: Sequence[EntryFacts] = ()
    arrivals: Sequence[datetime] = ()  # when something new came, in any order
    silence: str = ""  # the open notice about its silence
    proposed_url: str = ""
    redirects_seen: int = 0
    failures: int = 0
    has_own_agent: bool = False
    has_sign_in: bool = False
    identity: str = "guid"
    identity_by: str = ""
    identity_why: str = ""
    floor_seconds: int = 0
    interval_seconds: int = 0
    fixed_seconds: int | None = None
    known_share: float | None = None
    has_site: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: its sentence, what shows it, what to do, and what a button or a link would do.

    `act` is done at once and can be taken back; `place` is a page to go to; `value` belongs to the act.
    """

    code: str
    words: str
    evidence: tuple[str, ...]
    advice: str
    act: Act = ""
    label: str = ""
    place: Place = ""
    value: str = ""


def advice_for(kind: str, status: int | None) -> str:
    """What to do about a failure, in one or two sentences; empty when there is nothing to say."""
    if kind in {"http", ""} and status is not None:
        if status in STATUS_ADVICE:
            return STATUS_ADVICE[status]
        return SERVER_ADVICE if status >= 500 else ""  # noqa: PLR2004 - RFC 9110, 15.6
    return ADVICE.get(kind, "")


def expected_words(arrivals: Sequence[datetime], now: datetime) -> str:
    """What is to be expected of a source, by the moments at which something new came, as one sentence."""
    pauses = usual_pauses(arrivals)
    if pauses is None:
        return "Too little has come yet to know its rhythm."
    last = (now - max(arrivals)).total_seconds()
    return (
        f"Nine of ten pauses between news are no longer than {in_words(pauses.usual.total_seconds())}, "
        f"the longest was {in_words(pauses.longest.total_seconds())}; the last news came {in_words(last)} ago."
    )


def examine(chart: Chart, now: datetime) -> list[Finding]:
    """What is wrong with a source, the gravest first; empty when it is well."""
    rules = (
        _moved, _gone, _set_aside, _blocked, _not_a_feed, _failing, _silent, _guids, _future, _undated,
        _withdrawn, _cut_text, _robots, _lying_validators, _long_wish, _slow,
    )  # fmt: skip
    found: list[Finding] = []
    for rule in rules:
        finding = rule(chart, now)
        if finding is not None:
            found.append(finding)
    return found


def _last(chart: Chart) -> RunFacts | None:
    """The newest fetch that says something about the source: not one of our own silence."""
    return next((run for run in chart.runs if run.outcome != "offline"), None)


def _failed(chart: Chart) -> RunFacts | None:
    last = _last(chart)
    return last if last is not None and last.outcome == "failed" else None


def _moved(chart: Chart, _now: datetime) -> Finding | None:
    if not chart.proposed_url:
        return None
    return Finding(
        "moved",
        "The feed has moved for good.",
        (
            f"Its address led to {chart.proposed_url} {_times(chart.redirects_seen).lower()} by a permanent redirect.",
        ),
        "Use the new address; the old one may end some day.",
        act="move",
        label="Use the new address",
        value=chart.proposed_url,
    )


def _gone(chart: Chart, _now: datetime) -> Finding | None:
    if chart.state != "gone":
        return None
    return Finding(
        "gone",
        "The publisher says that this feed is gone for good.",
        ("The server answered 410 (gone); it has not been asked since.",),
        "Look for another feed on its site. Resume asks once more; if it is gone, it is set to rest again.",
        act="discover",
        label="Look on its site",
    )


def _set_aside(chart: Chart, _now: datetime) -> Finding | None:
    if chart.state != "quarantined":
        return None
    return Finding(
        "set_aside",
        "It was set aside: its worker ended three times while it read this source.",
        ("So that it stops no other source, it is not asked any more.",),
        "Resume tries again. If it happens again, look at its address in a browser, or for a smaller feed of the site.",
        act="resume",
        label="Try again",
    )


def _blocked(chart: Chart, _now: datetime) -> Finding | None:
    last = _failed(chart)
    if last is None or last.status not in BLOCKED:
        return None
    count = sum(run.status == last.status for run in chart.runs)
    shown = (f"{count} of the last {len(chart.runs)} fetches were answered with {last.status}.",)
    if last.status == 401:  # noqa: PLR2004
        words = "It does not take our password." if chart.has_sign_in else "It wants a password."
        return Finding("sign_in", words, shown, advice_for("http", 401), place="edit", label="Enter it")
    if last.status == 429:  # noqa: PLR2004
        return Finding(
            "too_often", "It says that we ask too often.", shown, advice_for("http", 429), place="edit", label="Set an interval"
        )  # fmt: skip
    tried = "our own User-Agent" if not chart.has_own_agent else "the User-Agent that was set here"
    return Finding(
        "blocked",
        f"It refuses requests with {tried}.",
        shown,
        advice_for("http", last.status),
        place="edit",
        label="Set another User-Agent",
    )


def _not_a_feed(chart: Chart, _now: datetime) -> Finding | None:
    last = _failed(chart)
    if last is None or not (last.kind in {"not_a_feed", "redirects"} or last.status in {404, 410}):
        return None
    if chart.state == "gone":
        return None
    was = next((run for run in chart.runs if run.entries), None)
    evidence = [_since(chart)]
    if was is not None:
        evidence.append(f"Before that it was a feed of {was.entries} entries.")
    words = (
        f"The server answers {last.status}: the feed is not there any more."
        if last.status is not None and last.status >= 400  # noqa: PLR2004
        else "The address answers, but not with a feed any more."
    )
    return Finding(
        "not_a_feed",
        words,
        tuple(evidence),
        "Sites move their feeds now and then. Look for it on the site, try what is found, and use it with one click.",
        act="discover",
        label="Look on its site",
    )


def _failing(chart: Chart, _now: datetime) -> Finding | None:
    last = _failed(chart)
    if last is None or last.status in BLOCKED or last.status in {404, 410}:
        return None
    advice = advice_for(last.kind, last.status)
    if not advice or last.kind in {"not_a_feed", "redirects"}:
        return None
    return Finding("failing", "It does not answer as it should.", (_since(chart),), advice)


def _silent(chart: Chart, now: datetime) -> Finding | None:
    last = _last(chart)
    if not chart.silence or chart.state != "active" or last is None or last.outcome == "failed":
        return None
    return Finding(
        "silent",
        "It answers, but brings nothing new for longer than usual.",
        (chart.silence, expected_words(chart.arrivals, now)),
        "Look whether its site has newer stories. If so, its feed has ended: look for another one.",
        act="discover",
        label="Look on its site",
    )


def _guids(chart: Chart, _now: datetime) -> Finding | None:
    if chart.identity == "guid" or chart.identity_by or not chart.identity_why:
        return None
    return Finding(
        "guids",
        "The ids of its entries cannot be relied on.",
        (chart.identity_why,),
        "The desk has seen to it. Compare what each way would make of its entries, or choose for good.",
        place="identity",
        label="Compare",
    )


def _future(chart: Chart, _now: datetime) -> Finding | None:
    ahead = [entry for entry in chart.entries if entry.is_ahead]
    if not _is_much(len(ahead), len(chart.entries)):
        return None
    return Finding(
        "future",
        "Its dates lie in the future.",
        (
            f"{len(ahead)} of its newest {len(chart.entries)} articles; “{ahead[0].title}” says {ahead[0].date_as_served}.",
        ),
        "The time of fetching stands for them. Often the time zone of the feed is wrong: tell the publisher.",
    )


def _undated(chart: Chart, _now: datetime) -> Finding | None:
    undated = [entry for entry in chart.entries if not entry.dated and not entry.is_ahead]
    if not _is_much(len(undated), len(chart.entries)):
        return None
    as_served = next((entry.date_as_served for entry in undated if entry.date_as_served), "")
    return Finding(
        "undated",
        "Many entries have no date that can be read.",
        (
            f"{len(undated)} of its newest {len(chart.entries)} articles"
            + (f", such as “{as_served}”." if as_served else "; they give none."),
        ),
        "The page's own date is used where there is one, else the time of fetching.",
    )


def _withdrawn(chart: Chart, _now: datetime) -> Finding | None:
    taken = sum(count for run in chart.runs for why, count in run.skipped if why == WITHDRAWN)
    if not taken:
        return None
    return Finding(
        "withdrawn",
        "Its publisher took articles back.",
        (
            f"{taken} article{'s' if taken > 1 else ''} in its last {len(chart.runs)} fetches; each names one of them.",
        ),
        "They are marked and stay. Look at the events that they are in before you rely on them.",
    )


def _cut_text(chart: Chart, _now: datetime) -> Finding | None:
    pairs = [entry for entry in chart.entries if entry.page_characters and entry.feed_characters]
    if len(pairs) < PAIRS_TO_JUDGE:
        return None
    short = median(entry.feed_characters for entry in pairs)
    whole = median(entry.page_characters for entry in pairs)
    if short >= SHORT_ENTRY or whole < short * LONGER_BY:
        return None
    return Finding(
        "cut",
        "The feed gives only the first lines.",
        (
            f"Entries have {short:,.0f} characters, their pages {whole:,.0f} (median of {len(pairs)} articles).",
        ),
        "The text is read from the pages, which takes longer. Some sites have a second feed with the whole text.",
        act="discover",
        label="Look on its site",
    )


def _robots(chart: Chart, _now: datetime) -> Finding | None:
    wanted = [entry for entry in chart.entries if entry.wants_page]
    closed = [entry for entry in wanted if entry.robots]
    if not _is_much(len(closed), len(wanted)):
        return None
    return Finding(
        "robots",
        "Its robots.txt closes its pages to us.",
        (f"{len(closed)} of {len(wanted)} pages that were wanted, such as that of “{closed[0].title}”.",),
        "The feed's own text is kept. Ask the publisher to let us read, or for a feed with the whole text.",
        place="site" if chart.has_site else "",
        label="Open its site" if chart.has_site else "",
    )


def _lying_validators(chart: Chart, _now: datetime) -> Finding | None:
    forced = [run for run in chart.runs if run.forced and run.new + run.changed > 0]
    polite = [run for run in chart.runs if not run.forced and run.outcome in {"stored", "unchanged"}]
    if len(forced) < LIES_TO_TELL or len(polite) < POLITE_TO_JUDGE:
        return None
    if any(run.new + run.changed for run in polite):
        return None
    return Finding(
        "validators",
        "It says “not modified” although it has something new.",
        (
            (
                f"{_times(len(forced))} a fetch without ETag brought {sum(run.new for run in forced)} new entries; "
                f"none of {len(polite)} fetches with it did."
            ),
        ),
        "The desk asks in full once a day. Ask in full now, and tell the publisher about its ETag.",
        act="full_fetch",
        label="Fetch in full now",
    )


def _long_wish(chart: Chart, _now: datetime) -> Finding | None:
    wanted = chart.fixed_seconds or chart.interval_seconds
    if chart.floor_seconds < max(WISH_LEAST, wanted * WISH_RATIO):
        return None
    if chart.known_share is None or chart.known_share > BUSY_SHARE:
        return None
    return Finding(
        "wish",
        f"It asks us to come every {in_words(chart.floor_seconds)} only, which is too seldom for it.",
        (
            f"{1 - chart.known_share:.0%} of its last answer was new; by what it brings, every {in_words(wanted)} would fit.",
        ),
        "The desk keeps to what a feed asks for. Tell the publisher that its ttl is too long, or look for another feed.",
        act="discover",
        label="Look on its site",
    )


def _slow(chart: Chart, _now: datetime) -> Finding | None:
    answered = [run.milliseconds for run in chart.runs if run.outcome in {"stored", "unchanged"}]
    if len(answered) < 3 or median(answered) <= SLOW_MILLISECONDS:  # noqa: PLR2004
        return None
    return Finding(
        "slow",
        f"It usually takes {median(answered) / 1000:.1f} s to answer.",
        (f"Median of {len(answered)} answers.",),
        "It is fetched all the same. A longer interval takes the load off it.",
        place="edit",
        label="Set an interval",
    )


def _since(chart: Chart) -> str:
    broken = [run for run in chart.runs if run.outcome == "failed"]
    return f"{chart.failures or len(broken)} tr{'y' if (chart.failures or len(broken)) == 1 else 'ies'} in a row."


def _times(count: int) -> str:
    return "Once" if count == 1 else f"{count} times"


def _is_much(faults: int, count: int) -> bool:
    return faults >= FAULTS_TO_TELL and faults >= count * FAULTY_SHARE
