"""Finished words -> signs of markup that a reader would see: typed as Markdown, HTML or another program's, and none.

One place for all of them, asked of the words as they come out: so it does not matter why a sign was not understood.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct


class Leftover(Struct, frozen=True, kw_only=True):
    """A sign of markup in the words: where it stands, what it is, what was to be typed."""

    start: int
    typed: str
    fault: str
    hint: str


def leftovers(words: str) -> Iterator[Leftover]:
    """Yield the first of each kind."""
    for sign, pattern, fault, hint in _KINDS:
        match = _compiled(pattern).search(words) if sign in words else None
        if match:
            yield Leftover(start=match.start(), typed=match[0].strip(), fault=fault, hint=hint)


_compiled = lru_cache(100)(re.compile)

_AS_TYPED = "comes out as it is typed"
_BOLD = f"was meant for bold words, and {_AS_TYPED}"
_LINK = f"was meant for a link, and {_AS_TYPED}"
_LINK_HINT = "write it as [words](https://…), with nothing between the brackets"
# A sign without which there is none, so that the pattern is seldom asked or even compiled; what it is, as a message
# says it; the way out.
_KINDS = (
    (
        "<",
        r"(?i)</?(?:a|article|b|big|blockquote|br|button|center|code|del|details|div|em|figcaption|figure|font|footer"
        r"|form|h[1-6]|header|hr|i|iframe|img|input|ins|kbd|li|mark|nav|ol|p|pre|s|script|section|small|span|strike"
        r"|strong|style|su[bp]|summary|table|tbody|t[dhr]|thead|u|ul|video)(?:\s[^<>]*)?/?>|<a\s+href=|<img\s+src=|<!--"
        # A tag that HTML does not know is one all the same if it closes something or sets something: <blink>, </blink>.
        r"|<([a-z][\w-]{0,30})>(?=[^<>]{0,300}</\1>)|</[a-z][\w:-]{0,30}>|<[a-z][\w:-]{0,30}\s+[a-z][\w-]{0,30}=[^<>]{0,300}>",
        "is HTML, which comes out as it is typed",
        "items are Markdown: **bold**, *italic*, [words](https://…), ![what is to be seen](picture.jpg)",
    ),
    (
        "|",
        r"(?m)^[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*(?::?-+:?)?[ \t]*$|^[ \t]*\|[^|\n]+\|[^|\n]+\|[ \t]*$",
        "is part of a table, which comes out as bars and hyphens",
        "give the line of hyphens as many columns as the line above it: | Day | Time |, then | --- | --- |",
    ),
    (
        "**",
        r"(?<![*\w])\*\*(?![*])|(?<![*])\*\*(?![*\w])",
        _BOLD,
        "put the signs directly beside the words, with no space between: **bold words**",
    ),
    (
        "__",
        r"(?<![\w_])__(?=[^\W_])|(?<=[^\W_])__(?![\w_])",
        _BOLD,
        "put the signs directly beside the words, with no space between: __bold words__",
    ),
    (
        "* ",
        r"(?<![\w*])\* [^\W\d_]{2}[^*\n]{0,80} \*(?![\w*])",
        f"was meant for words in italics, and {_AS_TYPED}",
        "put the signs directly beside the words, with no space between: *words*",
    ),
    (
        "~~",
        r"(?<!~)~~(?!~)",
        f"was meant for words struck out, and {_AS_TYPED}",
        "write ~~words~~, with no space inside",
    ),
    (
        "==",
        r"(?<![=\w])==[\w\"“'‘*(][^=\n]{0,80}==(?![=\w])",
        f"was meant for marked words, and {_AS_TYPED}",
        "write <mark>words</mark>, or **words**",
    ),
    (
        "](",
        # Those are told by rules of their own.
        r"\[[^\[\]\n]{1,100}\]\((?!\s*<?(?:javascript|vbscript|data|file|ftp|blob|about|[A-Za-z])\s*:|\\)[^()\n]{0,200}\)?",
        _LINK,
        _LINK_HINT,
    ),
    ("] (", r"\[[^\[\]\n]{1,100}\] \((?:https?:|www\.|mailto:)[^()\s]{0,200}\)?", _LINK, _LINK_HINT),
    (")[", r"\([^()\n]{1,100}\)\[(?:https?:|www\.|mailto:)[^\[\]\s]{0,200}\]?", _LINK, _LINK_HINT),
    (
        "][",
        # [the plan][], [the plan][1]; not the numbers of two notes: [1][2].
        r"\[(?=[^\[\]]{0,100}[^\W\d_]{2})[^\[\]]{2,100}\]\[[^\[\]\n]{0,60}\]",
        f"was meant for a link whose address stands below, where there is none of that name: it {_AS_TYPED}",
        "write it as [words](https://…), or the line that says where it leads: [name]: https://…",
    ),
    (
        "]:",
        r"(?m)^\[[^\[\]^\n]{1,100}\]:[ \t]+(?:<|https?:|www\.|mailto:|#|/|\.)\S{0,200}",
        "says where a link leads that no words have: it comes out as it stands",
        "write its [name] in the words above it, give it another name if two lines have this one, or take the line out",
    ),
    (
        "[^",
        r"\[\^[^\]\s]{1,20}\]",
        "is a footnote, which comes out as it is typed",
        "say it in the sentence, or link some words",
    ),
    (
        "[",
        r"(?m)^\[[ xX]\](?=[ \t])",
        "is a check box, which comes out as it is typed",
        "write a plain list: - first point",
    ),
    (
        "[[",
        # Two capitals mark a language: [[ES]].
        r"\[\[(?![A-Z]{2}\]\])[^\[\]\n]{1,80}\]\]",
        f"has double brackets, as a wiki or another program has them, and {_AS_TYPED}",
        "write [words](https://…) for a link, %%first_name|friend%% for a name",
    ),
    (
        "[!",
        r"\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION|INFO)\]",
        f"is GitHub's mark of a notice, and {_AS_TYPED}",
        "begin with a bold word: **Note:**",
    ),
    (
        "[",
        r"(?i)\[/?(?:b|i|u|url|img|quote|color|size)(?:=[^\]\n]{1,100})?\]"
        r"|\[/?(?:caption|gallery|embed|video|audio|vc_\w{1,30}|et_pb_\w{1,30})\s[^\]\n]{0,200}=[^\]\n]{0,200}\]",
        f"is the markup of another program, and {_AS_TYPED}",
        "items are Markdown: **bold**, [words](https://…), ![what is to be seen](picture.jpg)",
    ),
    (
        "{",
        r"\{[#.][A-Za-z][\w-]{0,60}(?:[ \t][^{}\n]{0,80})?\}|\{\{[<%][^{}\n]{0,300}",
        f"is a mark of another program, and {_AS_TYPED}",
        "take it out",
    ),
    (
        ":::",
        r"(?m)^[ \t]*:::+[ \t]*\S{0,40}",
        f"begins or ends a box in other programs, and {_AS_TYPED}",
        "take it out; > before each line sets words apart",
    ),
    (
        ":",
        r"(?<![\w:/])::?[a-z][a-z_]{2,30}:(?![\w:/])",
        f"is the name of an emoji, and {_AS_TYPED}",
        "put the emoji itself there",
    ),
    (
        "#",
        r"(?m)^[ \t]*#{1,6}[ \t]+\S[^\n]{0,60}|^[ \t]*#{2,6}[^\s#][^\n]{0,60}",
        f"was meant for a heading, and {_AS_TYPED}",
        "leave an empty line above it",
    ),
    (
        "`",
        r"(?<![\w`])`{1,3}(?=\w)",
        "is a quotation mark of code, of which there is no second one",
        "write 'words' or \"words\", or `code` between two of them",
    ),
    (
        "\\",
        r"(?<!¯)\\[*_#\[\]~`>!.+-](?=\S)",
        f"was to keep a sign from its meaning, and {_AS_TYPED}",
        "take the backslash out",
    ),
    (
        "&",
        r"&(?:nbsp|amp|lt|gt|quot|apos|[lr][sd]quo|[nm]dash|hellip|bull|copy|reg|trade|[A-Za-z](?:acute|grave|uml|circ|tilde"
        r"|cedil)|#[0-9]{2,6}|#x[0-9A-Fa-f]{2,5});",
        "stands for a letter in a web page's source, and comes out as it is typed",
        "type the letter itself",
    ),
    (
        "<http",
        r"<https?://[^<>\n]{0,300} [^<>\n]{0,300}>",
        f"is an address with blanks in it, and {_AS_TYPED}",
        "write it as [words](https://…), with %20 for each blank",
    ),
    (
        "|",
        r"(?:https?://|mailto:)[^\s|<>]{1,300}\|[^\s|<>]{1,60}",
        f"is a link as chats write it, and {_AS_TYPED}",
        "write it as [words](https://…)",
    ),
    (
        "'''",
        r"'{3}[^'\n]{1,80}'{3}",
        _BOLD,
        "write **bold words**",
    ),
    (
        "[http",
        r"\[https?://[^\s\[\]]{1,300} [^\[\]\n]{1,100}\]",
        f"is a link as wikis write it, and {_AS_TYPED}",
        _LINK_HINT,
    ),
    (
        ":http",
        r"[\"”][^\"“”\n]{1,80}[\"”]:https?://\S{1,300}",
        f"is a link as another program writes it, and {_AS_TYPED}",
        _LINK_HINT,
    ),
    (
        ". ",
        r"(?m)^h[1-6]\. \S[^\n]{0,60}",
        f"is a heading as another program writes it, and {_AS_TYPED}",
        "write ## before its words",
    ),
    (
        "|",
        r"(?m)^\{\|[^\n]{0,80}|^\|[-}](?=\s|$)",
        f"is a table as wikis write it, and {_AS_TYPED}",
        "write | Day | Time |, below it | --- | --- |, and then its rows",
    ),
    (
        "~",
        r"(?<![\w~/])~[^\W_][^~\n]{0,80}(?<![\s~])~(?![\w~])",
        f"was meant for words struck out, and {_AS_TYPED}",
        "write ~~words~~, with two signs on each side",
    ),
    (
        "~",
        r"(?<=[A-Za-z0-9)])~[0-9]{1,3}~",
        f"was meant for small letters, and {_AS_TYPED}",
        "write H<sub>2</sub>O, x<sup>2</sup>",
    ),
    (
        "^",
        r"(?<=[A-Za-z0-9)])\^[\w+-]{1,4}\^",
        f"was meant for small letters, and {_AS_TYPED}",
        "write H<sub>2</sub>O, x<sup>2</sup>",
    ),
    (
        "!!!",
        r"(?m)^!!! [a-z]+",
        f"is a mark of another program, and {_AS_TYPED}",
        "take it out",
    ),
    (
        "???",
        r"(?m)^\?\?\?\+? [a-z]+",
        f"is a mark of another program, and {_AS_TYPED}",
        "take it out",
    ),
    (
        "[TOC]",
        r"(?m)^\[TOC\]$",
        f"is a mark of another program, and {_AS_TYPED}",
        "take it out",
    ),
    (
        "||",
        r"\|\|[^|\n]{1,80}\|\|",
        f"is a mark of another program, and {_AS_TYPED}",
        "take it out",
    ),
    (
        "…_",
        r"…__?(?![\w_])",
        f"is a mark of another program, and {_AS_TYPED}",
        "take it out",
    ),
    (
        "{",
        r"\\(?:textbf|textit|emph|href|url|section|subsection|underline|begin|end)\*?\{[^{}\n]{0,80}\}",
        f"is the markup of another program, and {_AS_TYPED}",
        "items are Markdown: **bold**, *italic*, [words](https://…)",
    ),
    (
        "<",
        r"<[@#!][\w|.-]{2,60}>",
        f"names somebody as chats do, and {_AS_TYPED}",
        "write the name",
    ),
)  # fmt: skip
