"""`@noun`: a frozen, slotted, keyword-only dataclass, as everything is that travels down the line.

`dataclass(frozen=True, slots=True, kw_only=True)` writes, compiles and runs six functions for each class: for the fifty
nouns of a build a fifth of its instructions. Here those functions are the same for all, and read the fields.
"""

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

Noun = TypeVar("Noun")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def noun(plain: type[Noun]) -> type[Noun]:
    """Make a class a dataclass whose values are stated by name, compare, hash, show and pickle, and never change.

    Nouns stand alone: no noun inherits from another, and none has a ClassVar, an InitVar, a __post_init__ or super().
    Raises TypeError where a value that has no default is not stated, or one is that no field takes;
    dataclasses.FrozenInstanceError where somebody sets one later.
    """
    # The class is made anew for its slots, as dataclass(slots=True) would, but once, with all its functions in place:
    # each that is set on a finished class costs a walk through all that Python looks up by type.
    own: dict[str, Any] = dict(vars(dataclass(init=False, repr=False, eq=False, kw_only=True)(plain)))
    known: dict[str, Field[Any]] = own["__dataclass_fields__"]
    for name in (*known, "__dict__", "__weakref__"):
        own.pop(name, None)
    names = {
        "__slots__": tuple(known),
        "__qualname__": plain.__qualname__,
        "__noun_names__": frozenset(known),
        "__noun_values__": staticmethod(attrgetter(*known) if known else lambda _: ()),
    }
    # What the class says itself stays.
    made: type[Noun] = type(plain.__name__, plain.__bases__, {**_SHARED, **own, **names})
    return made


def __init__(self: Any, /, **stated: Any) -> None:
    if stated.keys() != self.__noun_names__:
        _complete(type(self), stated)
    put = object.__setattr__
    for name, value in stated.items():
        put(self, name, value)


def _complete(kind: Any, stated: dict[str, Any]) -> None:
    known: dict[str, Field[Any]] = kind.__dataclass_fields__
    for name in stated:
        if name not in known:
            raise TypeError(f"{kind.__qualname__}() got an unexpected keyword argument '{name}'")
    for name, one in known.items():
        if name in stated:
            continue
        if one.default is not MISSING:
            stated[name] = one.default
        elif one.default_factory is not MISSING:
            stated[name] = one.default_factory()
        else:
            raise TypeError(f"{kind.__qualname__}() missing a required keyword argument: '{name}'")


def __eq__(self: Any, other: Any) -> bool:
    if type(other) is not type(self):
        return NotImplemented
    return bool(self.__noun_values__(self) == self.__noun_values__(other))


def __hash__(self: Any) -> int:
    return hash(self.__noun_values__(self))


def __repr__(self: Any) -> str:
    shown = ((name, getattr(self, name)) for name, one in self.__dataclass_fields__.items() if one.repr)
    return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in shown)})"


def __setattr__(self: Any, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field '{name}'")


def __delattr__(self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field '{name}'")


def __reduce__(self: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    return _again, (type(self), {name: getattr(self, name) for name in self.__dataclass_fields__})


def _again(kind: Callable[..., Any], values: dict[str, Any]) -> Any:
    return kind(**values)


_SHARED: dict[str, Any] = {
    function.__name__: function
    for function in (__init__, __eq__, __hash__, __repr__, __setattr__, __delattr__, __reduce__)
}
