"""Lines of plain text and encodings: what is read, and what is refused by itself."""

from __future__ import annotations

import io

import pytest

from annotator.exchange.formats.drafts import MAX_TEXT, FileError, LineError
from annotator.exchange.formats.sources import open_source
from tests.annotator.exchange.reading import texts


class TestText:
    """One sentence a line."""

    def test_byte_order_mark_and_windows_line_ends_are_left_out(self) -> None:
        raw = b"\xef\xbb\xbf" + "一\r\n\r\n 二 \n三".encode()
        assert texts("text", raw) == [(1, "一"), (3, "二"), (4, "三")]

    def test_a_mark_inside_the_text_stays(self) -> None:
        assert texts("text", "一\ufeff二\n") == [(1, "一\ufeff二")]

    def test_only_a_line_feed_ends_a_line(self) -> None:
        odd = "一\u2028二\x85三\x0c四"
        assert texts("text", f"{odd}\n五") == [(1, odd), (2, "五")]

    def test_broken_bytes_are_refused_by_themselves(self) -> None:
        raw = "一二三\n".encode() + b"\xe4\xb8\n" + "四五六\n".encode()
        assert texts("text", raw) == [(1, "一二三"), (2, "<wrong_encoding>"), (3, "四五六")]

    @pytest.mark.parametrize("odd", ["\x00", "\uffff", "\ufdd0", "\U0001fffe"])
    def test_what_should_not_be_kept_is_refused(self, odd: str) -> None:
        found = texts("text", f"好\n坏{odd}\n好的\n")
        assert found == [(1, "好"), (2, "<forbidden_character>"), (3, "好的")]

    def test_too_long_a_text_is_refused(self) -> None:
        assert texts("text", "长" * MAX_TEXT + "\n") == [(1, "长" * MAX_TEXT)]
        assert texts("text", "长" * (MAX_TEXT + 1)) == [(1, "<text_too_long>")]


class Counting(io.BytesIO):
    """A file that remembers the longest line it ever gave."""

    longest = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        """Read a line."""
        line = super().readline(size)
        self.longest = max(self.longest, len(line))
        return line


def test_a_giant_line_is_refused_without_being_kept() -> None:
    file = Counting(b"a\n" + b"x" * 10_000_000 + b"\nb\n")
    found = [
        (piece.number, piece.content.code if isinstance(piece.content, LineError) else "read")
        for piece in open_source(file).pieces()
    ]
    assert found == [(1, "read"), (2, "line_too_long"), (3, "read")]
    assert file.longest <= 1 << 20


class TestEncodings:
    """UTF-8 is expected; what Windows writes is understood; nothing is guessed wildly."""

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "gb18030"])
    def test_chinese_in_another_encoding_is_converted(self, encoding: str) -> None:
        raw = "本品与华法林合用\n可增强抗凝作用\r\n𠮷野家 abc\n"
        source = open_source(io.BytesIO(raw.encode(encoding)))
        assert source.encoding != "utf-8"
        found = [piece.content for piece in source.pieces()]
        assert found == ["本品与华法林合用", "可增强抗凝作用", "𠮷野家 abc"]

    def test_a_few_broken_lines_do_not_make_a_file_foreign(self) -> None:
        raw = b"x\xff\xfe\xfd" + "破\n好的\n也好\n".encode()
        assert open_source(io.BytesIO(raw)).encoding == "utf-8"

    def test_western_bytes_are_not_taken_for_chinese(self) -> None:
        raw = "Traité par aspirine à dose élevée, évolution favorable.\n" * 5
        with pytest.raises(FileError) as caught:
            open_source(io.BytesIO(raw.encode("latin-1")))
        assert caught.value.code == "unknown_encoding"
        assert "UTF-8" in caught.value.message

    def test_a_broken_line_in_another_encoding_is_refused_by_itself(self) -> None:
        good, last = "本品与华法林合用\n" * 20, "最后一行\n"
        raw = good.encode("gb18030") + b"\xff\xff\n" + last.encode("gb18030")
        assert texts("text", raw)[20:] == [(21, "<wrong_encoding>"), (22, "最后一行")]

    def test_half_a_character_at_the_end_is_told(self) -> None:
        raw = "一\n二".encode("utf-16")[:-1]
        assert texts("text", raw)[-1][1] == "<half_written>"

    def test_a_giant_line_in_another_encoding_is_refused_by_itself(self) -> None:
        raw = ("一\n" + "长" * 1_500_000 + "\n二\n").encode("utf-16")
        assert texts("text", raw) == [(1, "一"), (2, "<line_too_long>"), (3, "二")]
