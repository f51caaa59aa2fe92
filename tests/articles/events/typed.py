"""Short headlines and first sentences with the sort of event that a person would call them; all written for these tests."""

from __future__ import annotations

from articles.events.event_types import EventType

TOLD: tuple[tuple[EventType, str, str], ...] = (
    # partnership or agreement
    (
        "agreement",
        "Two chip associations agree to work together",
        "The Norland Chip Association said on Thursday it will form a working group with its Sudmark counterpart.",
    ),
    (
        "agreement",
        "Harlow and Orne team up on electric ferries",
        "Carmaker Harlow Motors and Orne Shipping announced a partnership to develop battery ferries for the coast.",
    ),
    (
        "agreement",
        "Norland, Sudmark sign fishing treaty after nine years of talks",
        "Ministers of both countries put their names to the accord in Halvard.",
    ),
    (
        "agreement",
        "Tessin Air joins forces with rival on airport lounges",
        "The two airlines will share lounges in eleven cities under a cooperation agreement.",
    ),
    (
        "agreement",
        "Government reaches deal with nurses on pay",
        "The health ministry and the nurses' union reached an agreement on a four percent rise, ending months of negotiations.",
    ),
    (
        "agreement",
        "Sudmark and Westland restore diplomatic ties",
        "The neighbours agreed to reopen their embassies after a decade of silence.",
    ),
    (
        "agreement",
        "University and drugmaker collaborate on malaria research",
        "The partnership will fund twelve laboratories over five years.",
    ),
    (
        "agreement",
        "Nations strike climate accord at Halvard summit",
        "Delegates from ninety countries reached an agreement to cut methane.",
    ),
    (
        "agreement",
        "Norland signs memorandum of understanding with port operator",
        "The memorandum covers training and safety.",
    ),
    (
        "agreement",
        "Bank and phone company set up joint venture for payments",
        "Tessin Bank and Orbit Mobile will each hold half of the new company.",
    ),
    (
        "agreement",
        "Truce talks end with ceasefire agreement in Karst",
        "Both sides signed an agreement to stop fighting on Sunday.",
    ),
    # regulation or sanction
    (
        "regulation",
        "Norland imposes sanctions on two Sudmark banks",
        "The finance ministry froze the assets of both lenders on Monday.",
    ),
    (
        "regulation",
        "Parliament passes law against single-use plastic",
        "The bill was approved by 188 votes to 40 and takes effect in June.",
    ),
    (
        "regulation",
        "Regulator blocks sale of flavoured vapes",
        "The health regulator said the ban will apply to all shops.",
    ),
    (
        "regulation",
        "Sudmark raises tariffs on steel to 30 percent",
        "The trade ministry said the measure protects local mills.",
    ),
    (
        "regulation",
        "Watchdog proposes tougher rules for crypto exchanges",
        "Firms would have to hold more capital under the draft rules.",
    ),
    (
        "regulation",
        "Central bank raises interest rates by half a point",
        "The bank of Norland said inflation remains too high.",
    ),
    (
        "regulation",
        "City bans cars from old town",
        "The council approved the ban on Tuesday after a long debate.",
    ),
    (
        "regulation",
        "President signs executive order on drone flights",
        "The order restricts flights near airports.",
    ),
    (
        "regulation",
        "Westland puts chipmaker on export blacklist",
        "Suppliers will need a licence to sell to the company.",
    ),
    (
        "regulation",
        "Senate votes on bill to cap drug prices",
        "Lawmakers approved the legislation late on Friday.",
    ),
    (
        "regulation",
        "Norland tightens export controls on lasers",
        "The restrictions cover eleven kinds of equipment.",
    ),
    # appointment or departure
    (
        "appointment",
        "Harlow Motors names Anna Berg chief executive",
        "Berg, 48, succeeds Jon Dale, who retires in May.",
    ),
    (
        "appointment",
        "Finance minister of Sudmark resigns",
        "The minister stepped down on Tuesday after losing the support of his party.",
    ),
    (
        "appointment",
        "Tessin Air chief to step down after loss of licence",
        "Chief executive Rolf Lindt will leave the airline in autumn.",
    ),
    (
        "appointment",
        "Orne Shipping appoints former admiral to its board",
        "The company said the admiral joins as a director in June.",
    ),
    (
        "appointment",
        "Football club sacks coach after seven defeats",
        "The club said an assistant would take over as interim coach.",
    ),
    (
        "appointment",
        "President nominates judge for top court",
        "If confirmed, she will replace a justice who retired in spring.",
    ),
    (
        "appointment",
        "Bank poaches rival's head of trading",
        "Tessin Bank hired Mara Voss as head of its trading division.",
    ),
    (
        "appointment",
        "Founder of Orbit Mobile quits as chairman",
        "The founder left the role with immediate effect, the company said.",
    ),
    (
        "appointment",
        "New governor of central bank takes office",
        "Lena Hart was sworn in as governor on Monday.",
    ),
    (
        "appointment",
        "Editor of Harbour Post ousted by owners",
        "The newspaper said its deputy editor will succeed him as editor.",
    ),
    (
        "appointment",
        "Ambassador to Westland recalled and replaced",
        "The ministry named a new ambassador on Friday.",
    ),
    # deal
    (
        "deal",
        "Harlow Motors to buy battery maker for $2 billion",
        "The carmaker agreed to acquire Volta Cells in cash.",
    ),
    (
        "deal",
        "Tessin Bank and Norland Savings to merge",
        "The merger creates the country's third largest lender.",
    ),
    (
        "deal",
        "Orne Shipping sells ferry unit to pension fund",
        "The company sold the division for 900 million crowns.",
    ),
    (
        "deal",
        "Private equity firm makes takeover bid for supermarket chain",
        "The offer values the chain at 3.1 billion pounds.",
    ),
    (
        "deal",
        "Orbit Mobile raises $300 million in funding round",
        "The startup said investors valued it at $4 billion.",
    ),
    (
        "deal",
        "Shoemaker plans stock market listing in spring",
        "The initial public offering could raise 500 million euros.",
    ),
    (
        "deal",
        "Sovereign fund takes stake in Tessin Air",
        "The fund bought a 9 percent stake from the founding family.",
    ),
    ("deal", "Brewer snaps up rival's soft drinks business", "The purchase adds eleven brands."),
    ("deal", "Harlow wins $1.2 billion order for army trucks", "The contract covers 4,000 vehicles."),
    (
        "deal",
        "Chemical maker spins off its paint business",
        "Shareholders will get one share of the new company for every five.",
    ),
    (
        "deal",
        "Media group drops plan for acquisition of studio",
        "The company ended talks on the takeover, two people said.",
    ),
    # results
    (
        "results",
        "Harlow Motors' quarterly profit rises 18 percent",
        "The carmaker reported net income of 410 million for the third quarter.",
    ),
    (
        "results",
        "Tessin Air posts first annual loss in nine years",
        "Revenue fell by a fifth as fuel grew dearer.",
    ),
    ("results", "Orbit Mobile beats earnings estimates", "Sales in the second quarter rose to $1.1 billion."),
    (
        "results",
        "Retailer cuts profit outlook after weak Christmas",
        "The company lowered its guidance for the full year.",
    ),
    (
        "results",
        "Bank's fourth-quarter earnings miss expectations",
        "Net income dropped to 88 million from 140 million.",
    ),
    ("results", "Brewer lifts dividend as sales climb", "Half-year revenue grew 7 percent."),
    (
        "results",
        "Chipmaker swings to profit on phone demand",
        "The company reported an operating profit of 61 million.",
    ),
    ("results", "Toymaker issues profit warning", "Annual earnings will fall short of forecasts, it said."),
    (
        "results",
        "Airline's revenue doubles in first half",
        "Pre-tax profit was 31 million crowns in the half year.",
    ),
    ("results", "Orne Shipping reports record earnings for 2020", "Net profit more than tripled."),
    # price move
    (
        "price_move",
        "Shares of Harlow Motors jump 12 percent",
        "The stock rose as much as 14% in Halvard trading.",
    ),
    (
        "price_move",
        "Oil falls below $60 as supply grows",
        "Brent crude dropped 3 percent to a two-month low.",
    ),
    (
        "price_move",
        "Stocks slide on fears of higher rates",
        "The index lost 2.4% in its worst day since June.",
    ),
    ("price_move", "Gold hits record high", "Bullion rose 1.2% as investors sought safety."),
    (
        "price_move",
        "Wall Street ends higher as tech rallies",
        "The Nasdaq gained 1.8 percent and the Dow 0.6 percent.",
    ),
    (
        "price_move",
        "Crown weakens against euro",
        "The currency fell to its lowest since 2009, the dollar rose.",
    ),
    (
        "price_move",
        "Bitcoin plunges 20% in a day",
        "Traders fled the cryptocurrency after an exchange failed.",
    ),
    (
        "price_move",
        "Chip stocks surge after association's statement",
        "Shares of three makers rose at least 10 percent in Hong Kong.",
    ),
    ("price_move", "Wheat prices soar to ten-year high", "Futures climbed 6 percent on drought."),
    (
        "price_move",
        "Tessin Bank shares tumble in early trade",
        "The stock sank 9% after the chairman's remarks.",
    ),
    # product
    ("product", "Orbit unveils folding phone", "The smartphone goes on sale in May for $900."),
    (
        "product",
        "Harlow launches its first electric SUV",
        "The new model travels 500 kilometres on one charge.",
    ),
    ("product", "Toymaker recalls 80,000 dolls", "The product recall follows reports of loose parts."),
    (
        "product",
        "Streaming service rolls out new app for children",
        "The app is available in nine countries.",
    ),
    ("product", "Studio releases trailer for space film", "The film opens in cinemas in July."),
    (
        "product",
        "Software maker ships new version of its browser",
        "The update brings new features for tabs.",
    ),
    ("product", "Game maker reveals console without discs", "The console will be sold from November."),
    ("product", "Brewer introduces drink without alcohol", "The drink will be on shelves next week."),
    (
        "product",
        "Drugmaker launches vaccine for dogs",
        "The product is the first of its kind, the company said.",
    ),
    ("product", "Watchmaker debuts smart watch for divers", "The device measures depth and pulse."),
    # accident
    (
        "accident",
        "Train derails near Halvard, eleven hurt",
        "Four carriages left the track in the early morning.",
    ),
    (
        "accident",
        "Earthquake of magnitude 6.8 shakes northern Sudmark",
        "Rescuers searched for survivors under the rubble.",
    ),
    ("accident", "Ferry capsizes off Orne, dozens missing", "The coast guard rescued thirty passengers."),
    ("accident", "Fire kills six in apartment block", "Firefighters put out the blaze after three hours."),
    (
        "accident",
        "Helicopter crash in mountains leaves four dead",
        "The helicopter went down in fog, officials said.",
    ),
    ("accident", "Floods drive thousands from their homes", "Rivers burst their banks after a week of rain."),
    (
        "accident",
        "Explosion at chemical plant injures twenty",
        "The blast was heard across the city; the cause was an accident, the owner said.",
    ),
    (
        "accident",
        "Bridge collapse cuts off island",
        "Two cars fell into the water when the bridge collapsed.",
    ),
    (
        "accident",
        "Hurricane Mira makes landfall",
        "The storm destroyed houses and cut power to 300,000 people.",
    ),
    (
        "accident",
        "Bus plunges into ravine, killing 14",
        "The driver lost control in the rain, police said of the accident.",
    ),
    ("accident", "Power outage stops trains across capital", "The blackout lasted five hours."),
    # legal action
    ("legal", "Orbit Mobile sues rival over patents", "The lawsuit was filed in a court in Halvard."),
    ("legal", "Former banker sentenced to six years for fraud", "A jury had found him guilty in March."),
    ("legal", "Court rules against airline in dispute over fees", "The judges said the fees were illegal."),
    (
        "legal",
        "Police arrest mayor in bribery probe",
        "Prosecutors accuse him of taking money from builders.",
    ),
    (
        "legal",
        "Drugmaker settles opioid lawsuit for $500 million",
        "The settlement ends claims of eleven states.",
    ),
    ("legal", "Prosecutors charge trader with insider dealing", "The indictment lists nine trades."),
    ("legal", "Supreme court to hear case on voting districts", "The justices will decide by June."),
    ("legal", "Judge blocks ban on messaging app", "The court ruling came hours before the ban."),
    ("legal", "Actress testifies in trial of producer", "The defendant denies the charges."),
    (
        "legal",
        "Retail chain files for bankruptcy",
        "The company asked a court for protection from creditors.",
    ),
    ("legal", "Investigators raid offices of carmaker", "Prosecutors are looking into allegations of fraud."),
    # election
    (
        "election",
        "Governing party wins parliamentary election in Sudmark",
        "The party took 61 of 120 seats, with most votes counted.",
    ),
    (
        "election",
        "Polls open in Norland's presidential election",
        "Some nine million voters are called to the ballot.",
    ),
    ("election", "Senator announces run for president", "She joins five other candidates."),
    (
        "election",
        "Opposition candidate concedes defeat",
        "The election commission said turnout was 71 percent.",
    ),
    ("election", "Referendum on island's independence set for May", "Voters will be asked one question."),
    ("election", "Mayor re-elected with narrow majority", "He won 50.4 percent of the vote."),
    (
        "election",
        "Exit polls show close race in Westland",
        "Neither candidate has a majority before the run-off.",
    ),
    (
        "election",
        "Party leader faces voters in televised debate",
        "It was the last debate before Sunday's election.",
    ),
    ("election", "Two frontrunners head to run-off", "No candidate won more than half of the votes."),
    ("election", "Election body orders recount in three districts", "Ballots will be counted again by hand."),
    # conflict
    ("conflict", "Air strikes hit port city in Karst", "At least twelve people were killed, doctors said."),
    ("conflict", "Gunman kills five at shopping centre", "Police said the shooting began near the entrance."),
    ("conflict", "Rebels seize airport as fighting spreads", "Government troops withdrew to the south."),
    ("conflict", "Protesters clash with police in capital", "Officers fired tear gas at the crowd."),
    ("conflict", "Car bomb explodes outside embassy", "No group claimed the attack."),
    ("conflict", "Sudmark fires missile over strait", "The military of Norland called it a threat."),
    ("conflict", "Soldiers stage coup in Karst", "The army said it had taken power and closed the borders."),
    ("conflict", "Rail workers begin three-day strike", "The union wants higher pay."),
    ("conflict", "Militants kidnap eleven students", "Gunmen attacked the school at night."),
    ("conflict", "Ceasefire broken within hours", "Shelling resumed along the front, both armies said."),
    ("conflict", "Troops mass at border of Sudmark", "Westland warned of an invasion."),
    # other
    ("other", "Old lighthouse becomes a library", "Readers can look out over the sea."),
    ("other", "Scientists find oldest map of the northern sky", "The map lay in an attic for two centuries."),
    ("other", "Halvard's harbour museum welcomes millionth visitor", "A family from the north got flowers."),
    ("other", "Runner breaks record on mountain course", "She needed under four hours."),
    ("other", "Why we sleep badly in summer", "Warm nights keep many people awake."),
    ("other", "Heart attack survivors should walk daily, study says", "Doctors followed 900 patients."),
    ("other", "Royal couple expects third child", "The palace said the baby is due in autumn."),
    ("other", "The best soups for cold evenings", "Leeks and barley go a long way."),
    (
        "other",
        "Population of Norland grows to nine million",
        "The statistics office counted more births than deaths.",
    ),
    ("other", "Poet's letters shown for the first time", "The museum opens the exhibition on Sunday."),
    # written after the rules: 20 of these 24 were right at the first look
    (
        "accident",
        "Track worker killed by train in Halvard",
        "The man was hit near the depot on Tuesday night.",
    ),
    ("accident", "Three climbers swept away by avalanche", "Rescue teams found two of them alive."),
    (
        "deal",
        "Tessin Bank in talks to take over smaller rival",
        "Shareholders of the rival would get two shares for each of theirs, people familiar with the matter said.",
    ),
    ("deal", "Farm group buys grain terminal in port of Orne", "The price was not disclosed."),
    (
        "results",
        "Harlow's margins shrink as steel gets dearer",
        "Net profit for the quarter fell to 90 million from 120 million.",
    ),
    ("results", "Orbit Mobile loses more money than expected", "The quarterly loss widened to $61 million."),
    ("price_move", "Investors dump shares of lender", "Its stock closed 17 percent lower in Halvard."),
    ("price_move", "Copper at its dearest in six years", "The metal gained 3 percent on Thursday."),
    (
        "appointment",
        "Chemist to lead Norland's academy of sciences",
        "She was elected president of the academy and takes over in May.",
    ),
    (
        "appointment",
        "Head of fisheries agency out after audit",
        "The minister dismissed the director on Friday.",
    ),
    ("legal", "Actor cleared of assault", "A jury found the actor not guilty after four days."),
    (
        "legal",
        "Phone maker told to pay $90 million over battery patents",
        "The court sided with the inventor.",
    ),
    ("regulation", "Lawmakers back smoking ban in parks", "The bill passed by a wide margin."),
    ("regulation", "Watchdog orders airlines to refund passengers", "The regulator gave them thirty days."),
    (
        "agreement",
        "Carmakers to share charging stations",
        "Harlow and two rivals signed an agreement on a common network.",
    ),
    (
        "agreement",
        "Karst and Sudmark leaders shake hands on gas supplies",
        "The two governments agreed on prices for ten years.",
    ),
    ("product", "Carmaker shows off pickup with solar roof", "The truck goes on sale next summer."),
    ("product", "Search engine gets a night mode", "The feature is available from today."),
    (
        "election",
        "Early count puts Green candidate ahead in Halvard",
        "The mayoral race is decided on Sunday.",
    ),
    ("election", "Premier calls snap vote for June", "Voters go to the polls two years early."),
    ("conflict", "Shells land near hospital in Karst", "Both armies blamed each other for the attack."),
    ("conflict", "Dockers walk out over pensions", "The strike closed three ports."),
    ("other", "Orchestra tours villages by boat", "The musicians play in barns and churches."),
    ("agreement", "Harlow signs three-year supply of green steel", "Orne Steel will deliver from autumn on."),
    ("agreement", "Three banks agree on common payment calendar", "It begins in January."),
    (
        "regulation",
        "Securities regulator extends comment period on filings",
        "Companies get thirty more days.",
    ),
    ("accident", "Data cable between two islands goes dark", "The operator is looking for the fault."),
    ("accident", "Power line snaps over valley", "Nine villages sat without light until noon."),
    ("accident", "Ship sails to broken sea cable", "The repair is expected to take nine days."),
    ("accident", "Water main bursts under market square", "Shops stayed shut."),
    ("accident", "Traders switch lines after break in undersea cable", "Orders went the long way round."),
    ("results", "Cable company breaks even", "Quarterly profit was nine million."),
    ("other", "Why whales sing", "Researchers listened for six winters."),
)
