"""Slack's mark-up becomes what the person meant."""

import time

import pytest

from adapters.slack.plain import mentions, plain, unknown_people, with_names

STUCK = 5.0  # seconds of work

NAMES = {"U01ADA": "Ada Martin", "C01GEN": "general"}


def shown(text: str) -> str:
    return plain(text, bot="U0BOT", user_name=lambda id: NAMES.get(id, ""), channel_name=lambda id: NAMES.get(id, ""))


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("hello", "hello"),
        ("<@U0BOT> the VPN is down", "the VPN is down"),
        ("<@U0BOT|guichet>: the VPN is down", "the VPN is down"),
        ("hey <@U0BOT>, the VPN is down", "hey, the VPN is down"),
        ("the VPN is down <@U0BOT>", "the VPN is down"),
        ("<@U0BOT> !claim T12", "!claim T12"),
        ("ask <@U01ADA>", "ask @Ada Martin"),
        ("ask <@U09WHO>", "ask @U09WHO"),
        ("ask <@U09WHO|zoe>", "ask @zoe"),
        ("see <#C01GEN>", "see #general"),
        ("see <#C02XYZ|support>", "see #support"),
        ("see <#C02XYZ|>", "see #C02XYZ"),
        ("<!here> <!channel> <!everyone>", "@here @channel @everyone"),
        ("<!subteam^S01|@it-team> help", "@it-team help"),
        ("<!subteam^S01> help", "@subteam help"),
        ("<!date^1392734382^{date}|18 Feb 2014>", "18 Feb 2014"),
        ("<https://intra.example/a_b_c>", "https://intra.example/a_b_c"),
        ("<https://intra.example/kb|the wiki>", "the wiki (https://intra.example/kb)"),
        ("<http://intra.example|intra.example>", "http://intra.example"),
        ("<mailto:ada@example.org|ada@example.org>", "ada@example.org"),
        ("<tel:+33142|01 42>", "01 42 (+33142)"),
        ("5 &lt; 6 &amp;&amp; 7 &gt; 6", "5 < 6 && 7 > 6"),
        ("&amp;lt;", "&lt;"),
        ("*very* _slow_ ~today~", "very slow today"),
        ("*_both_*", "both"),
        ("*the <https://a.example|portal> is down*", "the portal (https://a.example) is down"),
        ("3 * 4 * 5", "3 * 4 * 5"),
        ("snake_case_name and /opt/_x_/y", "snake_case_name and /opt/_x_/y"),
        ("run `ip *a* &amp; x`", "run ip *a* & x"),
        ("```\nError <https://a.example> *0x80*\n```", "Error https://a.example *0x80*"),
        ("&gt; quoted", "> quoted"),
        ("", ""),
        ("\ue0000\ue001 <@U01ADA>", "0 @Ada Martin"),
    ],
)
def test_text_reads_as_it_was_typed(sent: str, read: str) -> None:
    assert shown(sent) == read


def test_only_the_bots_own_name_addresses_it() -> None:
    assert mentions("hey <@U0BOT>!", "U0BOT")
    assert mentions("hey <@U0BOT|guichet>", "U0BOT")
    assert not mentions("hey <@U0BOTTLE>", "U0BOT")
    assert not mentions("hey @U0BOT", "U0BOT")
    assert not mentions("hey <@>", "")


def test_ids_become_names_once_they_are_known() -> None:
    text = "ask @U09WHO or @U09WHO, not ada@U09WHO.example or @Ada"
    assert unknown_people(text) == ["U09WHO"]
    assert with_names(text, {"U09WHO": "Zoé"}) == "ask @Zoé or @Zoé, not ada@U09WHO.example or @Ada"
    assert with_names(text, {}) == text


@pytest.mark.parametrize("piece", ["*a ", "_", "<", "`", "``` ", "<@U0BOT> ", "&", "<a|", "*_~", " \t"])
def test_no_text_takes_long_to_read(piece: str) -> None:
    started = time.thread_time()
    shown((piece * 40_000)[:40_000])
    assert time.thread_time() - started < STUCK
