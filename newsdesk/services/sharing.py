"""One embedded PostgreSQL for all who need it: the first starts it, the last stops it."""

from pathlib import Path

from newsdesk.services.locks import FileLock, only_one
from newsdesk.services.postgres import Postgres


class SharedPostgres:
    """One user's hold on the server of a data folder; a user who is killed loses its hold at once."""

    def __init__(self, data: Path) -> None:
        self.server = Postgres(data)
        self._users = FileLock(data / "postgres.users")
        self._turn = data / "postgres.turn"

    def join(self) -> str:
        """Start the server, or find it running; returns its URL."""
        with only_one(self._turn):
            url = self.server.start()
            self._users.share()
            return url

    def leave(self) -> None:
        """Give up our hold, and stop the server when nobody else has one."""
        with only_one(self._turn):
            if self._users.try_exclusive():
                self.server.stop()
            self._users.release()

    def mend(self) -> bool:
        """Start the server again if it has died; True when it had."""
        if self.server.is_alive():
            return False
        with only_one(self._turn):
            self.server.start()
        return True
