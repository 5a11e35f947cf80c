"""Policies: which one holds, what the file may say, and what is said of a file that is wrong."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.categories import Categories
from bot.errors import SettingsError
from bot.model.values import Role, Urgency
from bot.sla.policies import SlaPolicies
from bot.sla.policy import Policy
from bot.sla.policy_words import hours_of
from tests.sla.policies import MONDAY, policies, target, ticket

STANDARD = "policies:\n  - name: standard\n"
SEVERAL = """
policies:
  - name: standard
  - {name: urgent, priorities: [urgent]}
  - {name: hardware, category: hardware, hours: always, targets: {acknowledge: 5 min, first_contact: {low: none}}}
  - {name: printers, category: hardware/printers, zone: America/New_York, warning: 0.5}
  - {name: urgent-hardware, category: hardware, priorities: [urgent, high], levels: []}
"""


def only(sla: SlaPolicies) -> Policy:
    (policy,) = sla.policies
    return policy


def test_the_policy_that_ships_promises_what_it_says() -> None:
    sla = SlaPolicies.load(None, "Europe/Paris")
    policy = only(sla)
    assert hours_of(policy.calendar) == "Mon-Fri 09:00-18:00 Europe/Paris"
    hour = 3600
    assert policy.targets["acknowledge"] == dict.fromkeys(Urgency, 900)
    assert policy.targets["first_contact"] == {
        Urgency.URGENT: hour, Urgency.HIGH: 4 * hour, Urgency.MEDIUM: 24 * hour, Urgency.LOW: 48 * hour,
    }  # fmt: skip
    for priority in Urgency:
        assert policy.targets["resolution"][priority] > policy.targets["first_contact"][priority]
    opened = sla.applied(None, ticket(), MONDAY)
    assert opened.sla_policy == "standard"
    acknowledge = target(opened, "acknowledge")
    assert acknowledge.due_at == MONDAY + timedelta(minutes=15)
    assert acknowledge.next_at == opened.sla_next_at == MONDAY + timedelta(minutes=15 * 0.75)


def test_the_zone_is_the_desks_unless_a_policy_names_one(tmp_path: Path) -> None:
    sla = policies(SEVERAL, tmp_path, "Asia/Tokyo")
    zones = {policy.name: policy.calendar.zone.key for policy in sla.policies}
    assert zones["standard"] == "Asia/Tokyo" and zones["printers"] == "America/New_York"


@pytest.mark.parametrize(
    ("category", "priority", "name"),
    [
        ("mail", "medium", "standard"),
        ("mail", "urgent", "urgent"),
        ("hardware", "medium", "hardware"),
        ("hardware/screens", "low", "hardware"),
        ("hardware/screens", "high", "urgent-hardware"),
        ("hardware/printers", "urgent", "printers"),
        ("hardware/printers/labels", "low", "printers"),
        ("hardwarehouse", "low", "standard"),
    ],
)
def test_the_most_specific_policy_holds(tmp_path: Path, category: str, priority: str, name: str) -> None:
    found = policies(SEVERAL, tmp_path).policy_for(ticket(category=category, priority=Urgency(priority)))
    assert found is not None and found.name == name


def test_what_a_policy_does_not_say_is_as_in_the_defaults(tmp_path: Path) -> None:
    sla = policies(SEVERAL, tmp_path)
    hardware = next(policy for policy in sla.policies if policy.name == "hardware")
    assert set(hardware.targets["acknowledge"].values()) == {300}
    assert hardware.targets["first_contact"] == {Urgency.URGENT: 3600, Urgency.HIGH: 14_400, Urgency.MEDIUM: 86_400}
    assert (hardware.warning, [level.roles for level in hardware.levels]) == (0.75, [(Role.ADMIN,)])


def test_without_a_policy_that_fits_nothing_is_promised(tmp_path: Path) -> None:
    sla = policies("policies: [{name: urgent, priorities: [urgent]}]", tmp_path)
    opened = sla.applied(None, ticket(), MONDAY)
    assert (opened.sla, opened.sla_policy, opened.sla_next_at) == ((), None, None)


def test_holidays_are_those_of_the_country_and_ones_own(tmp_path: Path) -> None:
    text = STANDARD + "    holidays: {country: FR, region: '57', dates: [2026-12-24], except: [2026-05-25]}\n"
    closed = only(policies(text, tmp_path)).calendar.holidays_of(2026)
    assert {date(2026, 7, 14), date(2026, 12, 26), date(2026, 12, 24)} <= closed, "the 26th is Moselle's own"
    assert date(2026, 5, 25) not in closed
    assert date(2027, 7, 14) in only(policies(text, tmp_path)).calendar.holidays_of(2027)


def test_hours_in_words(tmp_path: Path) -> None:
    text = (
        STANDARD + "    hours: {monday-thursday: [09:00-12:30, 13:30-18:00], friday: 09:00-12:00, sunday: 10:00-24:00}"
    )
    assert hours_of(only(policies(text, tmp_path)).calendar) == (
        "Mon-Thu 09:00-12:30 13:30-18:00, Fri 09:00-12:00, Sun 10:00-24:00 Europe/Paris"
    )
    assert hours_of(only(policies(STANDARD + "    hours: always", tmp_path)).calendar).startswith("day and night")


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("hours: {mondai: [09:00-18:00]}", "policy standard / hours: should name days such as monday"),
        ("hours: {monday: [18:00-09:00]}", "should end after it begins, not 18:00-09:00"),
        ("hours: {monday: [9-18]}", "should be hours such as 09:00-12:30, not 9-18"),
        ("hours: {monday: [09:00-25:00]}", "should be times of a day"),
        ("hours: {monday: [09:00-12:00, 11:00-14:00]}", "should have intervals one after the other"),
        ("hours: {monday-friday: [09:00-12:00], friday: [09:00-11:00]}", "should say the hours of friday once"),
        ("hours: {monday: []}", "should be open on at least one day"),
        ("hours: office", "should be `always`, or days"),
        ("targets: {first_contact: {urgent: 30}}", "policy standard / targets / first_contact: should be a duration"),
        ("targets: {first_contact: {urgent: 0 min}}", "should be a duration"),
        ("targets: {first_contact: {soon: 5 min}}", "should have priorities low, medium, high and urgent, not soon"),
        ("targets: {reply: 1 h}", "targets / reply: should be 'acknowledge', 'first_contact' or 'resolution'"),
        ("zone: Mars/Olympus", "policy standard / zone: should be an IANA time zone"),
        ("holidays: {country: XX}", "holidays / country: should be codes of ISO 3166"),
        ("holidays: {region: '57'}", "holidays / region: should come with a country"),
        ("holidays: {dates: [soon]}", "holidays / dates / entry 1: should be a date such as"),
        ("warning: 75", "policy standard / warning: should be less than 1"),
        (
            "levels: [{after: 2 h, tell: [lead]}, {after: 1 h, tell: [admin]}]",
            "levels: should come one after the other",
        ),
        ("levels: [{after: 2 h, tell: [boss]}]", "should be 'lead' or 'admin'"),
        ("levels: [{after: 2 h, tell: []}]", "tell: should not be empty"),
        ("priority: [urgent]", "policy standard / priority: is no word that guichet knows here"),
        ("category: moon", "policy standard: category: should be one of your categories, not moon"),
    ],
)
def test_what_is_wrong_is_named_with_what_it_should_be(tmp_path: Path, entry: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        policies(f"{STANDARD}    {entry}\n", tmp_path, categories={"hardware"})
    assert str(caught.value).startswith("GUICHET_SLA: ") and "sla.yaml" in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "should be a mapping with `policies`"),
        ("policies: []", "policies: should not be empty"),
        ("policies: [{hours: always}]", "entry 1 / name: should be there"),
        ("policies: [", "is not valid YAML"),
        ("defaults: {warning: soon}\n" + STANDARD, "defaults / warning"),
        (STANDARD + "  - name: other\n", "policy other: should not be for the same tickets as policy standard"),
        (STANDARD + "  - {name: standard, category: mail}\n", "policy standard: should have a name of its own"),
        (
            "policies: [{name: a, priorities: [high, urgent]}, {name: b, priorities: [urgent]}]",
            "policy b: should not be for the same tickets as policy a",
        ),
    ],
)
def test_a_file_that_is_wrong_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError, match="GUICHET_SLA: ") as caught:
        policies(text, tmp_path)
    assert says in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"GUICHET_SLA: .*nowhere\.yaml: cannot be read"):
        SlaPolicies.load(tmp_path / "nowhere.yaml")
    (tmp_path / "sla.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="is not text in UTF-8"):
        SlaPolicies.load(tmp_path / "sla.yaml")


def test_the_examples_in_the_file_that_ships_are_right(tmp_path: Path) -> None:
    """What is commented out in it can be uncommented."""
    shipped = (Path(__file__).parents[2] / "bot" / "sla" / "policies.yaml").read_text(encoding="utf-8")
    lines = []
    for line in shipped.splitlines():
        bare = line.lstrip()
        is_example = bare.startswith("# ") and (": " in bare or bare.rstrip().endswith(":")) and line.startswith("  ")
        lines.append(line.replace("# ", "", 1) if is_example and bare[2:3] in "zhcdeptn -" else line)
    sla = policies("\n".join(lines), tmp_path, categories={one.slug for one in Categories.load(None).records()})
    assert [policy.name for policy in sla.policies] == ["standard", "security", "wholly-unavailable"]
    assert date(2026, 12, 24) in sla.policies[0].calendar.holidays_of(2026)
