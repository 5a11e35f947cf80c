"""Whatever identities are met, linked, split and appointed, in whatever order: each is of one person who is there, and
nobody comes by a technician's rights except by what a technician's own account gave away."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.engine.identify import identify
from bot.model.messages import Identity
from bot.model.people import Known, Person
from bot.technicians import appoint
from storage.store import SqlStorage, open_storage

NAMES = ("a", "b", "c", "d")
EMAILS = ("x@acme.example", "y@acme.example")

moves = st.lists(
    st.one_of(
        st.tuples(st.just("speaks"), st.sampled_from(NAMES), st.sampled_from((None, *EMAILS)), st.booleans()),
        st.tuples(st.just("appointed"), st.sampled_from(NAMES), st.none(), st.just(False)),
        st.tuples(st.just("imported"), st.just(""), st.sampled_from(EMAILS), st.just(False)),
    ),
    max_size=14,
)


@dataclass
class Run:
    storage: SqlStorage
    vouched: dict[str, set[str]] = field(default_factory=dict)  # by name: addresses said of them while no guest
    appointed: set[str] = field(default_factory=set)

    async def move(self, kind: str, name: str, email: str | None, guest: bool) -> None:
        async with self.storage.unit_of_work() as uow:
            match kind:
                case "speaks":
                    await identify(uow, Identity("test", "T", name, name, email=email, guest=guest))
                    if email and not guest:
                        self.vouched.setdefault(name, set()).add(email)
                case "appointed":
                    await appoint(uow, Identity("test", "T", name, name))
                    self.appointed.add(name)
                case "imported":
                    uow.people.add(Person(f"of {email}", email))
            await uow.commit()

    async def known(self, name: str) -> Known | None:
        return await self.storage.unit_of_work().people.known(Identity("test", "T", name))

    async def check(self) -> None:
        """Who has rights was appointed, or shares an address that platforms vouch for with somebody who was."""
        known = {name: found for name in NAMES if (found := await self.known(name))}
        reached = set(self.appointed)
        for _ in NAMES:
            addresses = {each for name in reached for each in self.vouched.get(name, ())}
            reached |= {name for name in known if addresses & self.vouched.get(name, set())}
        assert {name for name, found in known.items() if found.technician} <= reached
        assert {name for name in self.appointed if not known[name].technician} == set(), "nor are rights lost"
        for one, first in known.items():
            for other, second in known.items():
                if one != other and first.person.id == second.person.id:
                    assert self.vouched.get(one) and self.vouched.get(other), "only addresses link"


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=moves)
@example(
    steps=[("speaks", "a", EMAILS[0], True), ("appointed", "a", None, False), ("speaks", "b", EMAILS[0], False)]
)  # an appointment says nothing of guests
async def test_rights_come_from_nowhere_else(
    sqlite_template: Path, steps: list[tuple[str, str, str | None, bool]]
) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "guichet.db"
        shutil.copy(sqlite_template, file)
        storage = await open_storage(str(file))
        try:
            run = Run(storage)
            for kind, name, email, guest in steps:
                await run.move(kind, name, email, guest)
                await run.check()
        finally:
            await storage.close()
