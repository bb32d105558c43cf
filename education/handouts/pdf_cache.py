"""The papers made last, kept for the next who asks for the same: bounded, and in this process."""

import threading
from collections import OrderedDict

MOST_BYTES = 20_000_000


class PdfCache:
    """
    PDFs by all that they are made of, so that none can be out of date.

    The one not asked for longest goes first; ``most_bytes`` bounds them all together.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._papers: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, made_of: str) -> bytes | None:
        """The paper made of this, if it is still here."""
        with self._lock:
            if made_of in self._papers:
                self._papers.move_to_end(made_of)
            return self._papers.get(made_of)

    def keep(self, made_of: str, paper: bytes) -> None:
        """Keep a paper; one that is larger than the room for all is not kept."""
        with self._lock:
            self._bytes -= len(self._papers.pop(made_of, b""))
            if len(paper) > self._most_bytes:
                return
            self._papers[made_of] = paper
            self._bytes += len(paper)
            while self._bytes > self._most_bytes:
                self._bytes -= len(self._papers.popitem(last=False)[1])
