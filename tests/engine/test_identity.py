"""One person on several platforms: known by an address that a platform vouches for, or linked by a one-time code."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model.messages import ConversationRef, Identity, IncomingClick, MessageKey
from bot.model.people import Known, Person
from bot.model.values import Audience, Language, Role, Visibility
from tests.engine.desk import TestDesk, Wire

ADA = "ada@acme.example"


class OtherWire(Wire):
    """A second platform."""

    platform = "other"


class Office:
    """People who write from two platforms, `test` and `other`, each in a private room of their own unless said."""

    def __init__(self, desk: TestDesk) -> None:
        self.desk = desk
        self.wire = OtherWire()
        desk.deliverer = type(desk.deliverer)(
            desk.storage,
            [desk.wire, self.wire],
            "test",
            lease=timedelta(seconds=30),
            clock=desk.clock,
            texts=desk.services.texts,
        )

    async def says(
        self,
        who: str,
        text: str,
        *,
        platform: str = "test",
        email: str | None = None,
        guest: bool = False,
        private: bool = True,
        room: str | None = None,
        name: str | None = None,
        language: Language = Language.EN,
    ) -> str:
        message = self.desk.message(text, private=private, mentioned=not private, language=language)
        ref = ConversationRef(platform, "T", room or f"{platform}-{who}")
        author = Identity(platform, "T", who, who.title() if name is None else name, email=email, guest=guest)
        await self.desk.receive(
            replace(message, key=replace(message.key, platform=platform), conversation=ref, author=author)
        )
        return await self.answered(ref)

    async def presses(self, who: str, value: str, *, platform: str = "test", room: str | None = None) -> str:
        ref = ConversationRef(platform, "T", room or f"{platform}-{who}")
        key = MessageKey(platform, "T", "click", f"{value}-{len(self.desk.wire.posted)}-{len(self.wire.posted)}")
        author = Identity(platform, "T", who, who.title())
        click = IncomingClick(key, ref, author, "ticket_identity", value, self.desk.clock(), Audience.INTERNAL)
        await self.desk.receive(click)
        return await self.answered(ref)

    async def answered(self, ref: ConversationRef) -> str:
        before = len(self.desk.wire.posted), len(self.wire.posted)
        await self.desk.settle()
        news = [*self.desk.wire.posted[before[0] :], *self.wire.posted[before[1] :]]
        return "\n".join(one.document.text for one in news if one.conversation == ref)

    async def known(self, who: str, platform: str = "test") -> Known:
        known = await self.desk.storage.unit_of_work().people.known(Identity(platform, "T", who))
        assert known is not None
        return known

    async def same(self, who: str = "ada", other: str = "a.lovelace") -> bool:
        return (await self.known(who)).person.id == (await self.known(other, "other")).person.id

    async def code_of(self, who: str, platform: str = "test") -> str:
        answer = await self.says(who, "/ticket identity", platform=platform)
        found = re.search(r"\d{4} \d{4}", answer)
        assert found, answer
        return found[0]


@pytest.fixture
def office(desk: TestDesk) -> Office:
    return Office(desk)


async def imported(office: Office, *persons: Person) -> None:
    async with office.desk.storage.unit_of_work() as uow:
        for person in persons:
            uow.people.add(person)
        await uow.commit()


async def test_an_address_that_the_platform_vouches_for_tells_who_it_is(office: Office) -> None:
    person = Person("Ada Lovelace", ADA, licence="E3")
    await imported(office, person)
    await office.says("ada", "hello", email="ADA@acme.example")
    await office.says("a.lovelace", "hello", platform="other", email=ADA)
    assert await office.same()
    known = await office.known("ada")
    assert known.person.id == person.id
    assert known.person.name == "Ada Lovelace", "as the organisation calls her"
    assert known.identity.name == "Ada"


async def test_a_guest_is_nobody_by_their_address(office: Office) -> None:
    person = Person("Ada Lovelace", ADA)
    await imported(office, person)
    await office.says("ada", "hello", email=ADA, guest=True)
    assert (await office.known("ada")).person.id != person.id
    await office.says("a.lovelace", "hello", platform="other", email=ADA)
    assert (await office.known("a.lovelace", "other")).person.id == person.id, "nor does anybody become the guest"


async def test_an_address_of_several_people_tells_nothing_and_that_is_noted(office: Office) -> None:
    await imported(office, Person("Ada", ADA), Person("Ada again", ADA))
    await office.says("ada", "hello", email=ADA)
    assert (await office.known("ada")).person.name == "Ada"
    message = next(m for m in await office.desk.history("test-ada") if m.author == "person")
    steps = await office.desk.storage.unit_of_work().conversations.steps(message.id)
    assert steps[1].detail["address"] == "several"


async def test_an_address_that_is_learnt_later_links_too(office: Office) -> None:
    """With all that was asked before; what is said in the very message stays in its conversation."""
    await office.says("ada", "I want to talk to a human")
    person = Person("Ada Lovelace", ADA)
    await imported(office, person)
    await office.says("ada", "it is urgent", email=ADA)
    assert (await office.known("ada")).person.id == person.id
    [ticket] = await office.desk.tickets()
    assert ticket.asker_id == person.id
    assert {m.person_id for m in await office.desk.history("test-ada")} == {person.id}
    assert "T1" in await office.says("ada", "where is my ticket?", email=ADA)


async def test_a_technician_who_becomes_known_elsewhere_stays_one_and_no_second_is_made_of_two(office: Office) -> None:
    await office.desk.appoint("grace", Role.LEAD)
    grace = await office.known("grace")
    await imported(office, Person("Grace Hopper", "grace@acme.example"))
    await office.says("grace", "hello", email="grace@acme.example")
    known = await office.known("grace")
    assert known.person.id == grace.person.id
    assert known.technician and known.technician.role is Role.LEAD
    await office.desk.appoint("hedy")
    await office.says("hedy", "hello", email="grace@acme.example")
    assert (await office.known("hedy")).person.id != grace.person.id


async def test_a_name_follows_its_platform_and_a_second_platform_does_not_change_it(office: Office) -> None:
    await office.says("ada", "hello", email=ADA, name="Ada B")
    await office.says("a.lovelace", "hello", platform="other", email=ADA, name="lovelace42")
    await office.says("ada", "hello", email=ADA, name="Ada L")
    assert (await office.known("ada")).person.name == "Ada L"


async def test_a_code_from_one_platform_links_the_other(office: Office) -> None:
    await office.says("ada", "I want to talk to a human")
    code = await office.code_of("ada")
    shown = await office.says("a.lovelace", f"/ticket identity {code}", platform="other")
    assert "Ada" in shown and "Nothing has changed yet" in shown
    assert not await office.same()
    before = len(office.desk.wire.posted)
    done = await office.presses("a.lovelace", f"confirm {code.replace(' ', '')}", platform="other")
    assert "one person" in done
    assert await office.same()
    assert "Your code was used" in office.desk.wire.posted[before].document.text
    assert "T1" in await office.says("a.lovelace", "where is my ticket?", platform="other")


async def test_the_same_in_french(office: Office) -> None:
    await office.says("ada", "bonjour")
    answer = await office.says("ada", "/ticket identité", language=Language.FR)
    code = re.search(r"\d{4} \d{4}", answer)
    assert code and "Ne le donnez à personne" in answer
    shown = await office.says("b", f"!identite {code[0]}", platform="other", language=Language.FR)
    assert "Rien n’a encore changé" in shown
    done = await office.says("b", f"/ticket identité confirmer {code[0]}", platform="other", language=Language.FR)
    assert "C’est fait" in done
    assert await office.same("ada", "b")


async def test_a_code_is_good_once_and_for_ten_minutes_and_replaced_by_a_newer_one(office: Office) -> None:
    first = await office.code_of("ada")
    second = await office.code_of("ada")
    assert "replaced" in await office.says("b", f"/ticket identity {first}", platform="other")
    office.desk.clock.forward(minutes=11)
    assert "ten minutes" in await office.says("b", f"/ticket identity {second}", platform="other")
    third = await office.code_of("ada")
    await office.says("b", f"/ticket identity confirm {third}", platform="other")
    assert await office.same("ada", "b")
    assert "has been used" in await office.says("c", f"/ticket identity {third}", platform="other")


async def test_only_a_hash_of_a_code_is_kept(office: Office) -> None:
    code = (await office.code_of("ada")).replace(" ", "")
    me = (await office.known("ada")).person
    [kept] = await office.desk.storage.unit_of_work().people.link_codes(me.id, office.desk.clock.at)
    assert code not in repr(kept) and len(kept.code_hash) == 64


async def test_wrong_codes_are_limited_in_every_conversation_together(office: Office) -> None:
    code = await office.code_of("ada")
    wrong = f"{(int(code.replace(' ', '')) + 1) % 10**8:08}"
    for _ in range(5):
        assert "no such code" in await office.says("eve", f"/ticket identity {wrong}", platform="other")
    assert "Too many" in await office.says("eve", f"/ticket identity {code}", platform="other", room="elsewhere")
    assert "Too many" in await office.presses("eve", f"confirm {code}", platform="other")
    assert "no such code" in await office.says("mallory", f"/ticket identity {wrong}", platform="other")
    office.desk.clock.forward(minutes=62)
    fresh = await office.code_of("ada")
    assert "one person" in await office.says("eve", f"/ticket identity {fresh}", platform="other")


async def test_wrong_codes_at_the_same_moment_are_all_counted(office: Office) -> None:
    events = []
    for number in range(12):
        message = office.desk.message("/ticket identity 12345678")
        ref, author = ConversationRef("test", "T", f"r{number}"), Identity("test", "T", "eve", "Eve")
        events.append(replace(message, conversation=ref, author=author))
    await office.says("eve", "hello")
    await office.desk.receive(*events)
    await office.desk.settle()
    me = (await office.known("eve")).person
    tried = await office.desk.storage.unit_of_work().people.link_codes(me.id, office.desk.clock.at)
    assert sum(one.attempts for one in tried) == 5


async def test_codes_are_neither_given_nor_taken_where_others_read(office: Office) -> None:
    assert "private" in await office.says("ada", "!identity", private=False, room="lobby", platform="test")
    code = await office.code_of("ada")
    answer = await office.says("b", f"!identity {code}", private=False, room="lobby", platform="other")
    assert "good no more" in answer
    assert [one.visibility for one in office.wire.posted] == [Visibility.ONLY_ASKER]
    assert "has been used" in await office.says("b", f"/ticket identity {code}", platform="other")


async def test_a_technician_who_types_a_code_gives_their_rights_to_nobody(office: Office) -> None:
    await office.desk.appoint("grace")
    code = await office.code_of("eve", "other")
    assert "give your rights away" in await office.says("grace", f"/ticket identity {code}")
    assert "give your rights away" in await office.presses("grace", f"confirm {code}")
    assert (await office.known("eve", "other")).technician is None
    own = await office.code_of("grace")
    assert "who works the desk" in await office.says("g2", f"/ticket identity {own}", platform="other")
    await office.says("g2", f"/ticket identity confirm {own}", platform="other")
    known = await office.known("g2", "other")
    assert known.technician and known.person.name == "Grace"


async def test_two_technicians_are_not_linked_and_a_disabled_one_wins_nothing_back(office: Office) -> None:
    await office.desk.appoint("grace")
    await office.desk.appoint("hedy", Role.ADMIN)
    async with office.desk.storage.unit_of_work() as uow:
        grace = await uow.people.technician_of((await office.known("grace")).person.id)
        assert grace
        uow.people.save(replace(grace, disabled=True))
        await uow.commit()
    for one, other in (("grace", "hedy"), ("hedy", "grace")):
        code = await office.code_of(one)
        assert "cannot become one" in await office.says(other, f"/ticket identity {code}")
    assert (await office.known("grace")).person.id != (await office.known("hedy")).person.id


async def test_ones_own_code_and_nonsense(office: Office) -> None:
    code = await office.code_of("ada")
    assert "your own code" in await office.says("ada", f"/ticket identity {code}")
    for nonsense in ("1234", "１２３４５６７８", "confirm", "confirm x", "'; drop table people", "١٢٣٤٥٦٧٨"):
        assert "How to use it" in await office.says("ada", f"/ticket identity {nonsense}"), nonsense


async def test_a_name_that_is_markup_stays_a_name(office: Office) -> None:
    await office.says("ada", "hello", name="**Ada** [x](http://evil.example)")
    answer = await office.says("ada", "/ticket identity", name="**Ada** [x](http://evil.example)")
    code = re.search(r"\d{4} \d{4}", answer)
    assert code
    await office.says("b", f"/ticket identity {code[0]}", platform="other")
    [shown] = [one for one in office.wire.posted if "Nothing has changed" in one.document.text]
    assert "\\*\\*Ada\\*\\*" in shown.document.blocks[0].text  # type: ignore[union-attr]


async def test_what_was_linked_can_be_split_for_later_things(office: Office) -> None:
    await office.says("ada", "I want to talk to a human", email=ADA)
    await office.says("a.lovelace", "hello", platform="other", email=ADA)
    assert await office.same()
    shown = await office.says("a.lovelace", "/ticket identity unlink", platform="other", email=ADA)
    assert "apart" in shown and await office.same()
    await office.says("a.lovelace", "/ticket identity unlink confirm", platform="other", email=ADA)
    assert not await office.same()
    await office.says("a.lovelace", "hello", platform="other", email=ADA)
    assert not await office.same(), "the same address does not link them again"
    [ticket] = await office.desk.tickets()
    assert ticket.asker_id == (await office.known("ada")).person.id
    assert "T1" not in await office.says("a.lovelace", "where is my ticket?", platform="other", email=ADA)
    assert "No other account" in await office.says("a.lovelace", "/ticket identity unlink", platform="other")


async def test_two_who_type_one_code_at_the_same_moment_are_not_both_linked(office: Office) -> None:
    await office.says("b", "hello", platform="other")
    await office.says("c", "hello", platform="other")
    code = await office.code_of("ada")
    events = []
    for who in ("b", "c"):
        message = office.desk.message(f"/ticket identity confirm {code}")
        ref, author = ConversationRef("other", "T", f"other-{who}"), Identity("other", "T", who, who.title())
        key = replace(message.key, platform="other")
        events.append(replace(message, key=key, conversation=ref, author=author))
    await office.desk.receive(*events)
    await office.desk.settle()
    assert [await office.same("ada", "b"), await office.same("ada", "c")].count(True) == 1
