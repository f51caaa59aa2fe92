"""Short texts of our own whose names are easily mistaken: who is meant, and what must stay without a link."""

from __future__ import annotations

from dataclasses import dataclass, field

from entities.types import AliasKind, LexiconAlias, LexiconEntity


@dataclass(frozen=True, slots=True)
class Trap:
    """A text with the links that it must have: name as written -> slug; no other link to anybody but places is right.

    `may` are links that are right when found and not missed when absent; `never` are names, places or not, without
    any link.
    """

    name: str
    text: str
    links: dict[str, str] = field(default_factory=dict)
    title: str = ""
    may: dict[str, str] = field(default_factory=dict)
    never: tuple[str, ...] = ()
    among_ours: bool = False  # only the namesakes below make a trap of it


# Namesakes that the starter set does not have: real firms share the names, these rows are ours.
NAMESAKES = (
    LexiconEntity(1_000_001, "delta-plc", "Delta Plc", "company", "GB", (("DLTA", "XLON"),), 0.1),
    LexiconEntity(1_000_002, "zenith-minerals", "Zenith Minerals", "company", "AU", (("ZNC", "XASX"),), 0.1),
    LexiconEntity(1_000_003, "zenith-bank", "Zenith Bank", "company", "NG", (("ZENITHBANK", "XNSA"),), 0.1),
    LexiconEntity(1_000_004, "pfeiffer-vacuum", "Pfeiffer Vacuum", "company", "DE", (("PFV", "XETR"),), 0.15),
    LexiconEntity(1_000_005, "gates-industrial", "Gates Industrial", "company", "US", (("GTES", "XNYS"),), 0.15),
    LexiconEntity(1_000_006, "wells-fargo-advisors", "Wells Real Estate", "company", "US", (), 0.1),
    LexiconEntity(1_000_007, "beverly-hills-bancorp", "Beverly Hills Bancorp", "company", "US", (), 0.1),
    LexiconEntity(1_000_008, "new-york-mortgage", "New York Mortgage Trust", "company", "US", (("NYMT", "XNAS"),), 0.1),
    LexiconEntity(1_000_009, "sun-mining-peru", "Minera Sol", "company", "PE", (), 0.1),
    LexiconEntity(1_000_010, "sol-bank-mexico", "Banco Sol", "company", "MX", (), 0.1),
    LexiconEntity(1_000_011, "powell-industries", "Powell Industries", "company", "US", (("POWL", "XNAS"),), 0.1),
    LexiconEntity(1_000_012, "cook-medical", "Cook", "company", "US", (), 0.1),
    LexiconEntity(1_000_013, "harris-corporation", "Harris", "company", "US", (), 0.2),
    LexiconEntity(1_000_014, "first-capital-ca", "First Capital", "company", "CA", (("FCR", "XTSE"),), 0.15),
    LexiconEntity(1_000_015, "first-capital-us", "First Capital", "company", "US", (("FCAP", "XNAS"),), 0.15),
    LexiconEntity(1_000_016, "woolworths-holdings", "Woolworths Holdings", "company", "ZA", (("WHL", "XJSE"),), 0.15),
    LexiconEntity(1_000_017, "zenovia", "ZENOVIA MINING HOLDINGS LIMITED", "company", "ZA", (), 0.1),
)  # fmt: skip
NAMESAKE_NAMES: tuple[tuple[int, str, AliasKind, bool], ...] = (
    (1_000_001, "Delta", "short", True),
    (1_000_002, "Zenith", "short", False),
    (1_000_003, "Zenith", "short", False),
    (1_000_004, "Pfeiffer", "short", False),
    (1_000_005, "Gates", "short", True),
    (1_000_006, "Wells", "short", True),
    (1_000_007, "Beverly Hills", "short", True),
    (1_000_008, "New York", "short", True),
    (1_000_009, "Sol Corp.", "legal", False),
    (1_000_010, "Sol Corp.", "legal", False),
    (1_000_011, "Powell", "short", False),
    (1_000_012, "Cook Inc.", "legal", False),
    (1_000_013, "Harris Corp.", "legal", False),
    (1_000_014, "First Capital Inc.", "legal", False),
    (1_000_015, "First Capital Inc.", "legal", False),
    (1_000_017, "ZENOVIA MINING HOLDINGS LIMITED", "legal", False),
)
NAMESAKE_ALIASES = tuple(LexiconAlias(pk, text, kind, weak) for pk, text, kind, weak in NAMESAKE_NAMES)

SMIC = "semiconductor-manufacturing-international-corporation"
FED = "federal-reserve"
US = "united-states"

TRAPS = (
    # Fruit, verbs, nouns
    Trap("Apple the fruit", "Apple growers in Washington state expect a small harvest. An Apple a day is cheap.", never=("Apple",)),
    Trap("apple pie", "The bakery sells apple pie, and its Apple Cake won a prize.", never=("Apple",)),
    Trap("Apple the company", "Apple said on Thursday that sales of the iPhone rose. Apple shares gained 2%.", {"Apple": "apple"}, may={"iPhone": "iphone"}),
    Trap("Target the verb", "Target the young, the ministry told its staff. Target prices were cut by brokers.", never=("Target",)),
    Trap("Target the noun", "The bank raised its price Target after the results were published.", never=("Target",)),
    Trap("Target the shop", "Target Corp. cut its outlook. Shares of Target fell 8%.", {"Target Corp.": "target", "Target": "target"}),
    Trap("Gap the noun", "Gap between rich and poor grows. The trade Gap narrowed in March.", never=("Gap",)),
    Trap("Gap the shop", "Gap Inc. said its chief executive will leave. Gap shares fell.", {"Gap Inc.": "gap", "Gap": "gap"}),
    Trap("Visa the document", "Visa applications take months. Workers need a Visa to enter, and a Visa costs $160.", never=("Visa",)),
    Trap("Visa the company", "Visa Inc. and Mastercard raised fees. Visa said the rise was small.", {"Visa Inc.": "visa", "Mastercard": "mastercard", "Visa": "visa"}),
    Trap("Amazon the river", "Fires in the Amazon spread across Brazil, and the Amazon basin lost more trees.", never=("Amazon",)),
    Trap("Amazon rainforest", "Brazil said clearing of the Amazon rainforest slowed. Amazon deforestation fell by half.", never=("Amazon",)),
    Trap("Amazon the company", "Amazon.com Inc. will hire 5,000 people. Amazon said the jobs are in Ohio.", {"Amazon": "amazon"}, may={"Amazon.com Inc.": "amazon", "Amazon.com": "amazon"}),
    Trap("Shell the noun", "Shell companies hid the money. A Shell hit the house, and Shell fragments lay around.", never=("Shell",)),
    Trap("Shell the company", "Shell Plc bought a field from BP. Shell said it would pay in cash.", {"Shell Plc": "shell", "BP": "bp", "Shell": "shell"}),
    Trap("Orange the colour", "Orange juice futures jumped. Orange flames were seen, and Orange County sent firemen.", never=("Orange",)),
    Trap("Orange the operator", "Shares of Orange SA rose in Paris after Orange said it would buy back stock.", {"Orange SA": "orange", "Orange": "orange"}),
    Trap("Meta the prefix", "Meta analysis of the trials showed no effect. The Meta study was small.", never=("Meta",)),
    Trap("Meta the company", "Meta Platforms Inc. was fined by regulators. Meta said it would appeal.", {"Meta Platforms Inc.": "meta-platforms", "Meta": "meta-platforms"}),
    Trap("Oracle the sage", "The Oracle of Omaha sold shares. Oracle bones were found near the river.", never=("Oracle",)),
    Trap("Oracle the company", "Oracle Corp. beat estimates; Oracle shares jumped 9%.", {"Oracle Corp.": "oracle", "Oracle": "oracle"}),
    Trap("Delta the landscape", "Rice farmers in the Mekong Delta fear salt. The Delta variant spread, and the Delta floods.", never=("Delta",)),
    Trap("Delta the airline", "Delta Air Lines cut flights. Delta said fuel costs rose, and JetBlue agreed.", {"Delta Air Lines": "delta-air-lines", "Delta": "delta-air-lines", "JetBlue": "jetblue"}),
    Trap("Alphabet the letters", "Alphabet songs help children. The Greek Alphabet has 24 letters.", never=("Alphabet",)),
    Trap("Alphabet the company", "Alphabet Inc. rose after Alphabet reported record sales.", {"Alphabet Inc.": "alphabet", "Alphabet": "alphabet"}),
    Trap("Square the place", "Protesters met in Trafalgar Square. Square metres cost more, and Tiananmen Square was closed.", never=("Square",)),
    Trap("Block the verb", "Block the deal, lawmakers told the regulator. Block trades rose, and the Block was sold.", never=("Block",)),
    Trap("Total the sum", "Total sales rose 4%. Total debt fell, and the Total was a record.", never=("Total",)),
    Trap("Coach the trainer", "Coach John Smith left the club. The Coach said he was tired.", never=("Coach",)),
    Trap("Virgin the forest", "Virgin forests were cut. The Virgin Islands asked for help.", never=("Virgin",)),
    Trap("Chase the verb", "Chase scenes thrilled viewers. Police gave Chase, and the Chase ended in a wall.", never=("Chase",)),
    Trap("Chase the bank", "JPMorgan Chase & Co. raised its dividend. JPMorgan said profit rose.", {"JPMorgan Chase & Co.": "jpmorgan-chase", "JPMorgan": "jpmorgan-chase"}),
    Trap("Next the word", "Next week brings the results. Next came the rain. What Next?", never=("Next",)),
    Trap("Snap the verb", "Snap elections were called. The Snap poll surprised markets.", never=("Snap",)),
    Trap("Zoom the verb", "Zoom lenses are sold out. Cars Zoom by.", never=("Zoom",)),
    Trap("Boots the shoes", "Boots and coats sold well. Boots on the ground are needed.", never=("Boots",)),
    Trap("Mars the planet", "The rover landed on Mars. Mars dust covered its panels.", never=("Mars",)),
    Trap("Caterpillar the animal", "Caterpillar plagues hurt the crop, and the Caterpillar ate leaves.", never=("Caterpillar",)),
    Trap("Sharp the adjective", "Sharp falls hit bonds. Sharp words were heard.", never=("Sharp",)),
    Trap("Strategy the noun", "Strategy matters more than luck. The Strategy was bold, a partner said.", never=("Strategy",)),
    # Intelligence and other words that are strong names
    Trap("Intel the intelligence", "Spies shared Intel on the attack. Western Intel agencies saw troops near the border.", never=("Intel",)),
    Trap("Intel the company", "Intel Corp. will cut jobs. Intel shares rose.", {"Intel Corp.": "intel", "Intel": "intel"}),
    Trap("compass points", "He wore a North Fork hat at the South Pole and went West.", never=("North", "South", "West")),
    # People
    Trap("Harrison Ford", "Actor Harrison Ford joined the march. Ford, 80, waved.", never=("Ford",)),
    Trap("President Ford", "President Gerald Ford pardoned Nixon. Ford lost in 1976.", never=("Ford",)),
    Trap("Ford the company", "Ford Motor Co. recalled trucks. Ford said the brakes fail, and GM rose.", {"Ford Motor Co.": "ford-motor", "Ford": "ford-motor", "GM": "general-motors"}),
    Trap("Doug Ford", "Ontario Premier Doug Ford met car makers. Ford promised money.", never=("Ford",)),
    Trap("a Ford of the family", "Bill Ford, chairman of Ford Motor Co., said the plant would stay.", {"Ford Motor Co.": "ford-motor"}, never=("Bill Ford",)),
    Trap("Bill Gates", "Bill Gates gave $2 billion. Gates said malaria could end.", {"Bill Gates": "bill-gates", "Gates": "bill-gates"}),
    Trap("Robert Gates", "Robert Gates, a former defence secretary, wrote a book. Gates was calm.", never=("Gates",)),
    Trap("Jerome Powell", "Fed Chair Jerome Powell spoke in Jackson Hole. Powell said rates would fall.", {"Fed": FED, "Jerome Powell": "jerome-powell", "Powell": "jerome-powell"}),
    Trap("Jane Powell", "Jane Powell, a nurse, won the vote. Powell thanked her team.", never=("Powell",)),
    Trap("Tim Cook", "Apple chief Tim Cook visited China. Cook praised its coders.", {"Apple": "apple", "Tim Cook": "tim-cook", "Cook": "tim-cook"}),
    Trap("Kamala Harris", "Kamala Harris spoke in Ohio. Harris, the former vice president, wrote a book.", {"Kamala Harris": "kamala-harris", "Harris": "kamala-harris"}),
    Trap("Morgan and Stanley", "Stanley won the cup for the team. Piers Morgan left the show, and Stanley Black sang.", never=("Stanley", "Morgan")),
    Trap("Morgan Stanley the bank", "Morgan Stanley cut its forecast. The bank's rival Goldman Sachs did not.", {"Morgan Stanley": "morgan-stanley", "Goldman Sachs": "goldman-sachs"}),
    Trap("Wells the town", "Water Wells ran dry in Wells, a small town. H.G. Wells wrote about it.", never=("Wells",)),
    Trap("Wells Fargo", "Wells Fargo & Co. paid a fine. Wells Fargo said it was sorry.", {"Wells Fargo & Co.": "wells-fargo", "Wells Fargo": "wells-fargo"}),
    Trap("Lilly the girl", "Lilly Smith, 9, found the cat. Lilly was happy.", never=("Lilly",)),
    Trap("Lilly the maker", "Eli Lilly & Co. raised its guidance. Lilly shares rose 5%.", {"Eli Lilly & Co.": "eli-lilly", "Lilly": "eli-lilly"}),
    Trap("Deere the maker", "Deere & Co. cut output. Deere said farmers buy less.", {"Deere & Co.": "deere-and-company", "Deere": "deere-and-company"}),
    Trap("surname of a firm", "Michelle Pfeiffer starred in it. Pfeiffer won a prize.", never=("Pfeiffer",)),
    Trap("the firm of a surname", "Pfeiffer Vacuum AG won an order. Shares of Pfeiffer rose.", {"Pfeiffer Vacuum AG": "pfeiffer-vacuum", "Pfeiffer": "pfeiffer-vacuum"}),
    Trap("Merrill and Lynch", "Ms. Lynch met Mr. Merrill. Loretta Lynch was attorney general.", never=("Lynch", "Merrill")),
    Trap("Johnson and Johnson", "Boris Johnson met Mike Johnson. Johnson & Johnson was not there.", {"Boris Johnson": "boris-johnson", "Johnson & Johnson": "johnson-and-johnson"}, may={"Mike Johnson": "mike-johnson"}),
    Trap("Melania Trump", "Melania Trump opened the show. Trump thanked the guests.", never=("Melania Trump", "Trump")),
    Trap("the Trump administration", "The Trump administration put tariffs on steel.", {"Trump administration": US}, never=("Trump",)),
    Trap("Donald Trump", "Donald Trump signed the order. Trump said tariffs work.", {"Donald Trump": "donald-trump", "Trump": "donald-trump"}),
    Trap("Trump Media", "Trump Media & Technology Group Corp. lost money.", {"Trump Media & Technology Group Corp.": "trump-media-and-technology-group"}),
    # Places and institutions of which country
    Trap("New York", "New York is cold. Snow fell on New York and Beverly Hills.", may={}, never=("Beverly Hills",)),
    Trap("New York Times", "The New York Times reported that talks failed in New York.", may={"New York Times": "new-york-times-company", "The New York Times": "new-york-times-company"}),
    Trap("Bank of England", "The Bank of England kept rates. England won the match.", {"Bank of England": "bank-of-england"}),
    Trap("Bank of America", "Bank of America Corp. hired bankers. Banks of America are strong.", {"Bank of America Corp.": "bank-of-america"}),
    Trap("Bank of China", "Bank of China Ltd. lent more. The People's Bank of China cut rates.", {"Bank of China Ltd.": "bank-of-china", "People's Bank of China": "peoples-bank-of-china"}),
    Trap("Commerce Department", "U.S. sales rose, the Commerce Department said.", {"Commerce Department": "united-states-department-of-commerce"}),
    Trap("Commerce Ministry of China", "China's Commerce Ministry said it would answer. Chinese Commerce Ministry officials met.", {"China's Commerce Ministry": "ministry-of-commerce-of-china"}, may={"Chinese Commerce Ministry": "ministry-of-commerce-of-china"}),
    Trap("another Commerce Department", "Thailand's Commerce Department said rice exports rose.", never=("Commerce Department",)),
    Trap("another Treasury", "The Kenyan Treasury Department raised a tax.", never=("Treasury Department",)),
    Trap("the Fed", "The Fed raised rates. Fed officials want more.", {"Fed": FED}),
    Trap("fed the verb", "Fed up with prices, shoppers left. Birds were Fed.", never=("Fed",)),
    Trap("U.S. Senate and another", "The Philippine Senate passed the bill. France's Senate did not.", never=("Senate",)),
    Trap("Supreme Court of another country", "India's Supreme Court ruled against the state.", may={"India's Supreme Court": "supreme-court-of-india"}, never=("Supreme Court",)),
    Trap("Conservative Party of Canada", "Canada's Conservative Party lost seats.", never=("Conservative Party",)),
    Trap("Bank of Georgia", "The Bank of Georgia and the Bank of Ireland met.", may={"Bank of Ireland": "bank-of-ireland", "Bank of Georgia": "bank-of-georgia"}, never=("Georgia", "Ireland")),
    # One short name, two companies
    Trap("SMIC of Hong Kong", "SMIC rose 5% in Hong Kong after the chip maker beat estimates.", {"SMIC": SMIC}),
    Trap("SMIC by its code", "Shares of SMIC (0981.HK) rose. The mainland line 688981.SH gained more.", {"SMIC": SMIC, "688981.SH": SMIC}, may={"0981.HK": SMIC}),
    Trap("SMIC of the other code", "Shenma Industry Co. (600810.SH) fell 3%.", {"Shenma Industry Co.": "shenma-industry"}, may={"600810.SH": "shenma-industry"}),
    Trap("the delisted line", "The old line <SMI.N> left New York in 2019. SMI is no ticker there now.", never=("SMI", "SMI.N")),
    Trap("SMI the index", "In Zurich the SMI index fell 1%. The Swiss SMI was weak.", may={"SMI": "smi", "SMI index": "smi"}),
    Trap("SMIC in full", "Semiconductor Manufacturing International Corp. makes chips. SMIC is listed twice.", {"Semiconductor Manufacturing International Corp.": SMIC, "SMIC": SMIC}),
    Trap("namesakes without a sign", "Analysts spoke about Zenith on Monday.", never=("Zenith",), among_ours=True),
    Trap("namesakes by the country", "Zenith Bank of Nigeria said Zenith would lend more.", {"Zenith Bank": "zenith-bank", "Zenith": "zenith-bank"}),
    Trap("namesakes by the code", "Zenith (ASX: ZNC) found lithium.", {"Zenith": "zenith-minerals"}),
    Trap("equal names in two countries", "First Capital Inc. paid a dividend.", never=("First Capital Inc.", "First Capital"), among_ours=True),
    Trap("equal names, one by its code", "First Capital Inc. (NASDAQ: FCAP) paid a dividend. First Capital Inc. is small.", {"First Capital Inc.": "first-capital-us"}),
    Trap("Sol in two countries", "Sol Corp. reported a loss.", never=("Sol Corp.", "Sol"), among_ours=True),
    Trap("Delta of London", "Delta Plc sold its zinc unit in London.", {"Delta Plc": "delta-plc"}),
    Trap("Santander the city", "Santander in northern Spain was flooded, its mayor said.", never=("Santander",)),
    Trap("Prudential of two countries", "Prudential Financial Inc. raised its payout. Prudential plc did not.", {"Prudential Financial Inc.": "prudential-financial", "Prudential plc": "prudential-plc"}),
    Trap("Merck of two countries", "Merck KGaA bought a lab. Merck & Co. sold one.", {"Merck KGaA": "merck-kgaa", "Merck & Co.": "merck-and-co"}),
    # Who tells the news
    Trap("the credit line", "LONDON (Reuters) - Unilever will sell its tea brands.", {"Unilever": "unilever"}, may={"Reuters": "reuters"}),
    Trap("reporting by", "Nestle cut prices.\n\n(Reporting by Jane Apple; Editing by John Ford)", {"Nestle": "nestle"}, never=("Apple", "Ford")),
    # Codes
    Trap("a code in brackets", "Chip maker Qualcomm (NASDAQ: QCOM) rose.", {"Qualcomm": "qualcomm"}, may={"QCOM": "qualcomm"}),
    Trap("a code of an agency", "Johnson & Johnson <JNJ.N> recalled powder.", {"Johnson & Johnson": "johnson-and-johnson"}, may={"JNJ.N": "johnson-and-johnson"}),
    Trap("a cashtag", "Traders bought $NVDA and sold $TSLA.", {"$NVDA": "nvidia", "$TSLA": "tesla"}),
    Trap("an amount is no cashtag", "It costs $A 20, or $5 F and $T 3.", never=("$A", "$F", "$T")),
    Trap("a code of another market", "The ASX: TGT line is old. It was (ASX: AAPL) in a joke.", never=("TGT", "AAPL")),
    Trap("codes alone", "The best were (NYSE: KO) and 7203.T today.", {"KO": "coca-cola", "7203.T": "toyota"}),
    # Indices
    Trap("index names", "The S&P 500 and the Nasdaq Composite rose; the Dow Jones Industrial Average fell.", {"S&P 500": "s-and-p-500", "Nasdaq Composite": "nasdaq-composite", "Dow Jones Industrial Average": "dow-jones-industrial-average"}),
    Trap("the Dow", "The Dow fell 300 points, and Dow Inc. lost 2%.", {"Dow Inc.": "dow"}, may={"Dow": "dow-jones-industrial-average"}),
    Trap("Hang Seng", "The Hang Seng Index fell 2%. Hang Seng Bank rose.", {"Hang Seng Index": "hang-seng-index", "Hang Seng Bank": "hang-seng-bank"}),
    Trap("Shanghai Composite", "The Shanghai Composite gained 1% in Shanghai.", {"Shanghai Composite": "shanghai-composite"}),
    # Headlines and shouting
    Trap("a headline in capitals at each word", "Apple Inc. fell.", {"Apple": "apple", "Apple Inc.": "apple"}, title="Apple Falls After Weak Phone Sales Hit Shares"),
    Trap("a headline of ordinary words", "Prices fell.", title="Target Gap Shell Total Visa Rules Next For Orange Growers", never=("Target", "Gap", "Shell", "Total", "Visa", "Next", "Orange")),
    Trap("all capitals", "INTEL AND QUALCOMM SHARES FALL AS CHIP SALES SLOW.", {"INTEL": "intel", "QUALCOMM": "qualcomm"}),
    Trap("all capitals, ordinary words", "TARGET DATE FOR TALKS SET; GAP IN BUDGET REMAINS TOTAL MYSTERY.", never=("TARGET", "GAP", "TOTAL")),
    Trap("shouting lines of an agency", "TOYOTA MOTOR CORP SAYS WILL CUT OUTPUT\n\nToyota will cut output.", {"TOYOTA MOTOR CORP": "toyota", "Toyota": "toyota"}),
    # Possessives, hyphens, ends of sentences
    Trap("possessives", "Tesla's sales fell. Boeing's and Airbus' orders rose.", {"Tesla": "tesla", "Boeing": "boeing", "Airbus": "airbus"}),
    Trap("hyphens", "The Tesla-made car and a Hong Kong-listed firm. An ex-Google engineer spoke.", {"Tesla": "tesla"}, may={"Google": "alphabet"}),
    Trap("a name inside a hyphened one", "Coca-Cola sold water; a Shell-Mex advert hung there.", {"Coca-Cola": "coca-cola"}, never=("Shell",)),
    Trap("a name at the end", "He works for Nvidia. Samsung is next.", {"Nvidia": "nvidia", "Samsung": "samsung-electronics"}),
    # Names inside longer ones
    Trap("Intel inside a longer name", "The Intel Foundation and the Toyota Museum gave money.", never=("Intel", "Toyota")),
    Trap("Tencent Music", "Tencent Music Entertainment Group listed its shares.", may={"Tencent Music Entertainment Group": "tencent-music"}, never=("Tencent",)),
    Trap("China Association", "The China Semiconductor Industry Association met the Semiconductor Industry Association.", {"China Semiconductor Industry Association": "china-semiconductor-industry-association", "Semiconductor Industry Association": "semiconductor-industry-association"}),
    Trap("an association of another country", "The Korea Semiconductor Industry Association asked for help.", may={"Korea Semiconductor Industry Association": "korea-semiconductor-industry-association"}, never=("Semiconductor Industry Association",)),
    Trap("Ford Foundation", "The Ford Foundation paid for the study.", may={"Ford Foundation": "ford-foundation"}, never=("Ford",)),
    Trap("Oxford Street", "Crowds filled Oxford Street, Wall Street and Bond Street.", never=("Oxford", "Bond")),
    Trap("Shell Beach", "Boats left Shell Beach for Orange Bay.", never=("Shell", "Orange")),
    Trap("Apple Daily", "The newspaper Apple Daily closed in Hong Kong.", may={"Apple Daily": "apple-daily"}, never=("Apple",)),
    Trap("Air Delta", "Bangladesh's Delta Life Insurance paid claims.", never=("Delta",)),
    Trap("Time Warner", "Warner Bros. Discovery Inc. sold a studio. John Warner was a senator.", {"Warner Bros. Discovery Inc.": "warner-bros-discovery"}, never=("John Warner",)),
    # Titles behind an institution, places of a company's name, people of a known name
    Trap("a governor behind a bank", "Bank of England Governor Andrew Bailey said rates will fall.", {"Bank of England": "bank-of-england", "Andrew Bailey": "andrew-bailey"}),
    Trap("a chief behind a bank", "Bank of America CEO Brian Moynihan said profit rose.", {"Bank of America": "bank-of-america", "Brian Moynihan": "brian-moynihan"}),
    Trap("a governor behind a long name", "Reserve Bank of Australia Governor Michele Bullock spoke on Tuesday.", {"Reserve Bank of Australia": "reserve-bank-of-australia", "Michele Bullock": "michele-bullock"}),
    Trap("Volvo and its sibling", "Volvo jumped 5% on strong truck orders; Volvo Cars sank.", {"Volvo Cars": "volvo-cars"}, may={"Volvo": "volvo"}),
    Trap("Phoenix the town", "In Phoenix, Arizona, shops closed. Phoenix residents slept in libraries. Phoenix Group shares rose.", {"Phoenix Group": "phoenix-group"}, never=("Phoenix",)),
    Trap("Norfolk the county", "Norfolk police closed the road to Norfolk airport. Norfolk Southern said trains ran.", {"Norfolk Southern": "norfolk-southern"}, never=("Norfolk",)),
    Trap("Santander the town", "Santander, a city in Spain, was flooded.", never=("Santander",)),
    Trap("two called Merck", "Merck, known as MSD outside the United States and Canada, and Germany's Merck KGaA settled.", {"Merck KGaA": "merck-kgaa"}, may={"Merck": "merck-and-co", "MSD": "merck-and-co"}),
    Trap("a baker", "Michael Miebach, who works at a bakery in Bonn, won the lottery.", never=("Michael Miebach",)),
    Trap("a teacher", "David Solomon, a teacher in Leeds, won a prize. Solomon said that he was happy.", never=("David Solomon", "Solomon")),
    Trap("a defender", "Greg Abel, a defender, was injured in training.", never=("Greg Abel",)),
    Trap("a boy", "Doug McMillon, 14, of Bath swam the channel.", never=("Doug McMillon",)),
    Trap("a scorer", "Lee Jae-myung of Suwon FC scored twice.", never=("Lee Jae-myung",)),
    Trap("an age and an office", "Goldman Sachs Chief Executive David Solomon, 62, spoke. Solomon said deals would follow.", {"Goldman Sachs": "goldman-sachs", "David Solomon": "david-solomon", "Solomon": "david-solomon"}),
    Trap("daughters", "He lives with his daughters Mercedes and Chanel in Paris.", never=("Mercedes", "Chanel")),
    Trap("grandchildren", "She has two grandchildren, Porsche and Lincoln.", never=("Porsche", "Lincoln")),
    Trap("shock and travel", "Shell-shocked villagers came home. Travelers were stranded. Travelers said they had waited for hours.", never=("Shell", "Travelers")),
    Trap("SIA the airline", "Singapore Airlines posted a record profit. SIA said demand was strong.", {"Singapore Airlines": "singapore-airlines", "SIA": "singapore-airlines"}),
    Trap("Woolworths of South Africa", "In South Africa, Woolworths Holdings rose 3%.", {"Woolworths Holdings": "woolworths-holdings"}),
    # One name, a firm and an index, an exchange or a town
    Trap("Nasdaq the firm", "Nasdaq Inc said profit rose. Nasdaq Inc. will hire.", {"Nasdaq Inc": "nasdaq-inc", "Nasdaq Inc.": "nasdaq-inc"}),
    Trap("Nasdaq the index", "The Nasdaq fell 2% on Monday, and the S&P 500 rose.", {"Nasdaq": "nasdaq-composite", "S&P 500": "s-and-p-500"}),
    Trap("Nasdaq the exchange", "The shares were listed on Nasdaq in May.", {"Nasdaq": "nasdaq-stock-market"}),
    Trap("the Dow Jones", "The Dow Jones rose 200 points.", {"Dow Jones": "dow-jones-industrial-average"}),
    Trap("Dow Jones the publisher", "Dow Jones said it would buy a newspaper.", {"Dow Jones": "dow-jones-and-company"}),
    Trap("Zurich among insurers", "Allianz, Zurich and AXA raised premiums.", {"Allianz": "allianz", "Zurich": "zurich-insurance", "AXA": "axa"}),
    Trap("insurers such as Zurich", "Insurers such as Zurich and Swiss Re fell.", {"Zurich": "zurich-insurance", "Swiss Re": "swiss-re"}),
    Trap("Zurich named in full", "Zurich Insurance Group said profit rose. Zurich said claims fell.", {"Zurich Insurance Group": "zurich-insurance", "Zurich": "zurich-insurance"}),
    Trap("Zurich the town", "The bank has offices in London, Zurich and Geneva.", {"Zurich": "zurich"}),
    Trap("the town of an insurer", "Zurich Insurance said its staff in Zurich will move.", {"Zurich Insurance": "zurich-insurance", "Zurich": "zurich"}),
    Trap("a firm and its country", "Shares of Nokia, Finland, rose 3%.", {"Nokia": "nokia"}),
    Trap("shares of the listed one", "Geely shares rose 3%.", {"Geely": "geely-automobile"}),
    Trap("Woolworths by its form", "Woolworths Holdings said sales rose. Woolworths Group did not.", {"Woolworths Holdings": "woolworths-holdings", "Woolworths Group": "woolworths-group"}),
    # Countries behind a name, offices, governments, names in capitals, codes
    Trap("an association of its own country", "The Semiconductor Industry Association of the United States said sales rose.", {"Semiconductor Industry Association": "semiconductor-industry-association"}),
    Trap("an association of Japan", "The Semiconductor Industry Association of Japan said sales rose.", never=("Semiconductor Industry Association",)),
    Trap("an acronym with its president", "SIA president John Neuffer welcomed the law.", {"SIA": "semiconductor-industry-association", "John Neuffer": "john-neuffer"}),
    Trap("a government is its country", "The Chinese government said so. Britain's government agreed.", {"Chinese": "china", "Britain": "united-kingdom"}),
    Trap("officials of a state", "French officials met a Chinese chipmaker.", {"French": "france"}, never=("Chinese",)),
    Trap("a register's capitals", "Zenovia Mining Holdings Ltd. struck gold. Zenovia Mining fell.", {"Zenovia Mining Holdings Ltd.": "zenovia", "Zenovia Mining": "zenovia"}),
    Trap("a code of Copenhagen", "It was the worst day (CPH: NOVO-B) of the year.", {"NOVO-B": "novo-nordisk"}),
    Trap("a code of Shenzhen", "The liquor maker (000858.SZ) gained 4%.", {"000858.SZ": "wuliangye"}),
)  # fmt: skip
