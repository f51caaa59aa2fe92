"""Where the database and the broker of a data folder are, whether they run already or not."""

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from newsdesk import env
from newsdesk.services.postgres import Postgres
from newsdesk.services.runfile import read_record
from newsdesk.services.valkey import Valkey


def database_url(data: Path) -> str:
    """DATABASE_URL, else what a running `up` uses, else the embedded server's own address."""
    record = read_record(data)
    return (
        env.text("DATABASE_URL")
        or (record.database_url if record is not None and record.is_alive else "")
        or Postgres(data).url
    )


def redis_url(data: Path) -> str:
    """REDIS_URL, else what a running `up` uses, else the embedded server's own address."""
    record = read_record(data)
    return (
        env.text("REDIS_URL")
        or (record.redis_url if record is not None and record.is_alive else "")
        or Valkey(data).url
    )


def broker_url(redis: str) -> str:
    """The address in Celery's form: it names a Unix socket otherwise than redis-py does."""
    parts = urlsplit(redis)
    if parts.scheme != "unix":
        return redis
    database = parse_qs(parts.query).get("db", ["0"])[-1]
    credentials = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return f"redis+socket://{credentials}{parts.path}?virtual_host={database}"


def without_password(url: str) -> str:
    """The address as it may be shown."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@")).geturl()


def socket_path(url: str) -> Path | None:
    """The folder or file of the Unix socket in an address; None when it goes by network."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return Path(unquote(parts.path))
    host = parse_qs(parts.query).get("host", [""])[-1]
    return Path(host) if host.startswith("/") else None
