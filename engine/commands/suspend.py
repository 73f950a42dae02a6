"""Lets rules raise no alerts for a while, and lists them: the work of `alerts suspend`, `resume` and `suspended`."""

import json
from pathlib import Path
from time import time

from engine.alerts.suspension import LIFTED, Suspension, holding, suspend
from engine.alerts.table import guarded_rules
from engine.commands.alerts import place_of, suspended_line
from engine.commands.watch_table import when
from engine.errors import ConfigError
from engine.log.database import open_as_reader, open_existing
from engine.log.place import database_url, named
from engine.settings.address import Address
from engine.settings.config_file import load_config


def suspend_rule(asked: Suspension, database: Address | None, config: Path | None) -> int:
    """Writes to a log that a rule is suspended, or no longer; returns the exit status.

    Args:
        asked: what is written.
        database: the log, or
        config: a configuration that names the log and has the rule.

    Raises:
        EngineError: there is no such rule, the moment is over, or the log cannot be written.
    """
    if asked.until != LIFTED and not asked.holds(time()):
        raise ConfigError(f"{when(asked.until)} is over, expected a moment to come; give a later one")
    place = place_of(database, config)
    engine = open_existing(place)
    try:
        if config is not None:
            owners = load_config(config).owners
            known, source = [(owner.name, rule.name) for owner in owners for rule in owner.rules], config.name
        else:
            known, source = guarded_rules(engine), f"log {named(engine.url)}"
        if asked.key not in known:
            there = ", ".join(f"'{owner}' '{rule}'" for owner, rule in known) or "none"
            raise ConfigError(f"{source} knows no rule '{asked.rule}' of '{asked.owner}', expected one of: {there}")
        suspend(engine, asked)
    finally:
        engine.dispose()
    done = "raises alerts again" if asked.until == LIFTED else f"raises no alert until {when(asked.until)}"
    print(f"rule '{asked.rule}' of '{asked.owner}' {done}, as {asked.who} asked")
    return 0


def print_suspended(place: str, *, as_json: bool) -> int:
    """Prints the rules that are suspended now, what ends first before; returns the exit status.

    Raises:
        DatabaseError: there is no log, or it cannot be read.
    """
    engine = open_as_reader(place)
    try:
        suspended = holding(engine, time())
    finally:
        engine.dispose()
    if as_json:
        print(json.dumps([each.as_dict for each in suspended], ensure_ascii=False))
    elif not suspended:
        print(f"no rule is suspended in {named(database_url(place))}")
    for each in () if as_json else suspended:
        print(suspended_line(each))
    return 0
