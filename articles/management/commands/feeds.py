"""Sources from the command line: add, list, check, import, export."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from articles.editing import source_lists
from articles.editing.preview import Preview, look_at
from articles.editing.sources import SourceDraft, add_source, interval_problem, tags_of
from articles.errors import NewsdeskError, RefusedError
from articles.queries.source_page import address_of
from articles.queries.sources_list import (
    HEALTH_ORDER,
    HEALTH_WORDS,
    SourceFilter,
    SourceRow,
    sources_for_export,
    sources_page,
)

BY = "manage.py"  # who acts, as the history names it
ALL = 100_000
STDIO = "-"
COLUMNS = (6, 14, 40, 28, 16, 16, 7, 7)

EXAMPLES = """
examples:
  manage.py feeds add https://example.org/ --tag asia --tag chips
  manage.py feeds list --health failing
  manage.py feeds list --json | jq '.[] | select(.a_day > 50) | .title'
  manage.py feeds check https://example.org/feed 17
  manage.py feeds import subscriptions.opml --dry-run
  manage.py feeds export sources.json --with-secrets

exit status: 0 when all went well; 1 when a source could not be added, read or imported, or none fits the filter of
list; 2 when the command was written wrongly.
"""


class Command(BaseCommand):
    """`manage.py feeds add|list|check|import|export`."""

    help = "Add, list and check sources, and bring lists of them in and out. Each act is recorded in the history."
    requires_database = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the five words and what each takes."""
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        words = parser.add_subparsers(dest="word", required=True, metavar="add|list|check|import|export")

        add = words.add_parser("add", help="subscribe to a feed, or to the feed that a site names")
        add.add_argument("url", help="address of a feed or a site; without a scheme https is tried first")
        add.add_argument(
            "--title", default="", help="name of the source; default: what the feed calls itself"
        )
        add.add_argument("--publisher", default="", help="its masthead; default: the name of the source")
        add.add_argument("--section", default="", help="section of the publisher")
        add.add_argument("--language", default="", help="language tag; default: what the feed says")
        add.add_argument("--tag", action="append", default=[], help="a tag; may be given more than once")
        add.add_argument("--every", type=int, metavar="MINUTES", help="fixed interval; default: learned")
        add.add_argument(
            "--unseen", action="store_true", help="add the address as it is, without looking at it first"
        )

        listing = words.add_parser("list", help="sources with their health, worst first")
        listing.add_argument("--health", choices=HEALTH_ORDER, default="", help="only those")
        listing.add_argument("--tag", default="", help="only those with this tag")
        listing.add_argument(
            "--text", default="", help="only those whose name, publisher, address or note holds it"
        )
        listing.add_argument(
            "--differs", action="store_true", help="only those that differ from the defaults"
        )
        listing.add_argument("--json", action="store_true", help="as JSON, with all columns")

        check = words.add_parser("check", help="fetch and read through the real pipeline; nothing is stored")
        check.add_argument("source", nargs="+", help="an address, or the number of a source")
        check.add_argument("--json", action="store_true", help="as JSON")

        bring = words.add_parser("import", help="add the sources of an OPML or JSON file")
        bring.add_argument("file", help="the file, or - for what is piped in")
        bring.add_argument(
            "--dry-run", action="store_true", help="say what would be added and why not; store nothing"
        )

        export = words.add_parser("export", help="write all sources but the sample's to a file")
        export.add_argument(
            "file", help="the file, or - to print; .json is written as JSON, all else as OPML"
        )
        export.add_argument("--format", choices=("opml", "json"), help="whatever the name of the file says")
        export.add_argument(
            "--with-secrets",
            action="store_true",
            help="JSON with passwords and the like, readable for everybody",
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Do one of the five."""
        acts = {
            "add": self._add,
            "list": self._list,
            "check": self._check,
            "import": self._import,
            "export": self._export,
        }
        try:
            acts[options["word"]](options)
        except NewsdeskError as error:
            raise CommandError(str(error), returncode=1) from error

    def _add(self, options: dict[str, Any]) -> None:
        every = options["every"]
        if every is not None and (problem := interval_problem(every)):
            raise CommandError(f"--every {every} is {problem}.", returncode=2)
        looked = Preview(options["url"]) if options["unseen"] else look_at(options["url"], timezone.now())
        if looked.found:
            if len(looked.found) > 1:
                named = "\n".join(f"  {feed.url}  {feed.title}" for feed in looked.found)
                raise CommandError(f"The page names several feeds. Add one of them:\n{named}", returncode=1)
            looked = look_at(looked.found[0].url, timezone.now())
        title = options["title"] or looked.title or options["url"]
        draft = SourceDraft(
            url=looked.url,
            title=title,
            publisher=options["publisher"] or title,
            section=options["section"],
            language=options["language"] or looked.language,
            tags=tags_of(",".join(options["tag"])),
            fixed_minutes=every,
        )
        feed = add_source(BY, draft, site_url=looked.site_url)
        seen = "" if options["unseen"] else f", {looked.total} entries now"
        self.stdout.write(f"{feed.pk}: {feed.title} ({feed.url}) is added{seen}.")

    def _list(self, options: dict[str, Any]) -> None:
        wanted = SourceFilter(
            health=options["health"],
            q=options["text"],
            tag=options["tag"],
            differs="1" if options["differs"] else "",
        )
        page = sources_page(wanted, timezone.now(), size=ALL)
        if options["json"]:
            self.stdout.write(json.dumps([_plain(row) for row in page.rows], ensure_ascii=False, indent=1))
        else:
            heads = ("number", "health", "source", "publisher", "last good", "next", "a day", "known")
            self.stdout.write(_line(heads))
            for row in page.rows:
                self.stdout.write(_line(_cells(row)))
                for words in (f"{row.words} {row.advice}".strip(), ", ".join(row.differs)):
                    if words:
                        self.stdout.write(f"{'':{COLUMNS[0] + COLUMNS[1] + 4}}{words}")
        if wanted.narrows() and not page.rows:
            raise CommandError("No source fits.", returncode=1)

    def _check(self, options: dict[str, Any]) -> None:
        failed = 0
        told = []
        for source in options["source"]:
            try:
                looked = look_at(address_of(source) if source.isdigit() else source, timezone.now())
            except RefusedError as error:
                failed += 1
                told.append({"source": source, "ok": False, "problem": str(error)})
                continue
            told.append({"source": source, "ok": not looked.found, **_told(looked)})
            failed += bool(looked.found)
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1, default=str))
        else:
            for one in told:
                self.stdout.write("\n".join(_check_lines(one)))
        if failed:
            raise CommandError(f"{failed} of {len(told)} cannot be subscribed to as they are.", returncode=1)

    def _import(self, options: dict[str, Any]) -> None:
        name = options["file"]
        try:
            body = sys.stdin.buffer.read() if name == STDIO else Path(name).read_bytes()
        except OSError as error:
            raise CommandError(f"{name} cannot be read: {error.strerror}.", returncode=1) from error
        listed = source_lists.read_list(body)
        lines = source_lists.plan_list(listed)
        word = "no." if source_lists.counts_places(body) else "line"
        for line in lines:
            state = f"left out, {line.problem}" if line.problem else "added"
            where = f"{word} {line.line}: " if line.line else ""
            self.stdout.write(f"{where}{line.draft.title} ({line.draft.url or 'no address'}): {state}")
        new = sum(not line.problem for line in lines)
        if options["dry_run"]:
            self.stdout.write(f"{new} of {len(lines)} would be added; nothing is stored.")
        else:
            self.stdout.write(f"{source_lists.import_list(BY, listed)} of {len(lines)} added.")
        if not new:
            raise CommandError("Nothing in the list can be added.", returncode=1)

    def _export(self, options: dict[str, Any]) -> None:
        name, with_secrets = options["file"], options["with_secrets"]
        form = options["format"] or ("json" if with_secrets or name.endswith(".json") else "opml")
        if with_secrets and form == "opml":
            raise CommandError(
                "OPML has no place for secrets: leave --format out, or write json.", returncode=2
            )
        feeds = sources_for_export()
        text = (
            source_lists.write_json_list(feeds, timezone.now(), with_secrets=with_secrets)
            if form == "json"
            else source_lists.write_opml_list(feeds)
        )
        if with_secrets:
            source_lists.record_secret_export(BY, feeds)
        if name == STDIO:
            self.stdout.write(text, ending="")
            return
        try:
            path = Path(name)
            if with_secrets:
                # Nobody else of this machine reads it, not even for a moment.
                path.unlink(missing_ok=True)
                path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{name} cannot be written: {error.strerror}.", returncode=1) from error
        self.stdout.write(f"{len(feeds)} source{'' if len(feeds) == 1 else 's'} written to {name}.")


def _plain(row: SourceRow) -> dict[str, Any]:
    """A row as JSON; the strip as its words."""
    values = asdict(row)
    values.pop("strip")
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()
    }


def _cells(row: SourceRow) -> Sequence[str]:
    return (
        str(row.id),
        HEALTH_WORDS[row.health],
        row.title,
        row.publisher,
        f"{row.last_success_at:%Y-%m-%d %H:%M}" if row.last_success_at else "never",
        f"{row.next_fetch_at:%Y-%m-%d %H:%M}" if row.next_fetch_at else "-",
        "-" if row.a_day is None else f"{row.a_day:.1f}",
        "-" if row.known is None else f"{row.known} %",
    )


def _line(cells: Sequence[str]) -> str:
    return "  ".join(f"{cell[:width]:<{width}}" for cell, width in zip(cells, COLUMNS, strict=True)).rstrip()


def _told(looked: Preview) -> dict[str, Any]:
    if looked.found:
        return {
            "problem": "It is a page, not a feed; it names the feeds below.",
            "feeds": [feed.url for feed in looked.found],
        }
    page = looked.page
    return {
        "url": looked.url,
        "title": looked.title,
        "format": looked.format,
        "status": looked.status,
        "milliseconds": looked.milliseconds,
        "bytes": looked.bytes,
        "entries": looked.total,
        "new": looked.new,
        "pages": looked.pages,
        "skipped": [dict(line) for line in looked.skipped],
        "problems": list(looked.problems),
        "identity": looked.identity,
        "rhythm": looked.rhythm,
        "page": None
        if page is None
        else {"url": page.url, "characters": page.characters, "problem": page.problem},
    }


def _check_lines(one: dict[str, Any]) -> list[str]:
    if not one["ok"]:
        return [f"{one['source']}: {one['problem']}", *(f"  {url}" for url in one.get("feeds", ()))]
    lines = [
        f"{one['source']}: {one['title']}, {one['format']}, {one['entries']} entries, {one['new']} new here",
        f"  answered {one['status']} in {one['milliseconds']} ms with {one['bytes']:,} bytes",
        f"  {one['identity']}",
        f"  {one['rhythm']}",
    ]
    if one["pages"]:
        page = one["page"]
        read = page["problem"] or f"one reads as {page['characters']:,} characters"
        lines.append(f"  {one['pages']} entries need their page; {read}")
    lines += [f"  skipped {line['n']}: {line['why']}" for line in one["skipped"]]
    return [*lines, *(f"  {problem}" for problem in one["problems"])]
