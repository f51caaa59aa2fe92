"""Which of the twelve sorts of event a text speaks of: words that trigger a sort, who acts, and what weakens both; pure.

Words of the headline count most, then those of the first sentences. A word that is denied counts little, one that may
come true counts less than one that did. The answer bears the words that spoke for it; when none speaks clearly, "other".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from articles.events.spans import Field, Report, Span, lowered, sentences_of
from articles.types import Reason

EventType = Literal[
    "agreement", "regulation", "appointment", "deal", "results", "price_move", "product", "accident", "legal",
    "election", "conflict", "other",
]  # fmt: skip

READ_CHARACTERS = 1200  # of a text: what stands further down is background
LEAST = 0.3  # a score below says nothing clearly
CLEAR = 0.25  # at least one word must count so much where it stands
LEAD_COUNTS = 2.0  # the article whose headline the event bears, against the others
MOST_REASONS = 4
# Zones of a text and what a word in them counts.
TITLE, FIRST, SECOND, BELOW = 1.0, 0.65, 0.35, 0.12
DENIED, SUPPOSED = 0.15, 0.75

_MONEY = r"(?:[$€£¥]\s?\d|\d[\d.,]*\s(?:billion|million|bn|mln|m\b))"
_POST = (
    r"(?:ceo|cfo|coo|cto|chief|chair(?:man|woman|person)?|president|director|head|minister|premier|secretary|governor|ambassador|coach|manager"
    r"|boss|judge|justice|commissioner|editor|spokes\w+|leader|executive|envoy|successor|chancellor|captain|principal|general|host)"
)
_STOCKS = (
    r"(?:shares?|stocks?|equities|futures|oil|crude|brent|gold|silver|copper|bitcoin|ether|dow|nasdaq|ftse|nikkei|hang\sseng|index|indexes|indices"
    r"|dollar|yuan|yen|euro|pound|sterling|rupee|rouble|ruble|lira|bonds?|yields?|treasur(?:y|ies)|prices?|wall\sstreet|markets?|s&p(?:\s500)?|cryptocurrenc(?:y|ies))"
)
_MOVES = (
    r"(?:r[io]se|rises|rising|risen|f[ae]ll|falls|falling|fallen|jump\w*|surg\w+|soar\w*|slump\w*|plung\w+|tumbl\w+|drop(?:s|ped)?|gain(?:s|ed)?|climb\w*|slid\w*|sinks?"
    r"|sank|sunk|rall(?:y|ies|ied)|slip\w*|edge[sd]?|advanc(?:e|es|ed)|declin(?:e|es|ed)|rebound\w*|recover(?:s|ed)?|crash(?:es|ed)?|hit\s(?:a\s)?\w+\s(?:high|low)"
    r"|hits?\s(?:a\s)?record|up|down|lower|higher|skyrocket\w*|retreat\w*|weaken\w*|strengthen\w*|spik\w+|cheer|halt\w*|collaps\w+|nosediv\w+)"
)

_LINES = (
    r"(?:(?:sea|undersea|subsea|submarine|power|data|internet|fib(?:re|er)(?:-?optic)?|electricity|transmission|overhead|phone|telephone)[\s-](?:cables?|lines?|links?)"
    r"|(?:power|electricity)[\s-]grid|pipelines?|(?:gas|water)\smains?|substations?|dams?|dykes?|levees?)"
)
_BROKEN = r"(?:break(?:s|ing)?|broken?|burst|ruptur(?:e|es|ed)|sever(?:s|ed)|snap(?:s|ped)|damag(?:e|es|ed)|faults?|breach(?:es|ed)?)"
_BREAKS = (
    rf"(?:{_BROKEN}|(?:goes|went|going)\s(?:dark|offline|dead)|out\sof\s(?:service|action|order)|failures?"
    r"|(?:is|was|were|been|gets?|got)\scut|stop(?:s|ped)\s(?:working|carrying|transmitting))"
)

# Per sort: (weight, pattern of a word or phrase in lower case).
_TRIGGERS: dict[EventType, tuple[tuple[float, str], ...]] = {
    "agreement": (
        (
            0.9,
            r"agree(?:s|d)?\s(?:to|on)\s(?:\w+\s)?(?:work|cooperate|co-operate|collaborate|partner|form|share|team|set\sup|join|end|cut|extend|(?:an?\s)?(?:joint|common|shared|single)|a\s(?:deal|truce|plan|framework|ceasefire))",
        ),
        (
            0.9,
            r"(?:sign(?:s|ed|ing)?|reach(?:es|ed)?|str(?:ike|ikes|uck)|clinch(?:es|ed)?|seal(?:s|ed)?|hammer\w*\sout|ink(?:s|ed)?)\s(?:an?\s|the\s|on\s|new\s|\w+\s){0,4}?(?:agreement|accord|pact|treaty|memorandum|mou|truce|partnership|alliance|compromise|ceasefire)",
        ),
        (
            0.85,
            r"(?:trade|peace|climate|nuclear|free\strade|truce|budget|border|fishing|cooperation|licensing|supply|coalition|security|defen[cs]e)\s(?:deal|pact|agreement|accord|treaty)",
        ),
        (
            0.85,
            r"partner(?:s|ed|ing)?\s(?:up\s)?with|partnerships?|joint\sventure|memorandum\sof\sunderstanding|(?:join|joins|joined)\sforces|team(?:s|ed|ing)?\s(?:up\s)?with|team(?:s|ed|ing)?\sup",
        ),
        (
            0.6,
            r"co-?operat(?:e|es|ed|ion)|collaborat(?:e|es|ed|ion|ing)|alliance|working\sgroup|work(?:s|ed|ing)?\stogether|working\srelationship|accords?|treat(?:y|ies)|pacts?|normali[sz]e(?:s|d)?\s(?:relations|ties)|restore[sd]?\s(?:diplomatic\s)?(?:relations|ties)",
        ),
        (0.7, r"sign(?:s|ed)?\s(?:\S+\s){0,4}?(?:supply|contracts?|deals?)|(?:to|will)\ssupply\s"),
        (0.5, r"(?:will|to|'ll|’ll)\swork\swith|agreements?|agree(?:s|d)?\s(?:to|on)"),
        (0.3, r"talks|summit|negotiat(?:e|es|ed|ions?|ing|ors)|compromise|truce|ceasefire"),
    ),
    "regulation": (
        (
            0.9,
            r"sanctions?|sanctioned|tariffs?|embargo|export\s(?:curbs?|controls?|bans?|restrictions?)|blacklist(?:s|ed)?|entity\slist|executive\sorder",
        ),
        (
            0.85,
            r"(?:bans?|banned|banning|outlaws?|outlawed)(?!\s(?:on\sentering|from\sdriving))|antitrust|anti-trust|into\slaw|(?:new|tougher|stricter|tighter|draft|proposed|final)\s(?:\w+\s)?(?:rules?|regulations?|laws?|restrictions?|standards)",
        ),
        (
            0.8,
            r"regulators?\s(?:\w+\s){0,2}?(?:approv|reject|block|order|fin|clear|propos|demand|tighten|warn|suspend|extend|postpon|delay)\w*|comment\speriod|public\sconsultation|rule-?making|(?:pass(?:es|ed)?|approv(?:e|es|ed)|adopt(?:s|ed)?|vot(?:e|es|ed)\son|reject(?:s|ed)?|block(?:s|ed)?|sign(?:s|ed)?|veto(?:es|ed)?|repeal(?:s|ed)?|overturn(?:s|ed)?)\s(?:\S+\s){0,4}?(?:bill|law|legislation|act|measure|rule|rules|regulations?|policy|ban|budget)",
        ),
        (
            0.75,
            r"crack(?:s|ed|ing)?\s?down|(?:central\sbank|fed|federal\sreserve|ecb|bank\sof\s\w+)\s(?:\w+\s){0,2}?(?:rais|cut|hold|hike|lower|keep|left|leave)\w*|(?:rais|hik|cut|lower)\w*\s(?:\w+\s){0,2}?(?:interest\srates?|rates|taxes|tax)|revok(?:e|es|ed)\s(?:\S+\s){0,3}?(?:licen[cs]e|permit|visa)s?|quotas?|deregulat\w+",
        ),
        (
            0.5,
            r"regulat(?:or|ors|ion|ions|e|es|ed|ing|ory)|impos(?:e|es|ed|ing)|restrict(?:s|ed|ions?)|curbs?|legislation|lawmakers|veto(?:es|ed)?|repeal(?:s|ed)?|mandate[sd]?|compliance|watchdog",
        ),
        (0.3, r"bills?|rules?|laws?|policy|approv(?:e|es|ed|al)"),
    ),
    "appointment": (
        (
            0.95,
            rf"(?:step(?:s|ped|ping)?\s(?:down|aside)|resign(?:s|ed|ing|ation)?|ous(?:t|ts|ted|ting)|(?:is|was|been|be|gets?|got)\s(?:fired|sacked|dismissed|replaced))|{_POST}\s(?:\w+\s)?(?:fired|sacked|dismissed|ousted)|(?:fires|fired|sacks|sacked|dismiss(?:es|ed)|axes|axed)\s(?:\S+\s){{0,5}}?{_POST}\b",
        ),
        (
            0.95,
            rf"(?:appoint(?:s|ed|ing|ment)?|(?:name[sd]?|naming|hire[sd]?|hiring|pick(?:s|ed)?|tap(?:s|ped)?|promot(?:es|ed)|poach(?:es|ed)?|nominat(?:e|es|ed)|choos(?:e|es)|chose|elevat(?:es|ed)|select(?:s|ed)?|install(?:s|ed)?)\s(?:\S+\s){{0,6}}?(?:as\s)?(?:new\s|next\s|its\s|the\s)?{_POST})\b",
        ),
        (
            0.85,
            rf"(?:to\s)?succeed(?:s|ed|ing)?\s(?!in\b)(?:\S+\s){{0,4}}?(?:as\b|who\b)|(?:to|will)\s(?:succeed|replace|retire|depart|resign)\b|tak(?:e|es|ing)\sover\sas|took\sover\sas|(?:new|next|interim|acting)\s{_POST}\b|sworn\sin\sas",
        ),
        (
            0.7,
            rf"(?:quit(?:s|ting)?|leav(?:es|ing)|left|depart(?:s|ed|ure)?|retire[sd]?|retirement|exit(?:s|ed)?)(?=\s(?:as|after|from|role|post|job|his|her|the\s(?:role|post|job|company|board|party))|$|\.)|(?:{_POST})\s(?:to\s)?(?:quits?|leaves?|retires?|departs?|exits?|resigns?|out)\b|successor|nominat(?:e|es|ed|ion)|nominee\sfor|replac(?:e|es|ed|ing)\s(?:\S+\s){{1,5}}?as\b",
        ),
        (
            0.4,
            r"hir(?:e|es|ed|ing)|promot(?:ed|ion)|sworn\sin|leadership\schange|reshuffle|board\sseat|joins?\s(?:\S+\s){1,3}?as\b|joined\s(?:\S+\s){1,3}?as\b",
        ),
    ),
    "deal": (
        (
            0.95,
            r"acqui(?:re|res|red|ring|sition|sitions)|take-?over|(?:take|takes|taking)\sover(?!\s(?:as|from|in|on|when|after|at)\b|[.,]|$)|tak(?:e|es|ing)\s(?:\S+\s){1,3}?private|buy-?out|merger|merg(?:e|es|ed|ing)\s(?:with|into)|(?:to|will)\smerge|hostile\sbid|tender\soffer",
        ),
        (
            0.9,
            rf"(?:buy|buys|bought|buying|purchas(?:e|es|ed)|snap(?:s|ped)?\sup|sell|sells|sold|selling|offload(?:s|ed)?)\s(?:\S+\s){{0,6}}?(?:for\s(?:about\s|around\s|up\sto\s|nearly\s)?{_MONEY}|stake|unit|division|business|subsidiary|rival|startup|start-up|maker|chain|company|firm|assets|brand)|{_MONEY}\S*\s(?:\w+\s){{0,2}}?(?:deal|bid|offer|contract|merger|acquisition|takeover|buyout|investment|funding|order|stake)",
        ),
        (
            0.85,
            r"(?:(?:initial\spublic|share|stock)\soffering|\bipo\b|go(?:es|ing)?\spublic|stock\smarket\s(?:debut|listing)|funding\sround|series\s[a-f]\b|spin(?:s|ning)?[\s-]?off|divest\w*|stake\sin|minority\sstake|controlling\sstake)",
        ),
        (
            0.75,
            rf"raises?\s{_MONEY}|raised\s{_MONEY}|rais(?:e|ing)\s(?:up\sto\s|about\s)?{_MONEY}|invest(?:s|ed|ing)?\s{_MONEY}|(?:wins?|won|awarded|lands?|landed|secures?|secured)\s(?:\S+\s){{0,5}}?(?:contract|order|tender)s?|bid(?:s|ding)?\s(?:for|to\sbuy)|offer\s(?:for|to\sbuy)|(?:agree[sd]?|plans?|offers?|offered)\sto\s(?:buy|sell|acquire)",
        ),
        (
            0.4,
            r"to\sbuy|buys|bought|invest(?:s|ed|ment|ments|or|ors)?|shareholders|bidders?|suitors?|contract|stake|deals?",
        ),
    ),
    "results": (
        (
            0.95,
            r"(?:quarterly|annual|full[\s-]year|half[\s-]year|interim|(?:first|second|third|fourth)[\s-]quarter|q[1-4])\s(?:\S+\s){0,3}?(?:profits?|results?|earnings|loss(?:es)?|revenues?|sales|net|income|figures|report)|earnings\s(?:report|beat|miss|per\sshare|rose|fell|season|call)|pre-?tax\s(?:profit|loss)|net\s(?:profit|income|loss)|operating\s(?:profit|loss|income)",
        ),
        (
            0.9,
            rf"(?:profits?|revenues?|sales|earnings|losses|income|deliveries)\s(?:\w+\s){{0,2}}?{_MOVES}|(?:beats?|beat|miss(?:es|ed)?|top(?:s|ped)?|exceed(?:s|ed)?|fall\sshort\sof)\s(?:\S+\s){{0,4}}?(?:estimates?|expectations?|forecasts?|targets?)|(?:swings?|swung|returns?|returned)\sto\s(?:a\s)?(?:\w+\s)?(?:profit|loss)|record\s(?:\w+\s)?(?:profits?|revenue|earnings|sales)|profit\swarning",
        ),
        (
            0.7,
            r"(?:rais|cut|lower|lift|slash|trim|withdraw|withdrew|reaffirm|boost)\w*\s(?:\S+\s){0,4}?(?:guidance|outlook|forecasts?|dividend)|(?:post|report)(?:s|ed)?\s(?:\S+\s){0,5}?(?:profits?|loss(?:es)?|revenues?|earnings|results)|dividends?",
        ),
        (0.4, r"profits?|earnings|revenues?|margins?|guidance|outlook|quarter|results"),
    ),
    "price_move": (
        (0.95, rf"{_STOCKS}\s(?:of\s\S+\s(?:\S+\s){{0,4}}?|\w+\s){{0,2}}?{_MOVES}\b"),
        (
            0.9,
            rf"(?:sell-?off|bull\smarket|bear\smarket|market\srout|stock\srally|(?:record|all-time|\w+-(?:year|month|week))\s(?:high|low)s?|wall\sstreet\s(?:\w+\s)?(?:{_MOVES}|opens?|closes?|ends?)|(?:{_MOVES})\s(?:\S+\s){{0,5}}?in\s(?:\S+\s){{0,2}}?(?:trading|trade)\b)",
        ),
        (
            0.7,
            r"(?:rally|rallies|rallied|tumbles?|plunges?|slumps?|soars?|surges?|slides?|jumps?|sinks?|rises?|falls?|drops?|climbs?|gains?|rose|fell|jumped|soared|surged|plunged|tumbled)\s(?:\w+\s){0,4}?\d[\d.]*\s?(?:%|percent|per\scent)",
        ),
        (0.35, r"shares|stocks|trading|investors|traders|market\svalue|market\scapitali[sz]ation"),
    ),
    "product": (
        (
            0.9,
            r"(?:launch(?:es|ed|ing)?|unveil(?:s|ed|ing)?|introduc(?:e|es|ed|ing)|roll(?:s|ed|ing)?\sout|debut(?:s|ed)?|premier(?:e|es|ed)|recall(?:s|ed|ing)?|reveal(?:s|ed)?|relaunch(?:es|ed)?)\s(?:\S+\s){0,6}?(?:phones?|smartphones?|iphone|models?|versions?|cars?|suvs?|trucks?|vehicles?|apps?|devices?|products?|features?|services?|games?|consoles?|chips?|processors?|tablets?|laptops?|watch(?:es)?|software|browser|platform|tools?|album|film|series|trailer|drug|vaccine|headset|robot|drone|camera|store|streaming|brand|line|update|operating\ssystem|subscription|speaker|toys?|bikes?|aircraft|jet|website|menu|collection|edition|assistant|chatbot|prototype|system|scooters?|vans?|lipstick|perfume|beer|drink|burger|plan)",
        ),
        (
            0.85,
            r"(?:goes?|went|going)\son\ssale|new\sfeatures?|new\s(?:iphone|ipad|smartphone|phone|model|version|app|device|product|feature|service|game|console|chip|album|film|car|suv|trailer|handset)|product\s(?:launch|recall|line)|(?:software|security)\s(?:update|upgrade)|now\savailable|pre-?orders?|beta\s(?:version|test)",
        ),
        (
            0.6,
            r"unveil(?:s|ed|ing)?|debuts?|debuted|recall(?:s|ed|ing)?|trailer|prototype|released?\s(?:\S+\s){0,3}?(?:album|single|film|movie|game|update|version|trailer|song|video)|upgrade[sd]?|redesign(?:s|ed)?|roll(?:s|ed|ing)?[\s-]?out",
        ),
        (
            0.45,
            r"launch(?:es|ed|ing)?(?!\s(?:\S+\s){0,4}?(?:missiles?|rockets?|attacks?|strikes?|probe|investigation|inquiry|campaign|offensive|raids?|assault|lawsuit|bid|appeal|airstrikes|operation|search|hunt|review))|gadgets?|smartphones?|handsets?|consumers",
        ),
    ),
    "accident": (
        (
            0.95,
            r"(?:plane|train|bus|car|helicopter|tram|truck|coach|ferry|boat|jet|ship|vehicle|air|road|motorway)\s(?:\w+\s)?(?:crash|accident|collision|sinking|wreck|derail\w*|pile-?up)(?:es|ed|s)?|derail(?:s|ed|ment)?|capsiz(?:e|es|ed)|(?:earth)?quakes?|tsunami|hurricane|typhoon|cyclone|tornado(?:es)?|landslides?|mudslides?|avalanche|wildfires?|bushfires?|volcan(?:o|ic)|oil\sspill|blizzard",
        ),
        (
            0.85,
            r"(?:killed|struck|hit|injured|run\sover)\s(?:and\skilled\s)?by\s(?:\S+\s){0,3}?(?:train|car|bus|truck|tram|vehicle|driver|lorry|boat|subway|taxi|van|suv|lightning|tree|avalanche)|crash(?:es|ed)?\s(?:\S+\s){0,4}?(?:kill|into|in|on|near|off|after|while|injur|shortly)\w*|(?:fire|blaze|explosion|blast|flood(?:s|ing)?|storm|collapse|heatwave|drought)\s(?:\S+\s){0,5}?(?:kill|injur|hit|destroy|engulf|rip|tear|tore|sweep|swept|displac|leav|left|devastat|strik|struck|broke|damag|gut)\w*|floods?|flooding|flash\sflood|(?:bridge|building|mine|roof|dam|wall|stadium|factory)\s(?:\w+\s)?collaps\w+|run\saground|ran\saground|power\s(?:outage|cut)|blackout|gas\s(?:leak|explosion)",
        ),
        # What carries power, data, oil or water breaks: of "cut" alone one cannot tell.
        (
            0.85,
            (
                rf"{_LINES}\s(?:\w+\s){{0,6}}?{_BREAKS}|{_BROKEN}\s(?:\w+\s){{0,5}}?{_LINES}"
                rf"|{_BROKEN}\s(?:\w+\s){{0,3}}?cables?(?!\s(?:tv|news|channels?|networks?|compan\w+|cars?))|cables?\s(?:{_BROKEN}|failures?)(?!\srecords?)"
            ),
        ),
        (
            0.6,
            r"crash(?:es|ed)?|collision|collid(?:e|es|ed)|blaze|explosions?|explod(?:e|es|ed)|accident(?:s|al|ally)?|drown(?:s|ed)?|death\stoll|rescue(?:rs|d)?|storm|outage|leak(?:s|ed)?|firefighters|magnitude|disaster|evacuat(?:e|es|ed|ion)|sank|aftershocks?|stranded",
        ),
        (0.3, r"kill(?:s|ed)|dead|died|injur(?:ed|ies|es)|deaths|missing|victims?|blast"),
    ),
    "legal": (
        (
            0.95,
            r"su(?:es|ed|ing)\b|to\ssue|lawsuits?|class[\s-]action|indict(?:s|ed|ment)|convict(?:s|ed|ion)|(?:found|pleads?|pleaded|pled)\s(?:not\s)?guilty|acquit(?:s|ted|tal)?|sentenc(?:es|ed|ing)\s|(?:is|was|were|been|be|are)\ssentenced|jail(?:s|ed)|charged\s(?:with|over|in)|(?:charges|charged)\s(?:\S+\s){0,4}?with|extradit(?:e|ed|ion)|arraign(?:ed|ment)|subpoena(?:s|ed)?|on\strial|court\s(?:\w+\s)?(?:rul|reject|order|uphold|upheld|block|hear|overturn|dismiss|side|allow|strikes?|struck|refus|back|clear|toss|halt|grant|den)\w*|judge\s(?:\w+\s)?(?:rul|reject|order|block|dismiss|toss|approve|throw|grant|den|sentenc|refus|halt|find|side)\w*",
        ),
        (
            0.85,
            r"arrest(?:s|ed)?|prosecutors?|verdict|jury|murder\s(?:trial|charge|case)|settle(?:s|d)?\s(?:\S+\s){0,5}?(?:lawsuit|suit|claims?|case|charges|allegations|dispute|probe)|settlement|(?:fil\w+\sfor|seeks?|in|into)\s(?:\w+\s){0,2}?bankruptcy|bankruptcy\s(?:protection|court|filing)|grand\sjury|plea\s(?:deal|bargain)|(?:fined|fines)\s(?:\S+\s){0,5}?[$€£\d]|bribery|embezzl\w+|money\slaundering|supreme\scourt|appeals?\scourt|patent\s(?:case|suit|dispute|infring\w+)|injunction|bail\b|legal\s(?:action|battle|fight|challenge)",
        ),
        (
            0.6,
            r"court|trial|prison|fraud|accus(?:e|es|ed|ation|ations|ing)\s(?:of\b)?|alleg(?:ed|edly|ations?|es?)|prob(?:e|es|ed)\b|investigat(?:e|es|ed|ion|ions|ors|ing)|raid(?:s|ed)?|police|detain(?:s|ed)?|guilty|suspects?|charges|tribunal|ruling|rul(?:es|ed)\s(?:that|in|against)|appeal(?:s|ed)?\s(?:against|ruling|verdict)|testif(?:y|ies|ied)|hearing|defendants?",
        ),
        (
            0.3,
            r"judge|lawyers?|attorneys?|case|murder(?:ed|s)?|rape|theft|robber(?:y|ies)|scandal|corruption",
        ),
    ),
    "election": (
        (
            0.95,
            r"(?:general|presidential|parliamentary|midterm|mid-term|local|snap|regional|federal|primary|state|run-?off|municipal|mayoral|european|special|by-)\s?elections?|by-?election|referendum|exit\spolls?|re-?elect(?:ed|ion)|(?:win|wins|won|lose|loses|lost|concede|concedes|conceded|clinch(?:es|ed)?|sweeps?)\s(?:\S+\s){0,5}?(?:elections?|presidency|primary|primaries|vote|seats?|majority|nomination|race|caucus(?:es)?|second\sterm)|run-?off|caucus(?:es)?|ballots?|polling\sstations?|electoral",
        ),
        (
            0.8,
            r"elections?|elect(?:s|ed)\b(?!\sto)|voters|(?:opinion|latest|new)\spolls?|candidates?|candidacy|(?:presidential|election|senate|mayoral)\s(?:campaign|race|bid|hopeful|contender|debate|nominee)|run(?:s|ning)?\sfor\s(?:president|office|governor|senate|mayor|congress|re-election)|campaign\strail|president-elect|vote\scount|turnout|swing\sstates?|landslide\s(?:win|victory)|party\s(?:leadership|convention)|(?:presidential|republican|democratic|party|senate)\sprimar(?:y|ies)|primaries|primary\s(?:challenge\w*|race|voters|win|vote|upset|debate|contest)",
        ),
        (
            0.4,
            r"campaign(?:s|ed|ing)?|votes?|voted|voting(?!\srights)|polls?|nomination|nominee|concede[sd]?|inaugurat\w+|coalition|constituenc\w+",
        ),
    ),
    "conflict": (
        (
            0.95,
            r"air\s?strikes?|missiles?\s?(?:strikes?|attacks?|hits?)?|drone\s(?:strikes?|attacks?)|invasion|invad(?:e|es|ed|ing)|shelling|shell(?:s|ed)\b|bomb(?:s|ed|ing|ings|er|ers)?|suicide\s(?:attack|bomb\w*)|militants?|insurgen\w+|rebels?|gunm[ae]n|mass\sshooting|shootings?|shot\s(?:dead|and|by|in|at|near)|gunfire|open(?:s|ed)?\sfire|terror(?:ist|ists|ism)?\b|hostages?|massacre|coup|militia|jihadis\w*|warplanes?|troops|ceasefire|warships?|artillery|civil\swar|at\swar|war\s(?:in|with|on|between|crimes?)|stabb(?:ed|ing)s?",
        ),
        (
            0.85,
            r"(?<!heart\s)(?<!panic\s)(?<!cyber\s)(?<!cyber)(?<!asthma\s)attack(?:s|ed|ers?)\b|(?<!heart\s)(?<!panic\s)(?<!shark\s)attack\b|clash(?:es|ed)?|fighting|fighters|kidnap\w*|abduct\w*|riots?|rioting|(?:protesters?|protests?|demonstrat(?:ors|ions?)|rall(?:y|ies)\sagainst|unrest|uprising)|soldiers?|army|offensive|siege|assassinat\w+|battle\sfor|military\s(?:strike|operation|action|base|forces)|ambush\w*|crossfire|escalat\w+|hostilit\w+",
        ),
        (
            0.75,
            r"(?:workers|union|unions|pilots|nurses|teachers|staff|drivers|employees|crew|doctors|dockers|miners|actors|writers)\s(?:\w+\s){0,3}?(?:strike|strikes|walk\sout|walk(?:ed|s)?\soff|stage)|(?:on|go|goes|general|rail|pilot|train|labou?r|hunger)\s(?:a\s)?strike|strike\sby|(?:day|hour|week|pay)\sstrikes?|(?:begin|start|call|end|join|suspend)\w*\s(?:\S+\s){0,3}?strike|walk-?outs?|picket\w*",
        ),
        (
            0.45,
            r"war\b|violence|wounded|threat(?:s|en|ens|ened)?\b|tensions?|standoff|border\s(?:clash|fighting|skirmish)\w*|defen[cs]e\sminist\w+|gaza|taliban|hamas|hezbollah|isis|islamic\sstate",
        ),
        (0.25, r"weapons?|forces|military|killed|gun\b"),
    ),
}
_COMPILED: dict[EventType, tuple[tuple[float, re.Pattern[str]], ...]] = {
    sort: tuple((weight, re.compile(rf"(?<![\w-])(?:{pattern})(?![\w])")) for weight, pattern in rows)
    for sort, rows in _TRIGGERS.items()
}
_DENIED = re.compile(
    r"(?:\b(?:not|never|no|without|den(?:y|ies|ied)|rul(?:e|es|ed)\sout|nor|neither|cannot|avoid(?:s|ed)?|avert(?:s|ed)?|instead\sof)\b|n['’]t\b)(?:\s\w+){0,2}\s$"
)
_SUPPOSED = re.compile(
    r"\b(?:may|might|could|would|if|mull(?:s|ed|ing)?|weigh(?:s|ed|ing)?|consider(?:s|ed|ing)?|plans?|planned|possible|potential|likely|rumou?r(?:s|ed)?|explor(?:e|es|ing)"
    r"|talks\s(?:on|to|over|about)|in\stalks|threaten(?:s|ed|ing)?|urg(?:e|es|ed)|calls?\sfor|wants?|seek(?:s|ing)?|hopes?|fears?(?:\sof)?|should|propos(?:e|es|ed|al))(?:\s\S+){0,4}\s$"
)
# A fight that ends by agreement.
_ENDED = re.compile(
    r"\b(?:ceasefire|truce|peace)\s(?:agreement|deal|accord|pact)\b|\b(?:end|ends|ended|stop|halt)\s(?:the\s)?(?:war|fighting|hostilities)\b"
)
_PERCENT = re.compile(r"\d\s?(?:%|percent\b|per\scent\b)")
_HAS_POST = re.compile(rf"\b{_POST}\b")
_LEVELS: tuple[tuple[float, str], ...] = ((TITLE, "in the headline"), (FIRST, "in the first sentence"))


@dataclass(frozen=True, slots=True)
class TypeChoice:
    """The sort of an event, how strongly it is spoken for (0..1), and by which words."""

    type: EventType
    score: float
    reasons: tuple[Reason, ...]
    scores: tuple[tuple[EventType, float], ...] = ()  # of all sorts that anything speaks for, the best first


@dataclass(frozen=True, slots=True)
class Trigger:
    """A word that speaks for a sort of event, where it stands, and how much it counts there."""

    sort: EventType
    words: str
    weight: float
    span: Span
    zone: float


@dataclass(frozen=True, slots=True)
class _Zone:
    field: Field
    start: int
    end: int
    counts: float


_CALLED: dict[EventType, str] = {"price_move": "price move", "legal": "legal action"}
NOT_READ = "A type is read from English texts only, and no article here is in English"


def type_of(reports: Sequence[Report], lead: int | None = None) -> TypeChoice:
    """The sort of the event that these articles tell; `lead` is the key of the one whose headline it bears.

    Each article is weighed alone, then their mean counts. English only: of articles in other languages nothing is asked.
    """
    read = [report for report in reports if report.language.lower()[:2] in {"", "en"}]
    totals = dict.fromkeys(_COMPILED, 0.0)
    triggers: list[tuple[Trigger, float]] = []
    parts = 0.0
    for report in read:
        counts = LEAD_COUNTS if report.key == lead else 1.0
        parts += counts
        found = triggers_in(report)
        for sort in _COMPILED:
            totals[sort] += counts * _united([trigger for trigger in found if trigger.sort == sort])
        triggers += [(trigger, counts) for trigger in found]
    if not parts:
        return TypeChoice("other", 0.0, (Reason("language", NOT_READ, 0.0),) if reports else ())
    scores = sorted(
        ((sort, round(total / parts, 3)) for sort, total in totals.items() if total), key=lambda one: -one[1]
    )
    if scores:  # many faint words make no clear one
        clear = {trigger.sort for trigger, _ in triggers if trigger.weight >= CLEAR}
        scores = [one for one in scores if one[0] in clear] + [one for one in scores if one[0] not in clear]
    if not scores or scores[0][1] < LEAST or scores[0][0] not in clear:
        return TypeChoice("other", scores[0][1] if scores else 0.0, _unclear(scores), tuple(scores))
    best, score = scores[0]
    reasons = tuple(_reasons([one for one in triggers if one[0].sort == best]))
    return TypeChoice(best, score, reasons, tuple(scores))


def _unclear(scores: Sequence[tuple[EventType, float]]) -> tuple[Reason, ...]:
    """Why an event is of no sort, with the one that comes nearest."""
    if not scores:
        return (Reason("unclear", "No word in its texts speaks for another type", 0.0),)
    sort, score = scores[0]
    near = f"{_CALLED.get(sort, sort)} comes nearest, with {score:.2f} of the {LEAST:.2f} that it takes"
    return (Reason("unclear", f"No word says clearly what it is: {near}", 0.0),)


def triggers_in(report: Report) -> list[Trigger]:
    """All words of an article that speak for any sort, each phrase once, where it counts most."""
    actors = _Actors(report)
    best: dict[tuple[EventType, str], Trigger] = {}
    for which, start, end, zone in _zones(report):
        for trigger in _in_zone(report, _Zone(which, start, end, zone), actors):
            key = trigger.sort, trigger.words.lower()
            if key not in best or best[key].weight < trigger.weight:
                best[key] = trigger
    return list(best.values())


def _zones(report: Report) -> Iterator[tuple[Field, int, int, float]]:
    yield "title", 0, len(report.title), TITLE
    head = report.text[:READ_CHARACTERS]
    for number, sentence in enumerate(sentences_of(head)):
        yield "text", sentence.start, sentence.end, (FIRST, SECOND)[number] if number < 2 else BELOW  # noqa: PLR2004


def _in_zone(report: Report, zone: _Zone, actors: _Actors) -> Iterator[Trigger]:
    said = report.of(zone.field)
    plain = lowered(said[zone.start : zone.end])
    for sort, rows in _COMPILED.items():
        taken: list[tuple[int, int]] = []
        for weight, pattern in rows:
            for match in pattern.finditer(plain):
                if any(match.start() < b and a < match.end() for a, b in taken):
                    continue
                taken.append(match.span())
                counted = (
                    weight * zone.counts * _mood(plain, match.start()) * actors.factor(sort, match[0], plain)
                )
                if counted:
                    span = Span(report.key, zone.field, zone.start + match.start(), zone.start + match.end())
                    yield Trigger(sort, said[span.start : span.end], counted, span, zone.counts)


def _mood(plain: str, at: int) -> float:
    before = plain[max(0, at - 50) : at]
    if _DENIED.search(before):
        return DENIED
    return SUPPOSED if _SUPPOSED.search(before) else 1.0


class _Actors:
    """Who acts in the headline and the first sentences: what makes a word of two senses one of them."""

    def __init__(self, report: Report) -> None:
        names = [
            *report.names_in("title"),
            *report.names_in("text", 0, min(len(report.text), READ_CHARACTERS // 2)),
        ]
        by_kind: dict[str, set[int]] = {}
        for name in names:
            by_kind.setdefault(name.kind, set()).add(name.entity)
        self.companies = len(by_kind.get("company", ()))
        self.bodies = len(by_kind.get("public_body", ())) + len(by_kind.get("place", ()))
        self.people = len(by_kind.get("person", ()))
        self.known = bool(names)
        self.has_percent = bool(_PERCENT.search(f"{report.title}\n{report.text[: READ_CHARACTERS // 2]}"))

    def factor(self, sort: EventType, words: str, plain: str) -> float:  # noqa: PLR0911 - a table
        """How much more or less a word counts for these actors."""
        if sort == "deal":
            if words in {"deal", "deals"} and not self.companies:
                return 0.3
            return (
                1.15
                if self.companies > 1
                else 0.7
                if self.known and not self.companies and self.bodies > 1
                else 1.0
            )
        if sort == "agreement":
            return 1.1 if self.companies + self.bodies > 1 else 1.0
        if sort == "appointment":
            return 1.0 if _HAS_POST.search(plain) or self.people else 0.75
        if sort == "price_move":
            return 1.1 if self.has_percent else 0.85
        if sort == "conflict" and _ENDED.search(plain):
            return 0.6
        if sort == "results" and self.known and not self.companies and self.bodies:
            return 0.7
        return 1.0


def _united(triggers: Sequence[Trigger]) -> float:
    """Of several words each adds what the others leave open; the answer is below one."""
    rest = 1.0
    for trigger in triggers:
        rest *= 1 - min(trigger.weight, 0.95)
    return 1 - rest


def _reasons(triggers: Sequence[tuple[Trigger, float]]) -> Iterator[Reason]:
    by_words: dict[str, list[Trigger]] = {}
    for trigger, _ in triggers:
        by_words.setdefault(" ".join(trigger.words.lower().split()), []).append(trigger)
    ranked = sorted(by_words.items(), key=lambda one: (-sum(t.weight for t in one[1]), one[0]))
    for words, group in ranked[:MOST_REASONS]:
        best = max(group, key=lambda t: t.weight)
        articles = len({trigger.span.article for trigger in group})
        place = next((said for zone, said in _LEVELS if best.zone >= zone), "in the text")
        told = f"“{words}” stands {place}" + (f", and in {articles} articles" if articles > 1 else "")
        yield Reason("trigger", told, round(best.weight, 3), best.span.as_json())


TYPES: tuple[EventType, ...] = get_args(EventType)
