"""The files in a download: a zip or a folder, of which nothing is believed.

A zip is never unpacked. Its entries are listed, and a file that is wanted is read, up to a limit that holds whatever
the entry says of its size. No name in it ever becomes a path of ours. An entry that tries a trick (an absolute or
climbing path, a link, a device, a password) is refused with its reason, and the rest goes on.
"""

from __future__ import annotations

import os
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.exchange.table import ExchangeError

MAX_ENTRIES = 200_000
_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
_LITTER = {"__MACOSX", ".ipynb_checkpoints"}  # folders that programs leave behind


@dataclass(frozen=True)
class Entry:
    """A file of a download. ``parts`` is its path; ``refused`` why it is not read, if it is not."""

    parts: tuple[str, ...]
    refused: str
    read: Callable[[int], bytes]  # at most so many bytes; raises ExchangeError for more

    @property
    def name(self) -> str:
        return self.parts[-1]

    @property
    def path(self) -> str:
        return "/".join(self.parts)


def entries(path: Path) -> list[Entry]:
    """The files in the zip or folder ``path``, sorted; raises :class:`ExchangeError` if it is neither."""
    found: list[Entry] = []
    for entry in _of_folder(path) if path.is_dir() else _of_zip(path):
        found.append(entry)
        if len(found) > MAX_ENTRIES:
            raise ExchangeError(
                f"{path}: holds more than {MAX_ENTRIES} files. Download one assignment at a time"
            )
    return sorted(found, key=lambda entry: entry.parts)


def _of_folder(folder: Path) -> Iterator[Entry]:
    """Links are refused, hidden files are not looked at."""
    for base, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in _LITTER]
        for name in files:
            path = Path(base) / name
            if name.startswith("."):
                continue
            parts = tuple(unicodedata.normalize("NFC", part) for part in path.relative_to(folder).parts)
            mode = path.lstat().st_mode
            refused = "is a link" if stat.S_ISLNK(mode) else "" if stat.S_ISREG(mode) else "is no file"
            yield Entry(parts, refused, _file_reader(path))


def _of_zip(path: Path) -> Iterator[Entry]:
    try:
        archive = zipfile.ZipFile(path)
    except (FileNotFoundError, NotADirectoryError):
        raise ExchangeError(f"{path}: there is no such file or folder. Check its spelling") from None
    except PermissionError as error:
        raise ExchangeError(f"{path}: cannot be read ({error.strerror}). Mend its permissions") from None
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        remedy = "Give the downloaded zip as it is, or the folder it was unpacked to"
        raise ExchangeError(f"{path}: is neither a zip nor a folder ({error}). {remedy}") from None
    for info in archive.infolist():
        if info.is_dir():
            continue
        parts = PurePosixPath(_name(info)).parts or ("",)
        refused = _trick(info, parts)
        if not refused and (parts[-1].startswith(".") or _LITTER & set(parts)):
            continue
        yield Entry(parts, refused, _zip_reader(archive, info))


def _name(info: zipfile.ZipInfo) -> str:
    """The name as its author saw it: old zips say no encoding, and zipfile then reads cp437."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8_FLAG:
        raw = name.encode("cp437", errors="replace")
        for encoding in ("utf-8", "cp949"):
            try:
                name = raw.decode(encoding)
            except UnicodeDecodeError:
                continue
            break
    return unicodedata.normalize("NFC", name)


def _trick(info: zipfile.ZipInfo, parts: tuple[str, ...]) -> str:
    name = info.orig_filename
    if ".." in parts or parts[:1] == ("/",) or "\\" in name or "\0" in name or name[1:2] == ":":
        return "its path leads out of the archive"
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "is a link" if kind == stat.S_IFLNK else "is no file"
    return "is encrypted" if info.flag_bits & _ENCRYPTED_FLAG else ""


def _file_reader(path: Path) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        with path.open("rb") as file:
            return _within(file.read(most + 1), most)

    return read


def _zip_reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        try:
            with archive.open(info) as file:
                return _within(file.read(most + 1), most)
        except (
            OSError,
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise ExchangeError(f"cannot be unpacked ({error})") from None

    return read


def _within(data: bytes, most: int) -> bytes:
    if len(data) > most:
        raise ExchangeError(f"is larger than {most >> 20} MiB")
    return data
