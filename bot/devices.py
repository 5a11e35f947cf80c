"""Device models: the catalogue of those that are known, and how their names compare."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import SettingsError
from bot.understanding.normalise import fold

_NUMBERED = re.compile(r"^(?=.*[a-z])(?=.*\d).{3,}$")
_TICKET = re.compile(r"(?i)t-?\d+")  # T14 alone is a ticket
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Text = Annotated[str, Field(min_length=1, max_length=100)]


def spellings(models: Iterable[str]) -> list[str]:
    """Every way to name these models, without case: "HP M404dn" goes by that and by "m404dn", "LX-420" by "lx420" too;
    each once, in order."""
    found: dict[str, None] = {}
    for model in models:
        name = " ".join(model.casefold().split())
        for way in (name, *(word for word in name.split() if _NUMBERED.match(word))):
            found.setdefault(way)
            found.setdefault(way.replace("-", "").replace(" ", ""))
    return list(found)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    maker: Annotated[str, Field(max_length=100)] = ""
    model: _Text
    kind: _Text
    aliases: list[_Text] = []


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    devices: list[_Entry]


@dataclass(frozen=True, slots=True)
class DeviceModel:
    """`kind` is a word such as printer, laptop, phone; `aliases` may be shared by several models: M404."""

    maker: str
    model: str
    kind: str
    aliases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.maker} {self.model}".strip()


@dataclass(frozen=True, slots=True)
class DeviceCatalogue:
    """The models that are known, in the order of the files. `load` is how it is made."""

    devices: tuple[DeviceModel, ...]
    _by_name: dict[str, tuple[str, ...]] = field(default_factory=dict)  # compared name -> names of models
    _words: dict[str, frozenset[str]] = field(default_factory=dict)  # name of a model -> all words that name it

    @classmethod
    def load(cls, path: Path | None = None) -> "DeviceCatalogue":
        """The product's own models, and those of the organisation's file. Raises SettingsError naming the file."""
        shipped = _read(resources.files("bot").joinpath("devices.yaml").read_bytes(), "devices.yaml")
        if path is None:
            return cls.of(shipped)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
        own = _read(content, str(path))
        named = {device.name.casefold() for device in own}  # an organisation may say more of a model, or other things
        return cls.of([*(device for device in shipped if device.name.casefold() not in named), *own])

    @classmethod
    def of(cls, devices: Iterable[DeviceModel]) -> "DeviceCatalogue":
        kept = tuple(devices)
        by_name: dict[str, dict[str, None]] = {}
        words: dict[str, frozenset[str]] = {}
        for device in kept:
            for name in (device.name, device.model, *device.aliases):
                by_name.setdefault(_compared(name), {})[device.name] = None
            words[device.name] = frozenset(
                word for name in (device.name, *device.aliases) for word in fold(name).split()
            )
        return cls(kept, {name: tuple(models) for name, models in by_name.items()}, words)

    def models(self, name: str) -> tuple[str, ...]:
        """The models that go by this name, whatever its case, dashes and spaces; none if it is not known.

        A name that leaves words out is understood if it has the number: "HP LaserJet M404dn", "M404dn".
        """
        if found := self._by_name.get(_compared(name)):
            return found
        said = frozenset(fold(name).split())
        if not any(map(_NUMBERED.match, said)):
            return ()
        return tuple(model for model, words in self._words.items() if said <= words)

    def named(self, names: Iterable[str]) -> tuple[str, ...]:
        """The names as the catalogue has them, each once; those that it lacks as they are."""
        return tuple(dict.fromkeys(model for name in names for model in self.models(name) or (name,)))

    def spoken(self) -> tuple[str, ...]:
        """The names to look for in messages, the longest first."""
        names = {name for each in self.devices for name in (each.name, each.model, *each.aliases)}
        return tuple(
            sorted((name for name in names if not _TICKET.fullmatch(name)), key=lambda name: (-len(name), name))
        )


def _compared(name: str) -> str:
    return "".join(re.findall(r"[a-z0-9]+", fold(name)))


def _read(content: bytes, name: str) -> list[DeviceModel]:
    try:
        parsed = _File.model_validate(yaml.load(content.decode(), Loader=_Loader))  # noqa: S506 (a safe one)
    except UnicodeDecodeError as error:
        raise SettingsError(f"{name}: is not text in UTF-8") from error
    except yaml.YAMLError as error:
        raise SettingsError(f"{name}: is not valid YAML: {error}") from error
    except ValidationError as error:
        problem = error.errors()[0]
        where = " / ".join(f"entry {key + 1}" if isinstance(key, int) else key for key in problem["loc"])
        raise SettingsError(f"{name}: {where or 'the file'}: {problem['msg']}") from error
    return [DeviceModel(each.maker, each.model, each.kind, tuple(each.aliases)) for each in parsed.devices]
