"""Connections that ask for nothing are closed: a few hundred of them would keep everybody else out.

uvicorn waits for ever for the first byte of a request, and for the rest of its headers. How long a body may take is app.py's.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

SILENT_SECONDS = 15.0  # without a whole request: twice as long at most, since one looks so often
MOST_AT_ONCE = (
    500  # connections; one more is answered with 503. A process may have some 1,000 files open, and the database needs some
)


class Impatient(H11Protocol):
    """uvicorn's, with an end to its patience."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._seen: RequestResponseCycle | None = None
        self._look = self.loop.call_later(SILENT_SECONDS, self._close_if_silent)

    def connection_lost(self, exc: Exception | None) -> None:
        self._look.cancel()
        super().connection_lost(exc)

    def _close_if_silent(self) -> None:
        """Nothing is being answered, and no request has begun since the last look."""
        is_idle = self.cycle is None or self.cycle.response_complete
        if is_idle and self._seen is self.cycle:
            self.transport.abort()
            return
        self._seen = self.cycle
        self._look = self.loop.call_later(SILENT_SECONDS, self._close_if_silent)
