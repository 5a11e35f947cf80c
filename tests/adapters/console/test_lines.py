import asyncio
import os
import threading
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.console.lines import piped_lines, split_lines


def lines_of(content: bytes, block: int = 65_536) -> list[str]:
    stream = BytesIO(content)
    return list(split_lines(lambda size: stream.read(min(size, block))))


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", []),
        (b"one", ["one"]),
        (b"one\n", ["one"]),
        (b"one\r\ntwo\r\n", ["one", "two"]),
        (b"\n\none\n", ["", "", "one"]),
        (b"\xef\xbb\xbfbonjour\n", ["bonjour"]),
        ("l’été\n".encode(), ["l’été"]),
        (b"caf\xe9\n\xff\xfe\n", ["caf\ufffd", "\ufffd\ufffd"]),
        (b"a\x00b\n", ["a\x00b"]),
    ],
)
@pytest.mark.parametrize("block", [1, 3, 65_536])
def test_lines(content: bytes, lines: list[str], block: int) -> None:
    assert lines_of(content, block) == lines


def test_an_endless_line_is_kept_in_part_and_the_next_one_whole() -> None:
    first, second = lines_of(b"x" * 10_000_000 + b"\nnext\n")
    assert 6_000 <= len(first) <= 65_536 and set(first) == {"x"}
    assert second == "next"


@given(st.lists(st.binary(max_size=20).filter(lambda line: b"\n" not in line), max_size=8), st.integers(1, 9))
def test_however_it_is_cut_into_blocks_it_is_the_same(parts: list[bytes], block: int) -> None:
    content = b"".join(part + b"\n" for part in parts)
    assert lines_of(content, block) == lines_of(content)
    assert len(lines_of(content)) == len(parts)


async def test_a_line_is_there_as_soon_as_it_is_written() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stdin:
        lines = piped_lines(stdin)
        os.write(writing, b"first\nsec")
        assert await asyncio.wait_for(anext(lines), 5) == "first"
        waiting = asyncio.ensure_future(anext(lines))
        await asyncio.sleep(0.02)
        assert not waiting.done()
        os.write(writing, b"ond")
        os.close(writing)
        assert await asyncio.wait_for(waiting, 5) == "second"
        assert [line async for line in lines] == []


async def test_the_loop_goes_on_while_nothing_is_written() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stdin:
        waiting = asyncio.ensure_future(anext(piped_lines(stdin)))
        await asyncio.sleep(0.02)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        os.close(writing)
        for thread in threading.enumerate():
            if thread.name == "console-input":
                assert thread.daemon
