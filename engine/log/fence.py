"""Who may write of a camera or group, where several processes write into one log and may take them from each other."""

from collections.abc import Collection
from typing import Protocol

from sqlalchemy import Connection


class Fence(Protocol):
    """Asked in the transaction that writes."""

    def admitted(self, connection: Connection, owners: Collection[str]) -> Collection[str]:
        """Returns of which cameras and groups, by their names in the log, this process may write.

        It may until the transaction is over.
        """
        ...
