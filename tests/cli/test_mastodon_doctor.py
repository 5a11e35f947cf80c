"""The doctor on Mastodon, as it is run; what it finds is tried with the adapter."""

import pytest

from tests.adapters.mastodon.test_examine import lines
from tests.cli.conftest import Run
from tests.fakes.mastodon_beside import mastodon_beside


def test_a_desk_that_is_well_and_one_without_mastodon(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lines(run("doctor").stdout) == []
    with mastodon_beside() as beside:
        beside.mastodon.accepts()
        monkeypatch.setenv("GUICHET_MASTODON_URL", beside.mastodon.url)
        monkeypatch.setenv("GUICHET_PUBLIC_URL", "https://desk.example.org")
        begun = run("doctor")
        assert lines(begun.stdout)[0].startswith("! mastodon there is a server and no token")
        assert "guichet mastodon login" in lines(begun.stdout)[1]
        monkeypatch.setenv("GUICHET_MASTODON_TOKEN", beside.mastodon.token)
        monkeypatch.setenv("GUICHET_MASTODON_HASHTAGS", "acme, printer")
        result = run("doctor")
        assert lines(result.stdout) == [
            f"✓ mastodon {beside.mastodon.url} (Mastodon 4.5.2) as @guichet@masto.example",
            "✓ mastodon posts of up to 500 characters; longer answers are threads",
            "✓ mastodon watched: #acme, #printer",
            "✓ mastodon direct messages of strangers come in",
            "✓ mastodon the server streams: what is written is heard at once",
        ]
        assert beside.mastodon.token not in result.output
