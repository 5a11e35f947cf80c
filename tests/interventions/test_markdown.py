"""A write-up that is exported comes back exactly, whatever people wrote in it; what was edited is read with care."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import InvalidInput
from bot.interventions.markdown import exported, imported
from bot.interventions.saving import saying
from bot.interventions.written import Draft, cleaned
from bot.model.ids import new_id
from bot.model.tickets import Intervention
from bot.model.values import Audience, Language

AT = datetime(2026, 11, 16, 9, 30, 15, 123456, tzinfo=UTC)
TICKET = new_id()
STATES: dict[str, Literal["draft", "approved", "rejected", "withdrawn"]] = {
    "draft": "draft", "approved": "approved", "rejected": "rejected", "withdrawn": "withdrawn",
}  # fmt: skip
PLAIN = Intervention("INT-2026-11-NET-001", TICKET, "network", "", (), new_id(), AT)
FILE = """---
reference: INT-2026-11-NET-001
ticket: T12
category: network
language: en
author: {author}
written: 2026-11-16T09:30:00Z
state: draft
---
# VPN stops

## Symptoms

It stops.

## Root cause

A proxy.

## Steps

1. Leave the proxy out.
2. Connect.
"""

awkward = st.sampled_from(
    ["# Title", "## Root cause", "\\# x", "\\\\## Steps", "---", "1. one", "  2. two", "```", "", "   ", "- a", ">",
     "\N{RIGHT-TO-LEFT OVERRIDE}abc", "\u2028", "\x85", "\x00", "a\r\nb", "<b>", "'\"", "\ufeff", "\U0001f600", "...",
     "#", "key: v"]
)  # fmt: skip
texts = st.lists(st.one_of(st.text(max_size=40), awkward), max_size=6).map("\n".join)
drafts = st.builds(
    Draft,
    title=texts,
    symptoms=texts,
    root_cause=texts,
    steps=st.lists(texts, max_size=5).map(tuple),
    keywords=st.lists(texts, max_size=5).map(tuple),
    language=st.sampled_from(Language),
    masked=st.lists(st.sampled_from(["name", "phone"]), max_size=2).map(tuple),
    screenshots=st.lists(st.uuids(), max_size=2).map(tuple),
).map(cleaned)
write_ups = st.builds(
    lambda draft, state, audience, remark, reviewed, article: (draft, state, audience, remark, reviewed, article),
    drafts.filter(lambda draft: draft.is_complete),
    st.sampled_from(sorted(STATES)),
    st.sampled_from(Audience),
    texts.map(lambda text: cleaned(Draft(title=text)).title),
    st.booleans(),
    st.one_of(st.none(), st.just("write-ups/INT-2026-11-NET-001")),
)


@settings(max_examples=400, deadline=None)
@given(write_ups)
def test_what_is_exported_comes_back_exactly(made: tuple[Draft, str, Audience, str, bool, str | None]) -> None:
    draft, state, audience, remark, reviewed, article = made
    one = replace(
        saying(PLAIN, draft), state=STATES[state], audience=audience, remark=remark, article_id=article,
        reviewed_by=PLAIN.author_id if reviewed else None, reviewed_at=AT if reviewed else None,
    )  # fmt: skip
    file = exported(one, "T12")
    found = imported(file)
    assert found.ticket_number == 12
    assert found.applied_to(TICKET, one) == one
    assert exported(found.applied_to(TICKET, one), "T12") == file
    assert imported(file.replace("\n", "\r\n")).applied_to(TICKET, one) == one, "as Windows saves it"


def test_it_reads_like_a_document() -> None:
    one = saying(PLAIN, Draft("VPN stops", "It stops.", "A proxy.", ("Leave the proxy out.", "Connect."), ("vpn",)))
    file = exported(one, "T12")
    assert file.endswith(FILE[FILE.index("# VPN") :])
    assert "reference: INT-2026-11-NET-001\nticket: T12\ncategory: network\n" in file and "keywords:\n- vpn\n" in file


def test_what_a_person_edited_is_read_with_more_than_one_way_to_write_it() -> None:
    author = new_id()
    edited = FILE.format(author=author).replace("## Root cause", "## Cause racine").replace("## Steps", "## Étapes")
    edited = edited.replace("1. Leave", "\n1. Leave").replace("2. Connect.", "   (all of it)\n2. Connect.\n\n\n")
    found = imported("\ufeff" + edited)
    assert found.draft.root_cause == "A proxy." and found.front.author == author
    assert found.draft.steps == ("Leave the proxy out. (all of it)", "Connect.")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("---\nreference", "reference"), "front matter"),
        (("INT-2026-11-NET-001", "INT-2026-13-NET-001"), "reference"),
        (("INT-2026-11-NET-001", "../../etc/passwd"), "reference"),
        (("ticket: T12", "ticket: 12"), "ticket"),
        (("language: en", "language: de"), "language"),
        (("state: draft", "state: sent"), "state"),
        (("state: draft", "colour: red"), "colour"),
        (("state: draft", "state: [draft"), "not valid YAML"),
        (("state: draft", "state: !!python/object/apply:os.system [ls]"), "not valid YAML"),
        (("written: 2026-11-16T09:30:00Z", "written: yesterday"), "written"),
        (("## Root cause", "## Rumours"), "unknown part: Rumours"),
        (("# VPN stops\n", ""), "title"),
        (("1. Leave", "Leave"), "numbered"),
        (("## Symptoms", ""), "belongs to no part"),
    ],
)
def test_what_is_wrong_is_said(change: tuple[str, str], says: str) -> None:
    good = FILE.format(author=UUID(int=7))
    imported(good)
    with pytest.raises(InvalidInput, match=says):
        imported(good.replace(*change, 1))


def test_a_huge_file_is_refused_before_it_is_read() -> None:
    with pytest.raises(InvalidInput, match="too long"):
        imported("---\n" + "a" * 10_000_000)
