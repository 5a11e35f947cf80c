"""Reading a form with files as it comes: nothing of a file is kept here, however large it is."""

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException

LONGEST_FIELD = 64 * 1024  # bytes
LONGEST_BOUNDARY = 200


def is_multipart(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "multipart/form-data"


@dataclass(slots=True, eq=False)
class Part:
    """A field, or a file if it has a `filename`, which is empty where none was chosen. To be read before the next."""

    name: str
    filename: str | None
    _form: "Multipart"
    _over: bool = field(default=False)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Raises HTTPException 400 if the form breaks off."""
        while not self._over:
            piece = await self._form.next()
            if isinstance(piece, bytes):
                yield piece
            else:
                self._over = True

    async def text(self, longest: int = LONGEST_FIELD) -> str:
        """Raises HTTPException 400 if it is longer."""
        value = bytearray()
        async for chunk in self.chunks():
            value += chunk
            if len(value) > longest:
                raise HTTPException(400)
        return value.decode("utf-8", "replace")


class _End:
    """Of a part."""


class Multipart:
    """The parts of a form, in order. What is not read of one is passed over."""

    def __init__(self, content_type: str, stream: AsyncIterable[bytes]) -> None:
        """Raises HTTPException 400 for what is no such form."""
        _, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if not is_multipart(content_type) or not 0 < len(boundary) <= LONGEST_BOUNDARY:
            raise HTTPException(400)
        self._stream = aiter(stream)
        self._waiting: deque[Part | bytes | _End] = deque()
        self._header: list[bytes] = [b"", b""]
        self._disposition = b""
        self._ended = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, start, end: self._heard(0, data[start:end]),
                "on_header_value": lambda data, start, end: self._heard(1, data[start:end]),
                "on_header_end": self._header_over,
                "on_headers_finished": self._headers_over,
                "on_part_data": lambda data, start, end: self._waiting.append(data[start:end]),
                "on_part_end": lambda: self._waiting.append(_End()),
                "on_end": self._end,
            },
        )

    async def __aiter__(self) -> AsyncGenerator[Part, None]:
        while (part := await self._next()) is not None:
            if isinstance(part, Part):
                yield part
                async for _ in part.chunks():
                    pass

    async def next(self) -> Part | bytes | _End:
        """For a part that is being read."""
        piece = await self._next()
        if piece is None:
            raise HTTPException(400)
        return piece

    async def _next(self) -> Part | bytes | _End | None:
        """What comes next; None at the form's end. Raises HTTPException 400 for what is no form, or half of one."""
        while not self._waiting:
            chunk = await anext(self._stream, None)
            if chunk is None:
                if not self._ended:
                    raise HTTPException(400)
                return None
            try:
                self._parser.write(chunk)
            except FormParserError as error:
                raise HTTPException(400) from error
        return self._waiting.popleft()

    def _begin(self) -> None:
        self._header, self._disposition = [b"", b""], b""

    def _heard(self, which: int, piece: bytes) -> None:
        self._header[which] += piece

    def _header_over(self) -> None:
        name, value = self._header
        if name.lower() == b"content-disposition":
            self._disposition = value
        self._header = [b"", b""]

    def _headers_over(self) -> None:
        _, options = parse_options_header(self._disposition)
        filename = options.get(b"filename")
        name = options.get(b"name", b"").decode("utf-8", "replace")
        self._waiting.append(Part(name, None if filename is None else filename.decode("utf-8", "replace"), self))

    def _end(self) -> None:
        self._ended = True
