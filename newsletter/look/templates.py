"""Templates and style sheets: where they lie, how they are read, what is said when one of them fails."""

import contextlib
import hashlib
import marshal
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import BytecodeCache, FunctionLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.bccache import Bucket
from jinja2.exceptions import TemplateNotFound
from jinja2.loaders import split_template_path

from newsletter.errors import ContentError, Fault, Place, did_you_mean
from newsletter.look import sandbox
from newsletter.look.costs import TooMuch
from newsletter.look.sandbox import Sandbox
from newsletter.memo import Cache
from newsletter.program import program
from newsletter.read import files
from newsletter.read.config import packaged_templates, template_folders


class Look:
    """The templates of one newsroom: its own, and the packaged ones for every file that it does not have.

    `seal` turns each value that a template puts into the MJML into a token (see render.py). What is made of a template
    once for all issues is kept in the cache.
    """

    def __init__(self, root: Path, cache: Cache | None = None) -> None:
        self.root = root
        self.folders = template_folders(root)
        self.cache = cache

    def mjml(self, name: str, seal: Callable[[object], str], values: Mapping[str, Any]) -> str:
        """Return the MJML of a template; every value in it goes through `seal`."""
        return self._render(self._sealing, name, values, seal)

    def text(self, name: str, values: Mapping[str, Any]) -> str:
        """Return a text template or a style sheet, its values as they are."""
        return self._render(self._plain, name, values)

    def page(self, name: str, values: Mapping[str, Any]) -> str:
        """Return a template of a web page; every value in it is escaped, unless it is HTML already."""
        return self._render(self._sealing, name, values)

    def suspect(self, name: str) -> Place:
        """Return the template to look at when the whole can't be understood: the newsroom's own if it has but one."""
        names = [own for own in self._own if own.endswith(".mjml.j2")] if name.endswith(".mjml.j2") else []
        return self._place(Path(names[0] if len(names) == 1 else name))

    def place_of(self, words: str, name: str) -> Place:
        """Return the line of a template that holds the words, whatever their case; else the one to look at."""
        for file, text in self.texts().items():
            if (at := text.lower().find(words.lower())) >= 0:
                return Place(file=file, line=text.count("\n", 0, at) + 1)
        return self.suspect(name)

    def texts(self) -> dict[str, str]:
        """Return every template and style sheet in use by its path, the newsroom's own before the packaged ones."""
        return self._texts

    @cached_property
    def _texts(self) -> dict[str, str]:
        texts: dict[str, str] = {}
        for name in self._own:
            # What can't be read is told where a template asks for it.
            with contextlib.suppress(OSError, files.Unreadable):
                raw = files.read(self.root, f"templates/{name}", files.TEMPLATE)
                texts[files.utf8(f"templates/{name}")] = raw.decode("utf-8", "replace")
        for name, file in _packaged_files().items():
            texts.setdefault(f"templates/{name}", file.read_text("utf-8", "replace"))
        return texts

    @cached_property
    def _own(self) -> list[str]:
        """The names of the newsroom's own templates and style sheets, as other templates name them."""
        listed = files.walk(self.root, "templates", lambda path, error: None, lambda path, link: True)
        names = [path.removeprefix("templates/") for path, _ in listed if "." in path.rpartition("/")[2]]
        return sorted(names, key=lambda name: name.split("/"))

    def _source(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        """Return the text of a template with the file's path, as a loader of Jinja's does; None if there is none.

        Raises ContentError for a file of the newsroom that can't be read, or may not be.
        """
        name = "/".join(split_template_path(name))
        if not name:
            return None
        path = f"templates/{name}"
        try:
            raw = files.read(self.root, path, files.TEMPLATE)
            file = self.root / path
        except files.Unreadable as error:
            raise self._unreadable(name, error.message, error.hint) from None
        except FileNotFoundError as error:
            if any(place.is_symlink() and not place.exists() for place in (self.root / path, self.root / "templates")):
                raise self._unreadable(name, files.reason(error), files.READABLE) from None
            if name not in _packaged_files():
                return None
            file = _packaged_files()[name]
            raw = file.read_bytes()
        try:
            # Jinja itself reads files with any line ends.
            source = raw.decode().replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as error:
            place = self._place(file, raw.count(b"\n", 0, error.start) + 1)
            hint = "save the file with the encoding UTF-8"
            raise ContentError([Fault(place=place, message="this is not UTF-8 text", hint=hint)]) from None
        return source, str(file), lambda: True

    def _unreadable(self, name: str, message: str, hint: str) -> ContentError:
        """Return the error for the file, or for the whole folder where that is none that may be read."""
        path, folder = f"templates/{name}", self.root / "templates"
        try:
            is_folder = Path(files.resolved(self.root, folder)).is_dir()
        except files.Unreadable:
            is_folder = False
        place = Place(file=files.utf8(path if is_folder else "templates"))
        return ContentError([Fault(place=place, message=message, hint=hint)])

    def _render(
        self, environment: Sandbox, name: str, values: Mapping[str, Any], seal: Callable[[Any], str] | None = None
    ) -> str:
        # An issue of many stories takes many steps without an endless loop.
        stories = sum(len(part["stories"]) for part in values.get("parts", ()))
        try:
            return environment.write(name, values, seal, stories)
        except ContentError:
            raise
        except Exception as error:
            # A template may raise anything (a filter's TypeError, a division); all of it is the template's fault.
            if not isinstance(error, (TemplateError, OSError)) and not sandbox.lines_of(error):
                raise
            raise ContentError([self._fault(error, name)]) from None

    def _fault(self, error: Exception, name: str) -> Fault:
        file, line = name, 0
        if isinstance(error, TemplateSyntaxError):
            file, line = error.filename or name, error.lineno
        elif lines := sandbox.lines_of(error):
            file, line = lines[-1]
        if isinstance(error, TemplateNotFound):
            known = sorted({name.rpartition("/")[2] for name in (*map(files.utf8, self._own), *_packaged_files())})
            place = self._place(Path(file), line)
            return Fault(place=place, message=f"template '{error.name}' is not there", hint=_near(error, known))
        reason = str(error).strip().partition("\n")[0][:300] or type(error).__name__
        kind = "" if isinstance(error, TemplateError) else f"{type(error).__name__}: "
        message = f"the template fails: {kind}{reason}"
        if isinstance(error, TooMuch):
            message = reason
        elif isinstance(error, RecursionError):
            message = "the template fails: it calls itself, or what calls it, without end"
        elif isinstance(error, MemoryError):
            message = "the template fails: it takes more memory than there is"
        return Fault(
            place=self._place(Path(file), line),
            message=message,
            hint="mend the template, or delete it to use the packaged one",
        )

    def _place(self, file: Path, line: int = 0) -> Place:
        if not file.is_absolute():
            file = next((folder / file for folder in self.folders if (folder / file).is_file()), file)
        for base in (self.root, packaged_templates().parent):
            if file.is_relative_to(base):
                return Place(file=files.utf8(file.relative_to(base).as_posix()), line=line)
        return Place(file=files.utf8(file.as_posix()), line=line)

    @cached_property
    def _sealing(self) -> Sandbox:
        return self._environment(autoescape=True)

    @cached_property
    def _plain(self) -> Sandbox:
        return self._environment(autoescape=False)

    def _environment(self, *, autoescape: bool) -> Sandbox:
        return Sandbox(
            loader=FunctionLoader(self._source),
            autoescape=autoescape,
            undefined=StrictUndefined,
            # CSS is full of `{#`.
            comment_start_string="{##",
            comment_end_string="##}",
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=_Bytecode(self.cache, autoescape=autoescape) if self.cache else None,
        )


# What marshal writes first of compiled code, with or without the mark that it is referred to.
_CODE = {ord("c"), ord("c") | 0x80}


class _Bytecode(BytecodeCache):
    """Compiled templates: compiling the packaged look costs more than rendering an issue with it."""

    def __init__(self, cache: Cache, *, autoescape: bool) -> None:
        self.cache = cache
        # A mail and its text may share a template.
        self.state = f"{autoescape} {program()}"

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """Return a key that tells which file it is."""
        return f"{name}\n{filename}"

    def load_bytecode(self, bucket: Bucket) -> None:
        kept = self.cache.get(self._key(bucket))
        # Not Jinja's own form, which is unpickled. What is odd counts as not there; of a list that begins with the
        # wrong number, marshal would make one of a thousand million entries.
        if not kept or kept[0] not in _CODE:
            return
        try:
            code = marshal.loads(kept)
        except (EOFError, ValueError, TypeError):
            return
        if isinstance(code, CodeType) and {"name", "root", "blocks", "debug_info"} <= set(code.co_names):
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.cache.put(self._key(bucket), marshal.dumps(bucket.code))

    def _key(self, bucket: Bucket) -> str:
        key = f"{bucket.key}{bucket.checksum}{self.state}"
        return hashlib.sha256(key.encode()).hexdigest()[:40] + ".jinja"


@lru_cache(1)
def _packaged_files() -> dict[str, Path]:
    """Return the packaged templates and style sheets by the names that templates have for them."""
    folder = packaged_templates()
    return {file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob("*.*")) if file.is_file()}


def _near(missing: TemplateNotFound, known: list[str]) -> str:
    name = (missing.name or "").rpartition("/")[2]
    hint = did_you_mean(name, known)
    return hint if hint.startswith("did") else "put it into the newsroom's templates/ folder"
