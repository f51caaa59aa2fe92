"""How many pages keep a line of residue at their edges, and whether the cleaner took a line that belongs to a text.

    python -m tests.benchmarks.extraction.residue [FOLDER] [--all] [--uncleaned]

FOLDER holds `ground-truth.json` ({id: {url, articleBody}}) and `html/<id>.html.gz`; without it the set `scrapinghub`
of the shared data is taken. A page is bad when a line of the first or last six paragraphs of its text looks like
residue by the list below and the gold text has no such line. A line is lost when the cleaner removed it and the gold
has it. The list is wider than the cleaner's rules and knows nothing of them: it looks for cues anywhere in a line,
where the cleaner's rules must fit a line from end to end. `--all` prints every edge line that the gold has not;
`--uncleaned` switches the cleaner off, for the figure without it.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from articles.ingest.extract import extract_page
from articles.ingest.residue import RULE_WORDS
from articles.types import ReadingRules

EDGE_PARAGRAPHS = 6
MOST_BAD_PAGES = 1
# Longer lines are paragraphs of prose, in which such words may stand.
LONGEST = 700

# What gives residue away, by kind. Searched for in a line in lower case.
CUES: tuple[tuple[str, str], ...] = (
    ("call to follow", r"^(?:follow|like|find|join|visit|connect)\b.{0,120}\b(?:facebook|twitter|instagram|youtube|linkedin|telegram|whatsapp|tiktok|social media)\b|\bfollow (?:us|me|him|her|them)\b|(?:^|\s)@\w{3,}[.!]?$"),
    ("call to share", r"^(?:share|tweet|pin it|email|print|save|teilen|partager|compartir|condividi|compartilh\w+|delen)\b.{0,40}$|\bshare (?:this|on|via)\b"),
    ("call to subscribe", r"\b(?:newsletter|subscribe|subscription|sign up|free trial|inbox|boletín|nieuwsbrief|suscr[ií]b\w+|abonn\w+|assine|inscreva)\b.{0,200}(?:\b(?:today|now|here|free|get|receive|daily|week\w*|month\w*)\b|[£$€]|$)"),
    ("offer", r"\bfor (?:as little as|just|only) (?:rs\.?|[£$€]) ?\d|\b\d+ issues for\b|\bpromo code\b|\buse the code\b|\bjoin (?:\w+plus|as a member)\b|\bif you (?:enjoyed|liked) this\b"),
    ("call to click", r"\bclick (?:here|below|the link)\b|\btap here\b|\bclique aqui\b|\bcliquez ici\b|\bhier klicken\b|\bhaz clic\b|\bclicca qui\b"),
    ("call to write", r"^(?:e-?mail|write to|contact|reach|call|tweet at|message)\b.{0,160}(?:@|\bat https?:)|\bcontact the (?:writer|author|reporter)"),
    ("link to another text", r"^(?:read|see|watch|listen|view|related|also|more|recommended|trending|don['’]t miss|lesen sie|mehr zum|lire aussi|à lire|lee también|leggi anche|leia (?:também|mais)|veja também|lees ook|相关|延伸|関連|관련).{0,25}[:：|>»]|\[(?:video|photos?|pictures?|gallery|insight|analysis|reaction|watch|live|exclusive|report)\]"),
    ("list of links", r"^(?:related|recommended|trending|popular|most (?:read|popular|viewed)|more (?:from|stories|news|on)|you (?:may|might) also like|don['’]t miss|around the web|editor['’]s picks?|top stories|latest news|something to consider|das könnte sie|noticias relacionadas|articles liés)\b.{0,60}$"),
    ("contributors", r"\breporting by\b|\bcontributed (?:reporting )?to this\b|\b(?:editing|writing|compiled) by\b|\bmitarbeit\b|\bcon información de\b|\bcom informações d"),
    ("source", r"^(?:sources?|via|quelle|fuente|fonte|bron|来源|來源|出典) ?[:：]|\b(?:originally|first) (?:published|appeared|posted) (?:on|at|in|by)\b|\bappeared first on\b"),
    ("rights", r"©|\(c\) ?(?:19|20)\d\d|\bcopyright\b|\ball rights reserved\b|\breprints?\b|\bpersonal, non-?commercial use\b|版权|版權|無断転載|무단"),
    ("picture credit", r"^\(?(?:photo|image|picture|foto|video|bild|crédit|credit)s? ?(?:credit|by|source|courtesy|via|from)?s? ?[:：/]|\b(?:getty images|file photo|ap photo|afp photo)\b\)?$"),
    ("stamp", r"^\(?(?:last |first )?(?:published|posted|updated|modified|veröffentlicht|aktualisiert|publié|mis à jour|publicado|actualizado|atualizado|pubblicato|aggiornato|gepubliceerd|发布|更新)\b.{0,20}\d.{0,40}$|^\W*\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b.{0,90}$|^(?:\w+(?:-feira)?,? )?\d{1,2}(?:º|\.|st|nd|rd|th)? (?:de |d['’])?[a-zäçéû]{3,10}\.?,? (?:de |del )?(?:19|20)\d\d\b.{0,30}$|^[a-z]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d\b.{0,30}$|^\d+ (?:minutes?|hours?|days?|weeks?) ago|\b\d{1,2}:\d{2} ?[ap]m [a-z]{2,4} \d"),
    ("reading time", r"\bmin(?:ute)?s? read\b|\breading time\b|\btempo de leitura\b|\btiempo de lectura\b|\btemps de lecture\b|\blesezeit\b|\btempo di lettura\b|\bleestijd\b"),
    ("advertisement", r"^(?:advert\w*|sponsored|promoted|anzeige|werbung|publicité|publicidad|pubblicità|reclame|广告|広告|광고)\b.{0,40}$|\bcontinues? (?:below|after) (?:this |the )?ad"),
    ("comments", r"^(?:leave|post|add|write|view|show|see|join)\b.{0,20}\b(?:comments?|reply|conversation|discussion)\b|^\d+ comments?$|^comments? ?(?:\(\d*\))?$|\blog in to comment\b"),
    ("tags", r"^(?:tags?|topics?|keywords?|filed under|categor\w+|labels?|posted in|etiquetas|schlagw\w+|mots[- ]clés|标签)\b ?[:：]?.{0,80}$|\b(?:categoria|category|tags) ?: "),
    ("page tool", r"^(?:print|menu|search|close|back to top|skip to|toggle|loading|top|next|previous|home|log ?in|sign ?in|register|copy link|text size|order reprints|nach oben|haut de page)\b.{0,40}$"),
    ("page message", r"\bplease (?:try again|enable|turn on)\b|\ban error (?:has )?occurred\b|^thank you\W*$|\bhas been sent to\b|\benable javascript\b|\buses? cookies\b|\bbrowser does not support\b"),
    ("counter", r"^[\d.,]+k? (?:views?|shares?|likes?|comments?|reads?)\b|^(?:views|shares|likes) ?:? ?\d"),
    ("address", r"^(?:https?://|www\.)\S+$|^[^.!?]{1,40}: ?https?://\S+"),
    ("broadcast", r"\blisten back\b|\b(?:weekdays|weeknights) at \d|\bon (?:itunes|apple podcasts|spotify)\b|^(?:listen|watch|subscribe) (?:to|on|live)\b.{0,80}\b(?:live|here|podcasts?)\b"),
    ("byline", r"^(?:by|written by|posted by|published by|publicado por|von|par|por)\b:? [a-z][\w.'’-]+(?: [\w.'’-]+){0,4}$|\bpublicado por ?:"),
    ("breadcrumb", r"^home ?[>/»›|]"),
    ("rights, other words", r"\b(?:may|must) (?:not )?be (?:reproduced|republished|copied|redistributed)\b|\b(?:alle rechte vorbehalten|tous droits réservés|derechos reservados|diritti riservati|direitos reservados|rechten voorbehouden)\b"),
    ("call to the app", r"^(?:download|get|try|install)\b.{0,40}\bapps?\b"),
    ("call for tips", r"^(?:have|got|know|seen|spotted|found|see)\b.{0,20}\b(?:tips?|story|typo|error|mistake)\b|^report (?:a|an)\b|\bfehler (?:gefunden|melden)\b|\bsignaler une erreur\b|\bsegnala un errore\b"),
    ("call to rate", r"^rate (?:this|the)\b|^was this\b.{0,30}\b(?:helpful|useful)\b|\bdieser artikel hilfreich\b|\bfoi útil\b|\ba été utile\b"),
    ("for subscribers", r"^(?:already|become|are you) a (?:subscriber|member)\b|\b(?:log|sign) in to (?:read|continue|comment)\b|^(?:jetzt )?weiterlesen mit\b|^abbonati per\b|\b(?:para|pour|für|per|voor|aux|agli) (?:suscriptores|abonnés|abonnenten|abbonati|assinantes|abonnees)\b"),
    ("link to the source", r"^(?:source|original|full) (?:link|article|story|post)\b|\b(?:read|see|view) the (?:full|original|rest)\b.{0,30}$|\berschien zuerst\b|\bapareció primero\b|\ben premier sur\b"),
    ("row of buttons", r"^(?:(?:facebook|twitter|x|whatsapp|e?-?mail|linkedin|reddit|pinterest|telegram|print|copy link|copy|share|link)\W*){2,}$"),
    ("coverage elsewhere", r"^follow\b.{0,120}https?:"),
    ("picture credit, short", r"^\(?(?:ap|afp|reuters|getty|epa)\b.{0,10}\b(?:photos?|images?)\b"),
    ("page tool, other words", r"^(?:artikel|beitrag|seite) (?:drucken|teilen|merken)$|^(?:imprimir|imprimer|stampa|volver arriba|torna su|voltar ao topo|naar boven|article (?:suivant|précédent)|nächster artikel|vorheriger artikel)$"),
    ("comments, other words", r"^kommentar (?:schreiben|verfassen)|^deja (?:una|un|tu)\b|^laisser un\b|^\d+ (?:reacties|kommentare|commentaires|comentarios|commenti)$"),
    ("message, other words", r"\bfehler ist aufgetreten\b|\berreur est survenue\b|\bha producido un error\b|\bverwendet cookies\b|\butilise des cookies\b|\butiliza cookies\b"),
    ("follow, other words", r"^(?:suivez-nous|folgen sie|s[ií]guenos|seguici|volg ons|siga-nos)\b"),
    ("counter, other words", r"^[\d.,]+ (?:aufrufe|vues|visitas|visualizzazioni|weergaven)\b|^(?:vor|hace|il y a|há) \d+ \w+$|^(?:zuletzt|dernière|última|ultimo|laatst)\b.{0,30}\d"),
    ("tags, other words", r"^(?:themen|temas|argomenti|sujets|assuntos|onderwerpen) ?:"),
    ("way, other words", r"^(?:startseite|accueil|inicio|início|首页) ?[>/»›|]"),
)  # fmt: skip
_CUES = tuple((name, re.compile(pattern)) for name, pattern in CUES)
_NOT_WORDS = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Kept:
    """A line at the edge of a text that the gold has not; `cue` is the kind of residue it looks like, or ""."""

    page: str
    side: str
    cue: str
    line: str


@dataclass(frozen=True, slots=True)
class Lost:
    """A line of the gold that the cleaner took, and by which rule."""

    page: str
    rule: str
    line: str


def look(folder: Path, rules: ReadingRules | None = None) -> tuple[int, list[Kept], list[Lost]]:
    """(number of pages, what the edges keep that the gold has not, what the cleaner took that the gold has)."""
    gold = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    kept: list[Kept] = []
    lost: list[Lost] = []
    for key, item in gold.items():
        markup = gzip.decompress((folder / "html" / f"{key}.html.gz").read_bytes())
        page = extract_page(markup, url=item["url"], rules=rules)
        body = f" {_folded(item['articleBody'])} "
        rest = f" {_folded(page.text)} "
        lost += [
            Lost(key, rule, line)
            for rule, line in page.removed
            if _folded(line) and f" {_folded(line)} " in body and f" {_folded(line)} " not in rest
        ]
        kept += [
            Kept(key, side, cue_of(line), line)
            for side, line in _edges(page.text)
            if _folded(line) and f" {_folded(line)} " not in body
        ]
    return len(gold), kept, lost


def cue_of(line: str) -> str:
    """The kind of residue that a line looks like, or ""."""
    lowered = " ".join(line.lower().split())
    if len(lowered) > LONGEST:
        return ""
    return next((name for name, pattern in _CUES if pattern.search(lowered)), "")


def _edges(text: str) -> Iterator[tuple[str, str]]:
    """(side, line) of the first and the last paragraphs, each line once."""
    paragraphs = [part for part in text.split("\n\n") if part.strip()]
    head = paragraphs[:EDGE_PARAGRAPHS]
    tail = paragraphs[max(len(head), len(paragraphs) - EDGE_PARAGRAPHS) :]
    seen: set[str] = set()
    for side, parts in (("head", head), ("tail", tail)):
        for line in (line.strip() for part in parts for line in part.split("\n")):
            if line not in seen:
                seen.add(line)
                yield side, line


def _folded(text: str) -> str:
    return _NOT_WORDS.sub(" ", text.casefold()).strip()


def main(arguments: Sequence[str] = ()) -> int:
    """Print what was found; 1 when a bar is not kept."""
    folders = [word for word in arguments if not word.startswith("--")]
    # The set lies beside the checkout, as for the tests.
    folder = Path(folders[0]) if folders else Path(__file__).parents[4] / "shared/data/extraction/scrapinghub"
    if not folder.is_dir():
        sys.stderr.write(f"{folder} is missing: name the folder of the set.\n")
        return 2
    rules = ReadingRules(rules_off=frozenset(RULE_WORDS)) if "--uncleaned" in arguments else None
    pages, kept, lost = look(folder, rules)
    residue = [line for line in kept if line.cue]
    bad = {line.page for line in residue}
    write = sys.stdout.write
    for line in kept if "--all" in arguments else residue:
        write(f"kept  {line.page[:8]} {line.side} {line.cue or '-'}: {line.line[:160]}\n")
    for gone in lost:
        write(f"lost  {gone.page[:8]} {gone.rule}: {gone.line[:160]}\n")
    write(f"FIGURE pages={pages} bad_pages={len(bad)} residue_lines={len(residue)} lost_lines={len(lost)}\n")
    return int(len(bad) > MOST_BAD_PAGES or bool(lost))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
