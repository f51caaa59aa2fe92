"""Every address by every role: an address that is not in the table fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from newsdesk.accounts.models import User

# Who passes. Passing means: neither sent to sign in, nor refused, nor told that the method is wrong.
EVERYBODY = frozenset({"anonymous", "disabled", "analyst", "editor", "admin"})
SIGNED_IN = frozenset({"analyst", "editor", "admin"})
EDITORS = frozenset({"editor", "admin"})
ADMINS = frozenset({"admin"})
ROLES = ("anonymous", "disabled", "analyst", "editor", "admin")
NOTHING_HAS_THIS_ID = 999_999


@dataclass(frozen=True)
class Rule:
    """Who may GET and who may POST; None = the address does not know the method (405).

    `ends_at_sign_in` marks the few whose work itself leads there; `is_signed` the one that machines call, which asks
    for a signature instead of a form's token.
    """

    get: frozenset[str] | None
    post: frozenset[str] | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    ends_at_sign_in: bool = False
    is_signed: bool = False


def by_id(name: str, get: frozenset[str] | None, post: frozenset[str] | None = None) -> Rule:
    """A rule for an address with one number; nothing needs to have it, for access is decided first."""
    return Rule(get, post, {name: NOTHING_HAS_THIS_ID})


TABLE: dict[str, Rule] = {
    # Signing in. Between its two steps allauth sends everybody back to the first.
    "account_login": Rule(EVERYBODY, EVERYBODY),
    "account_logout": Rule(EVERYBODY, EVERYBODY, ends_at_sign_in=True),
    "account_inactive": Rule(EVERYBODY, None),
    "account_reauthenticate": Rule(SIGNED_IN, SIGNED_IN),
    "account_change_password": Rule(SIGNED_IN, SIGNED_IN),
    "account_set_password": Rule(SIGNED_IN, SIGNED_IN),
    "account_reset_password_from_key": Rule(EVERYBODY, EVERYBODY, {"uidb36": "1", "key": "no-such-key"}),
    "account_reset_password_from_key_done": Rule(EVERYBODY, None),
    "mfa_index": Rule(SIGNED_IN, None),
    "mfa_authenticate": Rule(SIGNED_IN, SIGNED_IN),
    "mfa_reauthenticate": Rule(SIGNED_IN, SIGNED_IN),
    "mfa_activate_totp": Rule(SIGNED_IN, SIGNED_IN),
    "mfa_deactivate_totp": Rule(SIGNED_IN, SIGNED_IN),
    "mfa_view_recovery_codes": Rule(SIGNED_IN, None),
    "mfa_generate_recovery_codes": Rule(SIGNED_IN, SIGNED_IN),
    "mfa_download_recovery_codes": Rule(SIGNED_IN, SIGNED_IN),
    "mfa_list_webauthn": Rule(SIGNED_IN, None),
    "mfa_add_webauthn": Rule(SIGNED_IN, SIGNED_IN),
    "mfa_reauthenticate_webauthn": Rule(SIGNED_IN, SIGNED_IN),
    "mfa_remove_webauthn": by_id("pk", SIGNED_IN, SIGNED_IN),
    "mfa_edit_webauthn": by_id("pk", SIGNED_IN, SIGNED_IN),
    "mfa_login_webauthn": Rule(EVERYBODY, EVERYBODY, ends_at_sign_in=True),
    "join": Rule(EVERYBODY, EVERYBODY, {"token": "no-such-token"}),
    # One's own
    "account": Rule(SIGNED_IN, SIGNED_IN),
    "feed_key": Rule(None, SIGNED_IN),
    "feed_key_revoke": Rule(None, SIGNED_IN),
    "help": Rule(SIGNED_IN),
    "health": Rule(SIGNED_IN),
    # Reading
    "today": Rule(SIGNED_IN),
    "palette": Rule(SIGNED_IN),
    "articles": Rule(SIGNED_IN),
    "articles_export": Rule(SIGNED_IN, None, {"form": "csv"}),
    "article": by_id("article_id", SIGNED_IN),
    "article_shared": Rule(
        SIGNED_IN, None, {"article_id": NOTHING_HAS_THIS_ID, "other_id": NOTHING_HAS_THIS_ID}
    ),
    "versions": by_id("article_id", SIGNED_IN),
    "version": Rule(SIGNED_IN, None, {"article_id": NOTHING_HAS_THIS_ID, "number": 1}),
    "versions_compare": Rule(SIGNED_IN, None, {"article_id": NOTHING_HAS_THIS_ID, "before": 1, "after": 2}),
    "events": Rule(SIGNED_IN),
    "event": by_id("event_id", SIGNED_IN),
    "events_feeds": Rule(SIGNED_IN),
    "events_feed": Rule(SIGNED_IN, None, {"form": "atom"}),
    "events_feed_by_key": Rule(EVERYBODY, None, {"key": "no-such-key", "form": "atom"}),
    "entities": Rule(SIGNED_IN),
    "entities_compare": Rule(SIGNED_IN),
    "entity_new": Rule(EDITORS, EDITORS),
    "entity_edit": Rule(EDITORS, EDITORS, {"slug": "no-such-entity"}),
    "entity_name": Rule(None, EDITORS, {"slug": "no-such-entity"}),
    "entity_identifier": Rule(None, EDITORS, {"slug": "no-such-entity"}),
    "entity_part": Rule(None, EDITORS, {"slug": "no-such-entity", "part": "name"}),
    "entity_merge": Rule(EDITORS, EDITORS, {"slug": "no-such-entity"}),
    "entity_undo": by_id("change_id", None, EDITORS),
    "entity": Rule(SIGNED_IN, None, {"slug": "no-such-entity"}),
    "entity_watch": Rule(None, SIGNED_IN, {"slug": "no-such-entity"}),
    # Editing
    "note_add": by_id("article_id", None, EDITORS),
    "note_edit": by_id("note_id", EDITORS, EDITORS),
    "note_delete": by_id("note_id", None, EDITORS),
    "link_decide": by_id("article_id", None, EDITORS),
    "link_again": by_id("change_id", None, EDITORS),
    "review": Rule(EDITORS),
    "review_link": Rule(None, EDITORS),
    "review_name": by_id("proposal_id", None, EDITORS),
    "review_same": by_id("pair_id", None, EDITORS),
    "review_fact": by_id("conflict_id", None, EDITORS),
    "review_position": by_id("proposal_id", None, EDITORS),
    "review_placement": by_id("event_id", None, EDITORS),
    "review_undo": by_id("change_id", None, EDITORS),
    "link_rules": Rule(EDITORS),
    "link_rule_new": Rule(EDITORS, EDITORS),
    "link_rule_switch": by_id("rule_id", None, EDITORS),
    "name_switch": by_id("alias_id", None, EDITORS),
    "link_rule_undo": by_id("change_id", None, EDITORS),
    "article_status": by_id("article_id", None, EDITORS),
    "article_not_copy": by_id("article_id", None, EDITORS),
    "article_is_origin": by_id("article_id", None, EDITORS),
    "article_undo": by_id("change_id", None, EDITORS),
    "event_move": by_id("article_id", EDITORS, EDITORS),
    "event_join": by_id("event_id", EDITORS, EDITORS),
    "event_rename": by_id("event_id", EDITORS, EDITORS),
    "event_status": by_id("event_id", EDITORS, EDITORS),
    "event_split": by_id("event_id", EDITORS, EDITORS),
    "event_not_same": by_id("event_id", EDITORS, EDITORS),
    "event_type": by_id("event_id", EDITORS, EDITORS),
    "event_confirm": by_id("article_id", None, EDITORS),
    "event_developments": by_id("event_id", SIGNED_IN, EDITORS),
    "event_storyline": by_id("link_id", None, EDITORS),
    "event_undo": by_id("change_id", None, EDITORS),
    # What tables brought
    "imports": Rule(EDITORS),
    # Hubs
    "push": Rule(EVERYBODY, EVERYBODY, {"token": "no-such-token"}, is_signed=True),
    # For the people whose servers are fetched from
    "about_fetcher": Rule(EVERYBODY),
    # Probes
    "healthz": Rule(EVERYBODY),
    "readyz": Rule(EVERYBODY),
    # People
    "people": Rule(ADMINS),
    "person_invite": Rule(ADMINS, ADMINS),
    "invitation_revoke": by_id("invitation_id", None, ADMINS),
    "person_role": by_id("user_id", None, ADMINS),
    "person_disable": by_id("user_id", None, ADMINS),
    "person_enable": by_id("user_id", None, ADMINS),
    "person_password_link": by_id("user_id", None, ADMINS),
    "person_history": by_id("user_id", ADMINS),
    # Jobs
    "jobs": Rule(ADMINS),
    "jobs_retry": Rule(None, ADMINS),
    "job_retry": by_id("job_id", None, ADMINS),
    "job_drop": by_id("job_id", None, ADMINS),
    "job_undo": by_id("change_id", None, ADMINS),
    "article_retry": by_id("article_id", None, ADMINS),
    # Sources
    "sources": Rule(ADMINS),
    "source": by_id("source_id", ADMINS),
    "source_add": Rule(ADMINS, ADMINS),
    "source_create": Rule(None, ADMINS),
    "source_edit": by_id("source_id", ADMINS, ADMINS),
    "source_identity": by_id("source_id", ADMINS, ADMINS),
    "source_find": by_id("source_id", None, ADMINS),
    "source_log": Rule(ADMINS, None, {"source_id": NOTHING_HAS_THIS_ID, "change_id": NOTHING_HAS_THIS_ID}),
    "source_pause": by_id("source_id", None, ADMINS),
    "source_resume": by_id("source_id", None, ADMINS),
    "source_fetch": by_id("source_id", None, ADMINS),
    "source_use_address": by_id("source_id", None, ADMINS),
    "source_remove": by_id("source_id", None, ADMINS),
    "source_undo": by_id("change_id", None, ADMINS),
    "notices": Rule(ADMINS),
    "notices_see": Rule(None, ADMINS),
    "notice_see": by_id("notice_id", None, ADMINS),
    "sources_import": Rule(ADMINS, ADMINS),
    "sources_import_apply": Rule(None, ADMINS),
    "sources_export": Rule(ADMINS),
    "sources_export_json": Rule(ADMINS),
    "sources_export_page": Rule(ADMINS, ADMINS),
    "sources_bulk_plan": Rule(None, ADMINS),
    "sources_bulk_apply": Rule(None, ADMINS),
    "sources_bulk_undo": by_id("change_id", None, ADMINS),
    "publisher": by_id("publisher_id", ADMINS, ADMINS),
    "publisher_pages": by_id("publisher_id", ADMINS, ADMINS),
    "publisher_again": by_id("publisher_id", None, ADMINS),
    "publisher_pages_undo": by_id("change_id", None, ADMINS),
    "publisher_undo": by_id("change_id", None, ADMINS),
    "publisher_lines": by_id("publisher_id", ADMINS),
    "publisher_line_add": by_id("publisher_id", None, ADMINS),
    "publisher_rule_switch": by_id("publisher_id", None, ADMINS),
    "publisher_line_switch": Rule(
        None, ADMINS, {"publisher_id": NOTHING_HAS_THIS_ID, "line_id": NOTHING_HAS_THIS_ID}
    ),
    "publisher_lines_undo": by_id("change_id", None, ADMINS),
    "sample_remove": Rule(None, ADMINS),
}


def every_address(resolver: URLResolver) -> Iterator[URLPattern]:
    """All patterns below a resolver."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from every_address(pattern)
        else:
            yield pattern


def test_it_knows_every_address_by_name() -> None:
    patterns = list(every_address(get_resolver()))
    unnamed = [str(pattern.pattern) for pattern in patterns if not pattern.name]
    assert unnamed == []
    assert {pattern.name for pattern in patterns} == set(TABLE)


@pytest.fixture
def clients(db: None) -> dict[str, Client]:
    """One client a role; the disabled one was signed in when it happened. No password: hashing is slow."""
    clients = {role: Client() for role in ROLES}
    for role in SIGNED_IN:
        clients[role].force_login(User.objects.create(username=role, role=role))
    gone = User.objects.create(username="gone", role="admin")
    clients["disabled"].force_login(gone)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    return clients


@pytest.mark.parametrize("name", sorted(TABLE))
def test_it_lets_in_whom_the_table_names(name: str, clients: dict[str, Client]) -> None:
    rule = TABLE[name]
    path = reverse(name, kwargs=rule.arguments)
    sign_in = reverse("account_login")
    for method, allowed in (("get", rule.get), ("post", rule.post)):
        for role in ROLES:
            answer = getattr(clients[role], method)(path)
            told = f"{method} {path} by {role}: {answer.status_code}"
            to_sign_in = answer.status_code == 302 and answer.headers["Location"].partition("?")[0] == sign_in
            if allowed is None:
                assert answer.status_code == 405 or (to_sign_in and role not in SIGNED_IN), told
            elif role in allowed:
                assert answer.status_code not in {401, 403, 405}, told
                assert not to_sign_in or rule.ends_at_sign_in, told
            elif role in SIGNED_IN:
                assert answer.status_code == 403, told
            else:
                assert to_sign_in, told


@pytest.mark.parametrize(
    "name", sorted(name for name, rule in TABLE.items() if rule.post and not rule.is_signed)
)
@pytest.mark.django_db
def test_it_takes_no_form_without_its_token(name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create(username="ada", role="admin"))
    answer = client.post(reverse(name, kwargs=TABLE[name].arguments))
    assert answer.status_code == 403
    assert b"form is too old" in answer.content
