"""Where a finished file goes, in Kazoo's form, whichever dialect asked for it: no other vendor pushes files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callvault import __version__
from callvault.dialects.contract import Terms
from callvault.dialects.kazoo.parcels import push_address, read_back_address
from callvault.model.recording import Recording
from callvault.model.shipment import Address
from callvault.model.wish import Push
from callvault.server.clock import Clock, wall_clock


class Addressing:
    """The dialect's two functions, with the terms that they need."""

    def __init__(self, *, base_url: str, settings: Mapping[str, Any], clock: Clock = wall_clock) -> None:
        self._base_url = base_url
        self._settings = settings
        self._clock = clock

    def there(self, recording: Recording, push: Push) -> Address:
        """Where a file goes."""
        return push_address(recording, push, self._terms())

    def back(self, recording: Recording, push: Push) -> Address:
        """Where it is read back from."""
        return read_back_address(recording, push, self._terms())

    def _terms(self) -> Terms:
        return Terms(
            now=self._clock(),
            base_url=self._base_url,
            link_key=b"",
            cloak_key=b"",
            settings=self._settings,
            version=__version__,
        )
