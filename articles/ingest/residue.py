"""What is residue: whole lines around a text that are the page's and not the article's, as named rules; pure.

Languages: English, German, French, Spanish, Italian, Portuguese, Dutch, and the commonest lines in Chinese, Japanese
and Korean. What a publisher words in its own way is learnt from its pages instead (`articles.ingest.repeating`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from entities.agencies import names_agency

_MONTH = (
    r"(?:jan(?:uar[yio]?|vier|eiro)?|ene(?:ro)?|gen(?:naio)?|feb(?:ruar[yi]?|rero|braio)?|f[eé]v(?:rier|ereiro)?"
    r"|mar(?:ch|s|zo|ço|t)?|m[äa]rz|maart|mrt|apr(?:il[e]?)?|avr(?:il)?|abr(?:il)?|may|mai|mayo|maio|maggio|mag|mei"
    r"|june?|juni|juin|junio|junho|giugno|giu|july?|juli|juil(?:let)?|julio|julho|luglio|lug"
    r"|aug(?:ust(?:us)?)?|ao[uû]t|ago(?:sto)?|sep(?:t(?:ember|embre|iembre)?)?|set(?:tembre|embro)?"
    r"|o[ck]t(?:ober|obre|ubre)?|ott(?:obre)?|out(?:ubro)?|nov(?:ember|embre|iembre|embro)?"
    r"|de[cz](?:ember|embro)?|d[eé]c(?:embre)?|dic(?:iembre|embre)?)\.?"
)
_WEEKDAY = (
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
    r"|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    r"|lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo"
    r"|luned[iì]|marted[iì]|mercoled[iì]|gioved[iì]|venerd[iì]|sabato|domenica"
    r"|(?:segunda|ter[cç]a|quarta|quinta|sexta)(?:-feira)?"
    r"|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag)\.?"
)
_ZONE = r"(?:utc|gmt|bst|i?st|jst|hkt|sgt|cet|cest|mez|mesz|[ecmp][sd]?t|a[ecw][sd]t)(?: ?[+-]\d{1,2}(?::?\d{2})?)?"
_JOINER = (
    r"(?:at|on|um|am|den|der|à|le|de|del|do|da|das|às|as|a|alle|las|los|ore|il|om|op|the|h|uhr|uur|hrs?|ist)"
)
_MOMENT_PART = (
    rf"(?:{_WEEKDAY}|{_MONTH}|{_ZONE}|{_JOINER}|[ap]\.? ?m\.?|\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}}"
    r"|\d{1,2}[:.h]\d{2}(?::\d{2})?(?: ?(?:[ap]\.? ?m\.?|h|uhr|uur))?|\d{1,2}(?:st|nd|rd|th|er|º|ª|\.)|\d{1,4}[ap]m|\d{1,4}h?"
    r"|\d{4} ?[年년] ?\d{1,2} ?[月월] ?\d{1,2} ?[日일])"
)
# A date or a time and nothing else; a number alone is none.
_MOMENT = (
    r"(?!.{0,160}(?:\d{1,4}[./-]){4})(?!.{161})"
    rf"(?=.{{0,60}}(?:\d ?[:./h-] ?\d|{_MONTH}(?: |,|\d)|\d [ap]\.?m|{_MONTH}$|[年년]))(?=\D{{0,40}}\d)"
    rf"{_MOMENT_PART}(?:[\s,|·•()/–—-]+{_MOMENT_PART}){{0,14}}\)?"
)
_STAMPED = (
    r"(?:(?:first |last |originally |article |story )?(?:published|posted|updated|modified|created|edited)|last update"
    r"|zuletzt (?:aktualisiert|geändert)|(?:letzte )?aktualisierung|veröffentlicht|aktualisiert|erstellt|stand"
    r"|publiée?|(?:dernière )?mise? à jour|modifiée?"
    r"|publicado|publicada|actualizado|actualizada|última actualización|modificado"
    r"|atualizado|atualizada|atualizado|última atualização|pubblicato|aggiornato|ultimo aggiornamento|ultima modifica"
    r"|gepubliceerd|geplaatst|bijgewerkt|laatst(?:e)? (?:bijgewerkt|gewijzigd|update)"
    r"|发布时间|更新时间|發布時間|更新時間|发表时间|发布于|公開日時?|更新日時?|投稿日時?|配信|입력|수정|등록|기사입력|최종수정)"
)
_SOCIAL = r"(?:facebook|twitter|x|instagram|linkedin|telegram|whatsapp|google(?: news|\+)?|youtube|tiktok|threads|bluesky|mastodon|social media|flipboard|snapchat|pinterest|line|weibo|wechat|微博|微信)"
# What makes a call a call and no statement: an address to follow it to.
_ADDRESS = r"(?:@\w{2,}|[\w.+-]+@[\w-]+\.[\w.]+|https?://\S+|www\.\S+|\b[\w-]+\.(?:com|org|net|co\.uk|de|fr|es|it|nl|br|news)\b)"


@dataclass(frozen=True, slots=True)
class ResidueRule:
    """One kind of residue. `words` says to people what it takes; `patterns` must fit a whole folded line.

    `is_head_only`: only between the headline and the first sentence. `spares_sentences`: a line that ends in a full
    stop is the text's. `spares_agencies`: a line that names a news agency says whose text it is, and stays.
    """

    id: str
    words: str
    patterns: tuple[str, ...]
    is_head_only: bool = False
    spares_sentences: bool = False
    spares_agencies: bool = False


RULES: tuple[ResidueRule, ...] = (
    ResidueRule(
        "source-link",
        "where else the article can be read",
        (
            r"(?:source|via|original)(?: (?:link|url|article|post))?|quelle|fuente|fonte|bron|来源|來源|原文|出典",
            r"(?:read|view|see) (?:the )?(?:full |original |rest of the )+(?:article|story|post|source)(?: here)?(?: (?:at|on) .{1,60})?",
            r"(?:this |the )(?:article|story|post)?.{0,120}? ?(?:was )?(?:originally |first )?appeared (?:first|originally) on .{1,80}",
            r"(?:this )(?:article|story|post) (?:was )?(?:originally|first) (?:appeared|published|posted) (?:on|at|in|by) .{1,80}",
            r"(?:the post|l['’]article|el art[ií]culo|el post|la entrada|der beitrag|il post|o post|het bericht) .{1,160} (?:appeared first on|est apparu en premier sur|apareció primero en|erschien zuerst auf|proviene da|apareceu primeiro em|verscheen eerst op) .{1,80}",
            r"(?:原文链接|原文連結|阅读原文|閱讀原文|原文地址|元記事|원문보기).{0,80}",
        ),
    ),
    ResidueRule(
        "source-credit",
        "“Source: …” without a news agency’s name",
        (r"(?:sources?|quellen?|fuentes?|fontes?|bron(?:nen)?|来源|來源|出典|출처) ?[:：] ?.{1,80}",),
        spares_sentences=True,
        spares_agencies=True,
    ),
    ResidueRule(
        "back-to-top",
        "links to the page’s top",
        (
            r"(?:back|return|go|scroll|jump) to (?:the )?top(?: button| of (?:the )?page)?|top of page",
            r"(?:zurück )?nach oben|zum seitenanfang|(?:retour en )?haut de (?:la )?page|volver arriba|torna su|torna all['’]inizio|voltar ao topo|naar boven|terug naar boven|返回顶部|返回頂部|回到顶部|ページの?(?:先頭|トップ)へ(?:戻る)?|맨 ?위로(?: 가기)?",
        ),
    ),
    ResidueRule(
        "share",
        "calls to share",
        (
            r"(?:please )?(?:share|spread|tweet|pin|like) (?:this|the|it|on|via|with|with your)(?: \w+){0,5}",
            r"share|shares?: ?\d*|\d+ shares?|click to (?:share|print|email)\b.{0,80}|share (?:article|story|post|page)",
            r"(?:artikel |beitrag )?teilen|(?:partager|compartir|compartilhar|condividi|delen|deel)(?: (?:sur|en|em|su|op|via|cet article|este art[ií]culo|esta not[ií]cia|l['’]articolo|questo articolo|dit artikel)\b.{0,40})?",
            r"分享(?:到|至|给|給)?.{0,12}|シェア(?:する)?|共有(?:する)?|ツイート(?:する)?|공유(?:하기)?|기사 ?공유(?:하기)?",
        ),
        spares_sentences=True,
    ),
    ResidueRule(
        "social-buttons",
        "rows of buttons",
        (
            r"(?:(?:facebook|twitter|x|linkedin|whatsapp|telegram|reddit|pinterest|tumblr|flipboard|pocket|messenger|instagram|youtube|tiktok|email|e-mail|mail|print|drucken|imprimer|imprimir|stampa|afdrukken|copy link|copy|link|sms|line|wechat|weibo|share|tweet|save|google\+|more|comments?|bookmark|facebook messenger|threads|bluesky|mastodon|rss|xing|微信|微博|qq空间|카카오톡|페이스북|트위터)[\s,|/·•]*){1,15}",
        ),
    ),
    ResidueRule(
        "advertisement",
        "labels of advertisements",
        (
            r"(?:advert(?:isement|ising)?s?|ads?|sponsored(?: content| links?| by .{1,40})?|paid (?:post|content)|promoted|reklame|anzeigen?|werbung|publicité|publicidad|publicidade|pubblicità|advertentie|reclame)(?: [-–|] .{0,60})?",
            r"(?:story|article|content|report) continues (?:below|after)(?: (?:this )?(?:advert(?:isement)?|ad|video))?|skip advert(?:isement)?",
            r"continue reading(?: (?:below|the (?:main|full) story).{0,20})?|(?:der )?artikel (?:geht|wird) (?:nach|unter) (?:der )?(?:anzeige|werbung) (?:weiter|fortgesetzt)|la suite (?:de l['’]article )?après (?:cette |la )?publicité|sigue leyendo|continúa (?:leyendo )?después de la publicidad|continua após a publicidade|l['’]articolo continua dopo la pubblicità|artikel gaat verder (?:onder|na) (?:de )?advertentie",
            r"广告|廣告|広告|スポンサー(?:ドリンク|リンク)?|광고",
        ),
    ),
    ResidueRule(
        "newsletter",
        "invitations to a newsletter",
        (
            r"(?:sign up|subscribe|register|get|receive|join)\b.{0,160}\b(?:newsletters?|inbox|mailing list|daily briefing|email (?:alerts?|updates?))\b.{0,120}",
            r"(?:.{1,160}[.!?] )?(?:sign up|subscribe) (?:for|to) (?:our|the)\b.{0,60}\b(?:newsletter|inbox)\b.{0,120}",
            r"(?:.{1,160}[.!?] )sign up for .{1,60} (?:today )?to (?:get|receive)\b.{0,60}\bnewsletter\b.{0,60}",
            r"subscribe(?: now| today)?|newsletter|enter your email.{0,60}",
            r"(?:jetzt |hier |abonnieren sie |melden sie sich |erhalten sie )(?:.{0,80}\b)?newsletter\b.{0,80}|newsletter (?:abonnieren|bestellen)",
            r"(?:inscrivez-vous|abonnez-vous|recevez)\b.{0,80}\b(?:newsletter|lettre d['’]information|infolettre)\b.{0,80}",
            r"(?:suscr[ií]bete|suscr[ií]base|reg[ií]strate|recibe|apúntate)\b.{0,80}\b(?:newsletter|bolet[ií]n(?:es)?)\b.{0,80}",
            r"(?:iscriviti|ricevi)\b.{0,80}\bnewsletter\b.{0,80}|(?:assine|inscreva-se|cadastre-se|receba)\b.{0,80}\b(?:newsletter|boletim)\b.{0,80}",
            r"(?:schrijf je in|meld je aan|abonneer je|ontvang)\b.{0,80}\bnieuwsbrief\b.{0,80}",
            r"(?:订阅|訂閱)(?:我们的|我們的)?(?:.{0,10})(?:通讯|通訊|电子报|電子報|邮件|郵件)|メールマガジン(?:に|の)?登録.{0,20}|뉴스레터 ?(?:구독|신청)(?:하기)?",
        ),
    ),
    ResidueRule(
        "subscribe",
        "offers of a subscription",
        (
            r"(?:already a subscriber\??|to (?:continue|keep) reading|log ?in|sign ?in|register|subscribe)(?: .{0,80})?\b(?:subscri\w+|log ?in|sign ?in|register|account)\b.{0,60}",
            r"if you (?:enjoyed|liked|like|value|appreciate|love) (?:this|our|what you) (?:article|story|post|piece|reporting|journalism|work|read)\b.{0,400}",
            r"(?:get|subscribe|join|start|try|enjoy|become)\b.{0,200}\b(?:(?:for|from) (?:just|only|as little as) (?:[£$€₹¥]|rs\.?|usd|eur) ?\d{1,6}|\d+ issues for|free trial|unlimited (?:digital )?access|cancel any ?time)\b.{0,600}",
            r"(?:(?:jetzt )?(?:abonnieren|abo testen|probeabo.{0,40})|(?:réservé aux|article réservé) (?:aux )?abonnés|(?:contenido )?(?:exclusivo )?para suscriptores|(?:contenuto )?riservato agli abbonati|(?:conteúdo )?exclusivo para assinantes|(?:alleen )?voor abonnees)",
            r"(?:会员|會員)(?:专享|專享|限定).{0,10}|(?:この記事は)?(?:会員|有料)(?:会員)?限定(?:記事|です)?.{0,20}",
        ),
    ),
    ResidueRule(
        "paywall-line",
        "what a paywall says to its reader: “Subscribe to continue reading”",
        (
            r"(?:please )?(?:subscribe|sign up|register|log ?in|sign ?in|become a (?:member|subscriber)|create (?:a|an) (?:free )?account)(?: (?:now|today|here|free|for free))?(?: or (?:log|sign) ?in)? to (?:continue|keep|finish|read|unlock|access|view)(?: (?:reading|this|the|full|unlimited|our|all|premium|article|story|content|rest|of|more|your|access|articles|stories))*",
            r"to (?:continue|keep) reading(?: this (?:article|story))?,? (?:please )?(?:subscribe|register|log ?in|sign ?in|create|start|become)\b.{0,60}|continue reading (?:with|by) (?:a|your|subscribing|an?) ?.{0,60}|(?:already|are you) a (?:subscriber|member)\?? ?(?:(?:please )?(?:log|sign) ?in(?: here| now)?)?|unlock (?:this|the full) (?:article|story)(?: .{0,40})?",
            r"(?:this|the full) (?:article|story|content) is (?:only )?(?:available |reserved )?(?:exclusively )?(?:for|to) (?:our )?(?:paying |paid |registered )?(?:subscribers|members)(?: only)?|you(?:['’]ve| have) (?:reached|read|used) (?:your|all|the)\b.{0,30}(?:free|limit|articles).{0,40}|want to (?:read more|keep reading|continue reading)\?? ?(?:subscribe.{0,30})?",
            r"(?:jetzt )?(?:weiterlesen|testen|freischalten) (?:mit|für) .{1,40}|(?:mit|nur mit) .{1,20} (?:weiterlesen|lesen)|(?:jetzt )?(?:artikel|beitrag) (?:freischalten|weiterlesen)|(?:sie sind|du bist|haben sie|sind sie) (?:schon|bereits) (?:abonnent(?:in)?|abonniert|ein abo|registriert)\?? ?(?:(?:hier |jetzt |zur |zum )?(?:anmeld(?:en|ung)|einloggen|login))?|(?:bereits|schon) (?:abonnent(?:in)?|kunde|registriert)\?? ?(?:(?:hier |jetzt )?(?:anmelden|einloggen))?",
            r"(?:dieser|den) (?:artikel|beitrag|inhalt) ist (?:nur |exklusiv |ausschließlich )?für (?:unsere )?(?:plus-?|digital-?|premium-?)?(?:abonnent\w*|mitglieder)(?: \w+){0,3}|(?:um )?(?:weiterzulesen|diesen artikel (?:weiter)?zu ?lesen),? .{0,60}(?:abo|anmeld|registrier)\w*.{0,20}|(?:melden sie sich an|registrieren sie sich),? um .{0,40}weiterzulesen",
            r"(?:abonnez-vous|connectez-vous|inscrivez-vous)(?: (?:ou|et) (?:connectez|abonnez|inscrivez)-vous)? pour (?:lire|continuer|poursuivre|accéder)\b.{0,60}|(?:vous êtes )?déjà abonnée?(?:\(e\))?(?:·e)? ?\? ?(?:(?:connectez-vous|se connecter|je me connecte|identifiez-vous).{0,10})?|(?:cet|l['’]) ?article (?:complet )?est réservé (?:à|aux) (?:nos )?abonnée?s|la suite (?:de cet article )?est réservée (?:à|aux) (?:nos )?abonnés|il vous reste .{1,30} de cet article à lire.{0,60}",
            r"(?:suscr[íi]bete|suscr[íi]base|reg[íi]strate|inicia sesi[óo]n) (?:para|y) (?:seguir|continuar|leer|acceder)\b.{0,60}|para (?:seguir|continuar) leyendo.{0,60}|¿ya (?:eres|es|est[áa]s) (?:suscriptora?|suscrit[oa])\? ?(?:(?:inicia|iniciar) sesi[óo]n|entra(?: aqu[íi])?|accede|ingresa)?|(?:contenido|art[íi]culo|noticia) (?:exclusiv[oa]|s[óo]lo) para (?:suscriptores|socios|abonados)",
            r"(?:abbonati|accedi|registrati) per (?:continuare|leggere|proseguire|sbloccare)\b.{0,60}|per continuare a leggere.{0,60}|(?:sei|hai) già (?:abbonato|un abbonamento|registrato)\?? ?(?:accedi|effettua (?:il )?login)?(?: qui)?|(?:contenuto|articolo) (?:riservato|esclusivo) (?:agli|per gli) abbonati|(?:questo )?(?:articolo|contenuto) è riservato agli abbonati",
            r"(?:assine|cadastre-se|faça login) (?:para|e) (?:continuar|continue|ler|leia|ter acesso)\b.{0,60}|(?:você )?já é assinante\?? ?(?:faça (?:seu )?login|entre|acesse)?|para continuar lendo.{0,60}|(?:word (?:nu )?abonnee|log in|abonneer je|neem een abonnement) (?:om|en) .{0,20}(?:verder (?:te )?lez?en|lees verder).{0,20}|(?:ben je )?al abonnee\?? ?(?:log (?:dan )?(?:hier )?in|inloggen)?|(?:dit|het) artikel is (?:alleen|exclusief) voor (?:abonnees|leden)",
            r"(?:оформите|купите) подписку,? чтобы (?:читать|продолжить).{0,30}|(?:материал|статья) доступ\w+ (?:только )?(?:подписчикам|по подписке)|(?:订阅|登录|訂閱|登入)(?:后|以|後)?(?:继续|繼續)?(?:阅读|閱讀|查看)(?:全文)?|続きを読むには.{0,30}|残り ?[\d,]+文字.{0,20}|구독(?:하고|자) ?.{0,12}(?:계속|전용).{0,12}",
        ),
    ),
    ResidueRule(
        "copyright",
        "copyright notices, but not of a news agency",
        (
            r"(?:©|\(c\)|copyright\b).{0,300}",
            r".{0,80}\ball rights reserved.{0,200}",
            r".{0,80}\b(?:alle rechte vorbehalten|tous droits réservés|todos los derechos reservados|tutti i diritti riservati|todos os direitos reservados|alle rechten voorbehouden)\b.{0,80}",
            r".{0,60}(?:版权所有|版權所有|未经授权.{0,10}转载|未經授權.{0,10}轉載|無断転載.{0,10}|무단 ?(?:전재|복제).{0,30}|저작권자.{0,60}).{0,60}",
        ),
        spares_agencies=True,
    ),
    ResidueRule(
        "reprints",
        "notices on copies and reprints",
        (
            r"order reprints?|(?:reprints?|rights) (?:and|&) (?:permissions|reprints)|(?:request|buy|purchase) (?:reprints?|rights).{0,60}",
            r"this copy is for your personal,? (?:and )?non-?commercial use.{0,400}",
            r"(?:this material|no part of this (?:article|site|publication)) may (?:not )?be (?:published|reproduced|copied).{0,200}",
        ),
    ),
    ResidueRule(
        "tags",
        "tags and topics",
        (
            r"(?:tags?|topics?|keywords|filed under|categor(?:y|ies)|posted in|labels?|tagged(?: with)?|in this (?:article|story)) ?:.{0,250}|(?:tags?|topics?|filed under|categories)",
            r"(?:schlagw[oö]rte?r?|themen|mots[- ]cl[eé]s|etiquetas|temas|palabras clave|argomenti|tag|palavras-chave|assuntos|onderwerpen|trefwoorden|标签|標籤|关键词|關鍵字|タグ|キーワード|태그|키워드) ?[:：].{0,250}",
        ),
        spares_sentences=True,
    ),
    ResidueRule(
        "comments",
        "calls to comment",
        (
            r"(?:leave|post|add|write|submit) (?:a|your) (?:comment|reply).{0,40}|(?:view |show |read |see )?(?:all )?\d* ?comments?(?: \(\d+\))?|no comments(?: yet)?",
            r"comments (?:are closed|off|have been closed).{0,40}|join the (?:conversation|discussion)|(?:you must be|please) log(?:ged)? ?in to (?:post a )?comment",
            r"(?:\d* ?)(?:kommentare?|commentaires?|comentarios?|commenti|coment[aá]rios?|reacties|评论|評論|コメント|댓글)(?: ?\(?\d+\)?)?",
            r"(?:kommentar (?:schreiben|verfassen|hinterlassen)|laisser un commentaire|réagir|deja (?:un|tu) comentario|deja una respuesta|lascia un commento|deixe (?:um|seu) comentário|plaats een reactie|发表评论|發表評論|コメントする|댓글 ?(?:쓰기|달기))",
        ),
    ),
    ResidueRule(
        "page-tools",
        "buttons of the page",
        (
            r"(?:print|e-?mail|save|download|listen|bookmark)(?: (?:this|the|to))?(?: (?:article|story|page|post|friend|pdf))?|(?:text|font) size.{0,30}|(?:increase|decrease) (?:text|font) size",
            r"view (?:gallery|slideshow|as (?:one|single) page)|toggle .{0,30}|close|menu|search|skip to (?:main )?content",
            r"(?:artikel )?(?:drucken|merken|vorlesen|anhören)|imprimer|imprimir|stampa|afdrukken|écouter l['’]article|escuchar|ascolta(?: l['’]articolo)?|zum inhalt springen|aller au contenu",
            r"(?:打印|列印|收藏|字体大小|字體大小|字号|字號|印刷|保存|프린트|인쇄|글자 ?크기.{0,10})",
        ),
    ),
    ResidueRule(
        "page-messages",
        "messages of forms and players",
        (
            r"an error (?:has )?occurr?ed.{0,60}|(?:something went wrong|oops).{0,60}|please try again(?: later)?|loading(?: (?:more|comments?|article|video|content|page|player)\b.{0,10})?|thank you(?: for (?:subscribing|signing up|your (?:feedback|subscription)))?",
            r"this article has been sent to.{0,60}|your (?:browser|device) does not support.{0,80}|(?:this|the) video (?:is unavailable|cannot be played|can not be played).{0,60}|video (?:player )?(?:is )?loading",
            r"ein fehler ist aufgetreten.{0,60}|une erreur (?:est survenue|s['’]est produite).{0,60}|se ha producido un error.{0,60}|si è verificato un errore.{0,60}|ocorreu um erro.{0,60}|er is een fout opgetreden.{0,60}",
            r"wird geladen|chargement(?: en cours)?|cargando|caricamento(?: in corso)?|carregando|laden|加载中|載入中|読み込み中|로딩 ?중",
        ),
    ),
    ResidueRule(
        "previous-next",
        "links to the next article",
        (
            r"(?:previous|next|prev|older|newer)(?: (?:article|post|story|page|entry))?(?: ?[:»«→←].{0,150})?|[←→] ?.{1,120}|.{1,120} →",
            r"(?:vorheriger|nächster) (?:artikel|beitrag)(?: ?:.{0,150})?|article (?:précédent|suivant)(?: ?:.{0,150})?|(?:art[ií]culo|noticia) (?:anterior|siguiente)(?: ?:.{0,150})?|articolo (?:precedente|successivo)(?: ?:.{0,150})?|(?:artigo|post) (?:anterior|seguinte)(?: ?:.{0,150})?|(?:vorige?|volgende?) (?:artikel|bericht)(?: ?:.{0,150})?",
            r"(?:上一篇|下一篇|上一页|下一页|前の記事|次の記事|次のページ|이전 ?기사|다음 ?기사)(?: ?[:：].{0,150})?",
        ),
    ),
    ResidueRule(
        "reading-time",
        "how long reading takes",
        (
            r"(?:estimated )?(?:reading|read) time:? .{0,30}|(?:\d+|one|two|three|four|five) ?-?(?:min(?:ute)?s?\.?) ?-?(?:to )?(?:read|reading)(?: time)?|\d+ words",
            r"(?:lesezeit|lesedauer|temps de lecture|lecture|tiempo (?:estimado )?de lectura|tempo (?:médio |estimado )?de leitura|tempo di lettura|leestijd) ?:? ?.{1,24}|\d+ min(?:uten|utes|utos|uti|uut|\.)? ?(?:lesezeit|de lecture|de lectura|de leitura|di lettura|leestijd|lezen)",
            r"(?:阅读时间|閱讀時間|阅读约|読了時間|読了目安|この記事は約).{0,20}",
        ),
        spares_sentences=True,
    ),
    ResidueRule(
        "follow",
        "calls to follow the publisher or a writer",
        (
            rf"(?:follow|like|find|join|visit|connect with) (?:us|me|our \w+|@\w+) (?:on|at|via) {_SOCIAL}\b.{{0,100}}|follow (?:us|@\w+).{{0,40}}",
            rf"(?:follow|like|find|visit|see|get) (?=.{{0,200}}{_ADDRESS})(?:.{{1,80}} (?:on|at|coverage|latest)\b.{{0,160}})",
            rf"(?:folgen sie uns|suivez-nous|s[ií]guenos|seguici|siga-nos|siga a gente|volg ons)(?: .{{0,20}})?(?:{_SOCIAL})?.{{0,60}}",
            r"(?:关注我们|關注我們|关注.{0,12}(?:公众号|微信|微博)|扫码关注|掃碼關注|フォローする|팔로우(?:하기)?|네이버에서 .{0,12}구독하기).{0,30}",
            r"download (?:our|the) .{0,40}\bapps?\b.{0,60}",
        ),
    ),
    ResidueRule(
        "contact",
        "how to reach the writer",
        (
            rf"(?:write to|e-?mail|contact|reach|tweet|message|get in touch with|call) (?=.{{1,200}}{_ADDRESS})(?:(?!\. ).){{1,160}}(?:\. follow .{{1,120}})?",
            rf"(?:.{{1,240}}[.!?,] )(?:you can )?follow (?:him|her|them|us|me|@\w+)(?: on {_SOCIAL})?(?: at)? ?(?:@|https?://)\w.{{0,120}}",
            r"(?:e-?mail|mail|contact|kontakt|contacto|contatto|contato)[:：] ?[\w.+-]+@[\w-]+\.[\w.]+",
            r"\S{2,5} ?기자 ?[\w.+-]+@[\w-]+\.[\w.]+|[\w.+-]+@[\w-]+\.[\w.]+",
            r"(?:kontakt|schreiben sie (?:uns|dem autor|der autorin)|écrire à|escribe a|scrivi a|escreva para|mail naar) .{0,80}[\w.+-]+@[\w-]+\.[\w.]+.{0,40}",
        ),
    ),
    ResidueRule(
        "contributors",
        "who else worked on the report",
        (
            r"\(?(?:additional |further |with )?(?:reporting|writing|editing|research|compiled|production|graphics?) by .{1,240}",
            r"\(?additional (?:reporting|research|material|contributions?) (?:by|from) .{1,160}",
            r"(?:(?!\. ).){2,160} (?:also )?contributed (?:reporting |research )?to this (?:report|story|article|post|piece)(?: from .{1,80})?",
            r"(?:mitarbeit|mitarbeiter|avec la collaboration de|con informaci[oó]n de|con la collaborazione di|com informações d[aeo]s?|com colaboração de|met medewerking van) ?:? .{1,120}",
            r"[(（【\[]?(?:责任编辑|責任編輯|责编|責編|编辑|編輯|编审|記者|记者|撰文|作者) ?[:：] ?.{1,40}[)）】\]]?|[(（](?:记者|記者) ?.{1,20}[)）]|\(?(?:취재|글|사진|편집) ?= ?.{1,30}\)?",
        ),
    ),
    ResidueRule(
        "cookies",
        "notices on cookies and scripts",
        (
            r".{0,60}\b(?:uses?|accept|enable|allow) (?:cookies|javascript)\b.{0,150}|(?:please )?(?:enable|turn on) javascript.{0,80}",
            r".{0,60}\b(?:verwende[tn] cookies|utilise des cookies|utiliza cookies|usa cookies|utilizza (?:i )?cookie|gebruikt cookies|cookies? akzeptieren|accepter les cookies|aceptar cookies|accetta i cookie|aceitar cookies|cookies accepteren)\b.{0,100}",
        ),
    ),
    ResidueRule(
        "feedback",
        "calls for tips and corrections",
        (
            r"(?:have (?:a|any) (?:tip|story|news tip)s?\b|(?:send|got) (?:us )?(?:a |your )?(?:news )?tips?\b|report (?:a|an) (?:typo|error|correction)|(?:see|spotted|found) (?:a|an) (?:mistake|error|typo)\b).{0,120}",
            r"(?:fehler (?:gefunden|melden)|haben sie einen fehler|signaler une erreur|¿has encontrado un error|segnala un errore|encontrou (?:um|algum) erro|foutje gezien|tip de redactie).{0,100}",
            r"the .{2,60} is committed to publishing .{0,80}letters to the editor.{0,400}",
        ),
    ),
    ResidueRule(
        "credit-line",
        "credits of pictures",
        (
            r"(?:photo|image|picture|foto|featured image|cover image|photograph)s?(?: ?(?:credit|source|courtesy|by|via|from))?s? ?:.{0,100}",
            r"\(?(?:ap|afp|reuters|getty|file) (?:photo|images?|file photo)\)?(?: ?/ ?.{0,40})?",
            r"(?:bild(?:quelle)?|bildnachweis|fotoquelle|crédit(?:s)?(?: photo)?|© photo|crédito(?: de la foto| da foto| da imagem)?|imagen|imagem|credito foto|beeld|图片来源|圖片來源|图源|図版|写真|撮影|画像|사진)(?: ?(?:提供|出典|출처|제공))? ?[:：=＝] ?.{1,100}",
        ),
        spares_sentences=True,
    ),
    ResidueRule(
        "views",
        "counts of readers",
        (
            r"(?:\d[\d,.]*k?) (?:views?|likes?|reads?|hits?)|(?:post )?views: ?\d[\d,.]*",
            r"(?:aufrufe|vues|visitas|visualizaciones|visualizzazioni|visualizações|weergaven) ?:? ?\d[\d,.]*|\d[\d,. ]* (?:aufrufe|vues|visitas|visualizaciones|visualizzazioni|visualizações|weergaven)",
            r"(?:阅读|閱讀|浏览|瀏覽|点击|點擊|조회(?:수)?) ?[:：]? ?\d[\d,.]*(?:万|萬)?|\d[\d,.]* ?(?:次阅读|次閱讀|次浏览|人浏览|回視聴)",
        ),
    ),
    ResidueRule(
        "rate-this",
        "calls to rate",
        (
            r"rate this (?:article|story|post)|was this (?:article|story|post|page)(?: (?:helpful|useful|interesting))?(?: to you)?\??|did you (?:like|enjoy) this (?:article|story|post)\??|how do you feel about this.{0,20}",
            r"(?:war dieser artikel hilfreich|cet article vous a(?:-t-il)? (?:plu|été utile)|¿te ha (?:gustado|resultado útil) .{0,30}|ti è (?:piaciuto|stato utile) .{0,30}|este (?:artigo|conteúdo) foi útil|was dit artikel nuttig).{0,10}",
        ),
    ),
    ResidueRule(
        "read-more",
        "links to other texts: “Read more: …”",
        (
            r"(?:read|see|watch|listen|learn)(?: more| also| next| this)+(?: (?:on|about|from) .{1,40})? ?[:：>»→|].{1,200}|(?:read|see|watch) (?:also|more|next)",
            r"(?:related|also read|don['’]t miss|recommended|you (?:may|might) (?:also )?like|more (?:on this|from .{1,30}|stories)|must[- ]reads?|trending|in pictures|in case you missed it|opinion) ?[:：|].{1,200}",
            r"(?:lesen sie (?:auch|dazu|mehr|hier)|mehr (?:zum thema|dazu)|auch interessant|siehe auch|das könnte sie (?:auch )?interessieren) ?[:：|»].{1,200}|(?:mehr zum thema|auch interessant|siehe auch)",
            r"(?:(?:à )?lire (?:aussi|également)|à voir(?: aussi)?|sur le même sujet|pour aller plus loin|voir aussi) ?[:：|»].{1,200}|(?:à )?lire (?:aussi|également)|sur le même sujet",
            r"(?:lee(?:r)? (?:también|más)|lea (?:también|más)|te puede interesar|ver (?:también|más)|más información|mira también|relacionado) ?[:：|»].{1,200}|te puede interesar|noticias relacionadas",
            r"(?:leggi anche|vedi anche|guarda anche|potrebbe interessarti(?: anche)?|approfondisci) ?[:：|»].{1,200}|leggi anche|potrebbe interessarti(?: anche)?",
            r"(?:le(?:ia|r) (?:também|mais)|veja (?:também|mais)|saiba mais|confira(?: também)?|assista(?: também)?) ?[:：|»].{1,200}|(?:leia|veja) também|saiba mais|notícias relacionadas",
            r"(?:lees (?:ook|meer|verder)|bekijk ook|zie ook) ?[:：|»].{1,200}|lees (?:ook|verder)",
            r"(?:相关(?:阅读|新闻|报道|链接)|相關(?:閱讀|新聞|報導|連結)|延伸(?:阅读|閱讀)|更多(?:新闻|新聞|内容|內容)|推荐阅读|推薦閱讀|(?:更)?多閱讀|関連(?:記事|リンク|ニュース)|あわせて読みたい|続きを読む|(?:こちら|合わせて)も(?:読む|おすすめ)|관련 ?기사|관련 ?뉴스|더 ?보기|추천 ?기사)(?: ?[:：>|].{0,200})?",
            r".{1,140} \[?\[(?:video|videos|photos?|pictures?|pics|watch|insight|analysis|reaction|gallery|live|exclusive|opinion|report|comment|revealed|latest)\]",
        ),
        spares_sentences=True,
    ),
    ResidueRule(
        "labelled-address",
        "a label with a web address and nothing else",
        (
            r"(?:[^\W_][\w'’]*(?: [\w'’]+){0,4}) ?[:：] ?(?:https?://|www\.)\S+(?: (?:and|und|et|y|e|en|\|) (?:https?://|www\.)\S+)*",
        ),
        spares_sentences=True,
    ),
    ResidueRule(
        "click-here",
        "“Click here to …”",
        (
            r"(?:(?:.{0,200}[.!?] )?)(?:click|tap) here (?:for more|for the (?:full|latest)|to (?:read|subscribe|sign|see|view|watch|join|get|download|buy|order)\b).{0,120}",
            r"(?:hier klicken|klicken sie hier|cliquez ici|haz clic aqu[ií]|haga clic aqu[ií]|clicca qui|clique aqui|klik hier),? (?:für|um|pour|para|per|e|voor|om)\b.{0,100}",
        ),
        spares_sentences=True,
    ),
    ResidueRule(
        "broadcast",
        "when a programme is on the air",
        (
            r"(?:listen to|watch|tune in(?: to)?|catch) .{1,80}\b(?:weekdays|weeknights|listen back|catch up|on demand)\b.{0,100}",
            r"(?:listen|subscribe|download|watch) (?:to |and subscribe to |it )?(?:.{1,80} )?(?:on|via|from|at|in) (?:apple podcasts|spotify|itunes|google podcasts|stitcher|bbc sounds|iplayer)\b.{0,100}",
        ),
    ),
    ResidueRule(
        "stamp",
        "when the page was published or changed",
        (
            rf"\(?{_STAMPED}(?: (?:on|at|am|um|le|el|em|il|op|den|à|alle))? ?[:：]? ?{_MOMENT}",
            r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4} ?[-–|] ?(?:posted|published|publicado|publicada|publié|pubblicato|geplaatst|veröffentlicht) (?:by|por|par|da|door|von) ?:? .{1,120}",
        ),
    ),
    ResidueRule(
        "dateline",
        "dates above the text",
        (
            r"(?:first published|published|posted|updated|last updated|last modified|modified|date|created)(?: on| at)? ?: ?.{0,30}\d.{0,50}",
            r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? .{0,12}\d{1,2}.{0,30}\d{4}.{0,30}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}(?:[ ,]+\d{1,2}:\d{2}.{0,15})?",
            r"(?:\w{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}|\d{1,2}(?:st|nd|rd|th)? \w{3,9}\.? \d{4})(?:[ ,|-]+(?:at )?\d{1,2}[:.]\d{2}.{0,20})?",
            r"\d+ (?:minute|hour|day|week|month|year)s? ago|vor \d+ (?:minuten?|stunden?|tagen?|wochen?|monaten?)|il y a \d+ (?:minutes?|heures?|jours?|mois)|hace \d+ (?:minutos?|horas?|d[ií]as?)|\d+ (?:minuti|ore|giorni) fa|h[aá] \d+ (?:minutos?|horas?|dias?)|\d+ (?:minuten|uur|dagen) geleden",
            rf"(?=.{{0,60}}(?:{_MONTH}[ ,\d]|{_MONTH}$|\d[./-]\d{{1,2}}[./-]\d|[年년])){_MOMENT}(?: (?:by|von|par|por|da|di|door) .{{1,60}})?",
            r"\d+ ?(?:分钟|分鐘|小时|小時|天)前|\d+ ?(?:分|時間|日)前|\d+ ?(?:분|시간|일) ?전|\d{4}[-./年]\d{1,2}[-./月]\d{1,2}日?(?: ?\(?.\)?)?(?: ?\d{1,2}[:時时]\d{2}分?(?::\d{2})?)?(?: .{0,20})?",
        ),
        is_head_only=True,
    ),
    ResidueRule(
        "page-address",
        "the page’s own address above the text",
        (r"(?:https?://|www\.)\S+",),
        is_head_only=True,
    ),
    ResidueRule(
        "breadcrumb",
        "the way through the site’s sections",
        (
            r"(?:home|start(?:seite)?|accueil|inicio|in[ií]cio|homepage|首页|首頁|ホーム|トップ|홈)(?: ?[>/»›|] ?[^>/»›|]{1,60}){1,6}",
            r"home(?: ?page)?|startseite|accueil|inicio|in[ií]cio|首页|首頁|ホーム|홈",
        ),
        is_head_only=True,
    ),
)  # fmt: skip
# What the cleaner takes by other means than a pattern, in words for people.
OTHER_RULES: tuple[tuple[str, str], ...] = (
    ("repeated", "lines learnt from this publisher’s pages, or added by hand"),
    ("title", "the headline once more"),
    ("byline", "the writers’ names above the text"),
    ("related-links", "headings of lists of links"),
    ("below-related-links", "the links below such a heading"),
    ("empty-heading", "a heading with nothing below it"),
)
RULE_WORDS: dict[str, str] = {**{rule.id: rule.words for rule in RULES}, **dict(OTHER_RULES)}

_COMPILED = tuple(
    (rule, re.compile("|".join(f"(?:{pattern})" for pattern in rule.patterns))) for rule in RULES
)


def fixed_rules(folded: str, line: str, *, is_before_text: bool, is_statement: bool) -> list[str]:
    """The ids of the rules that fit a folded line (lower case, single spaces, no closing punctuation).

    `line` is the line as it stands: capitals tell an agency from a word; `is_statement`: it ends in a full stop.
    """
    is_credit: bool | None = None
    found = []
    for rule, pattern in _COMPILED:
        if (rule.is_head_only and not is_before_text) or (rule.spares_sentences and is_statement):
            continue
        if pattern.fullmatch(folded) is None:
            continue
        if rule.spares_agencies:
            # Such a line belongs to the article: its origin is read from it, and where a masthead prints another's
            # words its own name would be the wrong one.
            if is_credit is None:
                is_credit = names_agency(line)
            if is_credit:
                continue
        found.append(rule.id)
    return found
