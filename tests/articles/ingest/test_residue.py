"""Every rule of residue takes the lines it is for, in several languages, and leaves the sentences that look like them."""

from __future__ import annotations

import pytest

from articles.ingest.clean import rule_of
from articles.ingest.residue import OTHER_RULES, RULE_WORDS, RULES
from tests.benchmarks.extraction.residue import MOST_BAD_PAGES, cue_of, look
from tests.shared_data import shared

# By rule: lines that it takes, and lines that look like them and are an article's own.
TABLE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "source-link": (
        (
            "Source link",
            "This article originally appeared on The Harbour Post.",
            "Read the full story here",
            "The post Ferries run again appeared first on Harbour Post.",
            "Der Beitrag Fähren fahren wieder erschien zuerst auf Hafenblatt.",
            "La entrada El puerto reabre apareció primero en El Faro.",
            "阅读原文",
        ),
        (
            "The source of the leak was found on Tuesday.",
            "The article appeared to blame the harbour master.",
            "She read the full report and resigned.",
            "Quelle der Unruhe ist der Hafen.",
        ),
    ),
    "source-credit": (
        ("SOURCE: News agencies", "Quelle: Stadt Halvard", "Fuente: Ayuntamiento de Tessin", "来源：本地网"),
        (
            "Source: Reuters",
            "Quelle: dpa",
            "Sources: two people who saw the letter said it was signed.",
            "来源：新华社",
        ),
    ),
    "back-to-top": (
        ("Back to top", "Back to top button", "Nach oben", "Haut de page", "Volver arriba", "返回顶部"),
        (
            "The club went back to top form.",
            "Back to top of the table went the Mariners.",
            "Nach oben war der Weg versperrt.",
        ),
    ),
    "share": (
        (
            "Share this article",
            "Share on Facebook",
            "Partager sur Twitter",
            "Artikel teilen",
            "Condividi",
            "分享到微信",
        ),
        (
            "Share prices rose.",
            "Share this burden, the minister said.",
            "Partager le fardeau est difficile.",
            "They share the prize.",
        ),
    ),
    "social-buttons": (
        ("Facebook Twitter WhatsApp Email", "Facebook | X | LinkedIn | Copy link", "微信 微博"),
        (
            "Facebook and Twitter fell.",
            "Twitter sued over name",
            "Email servers of the harbour were down.",
        ),
    ),
    "advertisement": (
        (
            "ADVERTISEMENT",
            "Story continues below advertisement",
            "Anzeige",
            "Publicité",
            "Continúa después de la publicidad",
            "L’articolo continua dopo la pubblicità",
            "広告",
        ),
        (
            "Advertisement spending fell 5% in the quarter.",
            "Ads were torn down.",
            "Anzeige wegen Betrugs",
            "The story continues tomorrow.",
        ),
    ),
    "newsletter": (
        (
            "Sign up for our daily newsletter",
            "Subscribe",
            "Hier den Newsletter bestellen",
            "Inscrivez-vous à notre newsletter",
            "Suscríbete a nuestro boletín",
            "Iscriviti alla newsletter",
            "Schrijf je in voor onze nieuwsbrief",
            "There’s plenty more where that came from. Sign up for The Tide today to get the free daily newsletter delivered to your inbox.",
        ),
        (
            "The newsletter of the union named no one.",
            "Sign up or ship out, the captain told his crew.",
            "Newsletter writers were laid off.",
            "El boletín oficial publica hoy la ley.",
        ),
    ),
    "subscribe": (
        (
            "Already a subscriber? Log in",
            "Get the Harbour Post for as little as £5 a month",
            "If you enjoyed this article, please consider joining our members.",
            "Réservé aux abonnés",
            "Contenido exclusivo para suscriptores",
        ),
        (
            "Subscribers left the cable company in droves.",
            "If you enjoyed this summer’s weather, thank the westerlies.",
            "Get out of the harbour, the crews were told.",
            "Start a free port, the committee advised.",
        ),
    ),
    "paywall-line": (
        (
            "Subscribe to continue reading",
            "Jetzt weiterlesen mit HT Plus",
            "Sie sind bereits Abonnent? Anmelden",
            "Abonnez-vous pour lire la suite",
            "¿Ya eres suscriptor? Inicia sesión",
            "Abbonati per continuare a leggere",
        ),
        (
            "Subscribers read the story to the end.",
            "The new film is for subscribers only until May.",
            "Sie sind bereits auf See, sagte der Hafenmeister.",
            "Déjà, le port se vide.",
        ),
    ),
    "copyright": (
        (
            "© 2026 The Post. All rights reserved.",
            "Copyright 2026 The Post",
            "Alle Rechte vorbehalten",
            "© El Faro. Todos los derechos reservados.",
            "版权所有 未经授权不得转载",
        ),
        (
            "© 2026 Associated Press. All rights reserved.",
            "Copyright (2026) AFP. All rights reserved.",
            "The court upheld the copyright of the song.",
            "(c) Reuters 2026",
        ),
    ),
    "reprints": (
        (
            "Order Reprints",
            "This copy is for your personal, non-commercial use only. To order copies visit the desk.",
            "No part of this publication may be reproduced without permission.",
        ),
        (
            "This copy of the Magna Carta is for sale.",
            "Order returned to the harbour.",
            "This material may not be safe, the agency said.",
        ),
    ),
    "tags": (
        ("Tags: chips, trade", "Filed under: Asia", "Themen: Hafen, Handel", "Mots-clés : port, grève", "标签：港口"),
        (
            "Tags: no longer allowed on crates, the harbour said.",
            "Topics ranged from tariffs to tides.",
            "Themen gab es genug.",
            "Keywords matter.",
        ),
    ),
    "comments": (
        ("Leave a comment", "12 Comments", "Kommentar schreiben", "Deja una respuesta", "3 reacties", "コメント (4)"),
        (
            "Comments by the governor moved the market.",
            "No comments were made by the court.",
            "Le commentaire a déplu au ministre.",
        ),
    ),
    "page-tools": (
        ("Print this article", "Text size", "Artikel drucken", "Imprimir", "Écouter l’article", "打印"),
        (
            "Print media lost readers.",
            "Save the harbour, they shouted.",
            "Listen to the sea.",
            "Close to the quay",
        ),
    ),
    "page-messages": (
        (
            "An error has occurred, please try again later.",
            "Thank you",
            "This article has been sent to",
            "Ein Fehler ist aufgetreten.",
            "加载中",
        ),
        (
            "An error of judgement cost him the post.",
            "Thank you, he told the crews.",
            "Loading of the ship took a day.",
        ),
    ),
    "previous-next": (
        ("Previous post: Rates rise", "Next article", "Nächster Artikel", "Article suivant", "上一篇：港口关闭"),
        (
            "Next came the ferry.",
            "Previous talks failed.",
            "Der nächste Artikel des Gesetzes gilt ab Mai.",
        ),
    ),
    "reading-time": (
        ("3 min read", "Reading time: 4 minutes", "Tempo de leitura: 1 minuto", "Lesezeit: 3 Minuten", "読了時間: 3分"),
        (
            "It took a minute to read.",
            "Reading time to a child helps, she said.",
            "Lesezeit ist Familienzeit, sagt sie.",
        ),
    ),
    "follow": (
        (
            "Follow us on Twitter",
            "Like us on Facebook",
            "Follow the Opinion section on Facebook and Twitter (@postopinion).",
            "Follow full coverage of the strike at https://post.example/strike",
            "Suivez-nous sur Instagram",
            "Síguenos en Facebook",
            "Download our free app",
        ),
        (
            "Follow the money, he said.",
            "Follow the band on Facebook, Twitter and Instagram.",
            "Find joy in small things.",
            "Like the tide, prices fell.",
        ),
    ),
    "contact": (
        (
            "Write to Ann Li at ann.li@post.example",
            "Email Ann Li at ann.li@post.example or follow her @annli. Follow us on Twitter @post.",
            "Reach the reporters on Twitter at https://twitter.com/annli",
            "Ann Li’s book about tides, “Slack Water”, is out now. Follow her on Twitter @annli.",
            "ann.li@post.example",
            "홍길동 기자 hong@post.example",
        ),
        (
            "Write to your member of parliament, she urged.",
            "Contact with the ferry was lost at noon.",
            "The mayor said he would follow her on foot.",
        ),
    ),
    "contributors": (
        (
            "(Reporting by Ann Li, with reporting by Bo Chen; editing by Cy Dow.)",
            "Additional reporting by Bo Chen",
            "The Post’s Ann Li contributed to this report.",
            "Con información de Ana Ruiz",
            "责任编辑：王小明",
        ),
        (
            "The report by Ann Li was praised.",
            "Heavy rain contributed to this week’s delays.",
            "Contributing: Bo Chen",
            "Reporting is a craft.",
        ),
    ),
    "cookies": (
        ("Please enable JavaScript to view this page", "This site uses cookies", "Diese Seite verwendet Cookies"),
        ("She bakes cookies.", "The café uses local flour.", "Cookies were sold on the quay."),
    ),
    "feedback": (
        ("Have a tip? Tell us", "Report an error", "Fehler gefunden?", "Signaler une erreur"),
        ("The report blamed an error.", "Have a heart, he begged.", "The tip of the mast broke."),
    ),
    "credit-line": (
        ("Photo: Agency", "(AP Photo/Ann Li)", "Foto: Stadt Halvard", "Crédit photo : Port", "写真：県警"),
        (
            "Photo albums floated in the water.",
            "Foto oder nicht: das zählt.",
            "Getty said no.",
            "Image matters: ask any mayor.",
        ),
    ),
    "views": (
        ("1,234 views", "Views: 900", "1.234 Aufrufe", "阅读 1234"),
        ("Views differ.", "300 views were heard at the meeting.", "Vues de loin, les îles brillent."),
    ),
    "rate-this": (
        ("Rate this article", "Was this article helpful", "War dieser Artikel hilfreich?"),
        ("Rate cuts help.", "Was this the end?", "The rate this year is lower."),
    ),
    "read-more": (
        (
            "Read more: Ferries run again",
            "Related: Seven harbours that closed",
            "Lesen Sie auch: Hafen wieder offen",
            "Lire aussi : Le port rouvre",
            "Lee también: El puerto reabre",
            "Leggi anche: Riapre il porto",
            "Leia também: Porto reabre",
            "Lees ook: Haven weer open",
            "延伸阅读：港口重开",
            "Harbour master resigns [VIDEO]",
        ),
        (
            "Read more books, the teacher said.",
            "Related: the two men are cousins, the court heard.",
            "Opinion: divided.",
            "Watch this space, she said.",
        ),
    ),
    "labelled-address": (
        ("Listen: https://post.example/1", "More NBA: https://a.example/nba and https://b.example/nba", "iTunes: http://x.example/9"),
        (
            "The plan is at https://post.example/plan",
            "Tickets: from 12 euros",
            "See https://post.example/plan: it names the quay.",
        ),
    ),
    "click-here": (
        ("Click here to subscribe", "Click here for more", "Klicken Sie hier, um den Newsletter zu bestellen", "Cliquez ici pour voir"),
        (
            "Click here to get the file or download this game.",
            "The click here of the lock was faint",
            "A click, here and there, broke the silence.",
        ),
    ),
    "broadcast": (
        (
            "Listen to the Tide live at 12:45 and 17:45 weekdays - or listen back here.",
            "Catch The Tide weeknights at 9",
            "Subscribe to The Tide on Apple Podcasts",
        ),
        (
            "Watch the tide every day, the master said.",
            "Listen to the crews, not to me.",
            "Subscribe or leave.",
        ),
    ),
    "stamp": (
        (
            "Updated at 1:23 p.m.",
            "Last updated: 12 March 2026, 10:30 GMT",
            "Zuletzt aktualisiert am 12.03.2026, 10:30 Uhr",
            "Publié le 12 mars 2026 à 10h30",
            "Actualizado: 12/03/2026 10:30",
            "Pubblicato il 12 marzo 2026",
            "发布时间：2026年3月12日",
            "05/10/2026 - Publicado por: Ana Ruiz - Categoria: Mar",
        ),
        (
            "Updated figures come out on 12 March.",
            "Published in 1926, the book made her name.",
            "Stand 3 war geschlossen.",
        ),
    ),
    "dateline": (
        (
            "March 12, 2026",
            "2 hours ago",
            "quinta-feira, 12 de março de 2026 às 20:13",
            "Donnerstag, 12. März 2026, 10:30 Uhr",
            "5:45 AM PST 11/19/2026 by Ann Li",
            "vor 3 Stunden",
            "2026年3月12日 10:30",
        ),
        ("10 p.m.", "In March 2026 the quay fell.", "May 12 people sail?", "100"),
    ),
    "page-address": (
        ("https://post.example/ferries", "www.post.example", "http://post.example"),
        ("See post.example", "https://a.example and more", "The site www.post.example was down."),
    ),
    "breadcrumb": (
        ("Home > World > Asia", "Startseite / Hafen", "Accueil > Monde", "首页 > 新闻"),
        ("Home is where the harbour is.", "Home > away?" * 30, "Inicio de la huelga"),
    ),
}  # fmt: skip


def test_every_rule_has_its_lines_and_its_near_misses() -> None:
    assert set(TABLE) == {rule.id for rule in RULES}
    for name, (takes, leaves) in TABLE.items():
        assert min(len(takes), len(leaves)) >= 3, name


def test_every_rule_says_what_it_takes_in_words() -> None:
    assert all(RULE_WORDS[rule.id] for rule in RULES)
    assert not {rule.id for rule in RULES} & {name for name, _ in OTHER_RULES}
    assert max(map(len, RULE_WORDS)) <= 40  # the column that names those switched off


@pytest.mark.parametrize(
    ("name", "line"), [(name, line) for name, (takes, _) in TABLE.items() for line in takes]
)
def test_a_rule_takes_its_line(name: str, line: str) -> None:
    others = [rule.id for rule in RULES if rule.id != name] + ["byline"]
    assert rule_of(line, is_before_text=True, rules_off=others) == name
    assert rule_of(line, is_before_text=True, rules_off=[name]) != name


@pytest.mark.parametrize(
    ("name", "line"), [(name, line) for name, (_, leaves) in TABLE.items() for line in leaves]
)
def test_a_line_that_looks_like_residue_is_the_articles_own(name: str, line: str) -> None:
    assert rule_of(line, is_before_text=True) == ""


def test_what_stands_only_above_a_text_is_left_below_it() -> None:
    for rule in RULES:
        if rule.is_head_only:
            for line in TABLE[rule.id][0]:
                assert rule_of(line, is_before_text=False) != rule.id, line


def test_what_somebody_says_stays_whatever_it_says() -> None:
    for line in ("“Share this article”", '"Follow us on Twitter"', "«Abonnieren»", "「返回顶部」"):
        assert rule_of(line, is_before_text=True) == ""


def test_pages_of_real_news_keep_no_residue_and_lose_no_line() -> None:
    pages, kept, lost = look(shared("extraction/scrapinghub"))
    bad = {line.page: line.line for line in kept if line.cue}
    assert pages > 100
    assert len(bad) <= MOST_BAD_PAGES, bad
    assert lost == []


@pytest.mark.parametrize(
    "line",
    [
        line
        for takes, _ in TABLE.values()
        for line in takes
        if line.isascii() and not line.startswith("ann.li")
    ],
)
def test_the_list_of_the_benchmark_sees_what_the_rules_take(line: str) -> None:
    assert cue_of(line)
