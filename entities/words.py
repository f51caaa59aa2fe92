"""Word lists of our own: common words, connectors, given names, roles, organisation heads, demonyms and markets."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text, set in lines, as a set."""
    return frozenset(text.split())


# Small words that names carry in lower case.
CONNECTORS = words("of and the for de la du y der und in on at to del di da do des van von et zu")

# Ordinary English words that also stand in, or are, names. Not a dictionary: the words that headlines and
# sentence starts capitalise and that companies call themselves by.
COMMON_WORDS = words("""
banca banco banque banka bancorp bancshares grupo groupe gruppo gruppe compagnie compania societe societa
sociedad aktie nippon nordic northeast northwest southeast midwest midland midlands eastside westside credito caisse caja istituto instituto oesterreichische
a able about above abroad absolute academy accent access according account accounts ace acquire across act
action active activity actual ad adapt add addition address adjust advance advanced advantage adventure
adviser advisers advisor advisors advisory aegis affirm after again against age agency agenda agile agree
agreement agricultural agriculture ahead aid aim air airline airlines airport airways alarm alert align
all alliance allied allies allow alone along alpha alphabet already also alternative although aluminium
aluminum always amazon amber ambition america american americas amid among amount amplify an analysis
analyst analysts anchor and angel angle animal announce annual another answer any anyone anything
apartment apollo appeal appear apple applied apply approach april aqua arc arch arena argue argo ark arm
armed armour army around arrival arrow art arts as ascend ascent ash asia asian ask aspect aspen aspire
asset assets assist associated associates association assurance assured at atlantic atlas attack august
aurora australia australian authority auto automatic automation automobile automotive autumn available
avalanche avalon avenue average aviation avoid award aware away axis axon baby back bad bag bald balance
ball band bank bankers banking banks banner bar bare barrel barrier base based basic basin bath battery
bay be beach beacon beam bear beat beauty because become bed bee beer before begin behind being belief
believe bell below belt benchmark beneath benefit benefits best bet beta better between beyond bid big
bike bill billion billions bills bio biotech bird birth bit bitcoin black blade blame blend block blocks
blood bloom blow blue board boat body bold bond bonds bone bonus book booking books boom boost boot border
born both bottle bottom bought boundary bow bowl box boy boys brain brand brands brave bread break
breakfast breaking breakthrough bridge brief briefing bright brilliant bring britain british broad
broadcast broker brother brothers brown brush bubble budget build builder builders building buildings
built bull bullish bureau burn burning bus business but butter button buy buyer buyers buying by cabin
cabinet cable cafe cake call called calls calm came camp campaign campus can canada canadian canal cancer
candidate candle canopy cap capacity capital captain car carbon card cardinal cards care career careful
cargo carnival carrier carry cars cartoon case cash casino cast castle cat catalyst catch cause caution
cave cell cells cement cent center central centre century cereal certain chain chair challenge chamber
champion champions chance change changes channel chapter character charge charity chart charter chase
cheap check cheese chemical chemicals chief child children china chinese chip chips choice choose church
cinema circle citadel cities citizen citizens city civic civil claim claims clarity class classic clean
clear click client clients cliff climate clinical clock close cloud clover club coach coal coast coastal
code coffee coin cold collect collection college color column combined come comfort coming command comment
comments commerce commercial commission commit committee commodities commodity common commonwealth
communication communications community compact compare compass competition complete complex component
computer computers computing concept concern concord concrete condition conduct conference confidence
conflict congress connect connected connection conservative consider consolidated constellation
construction consult consultant consulting consumer consumers contact container content contest
continental continue contract control cook cool cooper cooperation cooperative copper coral core corn
corner corporate cosmos cost costs cottage cotton could council count counter country county couple
courage course court cover craft crane cream create creation creative credit crew cricket crime crisis
critical cross crossing crown crude cruise crypto crystal cube culture cup curb currency current curve
custom customer customers cut cuts cyber cycle daily dairy damage dance danger dare dark data date dawn
day days dead deal dealer deals dean dear death debate debt decade december decide decision deck deep deer
default defence defense defiance deficit define degree delay deliver delivery delta demand democrat
democratic democrats deposit depot desert design desk destination detail develop developer developing
development device devices dialog diamond did die diesel diet difference different digital dining dinner
direct direction director discover discovery discuss disease dish display distribution district dive
diversified divide dividend division do dock doctor document does dog dollar dollars domain dome dominion
door double down dragon drama dream dress drink drive driven driver drop drug drugs dry duke during dust
duty dynamic dynamics each eagle early earn earnings earth ease easier east eastern easy echo economic
economics economy edge edison editor education effect efficient eight either elect election electric
electrical electricity electron electronic electronics element elements elite else embassy emerald
emerging emission empire employ employee employees empower enable encore end endeavor energy engage engine
engineering engineers england english enhance enjoy enough enter enterprise enterprises entertainment
entire entity entry environment environmental epic episode equal equality equation equinox equity era
error escape essence essential estate eternal ethos euro europe european even evening event events ever
every everyone everything evidence evolution evolve exact example excel exchange excite exclusive
executive executives exist exit expand expect experience expert experts explore export exports express
extend extra eye face fact factor factory fair faith fall false family famous fan far farm farmer farmers
farming fashion fast fate father favor fear feature february fed federal federated federation fee feed
feel fellow few fiber field fifth fight figure file fill film final finance financial find fine finish
fire firm firms first fiscal fish fit five fix flag flagship flame flash fleet flex flight float flood
floor flow flower fluid fly focus folk follow food foods foot football for force forces ford forecast
foreign forest forever forge form former formula fort forte forth fortress fortune forum forward fossil
found foundation founder founders fountain four fourth fox frame franchise frank free freedom freight
french fresh friday friend friends from front frontier fruit fuel full fun function fund funding funds
furniture fusion future futures gain gains galaxy gallery gambling game games gaming gap garden gas gate
gates gateway gauge gear gem gene general generation generic genesis genius gentle geo german germany get
giant giants gift girl give glacier glass global globe go goal god gold golden golf good goods gospel got
govern government governor grace grade graduate grain grand grant graph graphic graphite grass gravity
gray great greater green grid grocery ground group grove grow growth guarantee guard guardian guess guest
guide gulf gun guy half hall halo hand handle hang happen happy harbor harbour hard harmony harvest has
hat have haven hawk he head headline headlines health healthcare hear heart hearing heat heaven heavy
hedge height heir helix hello help her herald here heritage hero hers hi hidden high higher highland
highlands highway hill hills him hint hire his historic history hit hold holder holding holdings hole
holiday holy home homes honest honey honor hood hook hope horizon horse hospital hospitality host hot
hotel hotels hour hours house houses housing how however hub human humble hundred hunt hunter hurricane
hydro hydrogen ice icon idea ideal identity if ignite image imagine impact imperial import important
imports impossible improve in inc inch incline include income independence independent index india indian
indigo individual industrial industrials industries industry infinite infinity inflation influence info
information infrastructure initial initiative inn innovation innovations innovative input inside insight
insights inspire instant institute institution instrument instruments insurance insure integral integrated
integrity intellect intelligence intelligent interactive interest interim intermediate internal
international internet interstate interview into intrepid intuitive invent invest investigation investing
investment investments investor investors invisible iron is island islands isle it item items its jack
jacket jade january japan japanese jazz jet jewel job jobs join joint journal journey joy judge july jump
junction june jungle jupiter just justice keep key keys keystone kick kid kids kind kinetic king kingdom
kings kit kitchen knight know knowledge label labor laboratories laboratory labour lack lady lake lamb
lamp land landmark landscape lane language large laser last late later latest latin launch laurel law
lawyer lead leader leaders leadership leading leaf league learn learning lease least leather leave left
legacy legal legend lemon lend lender lenders lending length less let letter letters level lever leverage
liberty library license life lift light lighting lightning like limit limited line linear lines link links
lion liquid liquidity list listen little live lively living load loan loans local location lock logic
logistics london long look looking loop lord lose loss lost lot lotus love low lower loyal luck lucid
lucky lumber lunch lunar luxury machine machinery macro made magazine magic magna magnet magnetic mail
main mainstreet major make maker makers making male mall man manage managed management manager managers
mandate manhattan manor manufacturer manufacturers manufacturing map maple marathon marble march margin
marine mark marker market marketing markets marks mars mart mass master masters match material materials
matrix matter maverick max maximum may maybe mayor me meal mean means measure meat mechanical media
medical medicare medicine medium meet meeting meetings mega member members memorial memory men mercury
mere merge merger merit message meta metal metals meter method metro metropolitan mexico micro mid middle
might mild military milk mill millennium million mind mine mineral minerals mines mini minimum mining
minister ministry minor mint minute mirror mission mix mobile mobility mode model models modern module
moment momentum monarch monday money monitor monster month months monument moon moral more morning
mortgage most mother motion motor motors mount mountain mountains move movie much multi municipal museum
music must mutual my name namely narrow nation national nations native natural nature nautilus navigator
navy near nearly need net network networks neutral never new newest newly news next nice nickel night nine
no noble nobody non none noon nor norm normal north northern northwest not note notes nothing notice nova
november now nuclear number numbers nurse oak oasis object objective observer ocean octagon october odd
odyssey of off offer office officer officers official officials offshore often oil old olive olympic
olympics omega omni on once one online only open opening opera operate operation operations operator
opportunity option options or oracle orange orbit orchard orchid order ordinary ore organic organization
orient oriental origin original orion other others our out outdoor outlook outside over overseas own owner
oxford oxygen pace pacific pack package packaging page pain paint pair palace palm panel panther paper
papers par parade paradigm paradise paragon paramount parent park parks parliament part parties partner
partners partnership parts party pass passage passenger passion past path pathway patient patients patriot
pattern pay payment payments payroll peace peak pearl peer peers pen penguin pension people pepper per
percent perfect performance perhaps period permanent permit person personal perspective pet petrol
petroleum pets pharma pharmaceutical pharmaceuticals pharmacy phase phoenix phone phones photo photon
physical picture piece pier pilgrim pillar pilot pine pink pinnacle pioneer pipe pipeline place plain
plains plan plane planet plans plant plants plastic plate platform platinum play player players plaza
please pledge plenty plot plug plus pod point pointer points polar pole police policies policy polish
political politics poll pond pool poor pop popular population port portfolio position positive possible
post potential pound pounds powder power powers practice praise precious precision preferred premier
premium present presidency president presidents press pressure pretty price prices primary prime prince
princess principal print prior priority private prize pro probe problem process processor producer
producers product production products professional professor profit profits program progress progressive
project projects promise proof property props prospect prosper prosperity protect protein protocol proud
prove provide provider province prudent prudential public publish publishing pulse pump pure purple
purpose push put puts qualify quality quantum quarter quarterly quarters quarry quartz quay queen queens
quest question questions quick quiet quite quota quote race radiant radio rail railroad railway railways
rain rainbow raise rally ranch random range ranger rank rapid rare rate rates rather rating ratio raven
raw ray reach read reader ready real reality realty reason rebel recent record recovery red redwood reed
reform refuge regal region regional regions regular regulator regulators relations release reliability
reliable reliance relief remain remember remote renaissance renew renewable rent rental repair reply
report reporter reporters reports repay repeat representative republic republican republicans request
rescue research researchers reserve reserves reset residential resilience resolute resort resorts resource
resources respect response responsible rest restaurant restaurants result results resume retail retailer
retailers retirement return returns revenue revenues reverse review revolution reward rice rich ride right
rights ring rise rising risk risks rival rivals river rivers riverside road roads robot robotics rock
rocket rocky role roll romance roof room root rope rose rough round route row royal royalty ruby rule
rules run rural rush russia russian safe safety sage sail saint sale sales salt same sample san sanctions
sand sapphire sat satellite saturday save savings say says scale scan scenario scene schedule scholar
school schools science sciences scientific scope score scotland scout screen script sea seal seaport
search season seat second secret secretary section sector secure securities security see seed seek seem
select selective self sell seller sellers selling semi semiconductor semiconductors senate senator send
senior sense sensor sentinel september sequence series serious serve server service services session set
settle seven several shadow shake shall shape share shared shareholder shareholders shares sharp she shed
sheet shelf shell shelter sheriff shield shift shine ship shipping shipments ships shock shoe shop
shopping shore short shot should shoulder show shuttle sick side sierra sight sigma sign signal signals
signature signet significant silicon silk silver similar simple simply since sing single sir sister site
six size skill skin sky skyline sleep slide slow small smart smile smooth snap snow so soap soccer social
society soft software soho soil solar sold soldier sole solid solution solutions some something son song
sonic soon soul sound source sources south southeast southern southwest sovereign space spark sparks speak
speaker special specialty spectrum speed spend spending sphere spin spirit splash split spoke sponsor
sport sports spot spotlight spread spring springs sprint sprout square stability stable stack staff stage
stake stakes standard standards staples star stars start state statement states station statistics status
stay steady steam steel stellar stem step sterling still stock stocks stone stop storage store stores
storm story straight strait strategic strategies strategy stream streaming street strength strike string
strong structure student students studio studios study style subject suburban success such sugar suit
suite sum summer summit sun sunday sunny sunrise sunset super superior supermarket supermarkets supplies
supply support supreme sure surface surge surgery surprise survey sustainable swap swatch sweet swift
swiss switch symbol synergy system systems table tactical take talent talk talks tall tandem tank tapestry
target targets task taste tax taxes tea teach team teams tech technical technique technologies technology
telecom telecommunications telegraph telephone television tell temple ten term terminal terms terra test
texas textile than thank that the theater their them theme then theory there thermal these they thing
things think third this those thought thousand threat three thrive through thunder thursday thus ticket
tide tie tiger tight tile till timber time times tin tiny tip title titan titanium to today together token
toll tomorrow ton tone tool tools top topic torch total touch tough tour tourism tourist toward tower
towers town toy toys track trade trader traders trades trading tradition traffic trail train training
trans transaction transfer transform transit transition translate transport transportation travel
travelers traveler treasure treasury treat treatment treaty tree trek tremor trend trends tri trial
triangle tribal tribune trident trigger trinity trip triple triumph tropical truck trucks true trump trust
trusted truth try tube tuesday tune tungsten turbine turn turning twelve twenty twin twist two type
ultimate ultra umbrella under undersea unicorn unified uniform union unique unit united units unity
universal universe university unless unlimited until up update upon upper upside uranium urban urge us usa
use user users using utilities utility vacation vail valley value values van vanguard variety vast vault
vector vehicle vehicles velocity venture ventures venus verge verify verity version very vest veteran via
vice victoria victory video view viking village vine vintage violet virgin virtual virtue visa visible
vision visit vista visual vital vitality vivid voice volt volume vote voyage vulcan wage wake walk wall
want war warehouse warm warning wars waste watch water waters wave waves way ways we wealth weapon wear
weather web website wednesday week weekend weekly welcome welfare well wellness wells west western what
wheat wheel when where whether which while white who whole wholesale why wide wife wild wildlife will win
wind window winds wine wing wings winner winter wire wireless wisdom wise wish with within without wolf
woman women wonder wood woods wool word words work worker workers workforce works world worldwide worry
worth would write wrong yacht yard year years yellow yes yesterday yet yield you young your youth zero
zeta zone zoom
""")

# Places that other names are made of; a company called just so is never meant without its legal form.
PLACE_WORDS = words("""
africa alabama alaska amsterdam arizona arkansas asia athens atlanta austin australia austria bahrain
baltimore bangkok barcelona beijing belgium berlin boston brazil britain brooklyn brussels buenos aires
cairo california canada caracas chengdu chicago chile china cleveland colombia colorado columbus
connecticut copenhagen croatia cuba cyprus czech dallas delaware delhi denmark denver detroit dubai dublin
edinburgh egypt england estonia ethiopia europe finland florida france frankfurt fujian geneva georgia
germany ghana greece guangdong guangzhou hainan hamburg hangzhou havana hawaii helsinki holland hong
honolulu houston hungary iceland idaho illinois india indiana indianapolis indonesia iowa iran iraq
ireland israel istanbul italy jakarta japan jerusalem jersey johannesburg kansas kentucky kenya korea kong
kuwait kyiv lagos latvia lebanon lima lisbon lithuania london los angeles louisiana luxembourg macau
madrid maine malaysia malta manchester manhattan manila maryland massachusetts melbourne memphis mexico
miami michigan milan milwaukee minneapolis minnesota mississippi missouri monaco montana montreal morocco
moscow mumbai munich nagoya nanjing naples nashville nebraska netherlands nevada nigeria norway oakland
ohio oklahoma ontario oregon orlando osaka oslo ottawa pakistan panama paris pennsylvania peru
philadelphia philippines phoenix pittsburgh poland portland portugal prague quebec qatar reno richmond rio
rome russia sacramento saudi arabia scotland seattle seoul serbia shandong shanghai shenzhen sichuan
singapore slovakia slovenia spain stockholm sweden switzerland sydney syria taipei taiwan tampa tehran
tennessee texas thailand tianjin tokyo toronto tunisia turkey uganda ukraine utah vancouver venezuela
venice vermont vienna vietnam virginia warsaw washington wisconsin wuhan wyoming york yemen yunnan zealand
zhejiang zurich
""")

GIVEN_NAMES = words("""
Aaron Abdul Abdullah Abigail Adam Adrian Ahmed Alan Albert Alejandro Alessandro Alex Alexander Alexandra
Alexei Alexis Alfred Ali Alice Alicia Alison Alistair Allan Allen Amanda Amber Amir Amy Ana Anatoly Andrea
Andreas Andrei Andres Andrew Andy Angela Angelo Anita Ann Anna Anne Annie Anthony Antonio Antony Arnold
Arthur Arturo Ashley Audrey Barack Barbara Barry Ben Benjamin Bernard Bernd Bernie Beth Betty Bill Billy
Bob Boris Brad Bradley Brandon Brenda Brendan Brent Brett Brian Bruce Bruno Bryan Caitlin Carl Carla Carlo
Carlos Carmen Carol Caroline Catherine Cecilia Chad Charles Charlie Charlotte Chelsea Cheryl Chloe Chris
Christian Christina Christine Christoph Christopher Cindy Claire Clara Claude Claudia Colin Connor Craig
Crystal Curtis Cynthia Daisuke Dale Damien Dan Daniel Danielle Danny Darren Dave David Dawn Dean Deborah
Debra Denis Dennis Derek Diana Diane Diego Dmitry Dominic Dominique Don Donald Donna Dorothy Doug Douglas
Duncan Dylan Ed Eddie Edgar Edmund Eduardo Edward Edwin Eileen Elaine Eleanor Elena Elizabeth Ellen Elon
Emily Emma Emmanuel Enrique Eric Erik Ernest Ethan Eugene Eva Evan Evelyn Fabio Felipe Felix Fernando
Fiona Florian Frances Francesco Francis Francisco Francois Frank Franz Fred Frederic Frederick Gabriel
Gareth Gary Gavin Gene Geoff Geoffrey George Gerald Gerard Gerhard Gianni Gilbert Giorgia Giovanni
Giuseppe Glen Glenn Gloria Gordon Graham Greg Gregory Guillaume Guillermo Gustavo Guy Hannah Hans Harold
Harry Harvey Hassan Heather Hector Heidi Helen Helena Helmut Henri Henrik Henry Herbert Hillary Hiroshi
Holger Holly Howard Hugh Hugo Ian Ibrahim Igor Ingrid Irene Isaac Isabel Isabella Ivan Ivanka Jack Jackie
Jacob Jacques Jake James Jamie Jan Jane Janet Janice Jared Jason Javier Jay Jean Jeff Jeffrey Jennifer
Jens Jeremy Jerome Jerry Jesse Jessica Jesus Jill Jim Jimmy Joachim Joan Joanna Joanne Joao Joe Joel Johan
Johannes John Johnny Jon Jonas Jonathan Jordan Jorge Jose Josef Joseph Josh Joshua Joyce Juan Judith Judy
Julia Julian Julie Julien Juergen Justin Kamala Karen Karim Karl Kate Katherine Kathleen Kathryn Kathy
Katie Keith Kelly Ken Kenneth Kenji Kevin Kim Kimberly Klaus Kristen Kristin Kristina Kurt Kyle Larry Lars
Laura Lauren Laurence Laurent Lawrence Lee Leo Leon Leonard Leslie Lewis Liam Linda Lindsay Lindsey Lisa
Lloyd Lorenzo Louis Louise Luca Lucas Lucy Luigi Luis Luke Lynn Manuel Marc Marcel Marco Marcos Marcus
Margaret Maria Marie Mariano Mario Marion Marissa Mark Markus Martha Martin Martina Mary Masayoshi Mathieu
Matt Matteo Matthew Matthias Maureen Maurice Max Megan Mehmet Melanie Melissa Michael Michel Michele
Michelle Miguel Mike Mikhail Mitch Mohamed Mohammad Mohammed Molly Monica Morgan Muhammad Nadia Nancy
Naomi Narendra Natalie Natasha Nathan Neil Nicholas Nick Nicolas Nicole Nigel Nikolai Nina Noah Nora
Norman Oleg Oliver Olivia Olivier Omar Oscar Otto Owen Pablo Pamela Paolo Pascal Pat Patricia Patrick Paul
Paula Pedro Peggy Peter Phil Philip Philippe Phillip Pierre Rachel Rafael Rahul Rajesh Ralph Ramon Randy
Raphael Raul Ray Raymond Rebecca Reed Regina Rene Ricardo Richard Rick Ricky Rita Rob Robert Roberta
Roberto Robin Rodrigo Roger Roland Roman Ron Ronald Rosa Rosie Ross Roy Rudolf Rupert Russell Ruth Ryan
Sally Sam Samantha Samuel Sandra Sanjay Sara Sarah Satoshi Satya Scott Sean Sebastian Serge Sergei Sergey
Sergio Shane Shannon Sharon Shaun Shawn Sheila Shinzo Shirley Sidney Silvio Simon Simone Sofia Sophia
Sophie Stacey Stan Stanley Stefan Stefano Stephan Stephanie Stephen Steve Steven Stewart Stuart Sue Sundar
Susan Susanne Suzanne Sven Sylvia Takashi Takeshi Tamara Tara Tatiana Ted Teresa Terence Terry Theodore
Theresa Thierry Thomas Tiffany Tim Timothy Tina Todd Tom Tommy Tony Tracy Trevor Tyler Ursula Valerie
Vanessa Vera Veronica Victor Victoria Vikram Vincent Virginia Vivek Vivian Vladimir Volodymyr Walter
Warren Wayne Wendy Werner Wilhelm William Wolfgang Xavier Yann Yasmin Yoshihide Yuri Yusuf Yves Zachary
Zoe
""")

# Family names that open Chinese names; a capitalised word or two behind one makes a person.
CHINESE_FAMILY_NAMES = words("""
Bai Cai Cao Chen Cheng Cui Deng Ding Dong Du Fan Fang Feng Gao Gu Guo Han He Hou Hu Huang Jia Jiang Jin
Kong Lai Lei Li Liang Liao Lin Liu Long Lu Luo Lv Ma Mao Meng Pan Peng Qian Qiao Qin Qiu Ren Shao Shen Shi
Song Su Sun Tan Tang Tao Tian Tong Wan Wang Wei Wen Wu Xi Xia Xiao Xie Xiong Xu Xue Yan Yang Yao Ye Yi Yin
Yu Yuan Zeng Zhang Zhao Zheng Zhong Zhou Zhu Zou
""")

# A name that ends in one of these is one institution: a shorter name inside it is not meant.
ORGANISATION_HEADS = words("""
Academy Agency Alliance Association Authority Bank Bar Board Bureau Center Centre Chamber Club Coalition
College Commission Committee Confederation Conference Congress Cooperative Council Court Department
Embassy Exchange Federation Forum Foundation Fund Hospital Institute Institution Laboratory Laboratories
League Library Ministry Museum Observatory Office Orchestra Organisation Organization Parliament
Partnership Party Police Post Project School Schools Senate Service Services Society Syndicate Trust Union
University Herald Gazette Journal Times Tribune Chronicle Telegraph
""")

# A capitalised word behind a company's short name that makes it another name.
OTHER_NAME_TAILS = words("""
Advisors Advisers Arena Asset Avenue Award Awards Beach Bridge Canyon Capital Cathedral Church City
Composite County Creek Cup Drive Estates Field Forest Gardens Hall Harbor Heights Hill Hills House Index
Island Islands Lake Lane Management Marathon Market Memorial Mountain Museum Open Park Partners Place
Plaza Prize Region River Road Square Stadium Station Street Temple Theater Theatre Tower Valley Venture
Ventures Village Wealth Web Brands Airport Securities Research Studios Television Insurance Financial
Energy Airlines Airways Motors Motor Pharmaceuticals Technologies Technology Industries International
Entertainment Records Pictures Steel Oil Gas Electric Mobile Telecom Media Press News Life Health
Healthcare Foods Resources Petroleum
""")

# Words that stand before a name without being part of it.
HONORIFICS = words(
    "Mr Mrs Ms Miss Dr Sir Dame Lord Lady Judge Justice Rev Prof Capt Col Gen Lt Sgt Rabbi Pope"
)
TITLE_WORDS = words("""
Acting Administrator Ambassador Analyst Attorney Captain Chair Chairman Chairperson Chairwoman Chancellor
Chief CEO CFO COO CTO Coach Colonel Commissioner Congressman Congresswoman Co-Founder Cofounder
Coordinator Defence Defense Democrat Deputy Director Doctor Economist Editor Emperor Energy Envoy
Executive Ex-President Finance Financial First Foreign Former Founder General Governor Head Interior
Interim Justice King Leader Lieutenant Major Manager Mayor Minister Officer Operating Partner Premier
President Press President-elect Prime Prince Princess Professor Prosecutor Queen Rep Representative
Republican Secretary Sen Senator Senior Speaker Spokesman Spokesperson Spokeswoman Strategist Technology
Trade Treasurer Treasury Vice Gov Congress Parliament Party Lawmaker Interior Labor Labour Commerce Health
Education Billionaire Investor Investors Singer Actor Actress Author Photographer Activist Lawyer
""")
CALENDAR = words("""
Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August
September October November December Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec Christmas Easter
""")

# Nouns that announce a company: "consultancy Intralink", "chipmaker SMIC".
COMPANY_NOUNS = words("""
airline automaker bank bookmaker brewer broker brokerage builder business carmaker carrier chain chipmaker
company conglomerate consultancy consultants contractor defaulter developer distributor drugmaker exchange
exporter factory fintech firm foundry giant grocer group heavyweight holding insurer lender maker
manufacturer miner operator outsourcer owner parent peer planemaker platform powerhouse producer publisher
refiner retailer rival seller shipbuilder shipper smelter spinoff startup start-up steelmaker subsidiary
supermarket supplier telco titan tobacco trader unit utility vendor behemoth bellwether toymaker
truckmaker shipmaker oilfield semiconductor
""")

# Demonyms and country names, to ISO 3166-1 alpha-2: context for an entity's country, and not part of a name.
COUNTRY_WORDS: dict[str, str] = {
    "America": "US", "American": "US", "Americans": "US", "U.S.": "US", "US": "US", "USA": "US", "Washington": "US",
    "Argentina": "AR", "Argentine": "AR", "Australia": "AU", "Australian": "AU", "Austria": "AT", "Austrian": "AT",
    "Belgium": "BE", "Belgian": "BE", "Brazil": "BR", "Brazilian": "BR", "Britain": "GB", "British": "GB", "U.K.": "GB",
    "UK": "GB", "England": "GB", "English": "GB", "London": "GB", "Canada": "CA", "Canadian": "CA", "Chile": "CL",
    "Chilean": "CL", "China": "CN", "Chinese": "CN", "Beijing": "CN", "Shanghai": "CN", "Shenzhen": "CN", "Colombia": "CO",
    "Colombian": "CO", "Czech": "CZ", "Denmark": "DK", "Danish": "DK", "Dutch": "NL", "Netherlands": "NL", "Egypt": "EG",
    "Egyptian": "EG", "Finland": "FI", "Finnish": "FI", "France": "FR", "French": "FR", "Paris": "FR", "Germany": "DE",
    "German": "DE", "Berlin": "DE", "Greece": "GR", "Greek": "GR", "Hungary": "HU", "Hungarian": "HU", "India": "IN",
    "Indian": "IN", "Mumbai": "IN", "Indonesia": "ID", "Indonesian": "ID", "Iran": "IR", "Iranian": "IR", "Ireland": "IE",
    "Irish": "IE", "Israel": "IL", "Israeli": "IL", "Italy": "IT", "Italian": "IT", "Japan": "JP", "Japanese": "JP",
    "Tokyo": "JP", "Kenya": "KE", "Kenyan": "KE", "Korea": "KR", "Korean": "KR", "Seoul": "KR", "Malaysia": "MY",
    "Malaysian": "MY", "Mexico": "MX", "Mexican": "MX", "Nigeria": "NG", "Nigerian": "NG", "Norway": "NO",
    "Norwegian": "NO", "Pakistan": "PK", "Pakistani": "PK", "Philippine": "PH", "Philippines": "PH", "Poland": "PL",
    "Polish": "PL", "Portugal": "PT", "Portuguese": "PT", "Qatar": "QA", "Russia": "RU", "Russian": "RU", "Moscow": "RU",
    "Saudi": "SA", "Scottish": "GB", "Singapore": "SG", "Singaporean": "SG", "Spain": "ES", "Spanish": "ES",
    "Sweden": "SE", "Swedish": "SE", "Swiss": "CH", "Switzerland": "CH", "Taiwan": "TW", "Taiwanese": "TW",
    "Thailand": "TH", "Thai": "TH", "Turkey": "TR", "Turkish": "TR", "Ukraine": "UA", "Ukrainian": "UA",
    "Vietnam": "VN", "Vietnamese": "VN", "Bangladesh": "BD", "Bangladeshi": "BD", "Ghana": "GH", "Ghanaian": "GH",
    "Ethiopian": "ET", "Moroccan": "MA", "Algerian": "DZ", "Romania": "RO", "Romanian": "RO", "Bulgarian": "BG",
    "Croatian": "HR", "Serbian": "RS", "Lebanese": "LB", "Iraqi": "IQ", "Syrian": "SY", "Afghan": "AF", "Kuwaiti": "KW",
    "Peruvian": "PE", "Venezuela": "VE", "Venezuelan": "VE", "Cuban": "CU", "Cambodian": "KH", "Georgian": "GE",
    "Ugandan": "UG", "Tanzanian": "TZ", "Zambian": "ZM", "Tunisian": "TN", "Libyan": "LY", "Hong": "HK", "European": "EU", "Asian": "", "African": "", "Western": "", "Nordic": "",
}  # fmt: skip

# Countries of two words, by name and adjective.
COUNTRY_PAIRS = {
    "South Africa": "ZA", "South African": "ZA", "New Zealand": "NZ", "Sri Lanka": "LK", "Sri Lankan": "LK", "Saudi Arabia": "SA",
    "Costa Rica": "CR", "Costa Rican": "CR", "United States": "US", "United Kingdom": "GB",
}  # fmt: skip

# The countries of the list by their own names, with those of two words, and the states of the United States and Canada:
# what stands behind the comma of "Phoenix, Arizona".
COUNTRIES = frozenset(
    """Argentina|Australia|Austria|Belgium|Brazil|Britain|England|Scotland|Wales|Northern Ireland|Canada|Chile|China|Colombia|Denmark|Egypt
Finland|France|Germany|Greece|Hungary|India|Indonesia|Iran|Iraq|Ireland|Israel|Italy|Japan|Kenya|South Korea|Malaysia|Mexico|Nigeria
Norway|Pakistan|Philippines|Poland|Portugal|Qatar|Russia|Saudi Arabia|Spain|Sweden|Switzerland|Taiwan|Thailand|Turkey|Ukraine|Vietnam
South Africa|New Zealand|Peru|Romania|Bulgaria|Croatia|Serbia|Morocco|Cuba|Venezuela""".replace(
        "\n", "|"
    ).split("|")
)
STATES = frozenset(
    """Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas
Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey
New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas
Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming|Ontario|Quebec|British Columbia|Alberta|Manitoba|Saskatchewan
Nova Scotia|Ariz.|Calif.|Conn.|Fla.|Ill.|Mass.|Mich.|Minn.|Pa.|Tenn.|Va.|Wash.|Wis.""".replace(
        "\n", "|"
    ).split("|")
)

COUNTRY_ADJECTIVES = frozenset(
    word
    for word in COUNTRY_WORDS
    if word.endswith(("ese", "ish", "an", "ch", "ss", "i", "ans")) and word not in ("Japan", "Iran", "Taiwan")
)

# "Hong Kong-listed", "in New York trading": the markets that the words name.
MARKET_WORDS: dict[str, frozenset[str]] = {
    "Hong Kong": frozenset({"XHKG"}),
    "Shanghai": frozenset({"XSHG"}),
    "Shenzhen": frozenset({"XSHE"}),
    "New York": frozenset({"XNYS", "XNAS", "XASE"}),
    "Nasdaq": frozenset({"XNAS"}),
    "NYSE": frozenset({"XNYS"}),
    "London": frozenset({"XLON"}),
    "Tokyo": frozenset({"XTKS"}),
    "Taipei": frozenset({"XTAI"}),
    "Taiwan": frozenset({"XTAI"}),
    "Seoul": frozenset({"XKRX"}),
    "Frankfurt": frozenset({"XETR", "XFRA"}),
    "Paris": frozenset({"XPAR"}),
    "Amsterdam": frozenset({"XAMS"}),
    "Milan": frozenset({"XMIL"}),
    "Madrid": frozenset({"XMAD"}),
    "Zurich": frozenset({"XSWX"}),
    "Swiss": frozenset({"XSWX"}),
    "Stockholm": frozenset({"XSTO"}),
    "Sydney": frozenset({"XASX"}),
    "Australia": frozenset({"XASX"}),
    "Toronto": frozenset({"XTSE"}),
    "Mumbai": frozenset({"XBOM", "XNSE"}),
    "Singapore": frozenset({"XSES"}),
    "U.S.": frozenset({"XNYS", "XNAS", "XASE"}),
}

# How news writes an exchange before a ticker, and behind one.
EXCHANGE_PREFIXES: dict[str, frozenset[str]] = {
    "NASDAQ": frozenset({"XNAS"}),
    "NASDAQGS": frozenset({"XNAS"}),
    "NASDAQGM": frozenset({"XNAS"}),
    "NYSE": frozenset({"XNYS"}),
    "NYSEAMERICAN": frozenset({"XASE"}),
    "NYSEMKT": frozenset({"XASE"}),
    "AMEX": frozenset({"XASE"}),
    "HKEX": frozenset({"XHKG"}),
    "SEHK": frozenset({"XHKG"}),
    "HKG": frozenset({"XHKG"}),
    "HK": frozenset({"XHKG"}),
    "SSE": frozenset({"XSHG"}),
    "SHA": frozenset({"XSHG"}),
    "SZSE": frozenset({"XSHE"}),
    "SHE": frozenset({"XSHE"}),
    "LSE": frozenset({"XLON"}),
    "LON": frozenset({"XLON"}),
    "TSE": frozenset({"XTKS", "XTSE"}),
    "TYO": frozenset({"XTKS"}),
    "TSX": frozenset({"XTSE"}),
    "TWSE": frozenset({"XTAI"}),
    "TPE": frozenset({"XTAI"}),
    "KRX": frozenset({"XKRX"}),
    "ASX": frozenset({"XASX"}),
    "NSE": frozenset({"XNSE"}),
    "BSE": frozenset({"XBOM"}),
    "ETR": frozenset({"XETR"}),
    "FRA": frozenset({"XFRA", "XETR"}),
    "EPA": frozenset({"XPAR"}),
    "AMS": frozenset({"XAMS"}),
    "SWX": frozenset({"XSWX"}),
    "SIX": frozenset({"XSWX"}),
    "BIT": frozenset({"XMIL"}),
    "BME": frozenset({"XMAD"}),
    "STO": frozenset({"XSTO"}),
    "SGX": frozenset({"XSES"}),
    "CPH": frozenset({"XCSE"}),
    "CSE": frozenset({"XCNQ", "XCSE"}),
    "HEL": frozenset({"XHEL"}),
    "OSL": frozenset({"XOSL"}),
    "OSE": frozenset({"XOSL"}),
    "EBR": frozenset({"XBRU"}),
    "ELI": frozenset({"XLIS"}),
    "VIE": frozenset({"XWBO"}),
    "WSE": frozenset({"XWAR"}),
    "XETRA": frozenset({"XETR"}),
    "BVMF": frozenset({"BVMF"}),
    "BMV": frozenset({"XMEX"}),
    "TSXV": frozenset({"XTSX"}),
    "CVE": frozenset({"XTSX"}),
    "JSE": frozenset({"XJSE"}),
    "KLSE": frozenset({"XKLS"}),
    "IDX": frozenset({"XIDX"}),
    "BKK": frozenset({"XBKK"}),
    "TPEX": frozenset({"ROCO"}),
    "KOSDAQ": frozenset({"XKOS", "XKRX"}),
    "NZE": frozenset({"XNZE"}),
    "NZX": frozenset({"XNZE"}),
    "TLV": frozenset({"XTAE"}),
    "TADAWUL": frozenset({"XSAU"}),
    "BOM": frozenset({"XBOM"}),
    "IST": frozenset({"XIST"}),
    "ISE": frozenset({"XDUB", "XIST"}),
    "BCBA": frozenset({"XBUE"}),
    "OTC": frozenset({"OTCM", "XOTC"}),
    "OTCMKTS": frozenset({"OTCM", "XOTC"}),
}
TICKER_SUFFIXES: dict[str, frozenset[str]] = {
    "N": frozenset({"XNYS"}),
    "O": frozenset({"XNAS"}),
    "OQ": frozenset({"XNAS"}),
    "A": frozenset({"XASE"}),
    "HK": frozenset({"XHKG"}),
    "SH": frozenset({"XSHG"}),
    "SS": frozenset({"XSHG"}),
    "SZ": frozenset({"XSHE"}),
    "L": frozenset({"XLON"}),
    "T": frozenset({"XTKS"}),
    "TW": frozenset({"XTAI"}),
    "TWO": frozenset({"ROCO"}),
    "KS": frozenset({"XKRX"}),
    "KQ": frozenset({"XKOS", "XKRX"}),
    "DE": frozenset({"XETR", "XFRA"}),
    "F": frozenset({"XFRA"}),
    "PA": frozenset({"XPAR"}),
    "AS": frozenset({"XAMS"}),
    "BR": frozenset({"XBRU"}),
    "LS": frozenset({"XLIS"}),
    "MI": frozenset({"XMIL"}),
    "MC": frozenset({"XMAD"}),
    "S": frozenset({"XSWX"}),
    "SW": frozenset({"XSWX"}),
    "VX": frozenset({"XSWX"}),
    "ST": frozenset({"XSTO"}),
    "HE": frozenset({"XHEL"}),
    "CO": frozenset({"XCSE"}),
    "OL": frozenset({"XOSL"}),
    "AX": frozenset({"XASX"}),
    "NZ": frozenset({"XNZE"}),
    "TO": frozenset({"XTSE"}),
    "V": frozenset({"XTSX"}),
    "NS": frozenset({"XNSE"}),
    "BO": frozenset({"XBOM"}),
    "SI": frozenset({"XSES"}),
    "KL": frozenset({"XKLS"}),
    "JK": frozenset({"XIDX"}),
    "BK": frozenset({"XBKK"}),
    "SA": frozenset({"BVMF"}),
    "MX": frozenset({"XMEX"}),
    "IS": frozenset({"XIST"}),
    "TA": frozenset({"XTAE"}),
    "J": frozenset({"XJSE"}),
    "JO": frozenset({"XJSE"}),
    "WA": frozenset({"XWAR"}),
    "VI": frozenset({"XWBO"}),
    "IR": frozenset({"XDUB"}),
}

# Words that open a sentence before a name and are no part of it.
SENTENCE_STARTERS = words(
    """
A About Across After Against All Also Although Amid Among An Analysts And Another As At Because Before Besides Both But By Can
Could Despite Did Do Does During Each Earlier Even Every Few For From Had Has Have He Her Here His How However If In Including
Indeed Inside Instead Investors Is It Its Just Last Later Like Many May Meanwhile Meantime Might More Most My No Not Now Of On Once
Only Or Other Others Our Over Rival Rivals Separately Several Shares She Should Since So Some Still Such Than That The Their Then
There These They This Those Though Through Thus Today Tomorrow Tonight Under Unlike Until Was We Were What When Where Whether Which
While Who Why Will With Without Would Yesterday Yet You Your
"""
)
