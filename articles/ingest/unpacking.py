"""Content encodings are undone while bytes stream in, never further than asked; pure, no network."""

from __future__ import annotations

import re
import zlib
from typing import Protocol

import brotli
from backports.zstd import DecompressionParameter, ZstdDecompressor, ZstdError

ACCEPT_ENCODING = "gzip, deflate, br, zstd"

_GZIP_START = b"\x1f\x8b\x08"
# Packed members after one another are legal (RFC 1952, 2.2), but each costs a start: no honest feed has so many.
_MOST_MEMBERS = 64
# The largest window that a sender may ask for over HTTP is 8 MB (RFC 9659); without a bound it could be 2 GB.
_ZSTD_WINDOW_LOG = 23


class UnpackError(ValueError):
    """The packing is unknown, broken or ends too early; the message says which."""


class _Unpacker(Protocol):
    def feed(self, chunk: bytes, most: int) -> bytes: ...
    def is_whole(self) -> bool: ...


class Decoder:
    """One layer of content encoding; `start` is the beginning of the body, for servers that pack and do not say so.

    Raises UnpackError for a packing that is not known, more than one layer included.
    """

    def __init__(self, encoding: str, start: bytes) -> None:
        name = encoding.strip().lower().removeprefix("x-")
        if name in {"", "identity", "none"} or re.fullmatch(r"utf-?8", name):
            name = "gzip" if start.startswith(_GZIP_START) else ""
        self._unpacker: _Unpacker | None = None
        if name == "gzip":
            self._unpacker = _Zlib(16 + zlib.MAX_WBITS)
        elif name == "deflate":
            # Both forms are in use: with zlib's header (RFC 1950), as the standard says, and bare.
            is_wrapped = start[:1] == b"\x78" and int.from_bytes(start[:2], "big") % 31 == 0
            self._unpacker = _Zlib(zlib.MAX_WBITS if is_wrapped else -zlib.MAX_WBITS)
        elif name == "br":
            self._unpacker = _Brotli()
        elif name == "zstd":
            self._unpacker = _Zstd()
        elif name:
            raise UnpackError(f"The answer is packed in a way that is not read ({encoding[:60]}).")

    def feed(self, chunk: bytes, most: int) -> bytes:
        """At most about `most` bytes more; when there are so many, the caller stops. Raises UnpackError."""
        if self._unpacker is None:
            return chunk
        try:
            return self._unpacker.feed(chunk, most)
        except (zlib.error, brotli.error, ZstdError, EOFError) as error:
            raise UnpackError("The answer's packing is broken.") from error

    def finish(self) -> None:
        """Raises UnpackError when the packing ends too early."""
        if self._unpacker is not None and not self._unpacker.is_whole():
            raise UnpackError("The answer ends in the middle of its packing.")


class _Zlib:
    def __init__(self, bits: int) -> None:
        self._zlib = zlib.decompressobj(bits)
        self._members = 1

    def feed(self, chunk: bytes, most: int) -> bytes:
        part = self._zlib.decompress(chunk, most)
        while self._zlib.eof and self._zlib.unused_data.startswith(_GZIP_START) and len(part) < most:
            self._members = _next_member(self._members)
            rest, self._zlib = self._zlib.unused_data, zlib.decompressobj(16 + zlib.MAX_WBITS)
            part += self._zlib.decompress(rest, most - len(part))
        return part

    def is_whole(self) -> bool:
        return self._zlib.eof


class _Brotli:
    def __init__(self) -> None:
        self._brotli = brotli.Decompressor()

    def feed(self, chunk: bytes, most: int) -> bytes:
        if self._brotli.is_finished():
            return b""
        parts = [self._brotli.process(chunk, output_buffer_limit=most)]
        size = len(parts[0])
        while size < most and not self._brotli.can_accept_more_data():
            parts.append(self._brotli.process(b"", output_buffer_limit=most - size))
            size += len(parts[-1])
        return b"".join(parts)

    def is_whole(self) -> bool:
        return bool(self._brotli.is_finished())


class _Zstd:
    def __init__(self) -> None:
        self._zstd = self._start()
        self._members = 1

    def feed(self, chunk: bytes, most: int) -> bytes:
        if self._zstd.eof:
            if not chunk:
                return b""
            self._members = _next_member(self._members)
            self._zstd = self._start()
        part = self._zstd.decompress(chunk, most)
        while len(part) < most:
            if self._zstd.eof and self._zstd.unused_data:
                self._members = _next_member(self._members)
                rest, self._zstd = self._zstd.unused_data, self._start()
                part += self._zstd.decompress(rest, most - len(part))
            elif self._zstd.eof or self._zstd.needs_input:
                break
            else:
                part += self._zstd.decompress(b"", most - len(part))
        return part

    def is_whole(self) -> bool:
        return self._zstd.eof

    @staticmethod
    def _start() -> ZstdDecompressor:
        return ZstdDecompressor(options={DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG})


def _next_member(members: int) -> int:
    if members >= _MOST_MEMBERS:
        raise UnpackError(f"The answer is packed in more than {_MOST_MEMBERS} pieces.")
    return members + 1
