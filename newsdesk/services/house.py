"""The two services of a desk, embedded or somebody else's, started, mended and stopped together."""

import time
from pathlib import Path

from newsdesk import env
from newsdesk.services.outside import check_database, check_redis
from newsdesk.services.sharing import SharedPostgres
from newsdesk.services.supervisor import pause_before_restart, print_line
from newsdesk.services.valkey import Valkey

# Cleaners of temporary folders remove what nobody touched for days; PostgreSQL touches its own socket.
_TOUCH_SECONDS = 3600.0


class Services:
    """PostgreSQL and Valkey for one data folder; `DATABASE_URL` and `REDIS_URL` take their places."""

    def __init__(self, data: Path) -> None:
        self.database_url = env.text("DATABASE_URL")
        self.redis_url = env.text("REDIS_URL")
        self._postgres = None if self.database_url else SharedPostgres(data)
        self._valkey = None if self.redis_url else Valkey(data)
        self._joined = False
        self._valkey_deaths = 0
        self._valkey_next = 0.0
        self._touched = time.monotonic()

    def start(self) -> None:
        """Start or check both. Raises ServiceError with one line."""
        # What can be refused without starting anything comes first.
        if self._postgres is None:
            check_database(self.database_url)
        if self._valkey is None:
            warning = check_redis(self.redis_url)
            if warning:
                print_line("up", warning)
        if self._postgres is not None:
            self.database_url = self._postgres.join()
            self._joined = True
        if self._valkey is not None:
            self.redis_url = self._valkey.start()

    def mend(self) -> None:
        """Start again what has died; work goes on by itself when it is back."""
        if self._postgres is not None and self._postgres.mend():
            print_line("up", "PostgreSQL had died and runs again")
        if self._valkey is not None:
            self._mend_valkey(self._valkey)

    def _mend_valkey(self, valkey: Valkey) -> None:
        now = time.monotonic()
        if not valkey.is_alive():
            if not self._valkey_next:
                self._valkey_deaths += 1
                self._valkey_next = now + pause_before_restart(self._valkey_deaths)
                print_line("up", "Valkey has died and is started again")
            elif now >= self._valkey_next:
                self._valkey_next = 0.0
                valkey.start()
        elif now - self._touched > _TOUCH_SECONDS:
            self._touched = now
            valkey.touch()

    def stop(self) -> None:
        """Stop what we started; PostgreSQL stays while a batch command still uses it."""
        if self._valkey is not None:
            self._valkey.stop()
        if self._postgres is not None and self._joined:
            self._postgres.leave()
            self._joined = False
