"""Collected static files with hashed names, tolerant of fonts that set-up has not made yet."""

from __future__ import annotations

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class DeskStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise ships no types
    """A file that is not there keeps its plain name, so that a page without its fonts is still a page."""

    manifest_strict = False

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        """The name with its hash; the plain name when the file is missing."""
        try:
            return str(super().hashed_name(name, content, filename))
        except ValueError:
            return name
