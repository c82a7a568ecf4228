"""First bytes of a file -> which kind of picture it is, and what to do with one that is never shown in a mail."""

# As many bytes as a HEIC needs to say what it is.
HEAD = 64
_BEGINS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"GIF8": "GIF", b"BM": "BMP"}
# What a HEIC says that it is: a picture coded in HEVC. `mif1` says only that it is a picture, and names one of these
# among its further brands, as an AVIF names another (ISO/IEC 23008-12, 2022).
_HEIC, _OPEN = {b"heic", b"heix", b"heim", b"heis"}, {b"mif1", b"msf1", b"hevc", b"hevx"}
_NOT_SHOWN = "in a format that email programs don't show"
# How other files begin, what they are, and the way out.
_OTHERS = {
    b"II*\0": (_NOT_SHOWN, "export it as JPEG"),
    b"MM\0*": (_NOT_SHOWN, "export it as JPEG"),
    b"8BPS": (_NOT_SHOWN, "export it as JPEG or PNG"),
    b"\xff\x0a": (_NOT_SHOWN, "export it as JPEG"),
    b"\0\0\0\x0cJXL ": (_NOT_SHOWN, "export it as JPEG"),
    b"%PDF": ("a PDF, not a picture", "export its page as PNG, and link to the PDF"),
    b"\x1aE\xdf\xa3": ("a film", "put it on the web, link to it, and show a picture from it"),
}
_FILMS = {b"qt  ", b"isom", b"iso2", b"mp41", b"mp42", b"avc1", b"M4V ", b"3gp4", b"3gp5"}


def kind_of(head: bytes) -> str:
    """Return the format of a picture that a mail can be made from, in capitals; empty for all else."""
    for begin, kind in _BEGINS.items():
        if head.startswith(begin):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    return "HEIC" if _is_heic(head) else ""


def not_taken(head: bytes) -> tuple[str, str] | None:
    """Return what a file is that no mail can be made from (`an SVG, …`), and the way out; None if nobody knows."""
    for begin, told in _OTHERS.items():
        if head.startswith(begin):
            return told
    if head[4:8] == b"ftyp":
        return _OTHERS[b"\x1aE\xdf\xa3"] if head[8:12] in _FILMS else (_NOT_SHOWN, "export it as JPEG")
    if head.lstrip()[:4].lower() in {b"<svg", b"<?xm"}:
        return "an SVG, which email programs don't show", "export it as PNG"
    return None


def _is_heic(head: bytes) -> bool:
    # `00 00 00 18 ftypheic 00 00 00 00 mif1heic`: a length, the first brand, a version, further brands.
    if head[4:8] != b"ftyp" or head[8:12] not in _HEIC | _OPEN:
        return False
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return any(head[at : at + 4] in _HEIC for at in range(8, end, 4))
