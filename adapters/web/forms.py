"""What a form may send, checked. A body is read up to a bound and no further."""

from typing import Annotated, Literal, TypeVar
from urllib.parse import parse_qsl
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from adapters.web.places import Role
from adapters.web.translate import LONGEST, clean, is_form_id
from bot.model.values import Language

MOST_FIELDS = 20

Form = TypeVar("Form", bound=BaseModel)


def _form_id(value: str) -> str:
    if not is_form_id(value):
        raise ValueError("should be an id")
    return value


def _text(value: object) -> object:
    return clean(value).strip()[:LONGEST] if isinstance(value, str) else value


FormId = Annotated[str, AfterValidator(_form_id)]
Text = Annotated[str, BeforeValidator(_text)]
Short = Annotated[str, BeforeValidator(_text), Field(max_length=300)]


Reason = Literal["fixed", "duplicate", "no_reply", "not_reproducible"]


class Say(BaseModel):
    id: FormId
    text: Text


class Press(BaseModel):
    """`press` is a button's action and value."""

    id: FormId
    press: Annotated[Text, Field(pattern=r"^[a-z_-]{1,40}\|")]

    @property
    def action(self) -> str:
        return self.press.partition("|")[0]

    @property
    def value(self) -> str:
        return self.press.partition("|")[2]


class Act(BaseModel):
    """`text`: what was chosen or written, where an act needs it."""

    id: FormId
    text: Text = ""


class Held(BaseModel):
    """What becomes of words that were not sent."""

    id: FormId
    held: UUID
    decision: Literal["send", "keep"]


class Duty(BaseModel):
    id: FormId
    state: Literal["on", "off", "keep"]


class Seen(BaseModel):
    """Notices up to this number are put away."""

    number: Annotated[int, Field(ge=0, lt=2**63)]
    next: Text = "/desk"


class Work(BaseModel):
    id: FormId
    kind: Literal["reply", "note", "resolve"]
    text: Text = ""
    reason: Reason | Literal[""] = ""  # of a ticket that is resolved, where there is nothing to write up


class WriteUp(BaseModel):
    """What was learnt, part by part; `steps` one a line. With a `reason` there is nothing to write up."""

    id: FormId
    title: Text = ""
    symptoms: Text = ""
    cause: Text = ""
    steps: Text = ""
    keywords: Text = ""
    language: Language = Language.EN
    reason: Reason | Literal[""] = ""


class ChooseRole(BaseModel):
    role: Role


class ChooseLanguage(BaseModel):
    language: Language
    next: Short = "/"


class ChooseTheme(BaseModel):
    theme: Annotated[str, Field(pattern="^(light|dark|auto)$")]
    next: Short = "/"


async def read(request: Request) -> dict[str, str]:
    """The fields of a form that was sent in the ordinary way. Raises HTTPException 400 for any other body."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise HTTPException(400)
    try:
        pairs = parse_qsl((await request.body()).decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise HTTPException(400) from error
    return dict(pairs)


async def parsed(request: Request, kind: type[Form]) -> Form:
    """Raises HTTPException 400 for a form that is not of this kind."""
    try:
        return kind.model_validate(await read(request))
    except ValidationError as error:
        raise HTTPException(400) from error


def local_path(path: str) -> str:
    """Where to go next: a path of this site, whatever a form says."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def wants_json(request: Request) -> bool:
    return "text/html" not in request.headers.get("accept", "")
