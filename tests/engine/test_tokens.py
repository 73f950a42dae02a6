"""Tokens of a service as they are made, kept, listed and revoked."""

import json
import os
import stat
from datetime import UTC, datetime, timedelta

import pytest

from engine.cli import main
from engine.errors import ConfigError
from engine.files import claim
from engine.service.tokens import Scope, TokenFile, make_token, read_tokens, revoke_token

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_a_token_is_printed_once_and_only_its_hash_is_kept(tmp_path, capsys):
    config = tmp_path / "cameras.toml"
    config.write_text("")
    assert main(["token", "make", "wall", "--scope", "acknowledge", "--days", "7", "--config", str(config)]) == 0
    said = capsys.readouterr()
    secret = said.out.strip()
    kept = config.with_suffix(".tokens")
    assert secret.startswith("dc_")
    assert secret not in kept.read_text() + said.err
    assert stat.S_IMODE(kept.stat().st_mode) & 0o027 == 0
    assert main(["token", "list", "--json", "--config", str(config)]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["name"], row["scope"], row["state"], row["revoked"]) == ("wall", "acknowledge", "good", None)
    assert main(["token", "revoke", "wall", "--tokens", str(kept)]) == 0
    assert main(["token", "list", "--tokens", str(kept)]) == 0
    assert "revoked" in capsys.readouterr().out
    assert main(["token", "revoke", "wall", "--tokens", str(kept)]) == 2
    assert main(["token", "make", "wall", "--tokens", str(kept)]) == 2
    assert "there is or was a token 'wall'" in capsys.readouterr().err


def test_a_list_of_tokens_has_room_for_its_moments_and_says_how_to_make_one(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    kept = tmp_path / "cameras.tokens"
    assert main(["token", "list", "--tokens", str(kept)]) == 0
    assert f"token make NAME --tokens {kept}" in capsys.readouterr().err
    expires = make_token_for_days(kept, 7)
    assert main(["token", "list", "--tokens", str(kept)]) == 0
    assert f"{expires.astimezone():%Y-%m-%d %H:%M}" in capsys.readouterr().out


def make_token_for_days(path, days):
    expires = datetime.now(UTC) + timedelta(days=days)
    make_token(path, "a tablet at the gate", Scope.ACKNOWLEDGE, expires)
    return expires


@pytest.mark.parametrize(
    ("url", "words"),
    [("foo", "expected one such as http"), ("http://127.0.0.1:9", "is 'deepcount-engine serve' running?")],
)
def test_health_says_why_there_is_no_answer(capsys, url, words):
    assert main(["health", "--url", url]) == 1
    assert words in capsys.readouterr().err


def test_a_token_opens_until_it_expires_or_is_revoked_and_the_file_is_followed(tmp_path):
    path = tmp_path / "cameras.tokens"
    known = TokenFile(path)
    assert known.is_empty
    lasting = make_token(path, "lasting", Scope.READ, None)
    brief = make_token(path, "brief", Scope.ADMIN, NOW + timedelta(days=1))
    assert known.find(lasting, NOW).name == "lasting"
    assert known.find(brief, NOW).scope is Scope.ADMIN
    assert known.find(brief, NOW + timedelta(days=1)) is None
    assert known.find(lasting[:-1], NOW) is None
    assert known.find("\ud800", NOW) is None
    revoke_token(path, "lasting")
    assert known.find(lasting, NOW) is None
    path.write_text("{")
    assert known.find(brief, NOW) is None
    assert [token.name for token in TokenFile(tmp_path / "none")._known.values()] == []


@pytest.mark.parametrize("text", ["{", '{"tokens": 1}', '{"tokens": [{"name": "a"}]}', "\xff", '{"more": []}'])
def test_a_file_that_holds_no_tokens_is_refused_and_left_as_it_is(tmp_path, text):
    path = tmp_path / "cameras.tokens"
    path.write_text(text, "latin-1")
    with pytest.raises(ConfigError, match="holds no tokens"):
        make_token(path, "wall", Scope.READ, None)
    assert path.read_text("latin-1") == text


def test_two_programs_do_not_change_tokens_at_once(tmp_path):
    place = claim(tmp_path)
    try:
        with pytest.raises(ConfigError, match="is being changed by another program"):
            make_token(tmp_path / "cameras.tokens", "wall", Scope.READ, None)
    finally:
        os.close(place)
    assert make_token(tmp_path / "cameras.tokens", "wall", Scope.READ, None)
    assert len(read_tokens(tmp_path / "cameras.tokens")) == 1


@pytest.mark.parametrize("arguments", [["make", ""], ["make", " a"], ["make", "a\nb"], ["make", "a", "--days", "0"]])
def test_what_is_no_name_or_number_is_refused(tmp_path, arguments, capsys):
    with pytest.raises(SystemExit):
        main(["token", *arguments, "--tokens", str(tmp_path / "tokens")])
    assert "expected" in capsys.readouterr().err
    assert not (tmp_path / "tokens").exists()
