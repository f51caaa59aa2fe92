"""What surrounds every page: rail by role, notices, headers, ids, error pages, budgets."""

from __future__ import annotations

import gzip
import logging
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from articles.models import Heartbeat, NetworkState, Publisher
from newsdesk.accounts.models import User
from newsdesk.desk.request_id import RequestIdFilter, RequestIdMiddleware
from newsdesk.templatetags.desk import ago_words, due, since_words

STATIC = Path(django_settings.BASE_DIR) / "static"
NOW = datetime(2026, 3, 12, 16, 40, 0, tzinfo=UTC)


def rail(page: str) -> list[str]:
    """The names in the rail of a page."""
    part = page.partition('<nav class="rail"')[2].partition("</nav>")[0]
    return re.findall(r'<span class="l">([A-Z]\w+)</span>', part)


@pytest.mark.django_db
def test_it_shows_sources_and_people_to_admins_only(client: Client, admin: User, editor: User) -> None:
    client.force_login(admin)
    page = client.get("/help/").content.decode()
    assert {"Sources", "People"} <= set(rail(page))
    client.force_login(editor)
    page = client.get("/help/").content.decode()
    assert not {"Sources", "People"} & set(rail(page))
    assert "go to Sources" not in page


@pytest.mark.django_db
def test_it_marks_where_one_is(client: Client, admin: User) -> None:
    client.force_login(admin)
    assert client.get("/people/invite/").content.decode().count('aria-current="page"') == 2  # rail and menu
    assert 'aria-current="page"' not in client.get("/help/").content.decode()


@pytest.mark.django_db
def test_it_says_on_every_page_that_there_is_sample_data(client: Client, admin: User, analyst: User) -> None:
    client.force_login(admin)
    assert "Sample data" not in client.get("/help/").content.decode()
    Publisher.objects.create(name="Invented Times", slug="invented-times", sample=True)
    for path in ("/help/", "/account/", "/people/", "/sources/"):
        page = client.get(path).content.decode()
        assert "Sample data" in page
        assert 'action="/sample/remove/"' in page
    client.force_login(analyst)
    page = client.get("/help/").content.decode()
    assert "Sample data" in page
    assert "/sample/remove/" not in page


@pytest.mark.django_db
def test_it_says_since_when_no_public_source_answers(client: Client, analyst: User) -> None:
    client.force_login(analyst)
    assert "No answer from any public source" not in client.get("/help/").content.decode()
    NetworkState.objects.update_or_create(pk=1, defaults={"silent_since": timezone.now()})
    assert "No answer from any public source since" in client.get("/help/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/help/", "/sign-in/", "/nowhere/", "/healthz"])
def test_it_sends_a_strict_policy_with_every_answer(client: Client, path: str) -> None:
    policy = client.get(path).headers["Content-Security-Policy"]
    directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == "'self'"
    assert directives["frame-ancestors"] == directives["base-uri"] == "'none'"
    assert "unsafe" not in policy


@pytest.mark.django_db
def test_it_writes_no_inline_script_style_or_handler(client: Client, admin: User) -> None:
    client.force_login(admin)
    for path in ("/help/", "/health/", "/account/", "/people/", "/sources/", "/sources/add/"):
        page = client.get(path).content.decode()
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", page), path
        assert not re.search(r"<script(?![^>]*\bsrc=)", page), path


def test_it_writes_no_inline_script_style_or_handler_into_any_template() -> None:
    for template in sorted((Path(django_settings.BASE_DIR) / "templates").rglob("*.html")):
        text = template.read_text(encoding="utf-8")
        assert not re.search(
            r"\sstyle=|<style|\son(?:click|load|error|submit|change)=|hx-on|\|safe\b", text
        ), template


@pytest.mark.django_db
def test_it_names_each_request_and_keeps_a_proxys_harmless_name(client: Client) -> None:
    first, second = client.get("/healthz"), client.get("/healthz")
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    given = client.get("/nowhere/", headers={"X-Request-ID": "proxy-0042"})
    assert given.headers["X-Request-ID"] == "proxy-0042"
    assert b"proxy-0042" in given.content
    for bad in ("x", "a b c d", "<script>alert(1)</script>", "a" * 65):
        assert client.get("/healthz", headers={"X-Request-ID": bad}).headers["X-Request-ID"] != bad


def test_it_writes_the_request_id_into_log_lines() -> None:
    seen: list[str] = []

    def view(_request: HttpRequest) -> HttpResponse:
        record = logging.LogRecord("x", logging.INFO, "", 0, "", None, None)
        RequestIdFilter().filter(record)
        seen.append(record.request_id)  # type: ignore[attr-defined]  # the filter adds it
        return HttpResponse()

    RequestIdMiddleware(view)(RequestFactory().get("/", headers={"X-Request-ID": "proxy-0042"}))
    record = logging.LogRecord("x", logging.INFO, "", 0, "", None, None)
    RequestIdFilter().filter(record)
    assert [*seen, record.request_id] == ["proxy-0042", "-"]  # type: ignore[attr-defined]  # as above


@pytest.mark.django_db
def test_it_answers_500_with_the_id_and_without_the_reason(
    admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(admin)

    def fail(_now: datetime) -> list[Any]:
        raise RuntimeError("the secret reason")

    monkeypatch.setattr("newsdesk.desk.views.health_checks", fail)
    answer = client.get("/health/")
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"].encode() in answer.content
    assert b"secret reason" not in answer.content


@pytest.mark.django_db
def test_it_tells_a_refused_person_why(client: Client, analyst: User) -> None:
    client.force_login(analyst)
    answer = client.get("/sources/")
    assert answer.status_code == 403
    assert b"Only admins may see sources" in answer.content


@pytest.mark.django_db
def test_it_tells_the_health_of_each_part(client: Client, analyst: User) -> None:
    client.force_login(analyst)
    # A worker that another test ended may have given its last sign after the tables were emptied.
    Heartbeat.objects.all().delete()
    NetworkState.objects.all().delete()
    page = client.get("/health/").content.decode()
    assert "No worker has been seen yet" in page
    assert "Valkey answers" in page
    NetworkState.objects.update_or_create(pk=1, defaults={"poked_at": timezone.now() - timedelta(minutes=10)})
    assert "The last poke is too old" in client.get("/health/").content.decode()
    NetworkState.objects.update(poked_at=timezone.now())
    assert "Last poke" in client.get("/health/").content.decode()


@pytest.mark.django_db
def test_it_stays_up_when_the_broker_is_down(client: Client, analyst: User, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    client.force_login(analyst)
    assert "nothing is lost" in client.get("/health/").content.decode()


@pytest.mark.django_db
def test_it_answers_probes_without_a_sign_in_and_without_secrets(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"
    assert client.get("/readyz").content == b"ready\n"


@pytest.mark.django_db
def test_it_is_not_ready_before_its_migrations(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "newsdesk.desk.queries.MigrationExecutor.migration_plan", lambda *_: [("one", False), ("two", False)]
    )
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"2 migrations are not applied\n")


@pytest.mark.parametrize(
    ("then", "words"),
    [
        (NOW, "now"),
        (NOW - timedelta(seconds=18), "18 s ago"),
        (NOW - timedelta(seconds=60), "1 min ago"),
        (NOW - timedelta(minutes=59, seconds=59), "59 min ago"),
        (NOW - timedelta(hours=1), "15:40"),
        (NOW + timedelta(minutes=6), "16:46"),
        (NOW - timedelta(days=1), "Wed 16:40"),
        (NOW - timedelta(days=7), "5 March"),
        (NOW - timedelta(days=400), "5 February 2025"),
    ],
)
def test_it_says_times_as_short_as_they_can_be(then: datetime, words: str) -> None:
    assert ago_words(then, NOW) == words


def test_it_says_since_when_by_the_clock() -> None:
    assert since_words(NOW - timedelta(seconds=18), NOW) == "16:39"
    assert since_words(NOW - timedelta(days=2), NOW) == "Tue 16:40"
    assert due(timezone.now() - timedelta(seconds=1)).endswith(">now</time>")
    assert ">now<" not in due(timezone.now() + timedelta(hours=30))


def test_it_keeps_its_own_files_within_their_weight() -> None:
    css = gzip.compress((STATIC / "desk.css").read_bytes() + (STATIC / "fonts.css").read_bytes(), 6)
    assert len(css) <= 16 * 1024
    scripts = b"".join(path.read_bytes() for path in sorted((STATIC / "js").glob("*.js")))
    assert len(gzip.compress(scripts, 6)) <= 20 * 1024


@pytest.mark.django_db
def test_it_keeps_a_first_visit_within_its_weight(client: Client, admin: User) -> None:
    client.force_login(admin)
    page = client.get("/sources/").content
    total = len(gzip.compress(page, 6))
    assert total <= 30 * 1024
    for path in set(re.findall(r'(?:src|href)="/static/([^"#]+)', page.decode())):
        found = finders.find(path)
        assert isinstance(found, str), path
        total += len(gzip.compress(Path(found).read_bytes(), 6))
    assert total <= 86 * 1024  # 150 KB less the fonts' 64


def test_it_uses_only_icons_that_the_sprite_holds() -> None:
    held = set(re.findall(r'<symbol id="([a-z-]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8")))
    for template in sorted((Path(django_settings.BASE_DIR) / "templates").rglob("*.html")):
        used = set(re.findall(r'\{% icon "([a-z-]+)"', template.read_text(encoding="utf-8")))
        assert used <= held, template


def test_it_points_at_no_static_file_that_is_missing() -> None:
    for sheet in sorted(STATIC.glob("*.css")):
        for path in re.findall(r"url\(([^)]+)\)", sheet.read_text(encoding="utf-8")):
            # The fonts alone are made at set-up, and their sheet is linked only then.
            assert path.startswith("fonts/") == (sheet.name == "fonts.css"), path
            assert path.startswith("fonts/") or (STATIC / path).is_file(), path


@pytest.mark.parametrize("has_fonts", [True, False])
def test_it_collects_its_files_with_and_without_fonts(
    tmp_path: Path, settings: Any, *, has_fonts: bool
) -> None:
    settings.DATA_DIR = tmp_path / "data"
    settings.STATIC_ROOT = tmp_path / "static"
    if has_fonts:
        folder = tmp_path / "data" / "made" / "fonts"
        folder.mkdir(parents=True)
        for name in re.findall(
            r"fonts/([a-z0-9-]+)\.woff2", (STATIC / "fonts.css").read_text(encoding="utf-8")
        ):
            (folder / f"{name}.woff2").write_bytes(b"wOF2 " + name.encode())
    finders.get_finder.cache_clear()  # type: ignore[attr-defined]  # a cached function: the stubs do not say so
    try:
        call_command("collectstatic", interactive=False, verbosity=0)
    finally:
        finders.get_finder.cache_clear()  # type: ignore[attr-defined]  # a cached function: the stubs do not say so
    assert list((tmp_path / "static").glob("desk.*.css"))
    sheets = [path.read_text(encoding="utf-8") for path in (tmp_path / "static").glob("fonts.*.css")]
    assert len(sheets) == 1
    hashed = re.findall(r"normal\.[0-9a-f]{12}\.woff2", sheets[0])
    assert len(hashed) == (3 if has_fonts else 0)


def test_it_says_when_the_disk_is_nearly_full(client: Client, analyst: User, settings: Any) -> None:
    client.force_login(analyst)
    assert "Fetching and reading pause" not in client.get("/account/").content.decode()
    settings.MIN_FREE_GB = 10**9
    assert "Fetching and reading pause" in client.get("/account/").content.decode()
