"""Labelled messages, of our own writing: every expectation holds, and accuracy per field is printed.

A case file is a list of {text, expect: {field: value}}, with optional `locale`, `previous` and `devices`. A field of
entities is written `entities.devices`; `because` holds words of which each must be in some explanation.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.categories import Categories
from bot.devices import DeviceCatalogue, DeviceModel
from bot.model.understanding import Understanding
from bot.model.values import Language
from bot.understanding import Understander

FOLDER = Path(__file__).parent / "cases"
FILES = sorted(FOLDER.glob("*.yaml"))


def cases(file: Path) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def understander() -> Understander:
    return Understander(
        Categories.load(),
        devices=DeviceCatalogue.of(
            [DeviceModel("Nova", "7 Lite", "phone"), DeviceModel("Arcadia", "XR-2200", "router")]
        ),
    )


def understood(understander: Understander, case: dict[str, Any]) -> Understanding:
    previous = case.get("previous")
    return understander.understand(
        case["text"], locale=case.get("locale"), previous=Language(previous) if previous else None
    )


def seen(result: Understanding, field: str) -> object:
    value: object = result
    for name in field.split("."):
        value = getattr(value, name)
    if field == "secrets":
        return [secret.kind for secret in result.secrets]
    if isinstance(value, tuple):
        return list(value)
    return value


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_labelled_message_is_understood(
    file: Path, understander: Understander, capsys: pytest.CaptureFixture[str]
) -> None:
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    wrong: list[str] = []
    for case in cases(file):
        result = understood(understander, case)
        for field, expected in case["expect"].items():
            total[field] += 1
            if (got := seen(result, field)) == expected:
                right[field] += 1
            else:
                wrong.append(f"{case['text']!r}: {field} is {got!r}, not {expected!r} {result.because}")
    with capsys.disabled():
        accuracy = ", ".join(f"{field} {right[field]}/{count}" for field, count in sorted(total.items()))
        print(f"\n{file.stem}: {accuracy}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_there_are_enough_messages_in_both_languages() -> None:
    texts = [case["text"] for file in FILES for case in cases(file)]
    assert len(texts) >= 300
    assert len(texts) == len(set(texts)), [text for text, count in Counter(texts).items() if count > 1]


def test_what_fired_is_explained_in_the_persons_words(understander: Understander) -> None:
    result = understander.understand("Mon imprimante dit « bourrage papier », c'est TRÈS urgent, réunion à 9h !")
    because = "\n".join(result.because)
    assert "urgency urgent: TRÈS urgent" in because
    assert "category hardware/printers" in because and "bourrage papier" in because
    assert "deadline: réunion à 9h" in because
