"""Words -> the clipboard of the person at the keyboard, also over SSH."""

import base64
import os
import sys

# Longer sequences are cut or dropped by some terminals; this much becomes 98,668 characters of base64.
_OSC_52_BYTES = 74_000


def copy(words: str) -> str:
    """Put the words on the clipboard; return how, in words for the person. Raises CommandError if there is no way."""
    from newsletter.errors import CommandError

    is_far = any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
    if not is_far:
        import pyperclip

        try:
            pyperclip.copy(words)
        except (pyperclip.PyperclipException, OSError):
            pass
        else:
            return "on the clipboard"
    content = words.encode()
    if not sys.stderr.isatty():
        raise CommandError("there is no clipboard here", _WAYS)
    if len(content) > _OSC_52_BYTES:
        raise CommandError(f"{len(content) / 1000:.0f} kB are too long for a terminal's clipboard", _WAYS)
    # OSC 52: the terminal on the near side of an SSH connection takes this for its own clipboard.
    sys.stderr.write(f"\x1b]52;c;{base64.b64encode(content).decode()}\a")
    sys.stderr.flush()
    return "sent to your terminal's clipboard; if pasting brings something else, it does not take OSC 52"


_WAYS = "open the file that was written and copy from there; on Linux, xclip or wl-clipboard gives you --copy"
