"""Writing the corpus: sentences by the thousand, grouped and split as they come."""

from annotator.corpus.services.documents import DocumentKey
from annotator.corpus.services.grouping import Draw
from annotator.corpus.services.sentences import (
    Added,
    Incoming,
    Placed,
    Stored,
    Verdict,
    add_sentences,
)

__all__ = [
    "Added",
    "DocumentKey",
    "Draw",
    "Incoming",
    "Placed",
    "Stored",
    "Verdict",
    "add_sentences",
]
