"""A backup is whole and restores into a new database as the same rows."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from articles.models import Publisher
from entities.history import record_change
from newsdesk.accounts.models import User
from newsdesk.backup import read_manifest, restore_backup, sum_tables, write_backup
from newsdesk.prepare import known_migrations
from newsdesk.services.errors import ServiceError
from tests.databases import new_database
from tests.workers import test_environment

NEW = "restored"


@pytest.fixture
def source(transactional_db: None, admin: User) -> str:
    """The URL of the tests' own database, with rows of every room in it."""
    Publisher.objects.create(name="Straße & “Söhne”", slug="strasse")
    record_change("user", admin.pk, "tests", "made", after={"name": "é\u2028", "n": 1.5})
    return test_environment()["DATABASE_URL"]


@pytest.fixture
def target() -> Iterator[str]:
    """The URL of a new, empty database."""
    with new_database(f"{NEW}_{connection.settings_dict['NAME']}") as url:
        yield url


@pytest.fixture
def file(source: str, tmp_path: Path) -> Path:
    file = tmp_path / "a backup.tar"
    write_backup(source, file, data_with_keys(tmp_path / "old"), with_keys=True)
    return file


def data_with_keys(folder: Path) -> Path:
    folder.mkdir()
    (folder / "secret_key").write_text("the secret\n")
    (folder / "encryption_key").write_text("the other\n")
    return folder


def restore(url: str, file: Path, data: Path, *, replace: bool = False, with_keys: bool = False) -> None:
    data.mkdir(exist_ok=True)
    restore_backup(url, file, data, known_migrations=known_migrations(), replace=replace, with_keys=with_keys)


def test_it_restores_into_a_new_database_with_the_same_rows(
    source: str, file: Path, target: str, tmp_path: Path
) -> None:
    restore(target, file, tmp_path / "new", with_keys=True)
    with psycopg.connect(source) as old, psycopg.connect(target) as new:
        sums = sum_tables(old)
        assert sums == sum_tables(new)
        assert sums["accounts_user"].rows == 1
        assert sums["entities_change"].rows == 1
        assert new.execute("SELECT name FROM articles_publisher").fetchall() == [("Straße & “Söhne”",)]
        # What is added later does not collide with what came back.
        new.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('a', 'b', now())")
        with pytest.raises(psycopg.Error, match="append"):
            new.execute("DELETE FROM entities_change")
    assert (tmp_path / "new/secret_key").read_text() == "the secret\n"
    assert (tmp_path / "new/encryption_key").stat().st_mode & 0o777 == 0o600


def test_a_checksum_sees_one_changed_letter(source: str) -> None:
    with psycopg.connect(source) as database:
        before = sum_tables(database)
        database.execute("UPDATE articles_publisher SET name = 'Strasse & “Söhne”'")
        after = sum_tables(database)
    assert {name for name in before if before[name] != after[name]} == {"articles_publisher"}


def test_the_file_is_for_its_owner_and_says_what_it_holds(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    manifest = read_manifest(file)
    assert manifest.tables["accounts_user"].rows == 1
    assert "accounts.0001_initial" in manifest.migrations
    assert manifest.has_keys


def test_keys_stay_out_unless_asked_for(source: str, target: str, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    write_backup(source, file, data_with_keys(tmp_path / "old"), with_keys=False)
    with tarfile.open(file) as archive:
        assert archive.getnames() == ["manifest.json", "database.dump"]
    with pytest.raises(ServiceError, match="holds no keys"):
        restore(target, file, tmp_path / "new", with_keys=True)


def test_it_refuses_a_database_that_holds_something_unless_told_to_replace(
    file: Path, target: str, tmp_path: Path
) -> None:
    with psycopg.connect(target) as database:
        database.execute("CREATE TABLE precious (id bigint GENERATED ALWAYS AS IDENTITY, n int)")
        database.execute("CREATE VIEW shown AS SELECT n FROM precious")
        database.execute("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    with pytest.raises(ServiceError, match="holds 1 tables already: restore with --replace"):
        restore(target, file, tmp_path / "new")
    restore(target, file, tmp_path / "new", replace=True)
    restore(target, file, tmp_path / "new", replace=True)
    with psycopg.connect(target) as database:
        assert sum_tables(database) == read_manifest(file).tables


def test_it_refuses_what_a_newer_version_made(file: Path, target: str, tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=r"made by a newer Newsdesk .*update first"):
        restore_backup(target, file, tmp_path, known_migrations=set(), replace=False, with_keys=False)


def test_it_notices_rows_that_did_not_come_back(file: Path, target: str, tmp_path: Path) -> None:
    forged = tmp_path / "forged.tar"
    with tarfile.open(file) as archive:
        (tmp_path / "parts").mkdir()
        for name in archive.getnames():  # our own file: no name leads elsewhere
            content = archive.extractfile(name)
            assert content is not None
            (tmp_path / "parts" / name).write_bytes(content.read())
    manifest = json.loads((tmp_path / "parts/manifest.json").read_text())
    manifest["tables"]["accounts_user"]["rows"] = 2
    (tmp_path / "parts/manifest.json").write_text(json.dumps(manifest))
    with tarfile.open(forged, "w") as archive:
        for part in (tmp_path / "parts").iterdir():
            archive.add(part, part.name)
    with pytest.raises(ServiceError, match="differ from the backup: accounts_user"):
        restore(target, forged, tmp_path / "new")


@pytest.mark.parametrize("content", [b"", b"no archive at all", b"\0" * 2048])
def test_it_refuses_a_file_that_is_no_backup(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(content)
    with pytest.raises(ServiceError, match="it is no backup of Newsdesk"):
        read_manifest(file)


def test_it_never_writes_over_a_file_and_leaves_none_behind_when_it_fails(
    source: str, tmp_path: Path
) -> None:
    file = tmp_path / "there.tar"
    file.touch()
    with pytest.raises(ServiceError, match="exists already"):
        write_backup(source, file, tmp_path, with_keys=False)
    with pytest.raises(ServiceError, match="holds no key files"):
        write_backup(source, tmp_path / "new.tar", tmp_path, with_keys=True)
    assert [path.name for path in tmp_path.iterdir()] == ["there.tar"]


def test_an_empty_database_is_nothing_to_back_up(target: str, tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="nothing to back up"):
        write_backup(target, tmp_path / "b.tar", tmp_path, with_keys=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("is_cut", [True, False])
def test_a_broken_file_leaves_the_database_as_it_was(
    file: Path, target: str, tmp_path: Path, *, is_cut: bool
) -> None:
    restore(target, file, tmp_path / "new")
    whole = file.read_bytes()
    with tarfile.open(file) as archive:
        dump = archive.getmember("database.dump")
    middle = dump.offset_data + dump.size // 2
    broken = tmp_path / "broken.tar"
    # In the middle of the dump the file ends, or holds zeroes where rows were.
    broken.write_bytes(whole[:middle] if is_cut else whole[:middle] + bytes(2000) + whole[middle + 2000 :])
    with psycopg.connect(target) as connected:
        before = sum_tables(connected)
    with pytest.raises(ServiceError):
        restore(target, broken, tmp_path / "newer", replace=True)
    with psycopg.connect(target) as connected:
        assert sum_tables(connected) == before
