"""`guichet people import`: lists that are right come in as a whole; of those that are not, every fault is told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.categories import Categories
from bot.errors import InvalidInput
from bot.model.people import Company, Person, Technician
from bot.model.values import Role
from bot.people_csv import LARGEST, MOST_ROWS, read_lists
from bot.people_import import bring_in
from bot.ports.storage import Storage
from tests.cli.conftest import Run

Files = Callable[..., Path]

COMPANIES = "name,domain\nAcme,acme.example\n"
PEOPLE = "email,name,company,locale,timezone\nada@acme.example,Ada,acme.example,fr_fr,Europe/Paris\n"
DEVICES = "serial,model,owner\nSN1,LX-420,ada@acme.example\n"
TECHNICIANS = "email,number,role,categories\nada@acme.example,TECH-042,lead,network files\n"


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A folder with these lists: companies="...", people=b"..."."""

    def write(**contents: str | bytes) -> Path:
        folder = tmp_path / "lists"
        folder.mkdir(exist_ok=True)
        for name, content in contents.items():
            data = content.encode() if isinstance(content, str) else content
            (folder / f"{name}.csv").write_bytes(data)
        return folder

    return write


async def bring(storage: Storage, folder: Path) -> dict[str, tuple[int, int, int]]:
    async with storage.unit_of_work() as uow:
        report = await bring_in(uow, read_lists(folder), Categories.load(None))
        await uow.commit()
        return {kind: (one.added, one.changed, one.unchanged) for kind, one in report.tallies.items()}


async def test_lists_come_in_and_know_each_other(storage: Storage, files: Files) -> None:
    folder = files(companies=COMPANIES, people=PEOPLE, devices=DEVICES, technicians=TECHNICIANS)
    assert set((await bring(storage, folder)).values()) == {(1, 0, 0)}
    people = storage.unit_of_work().people
    company = await people.company("acme.example")
    (ada,) = await people.by_email(["ada@acme.example"])
    assert company is not None and company.name == "Acme"
    assert (ada.name, ada.company_id, ada.locale, ada.timezone) == ("Ada", company.id, "fr-FR", "Europe/Paris")
    (device,) = await people.devices(ada.id)
    assert (device.serial, device.model, device.company_id) == ("SN1", "LX-420", company.id)
    (technician,) = await people.technicians()
    assert (technician.badge, technician.role, technician.person_id) == ("TECH-042", Role.LEAD, ada.id)
    assert set((await bring(storage, folder)).values()) == {(0, 0, 1)}


async def test_what_is_known_is_brought_up_to_date_and_empty_cells_change_nothing(
    storage: Storage, files: Files
) -> None:
    met = Person("ada", "Ada@Acme.example", locale="en-GB", timezone="Europe/London")
    async with storage.unit_of_work() as uow:
        uow.people.add(met)
        uow.people.add(Company("ACME", "acme.example"))
        uow.people.add(Technician(met.id, 7, disabled=True))
        await uow.commit()
    people = "email;name;company;locale\r\nADA@acme.example;Ada L.;acme.example;\r\n"
    folder = files(people=people, technicians="email,role\nada@acme.example,admin\n")
    assert await bring(storage, folder) == {
        "companies": (0, 0, 0), "people": (0, 1, 0), "devices": (0, 0, 0), "technicians": (0, 1, 0),
    }  # fmt: skip
    work = storage.unit_of_work().people
    (now,) = await work.by_email(["ada@acme.example"])
    assert (now.id, now.name, now.locale, now.timezone) == (met.id, "Ada L.", "en-GB", "Europe/London")
    assert now.company_id is not None
    (technician,) = await work.technicians()
    assert (technician.number, technician.role, technician.disabled) == (7, Role.ADMIN, True)


async def test_unknown_companies_people_categories_and_taken_numbers_are_told_by_line(
    storage: Storage, files: Files
) -> None:
    async with storage.unit_of_work() as uow:
        uow.people.add(boss := Person("Boss"))
        uow.people.add(Technician(boss.id, 42))
        await uow.commit()
    folder = files(
        companies=COMPANIES,
        people=PEOPLE + "\nbo@nowhere.example,Bo,nowhere.example,,\n",
        devices=DEVICES + "SN2,LX-420,nobody@acme.example\n",
        technicians=TECHNICIANS + "bo@nowhere.example,43,,gardening\n",
    )
    with pytest.raises(InvalidInput) as caught:
        await bring(storage, folder)
    first, *problems = str(caught.value).splitlines()
    assert first == "4 problems, nothing was changed:"
    assert problems[0].startswith("  people.csv, line 4: there is no company nowhere.example")
    assert problems[1].startswith("  devices.csv, line 3: there is nobody with the address nobody@acme.example")
    assert problems[2] == "  technicians.csv, line 2: TECH-042 is somebody else already"
    assert problems[3] == "  technicians.csv, line 3: there is no category 'gardening'"
    work = storage.unit_of_work().people
    assert await work.company("acme.example") is None and await work.by_email(["ada@acme.example"]) == []


def refused(folder: Path) -> str:
    with pytest.raises(InvalidInput) as caught:
        read_lists(folder)
    return str(caught.value)


def test_missing_columns_are_named_beside_those_that_are_there(files: Files) -> None:
    assert "people.csv: the first line lacks the columns email; there are: 'name', 'mail'" in refused(
        files(people="name,mail\nAda,ada@acme.example\n")
    )
    assert "the first line names name twice" in refused(files(people="name,email,name\nA,a@b.example,A\n"))


def test_a_column_of_no_use_is_named_and_stops_nothing(files: Files) -> None:
    lists = read_lists(files(people="Name,EMAIL,phone\nAda,ada@acme.example,12\n"))
    assert lists.unused == ("people.csv: 'phone'",) and lists.people[0].name == "Ada"


@pytest.mark.parametrize(
    ("people", "told"),
    [
        ("email,name\na@b.example,Zoé\n".encode("latin-1"), "people.csv: is not text in UTF-8 (line 2)"),
        ("email,name\na@b.example,A\n".encode("utf-16"), "people.csv: is not text in UTF-8 (line 1)"),
        (b"email,name\na@b.example,A\nb@b.example,B\0\n", "contains a NUL character (line 3)"),
        (b"", "people.csv: is empty"),
        (b"\xef\xbb\xbf \n\n", "people.csv: is empty"),
        (b"\x89PNG\r\n\x1a\n", "is not text in UTF-8"),
        ("email,name\na@b.example,A\nA@B.example,B\n", "line 3: email 'A@B.example' is in line 2 already"),
        ("email,name\na@b.example,=1+1\n", "line 2: name begins with '=', which a spreadsheet takes for a formula"),
        ("email,name\na@b.example,@SUM(A1)\n", "line 2: name begins with '@'"),
        ("email,name\na@b.example,A\x1b[31m\n", "line 2: name contains a control character (U+001B)"),
        ('email,name\na@b.example,"A\nB"\nb@b.example,=\n', "line 2: name contains a control character (U+000A)"),
        ('email,name\na@b.example,"A\nB"\nb@b.example,=\n', "line 4: name begins with '='"),
        ('email,name\na@b.example,A\nb@b.example,"B\n', "line 3: cannot be read from here on: unexpected end of data"),
        ("email,name\na@b.example\n", "line 2: has 1 cells, the first line has 2"),
        ("email,name\n,A\n", "line 2: email is empty"),
        ("email,name\na@b,A\n", "line 2: email should look like ada@acme.example, not 'a@b'"),
        ("email,name,timezone\na@b.example,A,../../etc/passwd\n", "timezone should look like Europe/Paris"),
        ("email,name,timezone\na@b.example,A,Europe\n", "timezone should look like Europe/Paris"),
        ("email,name,locale\na@b.example,A,french\n", "locale should look like fr-FR, not 'french'"),
        ("email,name\na@b.example," + "A" * 301 + "\n", "name is too long: 301 characters, at most 300"),
        ("email,name\na@b.example," + "A" * 200_000 + "\n", "line 2: cannot be read from here on: field larger"),
        ("email,name\n" + "".join(f"a{n}@b.example,A\n" for n in range(MOST_ROWS + 1)), "more than 20,000 rows"),
        ("x" * (LARGEST + 1), "is too large: more than 5,000,000 bytes"),
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_with_its_line(files: Files, people: str | bytes, told: str) -> None:
    assert told in refused(files(people=people))


def test_wrong_roles_and_numbers_are_told_and_numbers_may_be_written_as_they_are_shown(files: Files) -> None:
    told = refused(files(technicians="email,number,role\na@b.example,TECH-007,boss\nb@b.example,-1,\n"))
    assert "line 2: role should be one of technician, lead, curator, admin, not 'boss'" in told
    assert "line 3: number begins with '-'" in told
    assert "line 2: number" not in told


def test_of_many_problems_the_first_are_shown_and_the_others_counted(files: Files) -> None:
    told = refused(files(people="email,name\n" + "nobody,A\n" * 50)).splitlines()
    assert told[0] == "99 problems, nothing was changed:"  # each address is wrong, and all but the first are twice
    assert len(told) == 22 and told[-1] == "  and 79 more"


def test_a_folder_or_a_pipe_is_no_list_and_an_empty_folder_has_none(files: Files, tmp_path: Path) -> None:
    folder = files()
    assert "has none of companies.csv, people.csv, devices.csv, technicians.csv" in refused(folder)
    (folder / "people.csv").mkdir()
    assert "people.csv: is not a regular file" in refused(folder)
    (folder / "devices.csv").symlink_to(tmp_path / "gone")
    assert "devices.csv: cannot be read (No such file or directory)" in refused(folder)


def test_the_command_says_what_it_did_and_a_dry_run_does_nothing(run: Run, files: Files) -> None:
    folder = str(files(companies=COMPANIES, people=PEOPLE, devices=DEVICES, technicians=TECHNICIANS))
    for _ in range(2):
        dry = run("people", "import", folder, "--dry-run").stdout
        assert "people        1 added, 0 changed, 0 unchanged" in dry and "nothing was written" in dry
    assert "technicians   1 added, 0 changed, 0 unchanged" in run("people", "import", folder).stdout
    assert "TECH-042  lead        Ada" in run("technician", "list").stdout
    assert "people        0 added, 0 changed, 1 unchanged" in run("people", "import", folder).stdout


async def test_licence_level_and_skills_are_kept_and_an_empty_cell_changes_none(storage: Storage, files: Files) -> None:
    rows = "email,name,licence,level\nada@acme.example,Ada,E3,Expert\n"
    await bring(storage, files(people=rows, technicians=TECHNICIANS))
    people = storage.unit_of_work().people
    (ada,) = await people.by_email(["ada@acme.example"])
    (technician,) = await people.technicians()
    assert (ada.licence, ada.level, technician.skills) == ("E3", "expert", ("network", "files"))
    rows = "email,name,licence,level\nada@acme.example,Ada,,\n"
    await bring(storage, files(people=rows, technicians="email\nada@acme.example\n"))
    (ada,) = await people.by_email(["ada@acme.example"])
    (technician,) = await people.technicians()
    assert (ada.licence, ada.level, technician.skills) == ("E3", "expert", ("network", "files"))


def test_a_level_is_one_of_three(files: Files) -> None:
    folder = files(people="email,name,level\nada@acme.example,Ada,wizard\n")
    with pytest.raises(InvalidInput, match="line 2: level should be one of beginner, intermediate, expert"):
        read_lists(folder)


def test_a_dry_run_tells_what_would_be_added_and_changed(run: Run, files: Files) -> None:
    people = "email,name,licence,level\nada@acme.example,Ada,E3,expert\n"
    folder = files(people=people, technicians=TECHNICIANS)
    told = run("people", "import", str(folder), "--dry-run").output.splitlines()
    assert "people  + ada@acme.example  name Ada; email ada@acme.example; licence E3; level expert" in told
    assert "technicians  + ada@acme.example  number 42; role lead; skills network, files" in told
    run("people", "import", str(folder))
    folder = files(people=people.replace("E3", "E5"), technicians=TECHNICIANS.replace("network files", "mail"))
    told = run("people", "import", str(folder), "--dry-run").output.splitlines()
    assert [line for line in told if "~" in line or " + " in line] == [
        "people  ~ ada@acme.example  licence E3 -> E5",
        "technicians  ~ ada@acme.example  skills network, files -> mail",
    ]
