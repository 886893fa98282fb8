r"""Every word that a model is told, as templates in `prompts/**.md` that a group may replace.

A file has a front matter and sections::

    ---
    role: coach
    temperature: 0.7
    max_tokens: 400
    stop: ["\n\n"]
    variables: [story]
    ---
    ## system
    You are an editor.
    ## user
    {{ story }}
    ## assistant
    The start of the answer, which the model goes on from.

The template's source is cut into sections before anything is filled in, so that no manuscript can open a
section of its own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal, cast

import frontmatter
import yaml
from jinja2 import StrictUndefined, TemplateError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import OperatorError
from bot.llm.placeholder import Placeholder
from bot.llm.types import Call, Caller, Message, Role

_NAME: Final = re.compile(r"[a-z0-9_\-]+(/[a-z0-9_\-]+)*")
_OTHER_FILES: Final = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
_SECTION: Final = re.compile(r"^## (system|user|assistant)[ \t]*$", re.MULTILINE)
# Sections whose source is known; the house has some fifty.
_MOST_COMPILED: Final = 256


class PromptError(OperatorError):
    """A prompt is missing, wrong, or was not given what it declares."""


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Role
    temperature: float | None = Field(None, ge=0.0, le=2.0)
    max_tokens: int = Field(ge=1, le=100_000)
    stop: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt with everything filled in.

    Attributes:
        role: Which model it is for.
        messages: What it is told, without the prefill.
        temperature: As the file says; None to leave it to the server.
        max_tokens: Where the answer ends at the latest.
        stop: The answer ends before the first of these.
        prefill: The start of the answer; empty if the file has no assistant section at its end.
    """

    role: Role
    messages: tuple[Message, ...]
    temperature: float | None
    max_tokens: int
    stop: tuple[str, ...]
    prefill: str

    def call(self, caller: Caller, **overrides: Any) -> Call:  # noqa: ANN401 - any of Call's attributes
        """Make a call of it; `overrides` are attributes of `Call` that are set or replaced."""
        attributes: dict[str, Any] = {
            "role": self.role,
            "messages": self.messages,
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
            "stop": self.stop,
            "prefill": self.prefill,
        }
        return Call(caller=caller, **(attributes | overrides))


@dataclass(frozen=True, slots=True)
class _Section:
    speaker: Literal["system", "user", "assistant"]
    source: str


@dataclass(frozen=True, slots=True)
class _Template:
    front: _FrontMatter
    sections: tuple[_Section, ...]


class Prompts:
    """The prompts in a folder, some of them perhaps replaced by files of the same name in another one.

    Files are read when they are used, so that a change needs no restart.

    Args:
        folder: Where `coach/letter.md` is the prompt `coach/letter`.
        overrides: A folder of the same form that goes first; None for none.
    """

    def __init__(self, folder: Path, overrides: Path | None = None) -> None:
        self._folder = folder
        self._overrides = overrides
        self._environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._read: dict[Path, tuple[int, _Template]] = {}
        # Compiling takes longer than filling in, and on the event loop.
        self._compiled = lru_cache(_MOST_COMPILED)(self._environment.from_string)

    def names(self) -> tuple[str, ...]:
        """Give the names of all prompts."""
        return tuple(
            sorted(
                str(file.relative_to(self._folder).with_suffix("").as_posix())
                for file in self._folder.rglob("*.md")
            )
        )

    def variables(self, name: str) -> tuple[str, ...]:
        """Give the variables that a prompt declares.

        Raises:
            PromptError: There is no such prompt, or its file is wrong.
        """
        return self._template(name).front.variables

    def render(self, name: str, /, **variables: object) -> Prompt:
        """Fill a prompt in.

        Raises:
            PromptError: There is no such prompt, its file is wrong, or a declared variable is missing or
                another one was given.
        """
        template = self._template(name)
        declared = set(template.front.variables)
        for missing in sorted(declared - set(variables)):
            raise PromptError(f"The prompt {name} was not given its variable {missing}.")
        # A group's own file may do without some of what the house's file is given.
        known = declared | set(self._house_variables(name))
        for unknown in sorted(set(variables) - known):
            raise PromptError(f"The prompt {name} does not declare the variable {unknown}.")
        return self._fill(name, template, {each: variables[each] for each in declared})

    def show(self, name: str, /, **variables: object) -> str:
        """Give, for people to read, what would be sent: variables that are not given stand as ⟨name⟩.

        Raises:
            PromptError: There is no such prompt, or its file is wrong.
        """
        template = self._template(name)
        known = {given: value for given, value in variables.items() if given in template.front.variables}
        placeholders = {
            absent: Placeholder(absent) for absent in template.front.variables if absent not in known
        }
        prompt = self._fill(name, template, {**placeholders, **known})
        lines = [
            f"role: {prompt.role}",
            f"temperature: {'the server decides' if prompt.temperature is None else prompt.temperature}",
            f"max_tokens: {prompt.max_tokens}",
        ]
        if prompt.stop:
            lines.append("stop: " + ", ".join(map(repr, prompt.stop)))
        for message in prompt.messages:
            lines += ["", f"── {message.role} ──", message.content]
        if prompt.prefill:
            lines += ["", "── assistant, to be continued ──", prompt.prefill]
        return "\n".join(lines)

    def check_all(self) -> tuple[str, ...]:
        """Look at every prompt without any manuscript, and give a sentence for each thing that is wrong.

        Declared variables must be used and used ones declared; every template is filled in twice, with all
        variables standing in and with all of them empty, so that both sides of a condition are seen.
        """
        problems: list[str] = []
        for name in self.names():
            try:
                template = self._template(name)
                found = self._check_variables(name, template)
                problems += found
                for empty in (False, True) if not found else ():
                    values = {each: Placeholder(each, empty=empty) for each in template.front.variables}
                    self._fill(name, template, values, may_be_empty=empty)
            except PromptError as error:
                problems.append(error.sentence)
        return tuple(problems)

    def _check_variables(self, name: str, template: _Template) -> list[str]:
        used: set[str] = set()
        problems: list[str] = []
        for section in template.sections:
            tree = self._environment.parse(section.source)
            used |= meta.find_undeclared_variables(tree)
            if next(tree.find_all(_OTHER_FILES), None) is not None:
                problems.append(f"The prompt {name} wants to include another file: a prompt stands alone.")
        declared = set(template.front.variables)
        problems += [
            f"The prompt {name} declares {each}, which nobody gives it."
            for each in sorted(declared - set(self._house_variables(name)))
        ]
        problems += [
            f"The prompt {name} uses {each} but does not declare it." for each in sorted(used - declared)
        ]
        problems += [
            f"The prompt {name} declares {each} but does not use it." for each in sorted(declared - used)
        ]
        return problems

    def _fill(
        self, name: str, template: _Template, variables: Mapping[str, object], *, may_be_empty: bool = False
    ) -> Prompt:
        messages = []
        for section in template.sections:
            try:
                content = self._compiled(section.source).render(**variables)
            except TemplateError as error:
                # An undefined attribute's name comes from the template, not from the manuscript.
                raise PromptError(f"The prompt {name} cannot be filled in: {type(error).__name__}.") from None
            except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
                raise PromptError(f"The prompt {name} cannot be filled in: {type(error).__name__}.") from None
            if not content.strip() and not may_be_empty:
                raise PromptError(f"The prompt {name} has an empty {section.speaker} section.")
            messages.append(Message(section.speaker, content))
        prefill = messages.pop().content if messages[-1].role == "assistant" else ""
        return Prompt(
            role=template.front.role,
            messages=tuple(messages),
            temperature=template.front.temperature,
            max_tokens=template.front.max_tokens,
            stop=template.front.stop,
            prefill=prefill,
        )

    def _house_variables(self, name: str) -> tuple[str, ...]:
        """Give what the house's own file of that name declares, whatever replaces it."""
        file = self._folder / f"{name}.md"
        return self._parse(name, file).front.variables if file.is_file() else ()

    def _template(self, name: str) -> _Template:
        if not _NAME.fullmatch(name):
            raise PromptError("A prompt's name has small letters and slashes only, for example coach/letter.")
        for folder in (self._overrides, self._folder):
            file = folder / f"{name}.md" if folder is not None else None
            if file is not None and file.is_file():
                return self._parse(name, file)
        raise PromptError(f"There is no prompt named {name}.")

    def _parse(self, name: str, file: Path) -> _Template:
        changed = file.stat().st_mtime_ns
        known = self._read.get(file)
        if known is not None and known[0] == changed:
            return known[1]
        try:
            values, body = frontmatter.parse(file.read_text("utf-8"))
            front = _FrontMatter.model_validate(values)
        except (yaml.YAMLError, UnicodeDecodeError):
            raise PromptError(f"The front matter of the prompt {name} is not YAML.") from None
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(step) for step in first["loc"])
            raise PromptError(
                f"The front matter of the prompt {name} is wrong at {place}: {first['msg']}."
            ) from None
        template = _Template(front, self._sections(name, body))
        self._read[file] = (changed, template)
        return template

    def _sections(self, name: str, body: str) -> tuple[_Section, ...]:
        before, *rest = _SECTION.split(body)
        if before.strip():
            raise PromptError(f"The prompt {name} has words before its first section.")
        sections = tuple(
            _Section(cast("Literal['system', 'user', 'assistant']", speaker), source.strip())
            for speaker, source in zip(rest[::2], rest[1::2], strict=True)
        )
        speakers = [section.speaker for section in sections]
        if "user" not in speakers or "system" in speakers[1:]:
            raise PromptError(
                f"The prompt {name} needs a user section, and a system section only at its start."
            )
        for section in sections:
            try:
                self._environment.from_string(section.source)
            except TemplateError as error:
                place = (
                    f" in line {error.lineno} of its {section.speaker} section"
                    if hasattr(error, "lineno")
                    else ""
                )
                raise PromptError(f"The prompt {name} is no template{place}: {error.message}.") from None
        return sections
