"""Which kind of file a letter is, and its lines. The kind is told from the content, never from the name."""

from __future__ import annotations

import re
from pathlib import Path

from sqs_core.errors import BadInputError
from sqs_core.letters.docx import docx_lines
from sqs_core.letters.lines import Line, UnreadableError
from sqs_core.letters.pdf import pdf_lines
from sqs_core.letters.plain import plain_lines

__all__ = ["Line", "content_of", "lines_of"]

_MAX_BYTES = 20_000_000
_TOO_LARGE = f"the file is larger than {_MAX_BYTES // 1_000_000} MB; a letter is not"


_SAVE = "save the letter as PDF or .docx"
_PICTURE = "this is a picture; ask for the original letter, or run text recognition (OCR) on it"
_ARCHIVE = "this is a packed archive; unpack it and load the letter itself"
# What people take for a letter, by its first bytes, and what to do about it.
_OTHER_KINDS = (
    (b"{\\rtf", f"this is a Rich Text file; {_SAVE}"),
    (b"%!PS", f"this is a PostScript file; {_SAVE}"),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"II*\0", _PICTURE),
    (b"MM\0*", _PICTURE),
    (b"RIFF", _PICTURE),
    (b"\x1f\x8b", _ARCHIVE),
    (b"7z\xbc\xaf", _ARCHIVE),
    (b"Rar!", _ARCHIVE),
)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# An old Office file names what is in it in UTF-16.
_OLD_OFFICE_KINDS = (
    ("EncryptedPackage", "this is an Office file protected with a password; save it without the password"),
    ("__substg1.0_", f"this is an Outlook message; {_SAVE}"),
    ("Workbook", "this is an old Excel file, not a letter"),
    ("PowerPoint Document", "this is an old PowerPoint file, not a letter"),
)
_WEB_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I
)


def content_of(path: Path, largest: int = _MAX_BYTES) -> bytes:
    """The bytes of a file. Raises BadInputError when there is none, or it is larger than so many bytes (20 MB, as
    letters may be)."""
    try:
        if path.is_dir():
            raise BadInputError(f"{path}: is a folder, not a file")
        if path.exists() and not path.is_file():
            raise BadInputError(f"{path}: is a device, not a file")
        if path.stat().st_size > largest:
            too_large = f"the file is larger than {largest // 1_000_000} MB"
            raise BadInputError(f"{path}: {_TOO_LARGE if largest == _MAX_BYTES else too_large}")
        return path.read_bytes()
    except FileNotFoundError:
        raise BadInputError(f"{path}: there is no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise BadInputError(f"{path}: cannot be opened ({reason})") from None


def lines_of(name: str, content: bytes) -> list[Line]:
    """The lines of a letter, whatever kind of file it is. Raises BadInputError, in one line that says why it
    cannot be read and what to do."""
    try:
        return _lines_of(content)
    except UnreadableError as reason:
        raise BadInputError(f"{' '.join(name.split())}: {reason}") from None


def _lines_of(content: bytes) -> list[Line]:
    if not content.strip(b"\0\t\n\r "):
        raise UnreadableError("the file is empty")
    if len(content) > _MAX_BYTES:
        raise UnreadableError(_TOO_LARGE)
    if b"%PDF-" in content[:1024]:
        return pdf_lines(content)
    if content.startswith(b"PK\x03\x04"):
        return docx_lines(content)
    if content.startswith(_OLD_OFFICE):
        for part, reason in _OLD_OFFICE_KINDS:
            if part.encode("utf-16-le") in content:
                raise UnreadableError(reason)
        raise UnreadableError("this is an old Word file (.doc); save it as .docx or PDF")
    for first, reason in _OTHER_KINDS:
        if content.startswith(first):
            raise UnreadableError(reason)
    if _WEB_PAGE.match(content[:2000].decode("utf-8-sig", "ignore")):
        raise UnreadableError("this is a web page, whatever its name says; save the PDF that the page shows")
    return plain_lines(content)
