"""What a page is when it is no article: told in several languages, and never of an article."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from articles.ingest.extract import extract_page
from articles.types import ExtractedPage
from tests.shared_data import shared

SENTENCE = (
    "The harbour master said on Thursday that the ferries would sail again before the end of the week. "
)
LINKS = "".join(
    f"<li><h3><a href='/news/{n}'>Headline number {n} tells of a ferry and its crew</a></h3></li>"
    for n in range(20)
)
FREE = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": %s}</script>'


def _read(body: str, head: str = "", url: str = "https://post.example/2026/ferry") -> ExtractedPage:
    return extract_page(f"<html><head>{head}</head><body>{body}</body></html>", url=url)


def _story(sentences: int) -> str:
    return (
        "<article>"
        + "".join(f"<p>On day {n}: {SENTENCE * 2}</p>" for n in range(sentences // 2))
        + "</article>"
    )


@pytest.mark.parametrize(
    ("kind", "head", "body"),
    [
        ("challenge", "<title>Just a moment...</title>", "<p>Checking your browser before accessing the site.</p>"),
        ("challenge", "<title>Attention Required! | Cloudflare</title>", "<h1>Sorry, you have been blocked</h1>"),
        ("challenge", "<title>Zugriff verweigert</title>", "<p>Bitte bestätigen Sie, dass Sie kein Roboter sind.</p>"),
        ("challenge", "<title>post.example</title>", "<p>Vérification que vous êtes humain</p><div class=h-captcha></div>"),
        ("challenge", "<title>Post</title>", "<p>You need to enable JavaScript to run this app.</p>"),
        ("challenge", "<title>Post</title>", "<noscript>Por favor, active JavaScript para continuar</noscript><div id=root></div>"),
        ("challenge", "<title>安全验证</title>", "<p>请完成验证</p>"),
        ("challenge", "", "<div id=px-captcha></div>"),
        ("missing", "<title>Page not found | Harbour Post</title>", "<p>Try the search.</p>"),
        ("missing", "<title>404</title>", "<h1>Oops!</h1>"),
        ("missing", "<title>Post</title>", "<h1>Seite nicht gefunden</h1><p>Zurück zur Startseite</p>"),
        ("missing", "<title>Page introuvable - Le Port</title>", "<p>Retour</p>"),
        ("missing", "<title>Post</title>", "<h1>Página no encontrada</h1>"),
        ("missing", "<title>Порт</title>", "<h1>Страница не найдена</h1>"),
        ("missing", "<title>港</title>", "<h1>ページが見つかりません</h1>"),
        (
            "consent",
            "<title>Before you continue</title>",
            "<p>We use cookies and our partners use personal data.</p><button>Reject all</button><p>Accept all</p>",
        ),
        (
            "consent",
            "<title>Datenschutzeinstellungen</title>",
            "<p>Wir und unsere Partner setzen Cookies ein. Alle akzeptieren</p>",
        ),
        (
            "consent",
            "<title>Le Port</title>",
            ("<p>Nos partenaires déposent des cookies. Cookies et données personnelles : tout accepter. "
            "Nos cookies, votre vie privée.</p>"),
        ),
        (
            "consent",
            "<title>Antes de continuar</title>",
            "<p>Usamos cookies. Rechazar todo. Nuestros socios tratan datos personales.</p>",
        ),
        (
            "consent",
            "<title>Post</title>",
            "<p>Cookies, cookies and cookies: accept all. Our partners use personal data. Privacy policy.</p>",
        ),
        ("login", "<title>Log in</title>", "<form><input type=password></form>"),
        ("login", "<title>Anmeldung | Hafenpost</title>", "<form><input type=password></form>"),
        ("login", "<title>Connexion - Le Port</title>", "<form><input type=password></form>"),
        ("login", "<title>Iniciar sesión</title>", "<form><input type=password></form>"),
        ("login", "<title>ログイン</title>", "<form><input type=password></form>"),
        ("video", "<meta property=og:type content=video.other>", "<p>The ferry sails again.</p>"),
        ("video", '<script type="application/ld+json">{"@type": "VideoObject"}</script>', "<p>The ferry.</p>"),
        ("video", '<script type="application/ld+json">{"@type": "ImageGallery"}</script>', "<p>Pictures.</p>"),
        ("video", "<meta property=og:type content=video.movie>", "<p>Die Fähre fährt wieder.</p>"),
        ("video", '<script type="application/ld+json">{"@type": ["VideoObject"]}</script>', "<p>Le bac.</p>"),
        ("index", '<script type="application/ld+json">{"@type": "CollectionPage"}</script>', f"<ul>{LINKS}</ul>"),
        ("index", '<script type="application/ld+json">{"@type": "ItemList"}</script>', f"<ol>{LINKS}</ol>"),
        ("index", "<title>News</title>", f"<ul>{LINKS}</ul>"),
        ("index", "<title>Nachrichten</title>", f"<ul>{LINKS}</ul>"),
        ("index", '<script type="application/ld+json">{"@type": "SearchResultsPage"}</script>', f"<ul>{LINKS}</ul>"),
        ("blocked", "<title>Storm closes the pier</title>", "<h1>Storm closes the pier</h1><p>This content is not available in your region.</p>"),
        ("blocked", "<title>Unavailable for legal reasons</title>", "<p>451: due to GDPR this website is not available in the European Union.</p>"),
        (
            "blocked",
            "<title>Harbour Post</title>",
            ("<h1>451: Unavailable due to legal reasons</h1><p>We recognize you are attempting to access this website from a country belonging to the European "
            "Economic Area (EEA) including the EU which enforces the General Data Protection Regulation (GDPR) and therefore access cannot be granted at this time.</p>"),
        ),
        ("blocked", "<title>Post</title>", "<p>Unfortunately, our website is currently unavailable in most European countries.</p>"),
        ("blocked", "<title>Post</title>", "<p>Sorry, we cannot serve European visitors at the moment.</p>"),
        ("blocked", "<title>Post</title>", "<p>Dieser Inhalt ist in Ihrer Region leider nicht verfügbar.</p>"),
        ("blocked", "<title>Le Port</title>", "<p>Ce contenu n’est pas disponible dans votre pays.</p>"),
        ("blocked", "<title>Puerto</title>", "<p>Este contenido no está disponible en su región.</p>"),
        ("blocked", "<title>Porto</title>", "<p>Questo contenuto non è disponibile nel tuo paese.</p>"),
        ("blocked", "<title>港</title>", "<p>抱歉，您所在的地区无法观看此内容。</p>"),
        ("outage", "<title>Storm closes the pier</title>", "<h1>Storm closes the pier</h1><p>Something went wrong. Please try again later.</p>"),
        ("outage", "<title>Storm closes the pier</title>", "<p>We are down for maintenance. Back soon.</p>"),
        ("outage", "<title>We will be back soon</title>", "<p>Thank you for your patience.</p>"),
        ("outage", "<title>Service unavailable</title>", "<p>The site is under maintenance, please come back in a few minutes.</p>"),
        ("outage", "<title>Scheduled maintenance | Harbour Post</title>", "<p>We are working on it.</p>"),
        ("outage", "<title>Wartungsarbeiten</title>", "<p>Unsere Seite wird gerade gewartet. Bitte versuchen Sie es später.</p>"),
        ("outage", "<title>Post</title>", "<p>Ein Fehler ist aufgetreten. Bitte laden Sie die Seite neu.</p>"),
        ("outage", "<title>Site en maintenance</title>", "<p>Nous revenons très vite.</p>"),
        ("outage", "<title>Puerto</title>", "<h1>Estamos en mantenimiento</h1><p>Volvemos pronto.</p>"),
        ("outage", "<title>Porto</title>", "<h1>Qualcosa è andato storto</h1>"),
        ("outage", "<title>Порт</title>", "<h1>Технические работы</h1>"),
        ("outage", "<title>港</title>", "<p>系统维护中</p>"),
        ("outage", "<title>港</title>", "<h1>ただいまメンテナンス中です</h1>"),
        ("offer", "<title>Storm closes the pier</title>", "<p>Start your free trial. Only $1 for 4 weeks.</p><p>Cancel any time.</p>"),
        ("offer", "<title>Storm closes the pier</title>", "<p>Subscribe now.</p>"),
        ("offer", "<title>Post</title>", "<p>Jetzt 4 Wochen testen</p><p>Jederzeit kündbar</p>"),
        ("offer", "<title>Le Port</title>", "<p>Choisissez votre abonnement.</p><p>Sans engagement.</p>"),
        ("offer", "<title>Puerto</title>", "<p>Elige tu plan.</p><p>Cancela cuando quieras.</p>"),
        ("offer", "<title>Porto</title>", "<p>Scegli il tuo abbonamento.</p><p>Disdici quando vuoi.</p>"),
        ("empty", "", ""),
        ("empty", "", "<div><img src=a.png></div>"),
    ],
)  # fmt: skip
def test_it_names_what_is_no_article(kind: str, head: str, body: str) -> None:
    page = _read(body, head)
    assert page.kind == kind, page.kind_why
    assert page.kind_why.endswith(".")
    assert page.text == page.html == ""
    assert len(page.problems) == 1


@pytest.mark.parametrize(
    ("head", "ending"),
    [
        (FREE % "false", ""),
        (FREE % '"False"', ""),
        ("", "<p>Subscribe to continue reading</p>"),
        ("", "<p>Dieser Artikel ist nur für Abonnenten lesbar.</p>"),
        ("", "<p>Cet article est réservé aux abonnés.</p>"),
        ("", "<p>Contenido exclusivo para suscriptores</p>"),
        ("", "<p>Questo contenuto è un contenuto riservato agli abbonati</p>"),
        ("", "<p>この記事は会員限定です。続きを読むには登録してください。</p>"),
    ],
)
def test_it_keeps_the_free_beginning_of_a_paid_article(head: str, ending: str) -> None:
    page = _read(f"<article><p>{SENTENCE * 2}</p><p>{SENTENCE * 2}</p>{ending}</article>", head)
    assert (page.kind, page.problems) == ("paywall", (page.kind_why,))
    assert page.text.startswith(SENTENCE.strip())
    assert page.kind_why.startswith("Only the beginning is free")


ONE = "<article><h1>{0}</h1><p>{1}</p></article>"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Blocked", "The river was blocked by a barge on Monday, and no ferry left the northern pier."),
        ("Access denied", "Two councillors were kept out of the port authority's meeting on Monday evening."),
        (
            "A street is closed",
            ("Officers saw suspicious activity near the northern pier late on Monday evening. "
            "The pier was closed for two hours and no ferry left the port until midnight."),
        ),
        (
            "Films at sea",
            ("Netflix said on Monday that the new ferry film would be for subscribers only until the end of May. "
            "Cinemas in the port may show it after the summer, the company added."),
        ),
        ("Something went wrong", "The engine of the ferry failed off the northern pier on Monday and it drifted for an hour."),
        ("Under maintenance", "The northern lock will be repaired until May, and ferries will leave from the southern pier."),
        (
            "A film and a law",
            ("The film is unavailable in most European countries because its makers and the network quarrel. "
            "A court in the port will hear both of them on the first Monday in May."),
        ),
        ("A free trial", "The port's ferries can be tried free of charge on Monday, from the first boat until the last one."),
        ("Blockiert", "Ein Lastkahn blockierte am Montag den Fluss, und keine Fähre verließ den nördlichen Hafen."),
        ("Wartungsarbeiten", "Die nördliche Schleuse wird bis Mai erneuert, und die Fähren legen so lange im Süden an."),
    ],
)  # fmt: skip
def test_a_short_story_about_such_things_keeps_its_text(title: str, text: str) -> None:
    page = _read(ONE.format(title, text), f"<title>{title}</title>")
    assert (page.kind, page.kind_why) == ("article", "")
    assert page.text == text


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (
            "<title>Cookie consent is broken, says regulator</title>",
            _story(20) + "<p>We use cookies. Accept all.</p>",
        ),
        ("<title>404 errors rise at the harbour's site</title>", _story(20)),
        ("<title>Just a moment of quiet</title>", _story(20)),
        (FREE % "true", _story(20)),
        (FREE % "false", _story(40)),
        ("<title>Log in to vote</title>", _story(20) + "<form><input type=password></form>"),
        ("<meta property=og:type content=article>", f"<article><p>{SENTENCE}</p></article><ul>{LINKS}</ul>"),
        ("<title>Ferry</title>", _story(20) + "<noscript>Please enable JavaScript</noscript>"),
        ("<title>Ferry</title>", _story(20) + "<div class=g-recaptcha></div><video></video>"),
    ],
)
def test_an_article_with_such_things_about_it_is_an_article(head: str, body: str) -> None:
    page = _read(body, head)
    assert (page.kind, page.kind_why) == ("article", "")
    assert SENTENCE.strip() in page.text


def _pages() -> list[tuple[str, bytes]]:
    folder: Path = shared("extraction")
    gold = json.loads((folder / "scrapinghub/ground-truth.json").read_text("utf-8"))
    return [
        (item["url"], gzip.decompress((folder / f"scrapinghub/html/{key}.html.gz").read_bytes()))
        for key, item in sorted(gold.items())[::4]
    ]


def test_no_page_of_the_shared_articles_is_called_anything_else() -> None:
    kinds = {url: extract_page(page, url=url, content_type="text/html").kind for url, page in _pages()}
    assert not {url: kind for url, kind in kinds.items() if kind not in {"article", "paywall"}}


def test_what_a_paywall_says_is_no_text_of_the_article() -> None:
    for line in (
        "Subscribe to continue reading",
        "Jetzt weiterlesen mit HT Plus",
        "Déjà abonné ? Connectez-vous",
    ):
        page = _read(
            f"<article><p>{SENTENCE * 2}</p><p>{SENTENCE * 2}</p><p>{line}</p></article>", FREE % "false"
        )
        assert page.kind == "paywall"
        assert page.text.endswith(SENTENCE.strip())
        assert ("paywall-line", line) in page.removed
