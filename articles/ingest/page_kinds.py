"""What a page is when it is no article: a list of links, a question, a lock, a check, a film; named with its evidence.

Precision comes first: a page with a text of some length is an article unless several things speak against it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from lxml import etree

from articles.ingest.blocks import Block
from articles.ingest.page_notices import (
    is_outage,
    is_story,
    offer_notice,
    outage_notice,
    region_notice,
    sentences,
    tells_story,
)
from articles.ingest.sanitize import one_line
from articles.types import PageKind

# Characters of text: what is longer was read as an article is; what is shorter may be a notice or a caption.
_ARTICLE, _SHORT, _NOTICE = 1200, 600, 250
# A page that shows so much besides has more to say than a question or a check.
_MOST_OF_NOTICE, _MOST_OF_CHECK = 6000, 2500
_NOTICE_AND_MORE = 500
_LEAST_LINKS, _HEADLINE, _LEAST_CARDS = 12, 25, 6
_MAX_SCANNED = 400_000
_ALL_KINDS_OF_FALSE = re.compile(r'"isAccessibleForFree"\s*:\s*"?\s*(?:false|no|0)\b', re.IGNORECASE)
_TYPES = re.compile(r'"@type"\s*:\s*(?:\[\s*)?"(?:https?://schema\.org/)?(\w+)"')
_ARTICLE_TYPES = re.compile(r"(?:\w*Article|BlogPosting|LiveBlogPosting|Report|Review|Recipe)$")
_LIST_TYPES = frozenset({"CollectionPage", "SearchResultsPage", "ItemList", "ProfilePage"})
_FILM_TYPES = frozenset({"VideoObject", "VideoGallery", "ImageGallery", "MediaGallery", "Clip", "Episode"})
_PLAYERS = re.compile(
    r"youtube(?:-nocookie)?\.com/embed|player\.vimeo\.com|dailymotion\.com/embed|jwplayer|brightcove|video-?player",
    re.IGNORECASE,
)

_CHALLENGE_TITLES = re.compile(
    r"just a moment(?:\.\.\.|…)?|attention required!?(?: \| cloudflare)?|pardon our interruption|are you (?:a|not a) robot\??"
    r"|(?:please )?(?:verify|confirm) (?:that )?you(?:['’]re| are) (?:a |not a )?(?:human|robot).{0,30}|security check(?:point)?|human verification"
    r"|checking your browser.{0,40}|ddos[- ]guard|one more step|bot (?:detection|verification|check)|captcha.{0,30}"
    r"|(?:access|request) (?:to this page has been )?(?:denied|blocked)|blocked|you have been blocked|robot (?:check|or human\??)|vercel security checkpoint"
    r"|un (?:instant|momento)(?:\.\.\.|…)?|einen moment(?:, bitte)?(?:\.\.\.|…)?|sicherheits(?:prüfung|überprüfung)|zugriff (?:verweigert|blockiert)|accès (?:refusé|bloqué)|vérification de sécurité"
    r"|acceso denegado|acesso negado|accesso negato|verificación de seguridad|один момент(?:\.\.\.|…)?|доступ (?:ограничен|запрещ[её]н)|проверка (?:браузера|безопасности)"
    r"|请稍候(?:\.\.\.|…)?|安全验证|人机验证|访问被拒绝|しばらくお待ちください(?:\.\.\.|…)?|アクセスが拒否されました|잠시만 기다려 ?주세요(?:\.\.\.|…)?|보안 확인",
    re.IGNORECASE,
)  # fmt: skip
_CHALLENGE_MARKS = re.compile(
    r"cf[-_]chl|cf-challenge|challenge-platform|challenge-form|challenge-running|cf-error-details|px-captcha|perimeterx|captcha-delivery\.com|geo\.captcha"
    r"|datadome|_incapsula_resource|distil_r_captcha|awswaf|aws-waf|ddos-guard|g-recaptcha|h-captcha|hcaptcha\.com|cf-turnstile|challenges\.cloudflare\.com",
    re.IGNORECASE,
)
_CHALLENGE_WORDS = re.compile(
    r"checking (?:if the site connection is secure|your browser)|verify(?:ing)? (?:that )?you are (?:a )?(?:human|not a robot)|prove (?:that )?you(?:['’]re| are) (?:human|not a robot)"
    r"|(?:unusual|suspicious|automated) (?:traffic|activity|requests?)|needs to review the security of your connection|(?:i['’]m|i am) not a robot|complete the (?:captcha|security check)"
    r"|(?:überprüf|prüf)\w* (?:ihren browser|ob sie ein mensch)|dass sie kein (?:roboter|bot) sind|ungewöhnliche(?:n|r)? (?:aktivität|datenverkehr)"
    r"|vérifi\w+ (?:de votre navigateur|que vous (?:êtes|n['’]êtes pas))|vous n['’]êtes pas un robot|trafic inhabituel"
    r"|(?:verifi\w+|compro\w+) que (?:usted )?(?:no )?(?:eres|es|sea) (?:un )?(?:robot|humano)|no soy un robot|tráfico inusual|não sou um rob[oô]|tráfego incomum|non sono un robot"
    r"|(?:подтвердите|докажите), что вы (?:не робот|человек)|не робот|проверка браузера|确认您?(?:不是机器人|是真人)|验证您是(?:真人|人类)|ロボットではありません|로봇이 아닙니다",
    re.IGNORECASE,
)
# What such a page says besides, and a story whose headline is the same does not.
_REFUSED = re.compile(
    r"\byour (?:browser|ip\b|request|connection|computer|device|network|session|access)|you (?:do not|don['’]t) have (?:permission|access)|you have been blocked|ray id|(?:reference|incident|event|request|support) (?:#|id\b|number)|captcha|enable cookies|site owner|security (?:service|solution)|i am (?:human|not a robot)"
    r"|ihre? (?:ip|browser|anfrage|zugriff|verbindung)|votre (?:adresse ip|navigateur|requête|connexion)|(?:su|tu|seu) (?:ip\b|direcci[óo]n ip|endereço ip|navegador|solicitud|conexi[óo]n)|(?:il tuo|tuo) (?:ip\b|indirizzo ip|browser)|ваш\w* (?:ip\b|браузер|запрос)|(?:您|你)的(?:ip|浏览器|瀏覽器|访问|请求|网络)",
    re.IGNORECASE,
)
_SCRIPT_WORDS = re.compile(
    r"(?:please )?(?:enable|turn on|activate|allow|requires?|needs?) (?:cookies and )?(?:java ?script|js\b)|java ?script (?:is|must be|seems to be|has been) (?:disabled|enabled|required|not enabled|turned off)|you need to enable javascript"
    r"|(?:aktivieren sie|bitte)(?: bitte)? java ?script|java ?script (?:ist deaktiviert|aktivieren|muss aktiviert)|(?:activer|activez|veuillez activer) (?:le )?java ?script|(?:active|habilite|activar|habilitar|ative) (?:o |el )?java ?script"
    r"|(?:abilita|attiva|abilitare) java ?script|(?:включите|включить|отключ[её]н) java ?script|请(?:启用|开启|打开) ?java ?script|java ?scriptを(?:有効|オン)|(?:자바스크립트|java ?script)를? ?(?:활성화|사용)",
    re.IGNORECASE,
)
_CONSENT_TITLES = re.compile(
    r"before you continue.{0,40}|(?:your )?(?:privacy|cookie|consent) (?:choices|preferences|settings|manager|center|centre|options|notice|consent)|we value your privacy|(?:cookie )?consent|your (?:data|privacy),? your (?:choice|experience)s?"
    r"|bevor (?:sie|du) (?:fort|weiter)\w+.{0,40}|(?:datenschutz|cookie|privatsphäre)-?einstellungen.{0,30}|einwilligung|ihre privatsphäre.{0,40}|avant d['’]accéder.{0,40}|(?:gérer|gestion d\w+|vos choix|paramètres) .{0,10}(?:cookies|consentement|confidentialité).{0,30}"
    r"|antes de (?:continuar|ir a).{0,40}|(?:configuración|preferencias) de (?:cookies|privacidad)|antes de (?:avançar|continuar).{0,40}|preferências de (?:cookies|privacidade)|prima di continuare.{0,40}|(?:impostazioni|preferenze) (?:dei cookie|sulla privacy)|voordat je verdergaat.{0,40}|(?:cookie|privacy)-?instellingen|同意.{0,10}(?:cookie|隐私).{0,10}|プライバシー設定",
    re.IGNORECASE,
)
_CONSENT_WORDS = (
    re.compile(r"cookies?\b|クッキー", re.IGNORECASE),
    re.compile(r"accept all|agree (?:and|&) (?:continue|close)|(?:i|we) (?:accept|agree)|reject all|manage (?:options|settings|preferences|choices)|alle(?:s)? (?:akzeptieren|annehmen|ablehnen)|zustimmen|ablehnen|tout (?:accepter|refuser)|accepter (?:et|&) (?:continuer|fermer)|continuer sans accepter|aceptar (?:todo|todas|y continuar)|rechazar todo|aceitar (?:tudo|todos)|rejeitar|accetta (?:tutti|tutto|e continua)|rifiuta|alles? (?:accepteren|weigeren)|akkoord|принять все|全部接受|すべて(?:同意|拒否|許可)", re.IGNORECASE),
    re.compile(r"(?:our|\d+|third[- ]party) partners|personali[sz]ed (?:ads|advertising|content)|store (?:and/or|and|or) access information|personal data|unsere partner|(?:\d+ )?partnern?\b|personalisierte|personenbezogene|nos (?:\d+ )?partenaires|publicités personnalisées|données personnelles|nuestros (?:\d+ )?socios|datos personales|(?:anuncios|publicidad) personalizad|nossos parceiros|dados pessoais|i nostri (?:\d+ )?partner|dati personali|onze partners|persoonsgegevens|персональн\w+ данн|个人(?:信息|数据)|個人情報", re.IGNORECASE),
    re.compile(r"privacy policy|datenschutz|confidentialité|vie privée|privacidad|privacidade|privacy|конфиденциальност|隐私|プライバシー", re.IGNORECASE),
)  # fmt: skip
_CONSENT_PLACES = re.compile(
    r"^(?:consent|cmp|privacy-?(?:mgmt|manager|center)|myprivacy|guce|choices)\.|/(?:consent|collectconsent|cookie-?wall|privacy-?gate|zustimmung)(?:[/?]|$)",
    re.IGNORECASE,
)
_MISSING = re.compile(
    r"(?:error ?)?(?:404|410)(?:\s*[:.–—|-].{0,60}|\s+(?:error\b|not found|page\b).{0,40})?|(?:.{0,30}[\s:–—|-])?(?:(?:sorry|oops|uh[- ]oh|whoops)[,!.… ]+)?(?:(?:the|this|that|your) )?(?:(?:requested )?(?:page|article|story|content|url|document)(?: (?:you (?:requested|(?:are|were) looking for)))? (?:(?:was|is|could|can|has|does|no)(?:n['’]?t| ?not)?\b.{0,12}(?:found|exist|available|removed|longer available|moved)|not found|cannot be found|can['’]t be found|doesn['’]t exist|no longer exists))(?:[\s.:!–—|-]+.{0,60})?"
    r"|(?:we )?(?:can['’]t|cannot|couldn['’]t|could not) find (?:the|that|this) (?:page|article|story).{0,40}|(?:seite|artikel|inhalt)(?: wurde)?(?: leider)? nicht (?:gefunden|verfügbar|vorhanden).{0,50}|diese seite (?:existiert|gibt es) (?:leider )?nicht.{0,40}"
    r"|(?:cette )?(?:page|article) (?:introuvable|non trouvée?|n['’]existe (?:pas|plus)|est introuvable).{0,50}|(?:la )?(?:p[áa]gina|art[íi]culo|noticia)(?: solicitada)? no (?:encontrad[ao]|existe|disponible|se (?:ha )?encontr\w+).{0,50}|(?:a )?p[áa]gina (?:não|nao) (?:encontrada|existe|foi encontrada).{0,50}"
    r"|(?:la )?pagina (?:non (?:trovata|esiste|disponibile)|richiesta non).{0,50}|pagina niet gevonden.{0,40}|(?:страница|статья)(?: не найдена| не существует| удалена).{0,40}|.{0,10}(?:页面|頁面|文章|网页)(?:不存在|未找到|已删除|找不到).{0,20}|(?:お探しの)?ページ(?:が|は)(?:見つかりません|存在しません).{0,20}|페이지를 찾을 수 없.{0,20}",
    re.IGNORECASE,
)
_PAYWALL = re.compile(
    r"(?:subscribe|sign up|register|log ?in|sign ?in|become a (?:member|subscriber))(?: (?:now|today|here|free))?(?: or (?:log|sign) ?in)? (?:to|and) (?:continue|keep|read|unlock|get (?:full|unlimited)|access|view)"
    r"|to (?:continue|keep) reading(?: this (?:article|story))?,? (?:please )?(?:subscribe|register|log ?in|sign ?in|create|start|become|you)|(?:this|the full) (?:article|story|content) is (?:only )?(?:available |reserved )?(?:exclusively )?(?:for|to) (?:our )?(?:paying |paid |registered )?(?:subscribers|members)"
    r"|(?:for )?subscribers only|(?:premium|subscriber[- ]only|subscriber[- ]exclusive|members[- ]only) (?:article|content|story)|you(?:['’]ve| have) (?:reached|read|used) (?:your|all|the|\d+)\b.{0,30}(?:free|limit|articles)|already a (?:subscriber|member)\?|unlock (?:this|the full) (?:article|story)|want to (?:read|keep reading|continue)\b.{0,20}\?|continue reading (?:with|by|for|your)\b|(?:remaining|rest of (?:this|the)) (?:article|story|content).{0,30}(?:subscri|member|paid)"
    r"|(?:jetzt )?weiterlesen (?:mit|für|nach)|(?:mit|nur) (?:.{0,12}(?:abo|plus|premium)) (?:weiter)?lesen|(?:dieser|den) artikel ist (?:nur |exklusiv )?(?:für|mit)|nur für abonnent|exklusiv für (?:abonnent|mitglieder)|(?:sie sind|haben sie) (?:schon|bereits) (?:abonnent|ein abo)|(?:lesen sie|den vollständigen artikel) .{0,30}(?:abo|abonn)"
    r"|(?:cet|l['’]) ?article (?:complet )?est réservé (?:à|aux) (?:nos )?abonn|réservé (?:à|aux) (?:nos )?abonn|(?:il vous reste|lire la suite).{0,40}(?:abonn|% )|déjà abonn|abonnez-vous pour (?:lire|continuer|accéder)|la suite est réservée"
    r"|(?:contenido|art[íi]culo|noticia) (?:exclusiv[oa]|s[óo]lo|solo) para (?:suscriptores|socios|abonados)|suscr[íi]bete (?:para|y) (?:seguir|continuar|leer|acceder)|para seguir leyendo|¿ya (?:eres|estás) (?:suscriptor|suscrito)|conteúdo exclusivo para assinantes|assine (?:para|e) (?:continuar|ler|ter acesso)|já é assinante|continue lendo com"
    r"|(?:contenuto|articolo) (?:riservato|esclusivo|disponibile solo) (?:agli|per gli) abbonati|abbonati per (?:continuare|leggere)|sei già abbonato|(?:dit|het) artikel is (?:alleen|exclusief) voor (?:abonnees|leden)|verder lezen\?|al abonnee|материал доступен (?:только )?(?:подписчикам|по подписке)|(?:оформите|купите) подписку|только для подписчиков"
    r"|(?:订阅|登录|开通会员)(?:后|以)(?:继续|阅读|查看)|(?:本文|全文)(?:仅限|仅供|为)(?:订阅|会员|付费)|訂閱(?:後|以)(?:繼續|閱讀)|(?:この記事は)?(?:有料)?会員(?:限定|記事)|続きを読むには|残り\d+文字|구독(?:하고|자)\b.{0,12}(?:계속|전용)",
    re.IGNORECASE,
)
_THIS_ARTICLE = re.compile(
    r"(?:this|the full|the rest|cet|l['’]|dieser|den|dit|het) ?(?:article|story|content|artikel)",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"(?:please )?(?:log ?in|sign ?in|login)(?: (?:to|or|with)\b.{0,60})?|(?:member|account|user|subscriber|customer) (?:log ?in|sign ?in)|welcome back.{0,20}|anmeld(?:en|ung)|einloggen|login|(?:se )?connexion|connectez-vous.{0,30}|identifiez-vous.{0,30}|iniciar sesi[óo]n|inicia sesi[óo]n.{0,30}|acceder|iniciar sess[ãa]o|entrar|fazer login|accedi|accesso|inloggen|aanmelden|вход(?: в .{0,30})?|войти|авторизация|登录|登入|登錄|ログイン|로그인",
    re.IGNORECASE,
)
_TITLE_PARTS = re.compile(r"\s[|–—·»:-]\s")
_FILM_PATHS = re.compile(
    r"/(?:videos?|watch|tv|clips?|player|v|mediathek|galler(?:y|ies)|photos?|pictures|slideshows?|fotos?|fotostrecken?|bilder|diaporamas?|galer[ií]as?|galerias?|fotogaller(?:y|ie))(?:/|$|\.)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Page:
    """What the rules look at, gathered once."""

    title: str
    headlines: tuple[str, ...]
    url: str
    length: int  # characters of the article's text that are no links
    words: str  # the text that was taken for the article's
    body: etree._Element
    raw: str  # scripts and markup, as far as they are looked at
    og_type: str
    types: frozenset[str]

    @cached_property
    def shown(self) -> str:
        """All that a reader sees; made when it is asked for, since most pages need not be asked."""
        return one_line(_text(self.body)[:_MAX_SCANNED])

    @cached_property
    def tells_story(self) -> bool:
        """Whether a sentence of the text is a story's and no notice's."""
        return tells_story(self.words[:_MOST_OF_NOTICE])

    @property
    def says_article(self) -> bool:
        """Whether the page calls itself an article."""
        return self.og_type == "article" or any(_ARTICLE_TYPES.match(one) for one in self.types)


def page_kind(
    tree: etree._Element, body: etree._Element, blocks: Sequence[Block], *, url: str = "", title: str = ""
) -> tuple[PageKind, str]:
    """(what the page is, one sentence that names the evidence; "" for an article).

    `tree` is the whole page, `body` what a reader sees of it (without scripts), `blocks` what was found to be its
    text. "empty" is the word for a page with neither a text nor a reason.
    """
    page = _gathered(tree, body, blocks, url, title)
    for rule in (_blocked, _challenge, _outage, _missing, _consent, _offer, _paywall, _login, _film, _index):
        kind_and_why = rule(tree, page)
        if kind_and_why is not None:
            return kind_and_why
    if not page.words.strip():
        return "empty", "The page shows no text that could be an article."
    return "article", ""


def _gathered(
    tree: etree._Element, body: etree._Element, blocks: Sequence[Block], url: str, title: str
) -> _Page:
    linked = sum(mark.end - mark.start for block in blocks for mark in block.marks if mark.kind == "a")
    words = "\n".join(block.text for block in blocks)
    metas = (
        str(meta.get("content") or "").strip().lower()
        for meta in tree.iter("meta")
        if str(meta.get("property") or meta.get("name") or "").lower() == "og:type"
    )
    data = "".join(
        (script.text or "")[:_MAX_SCANNED]
        for script in tree.iter("script")
        if "ld+json" in str(script.get("type") or "").lower()
    )
    document_title = next((one_line(_text(one)) for one in tree.iterfind(".//head//title")), "")
    heads = tuple(
        filter(
            None, (one_line(_text(head)) for head, _ in zip(body.iter("h1", "h2"), range(4), strict=False))
        )
    )
    return _Page(
        title=document_title or title,
        headlines=heads,
        url=url,
        length=len(words) - linked,
        words=words,
        body=body,
        raw=data,
        og_type=next(metas, ""),
        types=frozenset(_TYPES.findall(data)),
    )


def _challenge(tree: etree._Element, page: _Page) -> tuple[PageKind, str] | None:
    if page.length >= _ARTICLE or len(page.shown) > _MOST_OF_CHECK:
        return None
    marked = _mark_of_challenge(tree)
    worded = _CHALLENGE_WORDS.search(page.shown)
    titled = _whole(_CHALLENGE_TITLES, page.title)
    if titled and (marked or worded or not page.tells_story or _REFUSED.search(page.shown)):
        return "challenge", f"The page is a check for robots: its title is “{titled}”."
    if page.tells_story and not (marked and worded):
        return None
    if worded and (marked or page.length < _SHORT) and not page.says_article:
        return "challenge", f"The page is a check for robots: it says “{_quoted(page.shown, worded)}”."
    if marked and page.length < _NOTICE and not page.says_article:
        return "challenge", f"The page is a check for robots: it has “{marked}” and hardly any text."
    return _asks_for_script(tree, page)


def _asks_for_script(tree: etree._Element, page: _Page) -> tuple[PageKind, str] | None:
    if len(page.shown) > _SHORT or page.length >= _NOTICE:
        return None
    noscript = " ".join(_text(one) for one in tree.iter("noscript"))[:_MAX_SCANNED]
    for told in (page.shown, one_line(noscript) if len(page.shown) < _NOTICE else ""):
        if script := _SCRIPT_WORDS.search(told):
            return (
                "challenge",
                f"The page shows its text to programs alone: it says “{_quoted(told, script)}”.",
            )
    return None


def _blocked(_tree: etree._Element, page: _Page) -> tuple[PageKind, str] | None:
    if page.length >= _SHORT or page.tells_story:
        return None
    for told in (page.title, *page.headlines, page.words or page.shown[:_NOTICE_AND_MORE]):
        if said := region_notice(told):
            return "blocked", f"The page is not shown in our region: it says “{one_line(said, 120)}”."
    return None


def _outage(_tree: etree._Element, page: _Page) -> tuple[PageKind, str] | None:
    if page.length >= _SHORT or page.tells_story:
        return None
    for told in (page.title, *page.headlines):
        for part in (told, *_TITLE_PARTS.split(told)):
            if is_outage(part):
                return "outage", f"The site does not work just now: its page says “{one_line(part, 120)}”."
    if page.length < _NOTICE and (said := outage_notice(_without_heads(page))):
        return "outage", f"The site does not work just now: its page says “{one_line(said, 120)}”."
    return None


def _offer(_tree: etree._Element, page: _Page) -> tuple[PageKind, str] | None:
    if page.length >= _SHORT or page.tells_story:
        return None
    if said := offer_notice(_without_heads(page)):
        return "offer", f"The page offers a subscription and nothing to read: “{one_line(said, 120)}”."
    return None


def _without_heads(page: _Page) -> str:
    """The text without the lines that are the page's headlines; of a page without a text what little it shows."""
    heads = {page.title, *page.headlines}
    words = page.words if page.words.strip() else page.shown[:_NOTICE_AND_MORE]
    return "\n".join(line for line in words.split("\n") if line.strip() not in heads)


def _mark_of_challenge(tree: etree._Element) -> str:
    for element in tree.iter("script", "form", "div", "iframe"):
        for value in (element.get("src"), element.get("id"), element.get("class"), element.get("action")):
            if value and (found := _CHALLENGE_MARKS.search(value[:500])):
                return found[0]
        if (
            element.tag == "script"
            and element.text
            and (found := _CHALLENGE_MARKS.search(element.text[:3000]))
        ):
            return found[0]
    return ""


def _missing(_tree: etree._Element, page: _Page) -> tuple[PageKind, str] | None:
    if page.length >= _SHORT:
        return None
    for told in (page.title, *page.headlines):
        if found := _whole(_MISSING, told):
            return "missing", f"The page says that there is nothing here: “{found}”."
    first = one_line(page.words[:_NOTICE])
    if page.length < _NOTICE and (match := _MISSING.match(first)):
        return "missing", f"The page says that there is nothing here: “{_quoted(first, match)}”."
    return None


def _consent(_tree: etree._Element, page: _Page) -> tuple[PageKind, str] | None:
    if page.length > _MOST_OF_NOTICE or (page.says_article and page.length >= _SHORT):
        return None
    parts = urlsplit(page.url)
    place = _CONSENT_PLACES.search(parts.netloc) or _CONSENT_PLACES.search(parts.path)
    titled = next(
        (found for told in (page.title, *page.headlines[:1]) if (found := _whole(_CONSENT_TITLES, told))), ""
    )
    if not (titled or place or page.length < _ARTICLE) or len(page.shown) > _MOST_OF_NOTICE:
        return None
    signs = [match for words in _CONSENT_WORDS if (match := words.search(page.shown))]
    if titled and len(signs) > 1:
        return "consent", f"The page asks for consent before it shows anything: “{titled}”."
    if place and len(signs) > 1:
        return (
            "consent",
            f"The page asks for consent before it shows anything: its address has “{place[0].strip('/.')}”.",
        )
    is_about = len(_CONSENT_WORDS[0].findall(page.shown)) > 2  # noqa: PLR2004 - once or twice is any footer
    if len(signs) == len(_CONSENT_WORDS) and is_about and page.length < _ARTICLE and not page.says_article:
        told = page.words if _CONSENT_WORDS[0].search(page.words) or not page.words.strip() else ""
        if told or page.length < _NOTICE:
            return (
                "consent",
                f"The page asks for consent before it shows anything: it says “{_quoted(page.shown, signs[1])}”.",
            )
    return None


def _paywall(tree: etree._Element, page: _Page) -> tuple[PageKind, str] | None:
    if page.length >= 2 * _ARTICLE:
        return None
    is_locked = _ALL_KINDS_OF_FALSE.search(page.raw) is not None
    worded = _PAYWALL.search(page.shown) if is_locked or page.length < _SHORT else None
    if is_locked and (page.length < _ARTICLE or worded):
        return "paywall", (
            f"Only the beginning is free: the page states that it is not accessible for free{_and_says(page, worded)}."
        )
    ending = _call_to_pay(page.words[-_NOTICE_AND_MORE:]) if page.length < _ARTICLE else ""
    if ending:
        return "paywall", f"Only the beginning is free: the text ends with “{one_line(ending, 120)}”."
    if worded and page.length < _SHORT and page.says_article and _has_wall(tree):
        return "paywall", f"Only the beginning is free: the page says “{_quoted(page.shown, worded)}”."
    return None


def _call_to_pay(text: str) -> str:
    """The sentence that tells the reader to pay; one that tells of others who must is the story's."""
    for sentence in sentences(text):
        found = _PAYWALL.search(sentence)
        if found and (not is_story(sentence) or _THIS_ARTICLE.match(found[0])):
            return sentence
    return ""


def _and_says(page: _Page, worded: re.Match[str] | None) -> str:
    return f" and says “{_quoted(page.shown, worded)}”" if worded else ""


def _has_wall(tree: etree._Element) -> bool:
    """Whether an element is named for the wall that hides the rest."""
    return any(
        "paywall" in name or "regwall" in name or "subscription-wall" in name or "subscribe-wall" in name
        for element in tree.iter("div", "section", "aside", "article")
        if (name := f"{element.get('class') or ''} {element.get('id') or ''}".lower())
    )


def _login(tree: etree._Element, page: _Page) -> tuple[PageKind, str] | None:
    if page.length >= _SHORT or page.says_article:
        return None
    has_password = any(str(one.get("type") or "").lower() == "password" for one in tree.iter("input"))
    if not has_password or len(page.shown) > _MOST_OF_CHECK:
        return None
    for told in (page.title, *page.headlines):
        head = re.split(r"\s[|–—·-]\s", told)
        if any(_LOGIN.fullmatch(part.strip()) for part in head):
            return "login", f"The page asks for a password: “{told[:80]}”."
    if page.length < _NOTICE:
        return "login", "The page asks for a password and shows hardly any text."
    return None


def _film(tree: etree._Element, page: _Page) -> tuple[PageKind, str] | None:
    if page.length >= _SHORT:
        return None
    is_film_path = _FILM_PATHS.search(urlsplit(page.url).path) is not None
    typed = sorted(_FILM_TYPES & page.types)
    has_article = any(_ARTICLE_TYPES.match(one) for one in page.types)
    if page.og_type.startswith("video"):
        return "video", f"The page shows a video: it calls itself “{page.og_type}”, and its text is short."
    if typed and not has_article and (page.og_type != "article" or is_film_path):
        what = "pictures" if "Gallery" in typed[0] and typed[0] != "VideoGallery" else "a video"
        return "video", f"The page shows {what}: it states a {typed[0]} and no article."
    if is_film_path and page.length < _NOTICE * 2 and not has_article and (player := _player(tree)):
        return "video", f"The page shows {player}: its address says so, and its text is short."
    return None


def _player(tree: etree._Element) -> str:
    if next(tree.iter("video"), None) is not None or any(
        _PLAYERS.search(str(one.get("src") or one.get("data-src") or "")) for one in tree.iter("iframe")
    ):
        return "a video"
    pictures = sum(1 for _ in tree.iter("figure"))
    return "pictures" if pictures > 4 else ""  # noqa: PLR2004 - an article may have a few


def _index(tree: etree._Element, page: _Page) -> tuple[PageKind, str] | None:
    if page.says_article:
        return None
    path = urlsplit(page.url).path
    is_front = bool(page.url) and path.strip("/").lower() in {"", "index.html", "index.php", "home", "news"}
    listed = sorted(_LIST_TYPES & page.types)
    headlines = _linked_headlines(tree)
    if headlines < _LEAST_CARDS:
        return None
    if listed and (page.length < _ARTICLE or headlines >= _LEAST_LINKS):
        return (
            "index",
            f"The page is a list of {headlines} headlines: it states a {listed[0]} and no article.",
        )
    if is_front and headlines >= _LEAST_LINKS:
        return "index", f"The page is a list of {headlines} headlines at the front of a site."
    if page.length < _NOTICE and headlines >= _LEAST_LINKS:
        return "index", f"The page is a list of {headlines} headlines with hardly any text of its own."
    return None


def _linked_headlines(tree: etree._Element) -> int:
    """How many headings, or items of lists, are a link with the length of a headline."""
    addresses: set[str] = set()
    for head in tree.iter("h1", "h2", "h3", "h4"):
        parent = head.getparent()
        link = parent if parent is not None and parent.tag == "a" else head.find(".//a[@href]")
        if link is not None and link.get("href") and len(_text(head).strip()) >= _HEADLINE:
            addresses.add(str(link.get("href")))
    if len(addresses) >= _LEAST_CARDS:
        return len(addresses)
    for item in tree.iter("li", "article", "td"):
        link = item.find("a[@href]")
        if link is not None and len(_text(link).strip()) >= _HEADLINE:
            addresses.add(str(link.get("href")))
    return len(addresses)


def _whole(pattern: re.Pattern[str], told: str) -> str:
    """The part of a title that is what the pattern looks for, the site's name beside it left out; else ""."""
    for part in (told, *_TITLE_PARTS.split(told)):
        if part and len(part) <= _NOTICE and pattern.fullmatch(part.strip()):
            return part.strip()[:100]
    return ""


def _quoted(text: str, match: re.Match[str]) -> str:
    start = max(
        text.rfind(". ", 0, match.start()) + 2 if ". " in text[: match.start()] else 0, match.start() - 40
    )
    return one_line(text[start : match.end() + 40], 120)


def _text(element: etree._Element) -> str:
    return str(element.xpath("string()"))
