"""Files as lines of text, in bounded memory: encodings, over-long lines, broken bytes."""

from __future__ import annotations

import codecs
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from annotator.exchange.formats.drafts import MAX_LINE_BYTES, FileError, LineError, Options, Piece

SAMPLE_BYTES = 65_536
BLOCK_BYTES = 1 << 20
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
ARCHIVE = "zip"
ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
MAX_PARTS = 200_000
MAX_UNPACKED = 8 * 10**9
MAX_RATIO = 200
HARMLESS = 10**6  # bytes
ENCRYPTED = 1
PLAIN_LINE_BYTES = 100
FEW = 0.02
MANY = 0.3
MOST = 0.9
HIGH = 0x80
GB2312_TRAIL = 0xA1
FOUR_BYTES = range(0x30, 0x3A)  # second bytes of GB18030's four-byte characters

LINE_TOO_LONG = LineError(
    "line_too_long",
    "line",
    f"is longer than {MAX_LINE_BYTES} bytes",
    "write one sentence a line, or split the sentence",
)


@dataclass(frozen=True, slots=True)
class Source:
    """An open file whose encoding is known."""

    file: BinaryIO
    encoding: str  # or ARCHIVE
    start: int  # bytes of a byte order mark

    def pieces(self) -> Iterator[Piece]:
        """Read the lines from the beginning; blank ones are left out, but counted.

        The content is the text without its line end, or the LineError that it deserves.
        """
        self._refuse_archive()
        self.file.seek(self.start)
        if self.encoding == "utf-8":
            return _utf8_lines(self.file)
        return _decoded_lines(self.file, self.encoding)

    def lines(self, options: Options) -> Iterator[Piece]:
        """Split into lines, as the formats of one line a sentence want it."""
        return self.pieces()

    def _refuse_archive(self) -> None:
        if self.encoding == ARCHIVE:
            raise FileError(
                "is_archive",
                "The file is an archive or a workbook; choose the format `brat` or `xlsx`, or "
                "unpack it",
            )

    def blocks(self) -> Iterator[str | LineError]:
        """Read the text in blocks for formats that are not made of lines."""
        self._refuse_archive()
        self.file.seek(self.start)
        decoder = codecs.getincrementaldecoder(self.encoding)(errors="strict")
        while True:
            raw = self.file.read(SAMPLE_BYTES)
            try:
                yield decoder.decode(raw, final=not raw)
            except UnicodeDecodeError as error:
                yield LineError(
                    "wrong_encoding",
                    "file",
                    f"holds bytes that are not {self.encoding} ({error.reason})",
                    "save the file as UTF-8",
                )
                return
            if not raw:
                return


def open_source(file: BinaryIO) -> Source:
    """Find out how a file is encoded, or say that nobody can."""
    file.seek(0)
    sample = file.read(SAMPLE_BYTES)
    if sample.startswith(ZIP_MARKS):
        return Source(file, ARCHIVE, 0)
    for mark, encoding in BOMS:
        if sample.startswith(mark):
            return Source(file, encoding, len(mark))
    return Source(file, _guess(sample), 0)


def open_archive(source: Source) -> zipfile.ZipFile:
    """Open a zip or a workbook whose parts, unpacked, are of a bearable size, or say what is wrong.

    Nothing is ever unpacked to the disk, so that names of parts can do no harm.
    """
    try:
        archive = zipfile.ZipFile(source.file)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError) as error:
        raise FileError(
            "unreadable_archive", "The archive is broken; make it again, and upload it whole"
        ) from error
    parts = archive.infolist()
    size = sum(one.file_size for one in parts)
    if len(parts) > MAX_PARTS or size > MAX_UNPACKED or any(_is_bomb(one) for one in parts):
        raise FileError(
            "archive_too_large",
            f"The archive holds more than {MAX_PARTS} files or {MAX_UNPACKED // 10**9} GB; pack it "
            "in several",
        )
    if any(one.flag_bits & ENCRYPTED for one in parts):
        raise FileError("encrypted_archive", "The archive has a password; pack it without one")
    return archive


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    return part.file_size > HARMLESS and part.file_size > MAX_RATIO * part.compress_size


def count_lines(source: Source) -> int:
    """Count line ends, to know roughly how much a file holds before it is read."""
    if source.encoding == ARCHIVE:
        parts = open_archive(source).infolist()
        return sum(part.file_size for part in parts) // PLAIN_LINE_BYTES + 1
    file = source.file
    file.seek(0)
    return sum(block.count(b"\n") for block in iter(lambda: file.read(BLOCK_BYTES), b"")) + 1


def _guess(sample: bytes) -> str:
    """Tell UTF-8 (with perhaps some broken lines), UTF-16 without mark, and GB18030 apart."""
    lines = [line for line in sample.split(b"\n") if not line.isascii()]
    if len(sample) == SAMPLE_BYTES and len(lines) > 1:
        lines = lines[:-1]  # the sample may end inside a character
    good = sum(_is_utf8(line) for line in lines)
    is_plain = good * 2 >= len(lines) or (len(sample) == SAMPLE_BYTES and len(lines) == 1)
    wide = _guess_wide(sample, least=MANY if is_plain else FEW)
    if wide or is_plain:
        return wide or "utf-8"
    if _is_chinese(b"\n".join(lines)):
        return "gb18030"
    raise FileError(
        "unknown_encoding",
        "The file is neither UTF-8 nor UTF-16 nor GB18030; open it in an editor and save it as "
        "UTF-8",
    )


def _guess_wide(sample: bytes, *, least: float) -> str | None:
    """UTF-16 text has a NUL in nearly no place of one parity and in many of the other.

    Stray NUL characters in plain text are not meant; they are refused line by line.
    """
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if even > len(sample) * least and odd <= even * FEW:
        return "utf-16-be"
    if odd > len(sample) * least and even <= odd * FEW:
        return "utf-16-le"
    return None


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_chinese(sample: bytes) -> bool:
    """Say whether bytes read as GB18030 are nearly all of the everyday set GB2312."""
    pairs = everyday = 0
    place = 0
    while place + 1 < len(sample):
        if sample[place] < HIGH:
            place += 1
        elif sample[place + 1] in FOUR_BYTES:
            place += 4
        else:
            pairs += 1
            everyday += sample[place] > HIGH and sample[place + 1] >= GB2312_TRAIL
            place += 2
    return pairs > 0 and everyday >= pairs * MOST


def _utf8_lines(file: BinaryIO) -> Iterator[Piece]:
    number = 0
    while raw := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        is_cut = not raw.endswith(b"\n")
        if is_cut and len(raw) > MAX_LINE_BYTES:
            _skip_line(file)
            yield Piece(number, LINE_TOO_LONG)
            continue
        line = raw.rstrip(b"\r\n")
        if line and not line.isspace():
            yield Piece(number, _decode(line), is_cut)


def _skip_line(file: BinaryIO) -> None:
    while raw := file.readline(BLOCK_BYTES):
        if raw.endswith(b"\n"):
            return


def _decode(line: bytes) -> str | LineError:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        return LineError(
            "wrong_encoding",
            "line",
            f"is not UTF-8 at byte {error.start}",
            "save the file as UTF-8",
        )


def _decoded_lines(file: BinaryIO, encoding: str) -> Iterator[Piece]:
    """Read lines in another encoding; what it cannot decode becomes lone surrogates."""
    errors = "surrogateescape" if encoding == "gb18030" else "surrogatepass"
    text = io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="\n")
    number = 0
    try:
        while line := text.readline(MAX_LINE_BYTES + 1):
            number += 1
            is_cut = not line.endswith("\n")
            if is_cut and len(line) > MAX_LINE_BYTES:
                while (more := text.readline(BLOCK_BYTES)) and not more.endswith("\n"):
                    pass
                yield Piece(number, LINE_TOO_LONG)
            elif not line.isspace():
                yield Piece(number, _whole(line.rstrip("\r\n"), encoding), is_cut)
    except UnicodeDecodeError:
        yield Piece(
            number + 1,
            LineError(
                "half_written",
                "line",
                f"ends in the middle of a character of {encoding}",
                "the file was cut off; write it again",
            ),
        )
    finally:
        text.detach()


def _whole(line: str, encoding: str) -> str | LineError:
    try:
        line.encode("utf-8")
    except UnicodeEncodeError as error:
        return LineError(
            "wrong_encoding",
            "line",
            f"is not {encoding} at character {error.start}",
            "save the file as UTF-8",
        )
    return line
