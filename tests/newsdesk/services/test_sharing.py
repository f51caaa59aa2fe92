"""Several users of one embedded PostgreSQL: the first starts it, the last stops it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsdesk.services.postgres import Postgres
from newsdesk.services.sharing import SharedPostgres

USER = """
import sys; from pathlib import Path; from newsdesk.services.sharing import SharedPostgres
shared = SharedPostgres(Path(sys.argv[1])); print(shared.join(), flush=True)
input(); shared.leave()
"""


@pytest.fixture
def data() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="newsdesk-shared-"))
    folder.chmod(0o711)
    yield folder
    Postgres(folder).stop()
    shutil.rmtree(folder)


def another_user(data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_the_last_user_stops_the_server_and_a_killed_one_does_not_count(data: Path) -> None:
    users = [another_user(data), another_user(data), another_user(data)]
    urls = {user.stdout.readline().strip() for user in users if user.stdout}
    assert len(urls) == 1
    server = Postgres(data)
    users[0].communicate("\n", timeout=240)
    assert server.is_alive()
    users[1].kill()
    users[1].communicate(timeout=240)
    assert server.is_alive()
    users[2].communicate("\n", timeout=240)
    assert not server.is_alive()


def test_a_dead_server_is_mended_for_all_users(data: Path) -> None:
    first, second = SharedPostgres(data), SharedPostgres(data)
    first.join()
    second.join()
    assert not first.mend()
    Postgres(data).stop()
    assert second.mend()
    assert first.server.is_alive()
    first.leave()
    second.leave()
    assert not Postgres(data).is_alive()
