"""Whether a database and a broker that somebody else runs are good enough for the desk."""

import re

import psycopg
import redis

from newsdesk.services.addresses import without_password
from newsdesk.services.errors import ServiceError

OLDEST_POSTGRES = 17
OLDEST_VECTOR = (0, 8)
_REASON = re.compile(r"\s+")


def check_database(url: str) -> None:
    """Raise ServiceError, naming what is missing, unless this is PostgreSQL >= 17 with vector >= 0.8 and UTF8."""
    shown = without_password(url)
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version // 10000
            encoding = connection.info.parameter_status("server_encoding")
            row = connection.execute(
                "SELECT coalesce((SELECT extversion FROM pg_extension WHERE extname = 'vector'),"
                " (SELECT default_version FROM pg_available_extensions WHERE name = 'vector'))"
            ).fetchone()
    except psycopg.Error as error:
        reason = _REASON.sub(" ", str(error)).strip()
        raise ServiceError(f"DATABASE_URL={shown} cannot be reached: {reason}") from error
    vector = row[0] if row else None
    if version < OLDEST_POSTGRES:
        raise ServiceError(
            f"DATABASE_URL={shown} is PostgreSQL {version}; {OLDEST_POSTGRES} or newer is needed."
        )
    if encoding != "UTF8":
        raise ServiceError(
            f"DATABASE_URL={shown} stores text as {encoding}; make the database with ENCODING 'UTF8'."
        )
    if vector is None or tuple(int(part) for part in vector.split(".")[:2]) < OLDEST_VECTOR:
        raise ServiceError(
            f"DATABASE_URL={shown} has {'vector ' + vector if vector else 'no extension vector'};"
            " version 0.8 or newer is needed: install pgvector on that server."
        )


def check_redis(url: str) -> str:
    """Raise ServiceError unless a Redis answers; returns a warning in words, or nothing."""
    shown = without_password(url)
    try:
        with redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5) as client:
            client.ping()
            policy = client.info("memory").get("maxmemory_policy", "noeviction")
    except (redis.RedisError, OSError, ValueError) as error:
        raise ServiceError(f"REDIS_URL={shown} cannot be reached: {error}") from error
    if policy != "noeviction":
        return f"REDIS_URL={shown} forgets under pressure ({policy}): set maxmemory-policy to noeviction."
    return ""
