"""A pattern -> the same, compiled when it is first asked.

Rules and reading have three hundred of them, and of a file that holds nothing odd few are asked. To compile the others
would take a twentieth of the time that one issue takes.
"""

import re
from typing import Any, AnyStr, cast

_QUESTIONS = ("findall", "finditer", "fullmatch", "match", "search", "split", "sub")


def later(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what can be asked all that the compiled pattern can; the functions of `re` take no such one."""
    return cast("re.Pattern[AnyStr]", _Later(pattern, flags))


class _Later:
    def __init__(self, pattern: Any, flags: int) -> None:
        self._stated = pattern, flags

    def __getattr__(self, name: str) -> Any:
        # Python comes here for what is not there: at the first question.
        compiled = re.compile(*self._stated)
        for question in _QUESTIONS:
            setattr(self, question, getattr(compiled, question))
        return getattr(compiled, name)
