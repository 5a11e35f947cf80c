"""What a sentence tells people to type next is understood, in the language in which they read it."""

import re

import pytest

from bot.commands.catalogue import COMMANDS
from bot.commands.table import CommandTable
from bot.commands.ticket_problem import SUB_COMMANDS
from bot.model.values import Language, Role
from bot.texts import CATALOGUES, Texts, read_catalogue
from bot.tickets.promises import working_time
from tests.engine.desk import TestDesk

COMMAND = re.compile(r"/(ticket|kb|desk) ([^\W\d_][\w-]*)(?: ([^\W\d_][\w-]*))?")


@pytest.mark.parametrize("language", Language)
def test_every_command_that_a_sentence_names_exists(language: Language) -> None:
    table = CommandTable(COMMANDS)
    named = [
        match for text in read_catalogue(CATALOGUES / f"{language}.po").values() for match in COMMAND.finditer(text)
    ]
    assert len(named) > 90
    for match in named:
        parsed = table.parse(match[0])
        assert parsed and parsed.command, match[0]
        if parsed.command.name == "problem" and match[3] and match[3] != "P1":
            assert match[3] in SUB_COMMANDS, match[0]


@pytest.mark.parametrize("language", Language)
async def test_the_example_of_an_announcement_can_be_sent_as_it_stands(desk: TestDesk, language: Language) -> None:
    await desk.appoint("lea", Role.LEAD)
    example = Texts.load()("problem.draft.how", language).splitlines()[-1].strip("`")
    said = await desk.says(example, "desk-lea", who="lea", language=language)
    assert "P1" in said and re.search("Nothing is sent yet|Rien n’est encore envoyé", said)


@pytest.mark.parametrize("word", ["réseau", "network", "NET", "03", "wifi", "Réseau et internet"])
async def test_a_category_is_named_as_people_name_it(desk: TestDesk, word: str) -> None:
    await desk.appoint("tess")
    await desk.says("/ticket new the chair squeaks")
    assert "Network" in await desk.says(f"/ticket category T1 {word}", "desk-tess", who="tess", language=Language.EN)


async def test_an_unknown_category_is_answered_with_those_there_are(desk: TestDesk) -> None:
    await desk.appoint("tess")
    await desk.says("/ticket new the chair squeaks")
    assert "Réseau et internet" in await desk.says(
        "/ticket catégorie T1 plomberie", "desk-tess", who="tess", language=Language.FR
    )
    assert "Network and internet" in await desk.says(
        "/ticket problem announce Pipes | category: plumbing", "desk-tess", who="tess", language=Language.EN
    )


async def test_a_note_without_a_ticket_is_told_what_it_lacks(desk: TestDesk) -> None:
    await desk.appoint("tess")
    assert "kept nowhere yet" in await desk.says("// he forgot the cover again", "desk-tess", who="tess")


@pytest.mark.parametrize("text", ["yes please tell me", "oui, dites-moi", "please", "yes, I would like to know"])
async def test_a_wish_to_hear_when_it_is_over_is_understood(desk: TestDesk, text: str) -> None:
    await desk.appoint("lea", Role.LEAD)
    announce = "/ticket problem announce VPN down | en: The VPN is down. | category: network | words: vpn"
    await desk.says(announce, "desk-lea", who="lea")
    await desk.says("/ticket problem send P1", "desk-lea", who="lea")
    assert "we know" in (await desk.says("the vpn does not connect")).lower()
    assert re.search("I will tell you|Je vous dirai", await desk.says(text))


def test_time_that_is_left_is_not_told_in_days_of_24_hours() -> None:
    assert working_time(47.5 * 3600, Language.EN) == "47 hours"
    assert working_time(3 * 3600 + 1500, Language.FR) == "3\xa0heures 25 minutes"
    assert working_time(20, Language.EN) == "1 minute"


async def test_leads_read_why_a_decision_is_asked_of_them(desk: TestDesk) -> None:
    await desk.appoint("tess")
    await desk.appoint("lea", Role.LEAD)
    await desk.says("/ticket new the screen flickers")
    await desk.says("/ticket escalate T1 a new one has to be bought", "desk-tess", who="tess")
    assert "a new one has to be bought" in desk.posts("desk-lea")[-1]
    assert not any("bought" in post for post in desk.posts())


async def test_past_the_end_of_a_list_is_its_last_page(desk: TestDesk) -> None:
    await desk.appoint("tess")
    await desk.says("/ticket new the screen flickers")
    assert "T1" in await desk.says("/ticket list page:7", "desk-tess", who="tess")


async def test_who_has_said_what_it_is_about_is_not_asked_again(desk: TestDesk) -> None:
    assert "what it is about" not in await desk.says("talk to a human please, the wifi drops")
    assert "what it is about" in await desk.says("I want to talk to a human", "other", who="bob")
