"""What a configuration says of back-ups."""

from pathlib import Path

from engine.errors import ConfigError
from engine.log.backups import Plan
from engine.log.place import database_url, is_sqlite, named
from engine.settings.config import Config


def plan_of(config: Config) -> Plan | None:
    """Returns what is copied, when and where to; None where no back-ups are configured.

    Raises:
        ConfigError: there is no log that could be copied, or it lies on a server.
    """
    settings, database = config.backup, config.database
    if settings.folder is None:
        return None
    if database is None:
        raise ConfigError(
            "backup has a folder and no database is configured, expected one to be copied; add database = "
            '"counts.db", or take the folder out'
        )
    url = database_url(database.full)
    if not is_sqlite(url):
        raise ConfigError(
            f"backup has a folder and log {named(url)} lies on a server, which has its own way: pg_dump; take the "
            "folder out"
        )
    hour, minute = settings.hour_minute
    return Plan(Path(str(url.database)), settings.folder.path, hour, minute, settings.every == "weekly", settings.keep)
