"""Plain text: one sentence a line, blanks around it left out."""

from __future__ import annotations

from annotator.exchange.formats.drafts import Draft, Options, Piece
from annotator.exchange.formats.strict import check_text


def parse(piece: Piece, options: Options) -> Draft:  # noqa: ARG001 - one of the readers
    """Read one line."""
    return Draft(text=check_text(piece.content.strip(), "line"))
