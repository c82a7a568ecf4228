"""Words of a person, a file or a server -> what a screen, a log or a program may be given of them.

Every one of them may have been written to be obeyed: by the terminal (ECMA-48), by whoever reads a log line by line, by
what lays out text from right to left (Unicode Standard Annex 9). Joiners and marks that writing needs stay as they
are: emoji of several parts, Persian, Hebrew and Arabic among Latin words.
"""

import re

# C0, DEL and C1; line and paragraph separators; embeddings, overrides and isolates, which turn what stands around them,
# and their deprecated kin; lone surrogates (a file name that is not UTF-8), which no stream can encode.
_CONTROLS = "\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u206f\ud800-\udfff"
_CONTROL = f"[{_CONTROLS}]"
_CONTROL_BUT_LAYOUT = f"(?![\n\t])[{_CONTROLS}]"


def one_line(words: object) -> str:
    """Return the words in one line: U+FFFD for every control character, line ends and tabs too."""
    typed = str(words)
    # None of them is printable, as Python has it; the pattern takes longer to compile than most commands have to print.
    return typed if typed.isprintable() else re.sub(_CONTROL, "\ufffd", typed)


def lines(words: str) -> str:
    """Return the words with their line ends and tabs: U+FFFD for every other control character."""
    return re.sub(_CONTROL_BUT_LAYOUT, "\ufffd", words)


def as_json(value: object) -> str:
    """Return indented JSON that holds everything and no control character but `\\n`: they stand as `\\uXXXX`."""
    import json

    written = json.dumps(value, ensure_ascii=False, indent=2)
    return re.sub(_CONTROL_BUT_LAYOUT, lambda control: f"\\u{ord(control[0]):04x}", written)
