from engine.memory import INTERVAL_S, FreedMemory


def test_freed_memory_is_given_back_once_a_minute():
    memory = FreedMemory()
    given = [memory.give_back(now) for now in (100.0, 101.0, 100.0 + INTERVAL_S, 101.0 + INTERVAL_S)]
    assert given in ([True, False, True, False], [False] * 4)  # the latter where the C library is not GNU's
