"""What is found once for an object, without a lock that all objects share."""

from threading import Barrier, Thread

from tangente.contactlog.once import once


class Asked:
    def __init__(self, barrier=None):
        self.times, self.barrier = 0, barrier

    @once
    def found(self):
        """Found."""
        self.times += 1
        if self.barrier:
            self.barrier.wait(timeout=20)
        return [self.times]


def test_once_finds_a_value_once_for_each_object():
    one, other = Asked(), Asked()
    assert (one.found is one.found, one.found is other.found, one.times, Asked.found.__doc__) == (
        True,
        False,
        1,
        "Found.",
    )


def test_once_lets_several_objects_find_at_the_same_time():
    barrier = Barrier(2)
    asked = [Asked(barrier) for _ in range(2)]
    threads = [Thread(target=lambda one=one: one.found) for one in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [vars(one).get("found") for one in asked] == [[1], [1]]
