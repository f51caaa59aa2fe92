"""What a site says in place of an article: that it is down, that it is not for our region, what it costs; pure.

Languages: English, German, French, Spanish, Portuguese, Italian, Dutch, Russian, Chinese, Japanese and Korean.
"""

from __future__ import annotations

import re

# So many words, or characters of a script without blanks, that do not speak to the reader are a story's sentence.
_SENTENCE_WORDS, _SENTENCE_WIDE = 10, 24
# What is longer is no notice.
_LONGEST_NOTICE = 200
# An offer may name what it is for, in a few words.
_LABEL_WORDS = 5

_SENTENCES = re.compile(r"(?<=[.!?])[\"'”’»)\]]*\s+|(?<=[。！？])|\n+")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_STOPS = re.compile(r"[.。!?！？…][\"'”’»)\]」』]*$")
# A notice speaks to its reader, of its own site, or of what a browser does.
_TO_READER = re.compile(
    r"\b(?:you|your|yours|please|our|we|us|browser|cookies?|javascript|captcha|website|gdpr|subscribe)\b|\bthis (?:page|site|content|server|article|story|service|material|video)\b"
    r"|\b(?:sie|ihre?[mnrs]?|bitte|unsere?[mnrs]?|wir|du|dein\w*|webseite|website|dieser (?:artikel|inhalt|dienst))\b"
    r"|\b(?:vous|votre|vos|veuillez|nous|notre|nos|navigateur|ce (?:site|contenu)|cet(?:te)? (?:article|page)|abonnez)\b"
    r"|\b(?:usted(?:es)?|tus?|su navegador|nuestr[oa]s?|por favor|navegador|est[ea] (?:contenido|p[áa]gina|sitio|art[íi]culo)|suscr[íi]b[ei]\w*)\b"
    r"|\b(?:voc[êe]s?|seu navegador|noss[oa]s?|est[ea] (?:conte[úu]do|site|artigo)|assine)\b|\b(?:tuo|tua|vostr[oa]|nostr[oa]|quest[oa] (?:contenuto|pagina|sito|articolo)|abbonati per)\b"
    r"|\b(?:uw|jouw?|onze|wij|alstublieft|deze (?:pagina|site|inhoud)|dit artikel)\b|\b(?:вы|ваш\w*|наш\w*|пожалуйста|браузер\w*|сайт\w*)\b"
    r"|您|你|我们|我們|本站|网站|網站|浏览器|ください|お客様|当サイト|ブラウザ|고객|여러분|사이트|브라우저|구독",
    re.IGNORECASE,
)  # fmt: skip

_REGION = (
    r"(?:your|this|certain|some|most|many|all|the)(?: \w+)? (?:regions?|countr(?:y|ies)|locations?|areas?|territor(?:y|ies)|states?|union|economic area)"
    r"|(?:the )?(?:eu|eea|european union|europe)\b"
)
_BLOCKED = re.compile(
    rf"(?:\bun|\bnot (?:currently |yet |legally )?|n['’]t (?:currently )?(?:be )?)(?:available|accessible|viewable|shown|offered|viewed|accessed|watched)(?: to (?:visitors|users|readers|people))? (?:in|from|within|for|to) (?:(?:(?:our )?(?:visitors|users|readers|people|customers|those)|anyone) )?(?:(?:located |based )?(?:in|from|within) )?(?:{_REGION})"
    r"|(?:un|not )available (?:due to|for|because of) (?:legal reasons|legal restrictions|gdpr|european (?:data|privacy))|\b451\b.{0,30}(?:legal|gdpr|unavailable|error)|(?:http|error)(?: error| status)? 451\b|(?:geo|region)[- ](?:blocked|restricted|locked)"
    r"|\b(?:from|in|to|for)\b.{0,40}\b(?:european (?:union|economic area|countries|visitors|users|readers)|eea|eu)\b.{0,160}\b(?:access (?:cannot|can not|can['’]t)|cannot (?:be granted|grant|provide)|(?:currently )?(?:un|not )available|unable to|have (?:blocked|restricted))"
    r"|(?:cannot|can['’]t|unable to|not able to|do not|don['’]t|have (?:blocked|restricted)|blocking|restricting|unavailable|not available|denied)\b.{0,80}\b(?:european (?:visitors|users|readers|countries|union)|visitors from (?:the )?(?:eu|europe|your)|gdpr|general data protection regulation)"
    r"|(?:gdpr|general data protection regulation)\b.{0,80}\b(?:cannot|can['’]t|unable|not available|unavailable|denied|blocked)"
    r"|in (?:ihre[mr]|deine[mr]|dieser|diesem) (?:region|land|gebiet|standort)\b.{0,20}nicht (?:verfügbar|erreichbar|abrufbar)|nicht (?:in|für) (?:ihre[mrn]?|deine[mrn]?|dieser) (?:region|land|standort)\b.{0,20}|aus (?:rechtlichen|lizenzrechtlichen) gründen\b.{0,40}nicht|nicht verfügbar\b.{0,30}\bin (?:ihre[mr]|deine[mr]) (?:region|land)"
    r"|(?:pas|plus|in)[- ]?(?:disponible|accessible)s? (?:dans|depuis|pour) (?:votre|ce|cette) (?:région|pays|territoire|zone)|(?:indisponible|inaccessible)s? (?:pour|en raison de|dans) .{0,12}(?:raisons légales|votre (?:région|pays))|pour des raisons (?:légales|juridiques)\b.{0,60}(?:pas|indisponible|inaccessible)"
    r"|no (?:est[áa]|se encuentra) disponible\b.{0,10}\b(?:en|para|desde) (?:su|tu|est[ea]) (?:regi[óo]n|pa[íi]s|ubicaci[óo]n|zona|territorio)|no disponible (?:en (?:su|tu)|por (?:motivos|razones) legales).{0,20}|por (?:motivos|razones) legales\b.{0,60}no"
    r"|(?:não (?:está )?disponível|indisponível) (?:em|na|no|para) (?:a |o )?(?:sua|seu|tua|teu|esta|este) (?:região|país|localização|território)|(?:indisponível|não disponível) por motivos legais"
    r"|non (?:è |e['’] )?(?:disponibile|accessibile) (?:nel(?:la)?|in|dal(?:la)?|per) (?:(?:tu[oa]|vostr[oa]|quest[oa]|su[oa]) )?(?:regione|paese|area|territorio|zona)|non disponibile per (?:motivi|ragioni) legali"
    r"|niet beschikbaar (?:in|voor|vanuit) (?:jouw|uw|je|deze|dit) (?:regio|land|locatie|gebied)|om juridische redenen niet"
    r"|(?:недоступ\w+|не доступ\w+|заблокирован\w*) (?:в|для|на территории) (?:ваш\w+|данн\w+|эт\w+) (?:регион\w*|стран\w+|территори\w+)"
    r"|(?:您|你)?所在的?(?:地区|地區|国家|國家|区域).{0,12}(?:无法|無法|不可|不能|不提供|不支持|没有)|(?:无法|無法|不可|不能)在(?:您|你)?所在的?(?:地区|地區|国家|國家)"
    r"|お(?:住まい|使い)の(?:国|地域).{0,16}(?:ません|できません|いただけません)|(?:この|該当)(?:国|地域)では.{0,16}ません|(?:해당|현재|귀하의|이) ?(?:국가|지역)(?:에서)?(?:는|은)? ?.{0,16}(?:없습니다|불가)",
    re.IGNORECASE,
)  # fmt: skip
_OUTAGE = re.compile(
    r"(?:oops|sorry|uh[- ]oh|whoops)?[\s,!.…–—-]*(?:"
    r"something (?:has |just )?(?:went|gone) wrong|(?:we(?:['’]ll| will|['’]re| are)|our (?:web)?site will|the (?:web)?site will)(?: be)? (?:right |back )*(?:back|online)(?: online| up)?(?: (?:soon|shortly|later|in a (?:bit|moment|minute|few \w+)|again).{0,30})?|(?:be )?(?:right )?back (?:soon|shortly)|(?:back|returning) (?:soon|shortly)"
    r"|(?:(?:the|this|our) |we(?:['’]re| are) )?(?:(?:web)?site|page|service|server|portal|app)?(?: is| are)?(?: currently| temporarily| now)?(?: ?(?:down|closed|offline|unavailable|undergoing|under|in|performing|doing))?(?: for| due to)?(?: some| a bit of| a little)?(?: ?(?:scheduled|planned|routine|essential|urgent|website|site|server|system|quick)\b)* ?maintenance(?: mode| page| break| work| in progress| underway)?(?: (?:at|right|for) .{0,30})?"
    r"|(?:(?:the|this|our) )?(?:(?:web)?site|page|service|server|origin)? ?(?:is )?(?:currently |temporarily )+(?:down|offline|unavailable|not available|out of (?:service|order)|overloaded)\b.{0,60}|(?:http )?(?:error )?(?:code )?50[0-4]\b.{0,50}|(?:error )?52[0-7]\b.{0,50}|(?:internal )?server error.{0,40}|service (?:temporarily )?unavailable.{0,30}|bad gateway|gateway time-?out|too many requests|(?:web)?site (?:is )?(?:offline|down)\b.{0,30}"
    r"|(?:web server|origin) is (?:down|unreachable).{0,30}|(?:an?|there (?:was|has been) an?) (?:unexpected |internal |unknown |server |application |technical )*error(?: has)?(?: occurr?ed)?.{0,60}|(?:we(?:['’]re| are) )?(?:experiencing|having) (?:some )?technical (?:difficulties|problems|issues).{0,40}|technical (?:difficulties|error)|error establishing a database connection|application error.{0,60}|database error|unexpected error"
    r"|(?:(?:geplante|laufende|aktuelle) )?wartungs(?:arbeiten|modus|pause|seite)(?: (?:an|auf) unser\w+ .{0,30})?|(?:unsere|die|diese) (?:web)?seite wird (?:gerade |derzeit |momentan |zurzeit )?gewartet|(?:wegen|aufgrund von) wartungs\w+ .{0,60}|wir sind (?:gleich|bald|in kürze) (?:wieder|zurück)\b.{0,30}|(?:da |hier )?(?:ist )?(?:leider )?etwas (?:ist )?(?:leider )?(?:schief ?ge(?:gangen|laufen))|(?:es ist )?(?:leider )?ein (?:unerwarteter |technischer |interner )?fehler (?:ist )?aufgetreten.{0,40}|(?:eine )?technische (?:störung|probleme?)|interner (?:server)?fehler|(?:die|diese|unsere) (?:web)?seite ist (?:vorübergehend|derzeit|momentan|zurzeit|aktuell) nicht (?:verfügbar|erreichbar).{0,40}"
    r"|(?:(?:le|ce|notre) )?(?:site |page )?(?:est )?(?:actuellement )?en (?:cours de )?maintenance.{0,30}|maintenance en cours|nous (?:serons|revenons|sommes) (?:bientôt|très vite|rapidement|de retour).{0,30}|(?:de )?retour (?:bientôt|très vite|dans quelques instants)|une erreur (?:\w+ )?(?:est survenue|s['’]est produite).{0,40}|erreur (?:interne|serveur|technique).{0,30}|(?:(?:le|ce|notre) (?:site|service) (?:est )?)?(?:momentanément|temporairement) (?:indisponible|inaccessible)|quelque chose s['’]est mal passé|un problème (?:technique )?est survenu.{0,40}"
    r"|(?:(?:el|este|nuestro) )?(?:sitio |web |p[áa]gina )?(?:est[áa] |estamos )?en mantenimiento.{0,30}|volvemos (?:pronto|enseguida|en breve).{0,20}|(?:estaremos|volveremos) (?:de vuelta|pronto|en breve|enseguida).{0,20}|algo (?:ha salido|ha ido|sali[óo]|fue) mal|(?:se ha producido|ha ocurrido|ocurri[óo]|se produjo) un error.{0,40}|error interno.{0,30}|(?:(?:el|este) (?:sitio|servicio) (?:est[áa] )?)?temporalmente (?:no disponible|fuera de servicio)|problemas t[ée]cnicos"
    r"|(?:(?:o |nosso )?site )?(?:está |estamos )?em manutenção.{0,30}|voltamos (?:já|logo|em breve)|(?:estaremos de volta|voltaremos) (?:em breve|logo)|algo (?:deu|correu|saiu) (?:errado|mal)|ocorreu um erro.{0,40}|erro interno.{0,30}|(?:(?:o |este )?(?:site|serviço) (?:está )?)?temporariamente (?:indisponível|fora do ar)"
    r"|(?:(?:il |questo )?sito )?(?:è |siamo )?(?:attualmente )?in manutenzione.{0,30}|torn(?:eremo|iamo) (?:presto|subito|a breve|online).{0,20}|qualcosa è andato storto|si è verificato un errore.{0,40}|errore (?:interno|del server).{0,30}|(?:(?:il |questo )?(?:sito|servizio) (?:è )?)?(?:temporaneamente|momentaneamente) non (?:disponibile|raggiungibile)"
    r"|(?:(?:de|onze) (?:web)?site is )?(?:momenteel )?in onderhoud|(?:gepland )?onderhoud(?:swerkzaamheden)?|we zijn (?:zo|snel|binnenkort|straks) (?:weer )?terug.{0,20}|er (?:is|ging) (?:iets|wat) (?:mis|fout)(?:gegaan| gegaan)?.{0,20}|er is een fout opgetreden.{0,30}|(?:(?:de|deze|onze) (?:web)?site is )?tijdelijk niet (?:beschikbaar|bereikbaar)|technische storing"
    r"|(?:на сайте )?(?:ведутся |проводятся )?технические (?:работы|неполадки).{0,30}|что-то пошло не так|(?:сайт|сервис|страница) временно недоступ\w+|(?:внутренняя |произошла |техническая )+ошибка.{0,30}|мы скоро вернемся|мы скоро вернёмся"
    r"|.{0,12}(?:系统|系統|网站|網站|服务器|伺服器|页面)?(?:正在|进行)?(?:维护|維護)(?:中|升级|公告).{0,12}|.{0,6}(?:系统|系統)(?:繁忙|错误|錯誤|异常).{0,12}|(?:抱歉|对不起)?[,，]?(?:出错了|出錯了|发生错误|發生錯誤|服务器错误|伺服器錯誤|服务(?:暂时)?不可用).{0,16}|.{0,16}メンテナンス中.{0,12}|(?:予期(?:せぬ|しない))?(?:エラー|問題)が発生(?:しました|しています).{0,12}|.{0,12}一時的に(?:ご利用|アクセス)(?:いただけません|できません).{0,8}|.{0,12}(?:점검 ?중|점검 ?안내).{0,12}|.{0,8}(?:일시적인 )?오류가 발생.{0,12}"
    r")",
    re.IGNORECASE,
)  # fmt: skip
# What a notice of an outage adds, which alone says nothing.
_POLITE = re.compile(
    r"(?:please |kindly )?(?:try|check|come|refresh|reload|visit|wait|return|contact)\b.{0,120}|back soon|(?:we )?(?:apologi[sz]e|sorry|thank you|thanks)\b.{0,120}|bitte .{0,120}|wir bitten .{0,120}|veuillez .{0,120}|merci .{0,120}|nous .{0,120}|por favor.{0,120}|int[ée]nt[ea].{0,120}|disculp\w+.{0,120}|tente .{0,120}|riprova.{0,120}|ci scusiamo.{0,120}|probeer .{0,120}|попробуйте .{0,120}|请.{0,60}|請.{0,60}",
    re.IGNORECASE,
)  # fmt: skip
_OFFER = re.compile(
    r"(?:start|begin|get|claim|try) (?:your |a |our |with a )?(?:\w+ )?(?:free )?trial\b|free trial\b|(?:choose|select|pick) (?:your|a) (?:plan|subscription|membership|offer)|subscribe(?:$| (?:now|today|here|from|for)\b)|become a (?:subscriber|member)\b|(?:for |only |just |from |starting at )+(?:[£$€₹¥] ?\d|\d[\d.,]* ?(?:€|euros?\b|dollars?\b))|[£$€] ?\d[\d.,]* ?(?:(?:a|per|/|for) ?\d* ?(?:mo|week|year|wk|yr))|cancel any ?time|already (?:a|an) (?:subscriber|member)|(?:unlimited|full) (?:digital )?access\b|(?:monthly|annual|yearly) (?:plan|subscription)"
    r"|(?:jetzt|hier) (?:\w+ )?(?:testen|abonnieren|bestellen)|probeabo|(?:\d+|einen|ersten) (?:monate?|wochen?) (?:gratis|kostenlos|für)|jederzeit kündbar|wählen sie ihr|(?:plus|digital|premium)-?abo\b|(?:sie sind|haben sie|bist du) (?:schon|bereits) (?:abonnent|ein abo)|alle (?:artikel|inhalte) (?:frei|lesen)"
    r"|choisissez votre (?:abonnement|offre|formule)|(?:offre|essai) (?:d['’]essai|gratuit|de bienvenue)|sans engagement|abonnez-vous|je m['’]abonne|déjà abonné|résiliable (?:à tout moment|en ligne)|accès illimité"
    r"|elige (?:tu|el) (?:plan|suscripci[óo]n)|prueba gratis|suscr[íi]b(?:ete|ase)\b|cancela cuando quieras|¿?ya (?:eres|es|est[áa]s) suscri|acceso ilimitado|escolha (?:seu|o seu|o) plano|teste grátis|assine (?:já|agora|por|a partir)|cancele quando quiser|acesso ilimitado"
    r"|scegli (?:il tuo|l['’]) ?abbonamento|prova gratuita|abbonati\b|disdici quando vuoi|sei già abbonato|accesso illimitato|kies (?:je|uw|jouw) abonnement|probeer .{0,20}gratis|maandelijks opzegbaar|neem een abonnement|al abonnee"
    r"|(?:оформите|выберите|купите) подписку|пробный период|立即(?:订阅|訂閱)|免费试用|免費試用|选择.{0,6}(?:套餐|方案)|無料(?:体験|トライアル)|今すぐ(?:購読|登録)|プランを選|무료 ?체험|구독 ?(?:신청|하기)",
    re.IGNORECASE,
)  # fmt: skip


def sentences(text: str) -> list[str]:
    """The sentences of a short text, one line never running into the next."""
    return [one.strip() for one in _SENTENCES.split(text) if one.strip()]


def is_story(sentence: str) -> bool:
    """Whether a sentence tells something, rather than speaking to its reader about the site."""
    if _STOPS.search(sentence) is None or _TO_READER.search(sentence) is not None:
        return False
    return len(sentence.split()) >= _SENTENCE_WORDS or len(_WIDE.findall(sentence)) >= _SENTENCE_WIDE


def tells_story(text: str) -> bool:
    """Whether a short text has a sentence that no notice would have."""
    return any(is_story(sentence) for sentence in sentences(text))


def region_notice(text: str) -> str:
    """The sentence that refuses a reader's region, or names the law for which it does; else ""."""
    return next(
        (one for one in sentences(text) if len(one) <= 2 * _LONGEST_NOTICE and _BLOCKED.search(one)), ""
    )


def outage_notice(text: str) -> str:
    """The sentence that says that the site does not work, when the text says nothing else; else ""."""
    told = ""
    for one in sentences(text):
        words = one.rstrip(".!。！… ")
        if len(one) <= _LONGEST_NOTICE and _OUTAGE.fullmatch(words):
            told = told or one
        elif not _is_beside(one):
            return ""
    return told


def is_outage(line: str) -> bool:
    """Whether a title says that the site does not work."""
    return (
        bool(line) and len(line) <= _LONGEST_NOTICE and _OUTAGE.fullmatch(line.strip(".!。！… ")) is not None
    )


def offer_notice(text: str) -> str:
    """The sentence that offers a subscription, when the text says nothing else but a few words; else ""."""
    told = ""
    for one in sentences(text):
        if _OFFER.search(one):
            told = told or one
        elif not _is_beside(one):
            return ""
    return told


def _is_beside(sentence: str) -> bool:
    """A label of a few words, or politeness."""
    return (
        len(sentence.split()) <= _LABEL_WORDS and len(_WIDE.findall(sentence)) < _SENTENCE_WIDE
    ) or _POLITE.match(sentence) is not None
