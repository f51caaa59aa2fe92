"""Lines of a text that pages and agencies add: what they name is not what the text speaks of."""

from __future__ import annotations

import re

TAIL = 3  # sections that close a text are looked for behind its first third

_RESIDUE_LINE = re.compile(
    r"^[ \t]*(?:\(?(?:[Aa]dditional )?(?:[Rr]eporting|[Ee]diting|[Ww]riting|[Cc]ompiled|[Tt]ranslated) by\b"
    r"|\u00a9|\([Cc]\) ?\d|[Cc]opyright\b|[Ss]ource( link)?:?[ \t]*$|[Ss]ource: |[Pp]hoto(graph)?(?: by|:)|[Ii]mage(?: by|:)"
    r"|[Rr]ead (?:more|also|next)\b|[Aa]lso read\b|[Ss]ee also\b|[Ss]ign up\b|[Ss]ubscribe\b|[Ff]ollow us\b|[Ss]hare (?:this|on)\b"
    r"|[Cc]lick here\b|[Bb]ack to top|[Aa]dvertisement\b|[Dd]isclaimer\b|[Dd]isclosure\b|[Oo]ur [Ss]tandards\b)[^\n]*",
    re.MULTILINE,
)
# Headings whose section runs to the end.
_TAIL_HEADING = re.compile(
    r"^[ \t]*(?:(?:Most )?[Rr]elated (?:[Ll]inks|[Aa]rticles|[Ss]tories|[Nn]ews|[Tt]opics)\b[^\n.]{0,40}$|About [A-Z][^\n.]{1,60}$|ABOUT [A-Z][^\n.]{1,60}$"
    r"|(?:Media |Press |Investor )?[Cc]ontacts?:?[ \t]*$|(?:Media|Press|Investor)[ \w]{0,20} [Cc]ontacts?\b"
    r"|(?:Cautionary|Safe [Hh]arbor|Forward[- ][Ll]ooking)\b[^\n.]{0,80}$)",
    re.MULTILINE,
)


class Residue:
    """Which parts of a text are lines of pages and agencies."""

    def __init__(self, plain: str) -> None:
        self._spans = [m.span() for m in _RESIDUE_LINE.finditer(plain)]
        tail = _TAIL_HEADING.search(plain, len(plain) // TAIL)
        if tail is not None:
            self._spans.append((tail.start(), len(plain)))

    def covers(self, position: int) -> bool:
        """Whether a position of the text stands in such a line."""
        return any(start <= position < end for start, end in self._spans)
