"""Other people of a known person's name: what stands beside the name says a trade, a team or an age that is not theirs."""

from __future__ import annotations

import re

_NAMES_OF_TEAMS = "FC|AFC|CF|SC|RC|CC|United|City|Town|Rovers|Wanderers|Athletic|Hotspur|County|Albion|High School|Primary School|School|College|Academy"
_SPORT = (
    "defender|midfielder|striker|goalkeeper|winger|left-back|right-back|centre-back|fullback|quarterback|linebacker|pitcher|batsman"
    "|bowler|wicketkeeper|footballer|cricketer|sprinter|swimmer|cyclist|boxer|wrestler|golfer|gymnast|athlete|rower|jockey|skier|skater|referee"
    "|umpire|point guard|fly-half|scrum-half|goaltender"
)
_TRADES = (
    "teacher|headteacher|pupil|student|schoolboy|schoolgirl|teenager|toddler|nurse|midwife|dentist|plumber|electrician|carpenter|builder|joiner"
    "|baker|butcher|barber|hairdresser|chef|waiter|waitress|bartender|farmer|fisherman|gardener|shopkeeper|postman|firefighter|paramedic|policeman"
    "|policewoman|police officer|constable|sergeant|mechanic|welder|labourer|laborer|cleaner|janitor|caretaker|librarian|pensioner"
    "|retiree|father-of-(?:one|two|three|four)|mother-of-(?:one|two|three|four)|grandfather|grandmother|vicar|priest|pastor|monk|poet|novelist|painter"
    "|sculptor|drummer|guitarist|violinist|pianist|comedian|magician|dancer|busker|beekeeper|florist|tailor|potter|blacksmith|lifeguard"
    "|villager|bystander|passenger|tourist|hiker|camper"
)
_EARLIER = r"(?!(?:[\w'-]+ ){0,3}(?:former|onetime|one-time|ex-|erstwhile|trained))"
_AGED = re.compile(r",? (?:aged )?\d{1,2}(?:,| ?\)|$)|, (?:aged )?\d{1,2}\b|,? \(\d{1,2}\)")
_BESIDE = re.compile(
    rf",? (?:\(?\d{{1,2}}\)?,? )?(?:an?|the|who (?:is|was) an?|is an?|was an?) {_EARLIER}(?:[\w'-]+ ){{0,3}}(?:{_TRADES}|{_SPORT})\b"
    r"|, (?:\d{1,2}, )?who (?:teaches|plays (?:for (?:the )?[A-Z]|as an?)|studies|works (?:at|in|for) an? (?:[\w'-]+ ){0,2}"
    r"(?:bakery|school|shop|store|hospital|farm|restaurant|pub|cafe|garage|library|factory|salon|nursery|hotel|supermarket|zoo|church|brewery))\b"
    rf"| (?:of|from|at) (?:[A-Z][\w'.-]+ ){{1,3}}(?:{_NAMES_OF_TEAMS})\b"
    r"|,? (?:\([^()]{1,30}\) )?(?:has |had |also |later |then )?(?:scored(?! an? (?:[a-z]+ ){0,2}(?:victory|win|success|coup|deal|points?|triumph))|headed (?:in|home) (?:a|his|her|the (?:winner|opener|rebound|ball))|netted (?:twice|the|his|her|a (?:late|goal|penalty|brace))|equali[sz]ed|volleyed|was sent off|was substituted"
    r"|came off the bench|was bowled|hit a (?:century|home run)|won the toss)\b"
)
_BEFORE = re.compile(rf"\b(?<!former )(?<!onetime )(?:{_TRADES}|{_SPORT}),? $", re.IGNORECASE)
_OFFICE = re.compile(
    r"^[^.;]{0,40}\b(?:[Cc]hief|CEO|CFO|[Cc]hair(?:man|woman|person)?|[Pp]resident|[Mm]inister|[Gg]overnor|[Cc]hancellor|[Ff]ounder|[Cc]o-founder"
    r"|[Ss]enator|[Bb]illionaire|[Dd]irector|[Cc]ommissioner|[Ss]ecretary|[Mm]ogul|[Tt]ycoon|[Ll]eader|[Ee]conomist|[Ii]nvestor)\b"
)


def trade_beside(before: str, after: str) -> str:
    """The trade, team or deed beside a name that belongs to people whom nobody follows, "" for none."""
    found = _BESIDE.match(after) or _BEFORE.search(before)
    return found.group().strip(" ,") if found else ""


def age_beside(after: str) -> str:
    """The age behind a name: of somebody in a story, when nothing says who that is."""
    found = _AGED.match(after)
    return found.group().strip(" ,()") if found else ""


def office_behind(after: str) -> bool:
    """Whether an office stands soon behind a name: "Tim Cook, 63, Apple's chief executive"."""
    return _OFFICE.match(after) is not None
