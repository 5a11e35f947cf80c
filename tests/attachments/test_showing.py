"""How files are shown to people."""

import pytest

from bot.attachments.showing import size_text
from bot.model.values import Language


@pytest.mark.parametrize(
    ("size", "english", "french"),
    [
        (0, "0 bytes", "0 octets"),
        (1, "1 byte", "1 octet"),
        (2, "2 bytes", "2 octets"),
        (999, "999 bytes", "999 octets"),
        (1_400_000, "1.4 MB", "1,4 Mo"),
        (120_000, "120 kB", "120 ko"),
    ],
)
def test_a_size_is_in_the_readers_words(size: int, english: str, french: str) -> None:
    assert size_text(size, Language.EN).replace("\u00a0", " ") == english
    assert size_text(size, Language.FR).replace("\u00a0", " ") == french
