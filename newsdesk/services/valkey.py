"""The embedded Valkey of one data folder: started, found again and stopped."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from newsdesk import env
from newsdesk.services import binaries, processes
from newsdesk.services.errors import ServiceError
from newsdesk.services.sockets import remove_socket_folder, socket_folder, socket_folder_path

_STOP_STEPS = ((signal.SIGTERM, 4.0), (signal.SIGKILL, 10.0))

# We ask again ourselves; the client's own patience would add seconds to each start.
_NO_RETRY = Retry(NoBackoff(), 0)


class Valkey:
    """The server of one data folder; runs as ourselves, on a socket that is ours alone."""

    def __init__(self, data: Path, *, is_throwaway: bool = False) -> None:
        self.data = data.absolute()
        self.place = self.data / "valkey"
        self.log = self.place / "valkey.log"
        self.pid_file = self.place / "valkey.pid"
        self.is_throwaway = is_throwaway
        self._socket = socket_folder_path(self.data, "valkey") / "valkey.sock"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address in the form that redis-py takes, whether the server runs or not."""
        return f"unix://{quote(str(self._socket), safe='/')}?db=0"

    def start(self, seconds: float = 120) -> str:
        """Start the server and return its URL once it answers.

        A server that a killed `up` left behind is ended first: only its caller holds the data folder now.
        Raises ServiceError with the server's own last words when it does not come up.
        """
        self._end_orphan()
        self.place.mkdir(parents=True, exist_ok=True)
        socket_folder(self.data, "valkey", os.getuid())
        self._socket.unlink(missing_ok=True)
        self._spawn()
        deadline = time.monotonic() + seconds
        while not self.answers():
            if not self.is_alive():
                raise ServiceError(f"Valkey did not start: {self._last_words()}")
            if time.monotonic() > deadline:
                raise ServiceError(f"Valkey did not answer within {seconds:.0f} s: {self._last_words()}")
            time.sleep(0.02)
        return self.url

    def answers(self) -> bool:
        """Whether the server says PONG."""
        with (
            suppress(redis.RedisError),
            redis.Redis(unix_socket_path=str(self._socket), socket_timeout=2, retry=_NO_RETRY) as client,
        ):
            return bool(client.ping())
        return False

    def is_alive(self) -> bool:
        """Whether our child runs; reaps it when it has ended."""
        return self._child is not None and self._child.poll() is None

    def touch(self) -> None:
        """Make the socket look used."""
        with suppress(OSError):
            os.utime(self._socket)

    def stop(self) -> None:
        """End the server; what it held stays in its append-only file."""
        if self._child is not None:
            for number, seconds in _STOP_STEPS:
                self._child.send_signal(number)
                try:
                    self._child.wait(seconds)
                    break
                except subprocess.TimeoutExpired:
                    continue
            self._child = None
        self.pid_file.unlink(missing_ok=True)
        remove_socket_folder(self.data, "valkey")

    def _spawn(self) -> None:
        keep = "no" if self.is_throwaway else "yes"
        command = [str(binaries.find_valkey()), "--port", "0", "--unixsocket", str(self._socket)]
        command += ["--unixsocketperm", "700", "--dir", str(self.place), "--appendonly", keep, "--save", ""]
        # A broker that forgets under pressure loses wake-ups in silence; one that refuses is heard.
        command += ["--maxmemory-policy", "noeviction", "--daemonize", "no"]
        with self.log.open("wb") as log:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.place,
                env=env.bare(),
                start_new_session=True,
            )
        mark = processes.start_mark(self._child.pid)
        self.pid_file.write_text(f"{self._child.pid} {mark}")

    def _end_orphan(self) -> None:
        try:
            pid, _, mark = self.pid_file.read_text().partition(" ")
        except OSError:
            return
        if pid.isdigit() and mark:
            processes.end_process(int(pid), mark, _STOP_STEPS)
        self.pid_file.unlink(missing_ok=True)

    def _last_words(self) -> str:
        try:
            lines = self.log.read_text(errors="replace").strip().splitlines()
        except OSError:
            lines = []
        return lines[-1] if lines else f"see {self.log}"
