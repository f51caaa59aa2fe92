"""English words that tell little of what happened: function words, and the everyday words of news; our own lists."""

from __future__ import annotations

_STOP = """
a about above across after again against ago all almost along already also although always am amid among an and
another any anyone anything are around as at away back be because been before behind being below between both but
by came can cannot come comes coming could did do does doing done down due during each either else even ever every
far few for from further gave get gets getting give given gives go goes going gone got had has have having he her
here hers herself him himself his how however i if in including indeed instead into is it its itself just keep
kept know known knows less let like likely made make makes making many may me meanwhile might mine more moreover
most much must my myself near nearly need neither never next no nor not nothing now of off often on once one only
onto or other others otherwise ought our ours ourselves out over own per perhaps put quite rather really same say
saying says said see seem seems seen shall she should since so some someone something soon still such than that
the their theirs them themselves then there therefore these they thing things this those though through thus till
to together too took toward towards two under until unto up upon us use used uses using usually very via want
wants was way ways we well went were what whatever when where whether which while who whoever whole whom whose why
will with within without would yes yet you your yours yourself
don't doesn't didn't isn't aren't wasn't weren't won't wouldn't can't couldn't shouldn't hasn't haven't hadn't
it's he's she's that's there's they're we're you're i'm i've we've they've i'd he'd she'd they'd i'll he'll
she'll they'll we'll you'll what's who's let's
ll ve re don isn didn doesn wasn couldn wouldn
"""

_EVERYDAY = """
able accord account act action add added advertisement agency ahead allow amount announce announced announcement
answer april area arrive ask asked attempt august author available bad bank based become began begin believe best
better big billion board body bring brought build business call called campaign capital care case cause cent center
central centre certain chance change chief child children city claim clear click close com comment committee common
community company concern condition confirm confirmed consider contact continue continued control copyright cost
country court create current currently cut daily data date day deal death december decide decided decision deep
department despite detail development director early earlier earn east economy editor effect effort eight email end
enough event evidence example executive expect expected explain face fact fall family february feel felt fifth
figure file final finally find first five follow followed following force foreign form former forward found four
fourth free friday friend full future general good government great ground group grow growth guide half hand happen
hard head heard held help high higher hit hold home hope hour house human idea image immediate important impact
include included increase industry information inside interest international interview involve issue january job
join july june key kind large largest last late later latest law lead leader least leave led left letter level life
line link list little live local long look lose loss lost lot low lower main major man march mark market matter
mean measure media meet meeting member men message middle million minister minute moment monday money month morning
move national nation new news newspaper night nine north note november number october offer office officer official
old open operation order organization page paid part party past pay people percent period person phone photo place
plan planned play point police policy political position possible post power present president press previous
price prime private problem process program programme project provide public publish published question quickly
raise ran rate reach read ready real reason receive received recent recently record region release released remain
report reported reporter reporting request require response rest result return reuters right rise risk road role
room run rule sale saturday school second secretary section security senior september serious
serve service set seven several share short show showed shown side sign similar simple single site situation six
small social source south speak special spoke spokesman spokesperson spokeswoman staff stage stand start started
state statement states stay step stock stop story street strong subscribe sunday support sure system take taken
taking talk talked team tell ten term test thank third thought thousand three thursday time today told tomorrow
top total town trade tried trial true try trying tuesday turn twitter type understand union unit united university
update updated u.s video view visit vote wait walk war warn warned watch water website wednesday week weekend west
white win woman women word work worked worker working world write writing wrote year years yesterday york young
"""

STOP_WORDS = frozenset(_STOP.split())
# Words that about one news text in twelve holds, whatever its subject: they weigh less from the first article on,
# before the desk has counted any of its own.
EVERYDAY_WORDS = frozenset(_EVERYDAY.split())
