"""Display P3, the colours of phones' screens, as a profile (ICC.1:2022, a display's with three colours and one curve).

Some phones name it by a number alone (ITU-T H.273: primaries 12), and what makes sRGB of a picture wants a profile.
"""

import struct
from functools import lru_cache

# Red, green and blue as X, Y, Z under the white of profiles (D50), after SMPTE EG 432-1 and the adaptation of Bradford.
_PRIMARIES = {
    b"rXYZ": (0.515102, 0.241182, -0.001050),
    b"gXYZ": (0.291965, 0.692236, 0.041882),
    b"bXYZ": (0.157153, 0.066582, 0.784378),
}
_WHITE = (0.964203, 1.0, 0.824905)
# The curve of sRGB (IEC 61966-2-1): (a·x + b) ^ g from d on, c·x below it.
_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


@lru_cache(1)
def display_p3() -> bytes:
    """Return the profile."""
    curve = b"para" + bytes(4) + struct.pack(">HH", 3, 0) + _fixed(_CURVE)
    name = "Display P3".encode("utf-16-be")
    words = b"mluc" + bytes(4) + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(name), 28) + name
    tags = {
        b"desc": words,
        b"cprt": words,
        b"wtpt": b"XYZ " + bytes(4) + _fixed(_WHITE),
        **{tag: b"XYZ " + bytes(4) + _fixed(colour) for tag, colour in _PRIMARIES.items()},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, body = struct.pack(">I", len(tags)), b""
    begin = 128 + 4 + 12 * len(tags)
    for tag, content in tags.items():
        table += tag + struct.pack(">II", begin + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = struct.pack(">I4xI4s4s4s12x4s", begin + len(body), 0x04400000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    return (head.ljust(68, b"\0") + _fixed(_WHITE)).ljust(128, b"\0") + table + body


def _fixed(numbers: tuple[float, ...]) -> bytes:
    return b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)
