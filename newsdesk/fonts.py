"""The desk's fonts, cut from the installed font packages to small latin woff2 files among the static files."""

import logging
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage

# What Google's and Fontsource's "latin" subset holds: Latin-1, the common ligatures, dashes, quotes and signs.
LATIN = (
    *(*range(0x20, 0x7F), *range(0xA0, 0x100), 0x131, 0x152, 0x153, 0x2BB, 0x2BC, 0x2C6, 0x2DA, 0x2DC),
    *(*range(0x2000, 0x2070), 0x2074, 0x20AC, 0x2116, 0x2122, 0x2190, 0x2191, 0x2192, 0x2193, 0x2212),
    *(0x2215, 0x25B2, 0x25BC, 0x2713, 0x2715, 0xFEFF, 0xFFFD),
)
# (name of the woff2 file, package, file in it, place on the axes of a variable font)
_FONTS: tuple[tuple[str, str, str, dict[str, float]], ...] = (
    (
        "ibm-plex-sans-latin-400-normal",
        "fontpkg_ibm_plex_sans",
        "IBMPlexSans[wdth,wght].ttf",
        {"wght": 400, "wdth": 100},
    ),
    (
        "ibm-plex-sans-latin-600-normal",
        "fontpkg_ibm_plex_sans",
        "IBMPlexSans[wdth,wght].ttf",
        {"wght": 600, "wdth": 100},
    ),
    ("ibm-plex-mono-latin-400-normal", "fontpkg_ibm_plex_mono", "IBMPlexMono-Regular.ttf", {}),
)


class FontFinder(FileSystemFinder):
    """Offers the made fonts to `collectstatic`, which gives their names a hash like any other file's."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(app_names, *args, **kwargs)
        folder = str(made_files())
        self.locations = [("", folder)]
        self.storages = {folder: FileSystemStorage(location=folder)}

    def check(self, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG002 - the parent's form
        """Nothing to check: the folder is ours and may not be there yet."""
        return []


def made_files() -> Path:
    """The folder of static files that this machine made."""
    return Path(settings.DATA_DIR) / "made"


def make_fonts() -> list[Path]:
    """Cut each font that is not there yet; returns the new files."""
    folder = made_files() / "fonts"
    folder.mkdir(parents=True, exist_ok=True)
    new = []
    for name, package, file, axes in _FONTS:
        target = folder / f"{name}.woff2"
        if not target.exists():
            unfinished = target.with_suffix(".new")
            _cut(_package_folder(package) / "files" / file, axes, unfinished)
            unfinished.replace(target)
            new.append(target)
    return new


def _package_folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"the font package {package} is not installed")
    return Path(spec.origin).parent


def _cut(source: Path, axes: dict[str, float], target: Path) -> None:
    # Heavy, and wanted once in the life of a data folder.
    from fontTools.subset import Options, Subsetter  # noqa: PLC0415
    from fontTools.ttLib import TTFont  # noqa: PLC0415
    from fontTools.varLib.instancer import instantiateVariableFont  # noqa: PLC0415

    # It tells the number of each glyph it keeps.
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    with TTFont(source, lazy=True) as font:
        options = Options()
        options.layout_features = ["kern", "liga", "tnum", "zero", "mark", "ccmp", "locl"]
        cutter = Subsetter(options)
        cutter.populate(unicodes=LATIN)
        # Cut first: placing the axes of two hundred glyphs is quick, of two thousand it is not.
        cutter.subset(font)
        if axes:
            instantiateVariableFont(font, axes, inplace=True)
        font.flavor = "woff2"
        font.save(target)
