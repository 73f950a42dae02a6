"""Fills dataclasses from nested tables, as they come from TOML and JSON, and says what is wrong in them."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from trainer.errors import TrainerError
from trainer.networks.families import begun
from trainer.networks.model import ModelConfig
from trainer.objective.terms import TERMS, Term

TERMS_PATH = "objective.terms"
"""Of the one list of tables, each tagged by its kind."""


def fill(default: Any, table: Mapping[str, Any], path: str) -> Any:
    """Returns a dataclass with the values of a table in the place of its own.

    Args:
        default: the dataclass, which says what keys there are and of what kind their values.
        table: values by key, nested as the dataclass is.
        path: of the table, with a dot at its end; empty for the outermost.

    Raises:
        TrainerError: an unknown key or a wrong value, named with what was expected.
    """
    known = {f.name: getattr(default, f.name) for f in fields(default)}
    changes = {}
    for key, value in table.items():
        if key not in known:
            raise TrainerError(f"configuration has no '{path}{key}'; there are: {', '.join(known)}")
        changes[key] = converted(known[key], value, f"{path}{key}")
    try:
        return replace(default, **changes)
    except ValueError as error:
        raise TrainerError(f"configuration: {error}") from error


def converted(default: Any, value: Any, path: str) -> Any:
    """Returns a value as it has to be in the place of a default; raises TrainerError, as `fill`."""
    if isinstance(default, ModelConfig) and isinstance(value, Mapping):
        return fill(*begun(value), path + ".")
    if path == TERMS_PATH:
        return _terms(value, path)
    if is_dataclass(default) and isinstance(value, Mapping):
        return fill(default, value, path + ".")
    if isinstance(default, tuple) and isinstance(value, list) and all(type(item) is _item(default) for item in value):
        return tuple(value)
    if isinstance(default, float) and type(value) is int:
        return float(value)
    if type(value) is not type(default):
        raise TrainerError(f"configuration '{path}' is {value!r}, expected {_kind(default)}")
    return value


def _terms(value: Any, path: str) -> tuple[Term, ...]:
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise TrainerError(f"configuration '{path}' is {value!r}, expected a list of tables, each with a kind")
    return tuple(_term(item, f"{path} {number}") for number, item in enumerate(value, 1))


def _term(table: Mapping[str, Any], path: str) -> Term:
    kind = table.get("kind", "")
    if kind not in TERMS:
        raise TrainerError(f"configuration '{path}' is of kind {kind!r}, expected one of {', '.join(TERMS)}")
    term: Term = fill(TERMS[kind](), table, path + ".")
    return term


def _kind(default: Any) -> str:
    if is_dataclass(default):
        return f"a table with {', '.join(f.name for f in fields(default))}"
    is_texts = isinstance(default, tuple) and _item(default) is str
    lists = "a list of texts" if is_texts else "a list of whole numbers"
    names = {int: "a whole number", float: "a number", bool: "true or false", tuple: lists}
    return names.get(type(default), "a text")


def _item(default: tuple[Any, ...]) -> type:
    """Returns of what a list consists, by its default; of numbers where that is empty."""
    return type(default[0]) if default else int
