"""Where what a service recorded is kept while it is looked at: so much of it, each file whole or not at all."""

import os

import pytest

from engine.client.segment_cache import SegmentCache
from engine.errors import SourceError


def made(cache, number, size, used_s):
    path = cache.path("yard", f"2026-03-14/08-00-{number:02d}.000Z_60.000s.mp4")
    with cache.making(path, size) as partial:
        partial.write_bytes(b"x" * size)
    os.utime(path, (used_s, used_s))
    return path


def test_what_was_used_longest_ago_makes_room(tmp_path):
    cache = SegmentCache(tmp_path, most_bytes=100)
    old, newer = made(cache, 1, 40, 1.0), made(cache, 2, 40, 2.0)
    assert cache.has(old, 40)  # which is a use of it
    assert not cache.has(newer, 41)
    os.utime(newer, (2.0, 2.0))
    third = made(cache, 3, 40, 3.0)
    assert [path.exists() for path in (old, newer, third)] == [True, False, True]
    cache.close()
    assert list(tmp_path.iterdir()) == []


def test_what_was_not_had_whole_is_not_there(tmp_path):
    cache = SegmentCache(tmp_path)
    path = cache.path("yard", "2026-03-14/08-00-00.000Z_60.000s.mp4")

    def half():
        with cache.making(path, 10) as partial:
            partial.write_bytes(b"half")
            raise SourceError("the service has gone")

    with pytest.raises(SourceError):
        half()
    assert list(path.parent.iterdir()) == []
    cache.close()


@pytest.mark.parametrize("name", ["../x.mp4", "2026-03-14/../../x.mp4", "/etc/passwd", "2026-03-14/.x", "x.mp4", ""])
def test_what_a_service_says_leads_nowhere_else(tmp_path, name):
    cache = SegmentCache(tmp_path)
    with pytest.raises(SourceError, match="a name that none can have"):
        cache.path("yard", name)
    assert list(tmp_path.iterdir()) == []


def test_what_a_process_left_that_died_is_deleted_and_what_another_uses_is_not(tmp_path):
    (tmp_path / "footage-left").mkdir()
    (tmp_path / "footage-left" / "part.mp4").write_bytes(b"x")
    first, second = SegmentCache(tmp_path), SegmentCache(tmp_path)
    kept = made(first, 1, 10, 1.0)
    made(second, 1, 10, 1.0)
    assert kept.exists()
    assert not (tmp_path / "footage-left").exists()
    first.close()
    second.close()
