"""What is found once for an object."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class once(Generic[T]):
    """As `functools.cached_property`, which before Python 3.12 finds it for one object at a time, whoever else waits."""

    def __init__(self, find: Callable[[Any], T]) -> None:
        self._find, self.__doc__ = find, find.__doc__

    @overload
    def __get__(self, of: None, owner: type) -> "once[T]": ...
    @overload
    def __get__(self, of: object, owner: type) -> T: ...
    def __get__(self, of: object | None, owner: type) -> "T | once[T]":
        if of is None:
            return self
        found = vars(of)[self._find.__name__] = self._find(of)
        return found
