"""The parsing child: reads jobs from its standard input, works under hard limits, writes JSON answers.

It is started for one kind of job, `feed` or `page`: what reads pages takes half a second and 60 MB to load.
"""

from __future__ import annotations

import ctypes
import gc
import json
import math
import os
import resource
import signal
import struct
import sys
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from articles.errors import NewsdeskError
from articles.ingest.limits import FeedLimits, PageLimits
from articles.ingest.parse import parse_feed, unfit_parsers
from articles.ingest.wire import feed_row, rules_from_json, to_json

Jobs = Mapping[str, Callable[[Mapping[str, Any], bytes], Any]]

# A question is two lengths, a JSON header and the bytes to parse; an answer is a length and JSON.
QUESTION = struct.Struct(">II")
ANSWER = struct.Struct(">I")

_NOBODY = 65_534
_MAX_FILES = 64
# A child that a large job has blown up makes place for a slim one.
_MOST_RESIDENT = 150 * 1024 * 1024
_PR_SET_NO_NEW_PRIVS = 38
_REFUSED_EVENTS = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "pty.",
)


def main(kind: str) -> None:
    """Serve jobs of a kind until the parent closes the pipe."""
    questions = os.fdopen(0, "rb", buffering=0, closefd=False)
    # Whatever a library prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    unfit = unfit_parsers()
    if unfit:
        _say(answers, {"error": unfit})
        return
    jobs = _jobs(kind)
    # What was loaded stays: no collection needs to look at it again.
    gc.collect()
    gc.freeze()
    warning = _give_up_rights()
    _say(answers, {"ready": True, "warning": warning})
    while (question := _listen(questions)) is not None:
        header, body = question
        _set_limits(header)
        reply, is_healthy = _answer(jobs, header, body)
        signal.setitimer(signal.ITIMER_REAL, 0)
        is_last = not is_healthy or _resident_bytes() > _MOST_RESIDENT
        _say(answers, {**reply, "last": True} if is_last else reply)
        if is_last:
            return


def _answer(jobs: Jobs, header: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], bool]:
    """(the reply, whether this child may serve on)."""
    try:
        return {"value": jobs[header["job"]](header, body)}, True
    except NewsdeskError as error:
        return {"error": type(error).__name__, "message": str(error)}, True
    except MemoryError:
        return {
            "error": "SandboxKilledError",
            "message": "The parser needed more memory than it may have.",
        }, False
    except Exception as error:  # noqa: BLE001 - the parent hears of it and the child, in an unknown state, ends
        return {
            "error": "ParseFailedError",
            "message": f"The parser failed with {type(error).__name__}.",
        }, False


def _parse_feed(header: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    limits = FeedLimits(**header["limits"])
    return feed_row(parse_feed(body, url=header["url"], content_type=header["content_type"], limits=limits))


def _jobs(kind: str) -> Jobs:
    if kind == "feed":
        return {"feed": _parse_feed}
    # These load trafilatura and BeautifulSoup, of which a reader of feeds has no use.
    from articles.ingest.discovery import find_feeds  # noqa: PLC0415
    from articles.ingest.extract import extract_page  # noqa: PLC0415
    from articles.ingest.page_rules import find_containers  # noqa: PLC0415

    def page(header: Mapping[str, Any], body: bytes) -> dict[str, Any]:
        found = extract_page(
            body,
            url=header["url"],
            content_type=header["content_type"],
            feed_title=header["feed_title"],
            rules=rules_from_json(header["rules"]),
            limits=PageLimits(**header["limits"]),
            now=datetime.fromisoformat(header["now"]),
        )
        return to_json(found)

    def find(header: Mapping[str, Any], body: bytes) -> list[dict[str, Any]]:
        return [
            asdict(found) for found in find_feeds(body, header["url"], content_type=header["content_type"])
        ]

    def containers(header: Mapping[str, Any], body: bytes) -> list[dict[str, Any]]:
        return [asdict(found) for found in find_containers(body, content_type=header["content_type"])]

    return {"page": page, "find": find, "containers": containers}


def _resident_bytes() -> int:
    """How much memory this process holds now; 0 where that cannot be told."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0


def _set_limits(header: Mapping[str, Any]) -> None:
    """Processor time counts from now on; the soft limit ends the process with SIGXCPU, the alarm with SIGALRM."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = math.ceil(used.ru_utime + used.ru_stime) + int(header["cpu_seconds"])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = int(header["memory_bytes"])
    resource.setrlimit(
        resource.RLIMIT_AS, (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most)
    )
    # The parent kills a late child; this is for the case that there is no parent any more.
    signal.setitimer(signal.ITIMER_REAL, float(header["wall_seconds"]) + 5)


def _give_up_rights() -> str:
    """Take away what parsing never needs. Returns a sentence when something had to stay."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MAX_FILES, _MAX_FILES))
    _forbid_new_privileges()
    warning = _become_nobody() if os.geteuid() == 0 else ""
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    sys.addaudithook(_refuse)
    return warning


def _become_nobody() -> str:
    needed = [sysconfig.get_path("purelib"), sysconfig.get_path("stdlib"), str(Path(__file__).parent)]
    os.setgroups([])
    os.setegid(_NOBODY)
    os.seteuid(_NOBODY)
    unreadable = [folder for folder in needed if not os.access(folder, os.R_OK | os.X_OK, effective_ids=True)]
    os.seteuid(0)
    os.setegid(0)
    if unreadable:
        # Late imports would fail, so the rights stay.
        return f"Feeds and pages are parsed as root, because the user nobody may not read {unreadable[0]}."
    os.setgid(_NOBODY)
    os.setuid(_NOBODY)
    return ""


def _forbid_new_privileges() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _refuse(event: str, _args: object) -> None:
    if event.startswith(_REFUSED_EVENTS):
        raise PermissionError(f"{event} is not for a parser")


def _listen(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    start = _read(stream, QUESTION.size)
    if start is None:
        return None
    header_size, body_size = QUESTION.unpack(start)
    header, body = _read(stream, header_size), _read(stream, body_size)
    return None if header is None or body is None else (json.loads(header), body)


def _read(stream: BinaryIO, size: int) -> bytes | None:
    parts = []
    while size:
        part = stream.read(size)
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _say(stream: BinaryIO, reply: dict[str, Any]) -> None:
    # As it is, for escapes cost time on both sides; a lone surrogate passes as the three bytes that json.loads takes.
    data = json.dumps(reply, ensure_ascii=False).encode("utf-8", "surrogatepass")
    view = memoryview(ANSWER.pack(len(data)) + data)
    while view:
        view = view[stream.write(view) or 0 :]


if __name__ == "__main__":
    main(sys.argv[1])
