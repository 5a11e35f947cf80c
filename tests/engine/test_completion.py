"""What a prompt offers: every command that one may use, in both languages and both ways, and nothing else."""

import pytest

from bot.commands.catalogue import COMMANDS
from bot.commands.table import CommandTable, may
from bot.model.values import Role

TABLE = CommandTable(COMMANDS)


@pytest.mark.parametrize("role", [None, *Role])
def test_all_that_one_may_use_is_offered_and_each_offer_is_such_a_command(role: Role | None) -> None:
    offered = TABLE.completions(role)
    meant = {offer: TABLE.parse(offer) for offer in offered}
    reached = {parsed.command for parsed in meant.values() if parsed and parsed.command}
    assert reached == {command for command in COMMANDS if may(role, command.right)}
    assert all(parsed and parsed.command for parsed in meant.values())
    assert len(set(offered)) == len(offered)


def test_french_words_and_short_forms_are_offered() -> None:
    offered = TABLE.completions(Role.TECHNICIAN)
    assert {"/ticket claim", "/ticket prendre", "!claim", "!prendre", "!résoudre", "/desk absent", "!on"} <= set(
        offered
    )
    assert {"/ticket problem announce", "/ticket problème annoncer", "/desk off keep", "/ticket stats work"} <= set(
        offered
    )
    assert "/ticket export" not in offered and "/ticket export" in TABLE.completions(Role.LEAD)


def test_an_employee_is_offered_no_technicians_command() -> None:
    offered = TABLE.completions(None)
    assert {"/ticket new", "/ticket mine", "!mine", "/ticket aide"} <= set(offered)
    assert not [offer for offer in offered if "claim" in offer or "problem" in offer or "note" in offer]
