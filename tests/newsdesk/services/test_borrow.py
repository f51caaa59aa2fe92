"""Commands that need the database run without `up`, several at once."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from newsdesk.bootstrap import BASE
from newsdesk.services.postgres import Postgres


@pytest.mark.slow
def test_two_commands_at_once_share_one_server_make_the_tables_once_and_leave_nothing_running() -> None:
    # Not tmp_path: its parents are closed to others, which as root moves PostgreSQL elsewhere.
    data = Path(tempfile.mkdtemp(prefix="newsdesk-borrow-"))
    environment = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    environment |= {"NEWSDESK_DATA": str(data), "NEWSDESK_ADMIN_PASSWORD": ""}
    try:
        commands = [
            subprocess.Popen(
                [sys.executable, "manage.py", "reset_admin", name],
                cwd=BASE,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for name in ("ana", "ed")
        ]
        answers = [command.communicate(timeout=120) for command in commands]
        assert [command.returncode for command in commands] == [0, 0], answers
        for (output, _), name in zip(answers, ("ana", "ed"), strict=True):
            assert re.fullmatch(rf"{name} is admin; password: [a-z2-9-]{{23}}\n", output)
        progress = "".join(errors for _, errors in answers)
        assert progress.count("making the tables") == 1
        assert progress.count("Starter set") == 1
        assert not Postgres(data).is_alive()
    finally:
        Postgres(data).stop()
        shutil.rmtree(data)
