"""One file that holds a desk: the database as PostgreSQL dumps it, and a manifest that proves it whole."""

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from newsdesk import env
from newsdesk.bootstrap import own_version
from newsdesk.services import binaries
from newsdesk.services.data_folder import ENCRYPTION_KEY_FILE, SECRET_KEY_FILE
from newsdesk.services.errors import ServiceError

FORMAT = 1
_MANIFEST = "manifest.json"
_DUMP = "database.dump"
_KEYS = (SECRET_KEY_FILE, ENCRYPTION_KEY_FILE)
_LIBPQ_NAMES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}
# Ordinary and partitioned tables of ours: neither partitions (their parent counts them) nor an extension's.
_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY c.relname
"""
_DROPS = """
    SELECT format('DROP %s IF EXISTS public.%I CASCADE',
                  CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                                 WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
      -- Neither an extension's (e) nor a column's own sequence (a, i), which goes with its table.
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('e', 'a', 'i')
                      AND (d.deptype = 'e' OR c.relkind = 'S'))
    UNION ALL
    SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'public'
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""


@dataclass(frozen=True, slots=True)
class TableSum:
    """How many rows a table has, and a sum over their texts that does not depend on their order."""

    rows: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `made_at` is ISO 8601 in UTC; `migrations` are "app.name"."""

    version: str
    made_at: str
    migrations: list[str]
    tables: dict[str, TableSum]
    has_keys: bool


def write_backup(url: str, file: Path, data: Path, *, with_keys: bool) -> Manifest:
    """Write the database behind `url` into `file`, and the keys of the data folder when asked.

    All is taken from one snapshot, while the desk works on. Raises ServiceError with one line; then no file is left.
    """
    if file.exists():
        raise ServiceError(f"{file} exists already: choose another name.")
    if with_keys and not all((data / name).is_file() for name in _KEYS):
        raise ServiceError(f"{data} holds no key files: they are set elsewhere, so keep them there.")
    with _work_folder(file.parent) as folder, psycopg.connect(url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        snapshot = _value(connection, "SELECT pg_export_snapshot()")
        tables = sum_tables(connection)
        if "django_migrations" not in tables:
            raise ServiceError("The database is empty: there is nothing to back up.")
        manifest = Manifest(
            version=own_version(),
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            migrations=_applied(connection),
            tables=tables,
            has_keys=with_keys,
        )
        _run_program(
            "pg_dump",
            url,
            *("--format=custom", f"--snapshot={snapshot}", "--no-owner", "--no-privileges"),
            # It belongs to the server's superuser, who puts it into every new database.
            *("--exclude-extension=vector", f"--file={folder / _DUMP}"),
        )
        (folder / _MANIFEST).write_text(json.dumps({"format": FORMAT, **asdict(manifest)}, indent=1))
        _pack(folder, data if with_keys else None, file)
    return manifest


def read_manifest(file: Path) -> Manifest:
    """What is in a backup. Raises ServiceError when the file is none."""
    try:
        with tarfile.open(file, "r:") as archive:
            member = archive.extractfile(_MANIFEST)
            values: dict[str, Any] = json.load(member) if member is not None else {}
        if values.pop("format") != FORMAT:
            raise ServiceError(f"{file} has another form of backup than this version of Newsdesk reads.")
        values["tables"] = {name: TableSum(**row) for name, row in values["tables"].items()}
        return Manifest(**values)
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
        reason = (
            error.strerror if isinstance(error, OSError) and error.strerror else "it is no backup of Newsdesk"
        )
        raise ServiceError(f"{file} cannot be restored: {reason}.") from error


def _unpack(archive: tarfile.TarFile, name: str, folder: Path) -> None:
    """Write one part, readable by us alone. By hand, for Python 3.11.2 has no filter that makes `extract` safe."""
    part = archive.extractfile(name)
    if part is None:
        raise ServiceError(f"The part {name} of the backup is no plain file: the backup is damaged.")
    (folder / name).touch(mode=0o600)
    with part, (folder / name).open("wb") as file:
        shutil.copyfileobj(part, file)


def restore_backup(  # noqa: PLR0913 - one for each thing that a person decides
    url: str, file: Path, data: Path, *, known_migrations: set[str], replace: bool, with_keys: bool
) -> Manifest:
    """Put a backup into the database behind `url` and prove that it is the same.

    Refuses a database that holds tables unless `replace`, and a backup of a newer version. Raises ServiceError.
    """
    manifest = read_manifest(file)
    unknown = sorted(set(manifest.migrations) - known_migrations)
    if unknown:
        raise ServiceError(
            f"{file} was made by a newer Newsdesk ({manifest.version}; {unknown[0]} is not known here): update first."
        )
    if with_keys and not manifest.has_keys:
        raise ServiceError(
            f"{file} holds no keys: restore without --with-keys and set the old keys yourself."
        )
    with _work_folder(data) as folder:
        with tarfile.open(file, "r:") as archive:
            _unpack(archive, _DUMP, folder)
            if with_keys:
                for name in _KEYS:
                    _unpack(archive, name, folder)
        # Read to its end before anything is thrown away: a broken file must not cost the database that is there.
        _run_program("pg_restore", url, f"--file={os.devnull}", str(folder / _DUMP))
        with psycopg.connect(url) as connection:
            _make_room(connection, replace=replace)
        _run_program(
            "pg_restore",
            url,
            *("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"),
            *(f"--dbname={conninfo_to_dict(url)['dbname']}", str(folder / _DUMP)),
        )
        with psycopg.connect(url) as connection:
            _compare(sum_tables(connection), manifest)
        if with_keys:
            for name in _KEYS:
                (folder / name).chmod(0o600)
                (folder / name).replace(data / name)
    return manifest


def sum_tables(connection: psycopg.Connection[Any]) -> dict[str, TableSum]:
    """Rows and checksum of every table of ours."""
    # The texts of times and numbers follow these settings, so both sides must have the same.
    for setting in (
        "timezone = 'UTC'",
        "datestyle = 'ISO, YMD'",
        "extra_float_digits = 1",
        "bytea_output = 'hex'",
    ):
        connection.execute(sql.SQL("SET LOCAL ") + sql.SQL(setting))
    connection.execute("SET LOCAL statement_timeout = 0")
    sums = {}
    for (name,) in connection.execute(_TABLES).fetchall():
        query = sql.SQL(
            "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM public.{} t"
        )
        row = connection.execute(query.format(sql.Identifier(name))).fetchone()
        assert row is not None  # noqa: S101 - an aggregate always has a row
        sums[name] = TableSum(*row)
    return sums


def _make_room(connection: psycopg.Connection[Any], *, replace: bool) -> None:
    tables = connection.execute(_TABLES).fetchall()
    if tables and not replace:
        raise ServiceError(
            f"The database holds {len(tables)} tables already: restore with --replace to put the backup in their place."
        )
    connection.execute("SET LOCAL statement_timeout = 0")
    for (statement,) in connection.execute(_DROPS).fetchall():
        connection.execute(sql.SQL(statement))
    connection.commit()
    if not connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'vector'").fetchone():
        connection.execute("CREATE EXTENSION vector")


def _compare(found: dict[str, TableSum], manifest: Manifest) -> None:
    different = sorted(
        name for name in manifest.tables.keys() | found.keys() if manifest.tables.get(name) != found.get(name)
    )
    if different:
        raise ServiceError(f"The restored tables differ from the backup: {', '.join(different)}.")


def _applied(connection: psycopg.Connection[Any]) -> list[str]:
    rows = connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall()
    return [f"{app}.{name}" for app, name in rows]


def _value(connection: psycopg.Connection[Any], query: str) -> str:
    row = connection.execute(sql.SQL(query)).fetchone()
    assert row is not None  # noqa: S101 - the callers ask for one value
    return str(row[0])


def _pack(folder: Path, keys: Path | None, file: Path) -> None:
    whole = folder / "whole.tar"
    whole.touch(mode=0o600)
    with tarfile.open(whole, "w") as archive:
        for name in (_MANIFEST, _DUMP):
            archive.add(folder / name, name)
        for name in _KEYS if keys is not None else ():
            archive.add(Path(str(keys)) / name, name)
    whole.rename(file)


@contextmanager
def _work_folder(parent: Path) -> Iterator[Path]:
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".newsdesk-backup-", dir=parent) as folder:
            yield Path(folder)
    except PermissionError as error:
        raise ServiceError(f"{parent} cannot be written: {error.strerror}.") from error


def _run_program(name: str, url: str, *arguments: str) -> None:
    values = {
        _LIBPQ_NAMES[key]: str(value) for key, value in conninfo_to_dict(url).items() if key in _LIBPQ_NAMES
    }
    answer = subprocess.run(  # noqa: S603 - our own program and arguments; the password goes by the environment
        [binaries.installed_programs() / name, *arguments],
        env=env.bare() | values,
        check=False,
        capture_output=True,
        text=True,
    )
    if answer.returncode != 0:
        raise ServiceError(f"{name} failed: {' '.join(answer.stderr.split())}")
