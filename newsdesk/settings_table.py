"""The README's table of settings, made from the comments in settings.py: `python -m newsdesk.settings_table README.md`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

_COMMENT = re.compile(r"^# ([A-Z][A-Z_]+)(?: \(or _FILE\))?: (.+)$")
_HEADING = re.compile(r"^# --- (.+?) -+$")
_DEFAULT = re.compile(r'env\.\w+\(\s*"([A-Z_]+)"(?:,\s*(?:default=)?([^,)]+))?')
_START, _END = "<!-- settings -->\n", "<!-- /settings -->"


def settings_table() -> str:
    """Markdown rows `setting | default | meaning`, in the order of the code, grouped as there."""
    source = Path(__file__).with_name("settings.py").read_text(encoding="utf-8")
    defaults: dict[str, str] = dict(_DEFAULT.findall(source))
    rows = ["| setting | default | what it does |", "|---|---|---|"]
    for line in source.splitlines():
        heading, comment = _HEADING.match(line), _COMMENT.match(line)
        if heading:
            rows.append(f"| **{heading[1]}** | | |")
        elif comment:
            rows.append(f"| `{comment[1]}` | {_shown(defaults.get(comment[1], ''))} | {comment[2]} |")
    used = [row for number, row in enumerate(rows) if not _is_bare(rows, number)]
    return "\n".join(used) + "\n"


def _is_bare(rows: list[str], number: int) -> bool:
    is_heading = rows[number].startswith("| **")
    return is_heading and (number + 1 == len(rows) or rows[number + 1].startswith("| **"))


def _shown(default: str) -> str:
    plain = default.strip().strip('"').replace("_", "")
    is_literal = bool(re.fullmatch(r'"[^"]*"|[\d_.]+|True|False', default.strip()))
    return f"`{plain}`" if is_literal and plain else ""


if __name__ == "__main__":
    readme = Path(sys.argv[1])
    before, _, rest = readme.read_text(encoding="utf-8").partition(_START)
    after = rest.partition(_END)[2]
    readme.write_text(before + _START + settings_table() + _END + after, encoding="utf-8")
