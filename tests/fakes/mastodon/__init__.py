"""A Mastodon on loopback, for the real Mastodon.py: the client API, OAuth, streaming, other servers' oddities, faults.

    mastodon = FakeMastodon()                            # quirks=Quirks.pleroma(), max_characters=, bot=False, domain=
    async with mastodon.running():
        # for the app: mastodon.url, .token (all scopes); mastodon.bot (an Account: .id, .acct, .bot)
        ada = mastodon.person("ada", language="fr")      # or ada@elsewhere.example; found again by handle
        said = await ada.says("@guichet my #printer is broken")       # a Status (.id); @name of whom there is
        await ada.says("@guichet hello", visibility="direct", cw="…", files=[("a.png", b"…", "what it shows")])
        await ada.says("@guichet more", to=said)         # an answer; its visibility and warning are those of `to`
        await ada.says("late #printer", ago=90)          # arrives late, with the time and id of when it was written
        seen = await mastodon.until(lambda: mastodon.replies(said))   # the bot's answers, as Seen
        await ada.edits(said, "…")                       # deletes, boosts, favourites, votes
        ada.follows(); ada.blocks(); ada.mutes(); ada.reports(seen[0])     # the bot, or whom one names
        ada.sees(seen[0]); ada.home(); ada.told("mention"); ada.dms()   # what is there for her
        code = await mastodon.authorises(address)        # the bot's holder says yes on the OAuth page

`mastodon.posts()` is all that the bot wrote and that stands, `thread(which)` a whole thread: lists of Seen (text,
visibility, cw, language, to, tags, files, edited, …). `calls` and `called("POST /api/v1/statuses")`: what the app
called. `reports`, `transcript()`. `streams.sent`: every event; `streams.connections`, `connected`, `heartbeat`.
`await mastodon.quiet()` waits until nothing is posted or changed any more.

As on a real Mastodon: 300 calls in 5 minutes for each account (`api.rate`, 0: without end); direct messages that nobody
asked for *directly*, of people that one does not follow, are kept back as *filtered notifications* (no notification, no
event, no conversation) until they are accepted or the policy says otherwise (`mastodon.accepts()` sets the bot's). The
people here have that policy too (`ada.held()`), those on other servers are always told. No event tells who does not
follow the author of an edit. A post without a language is in English.

`mastodon.quirks` says what the server lacks or does in its own way (see Quirks: ids, streaming, version, html, without,
missing, idempotency, rate_limit_headers, notifications_in_order, pages_in_order, link_headers, min_id, mention_ids,
unauthorised, ancestors, content_type, …); `Quirks.pleroma()`, `gotosocial()` and `misskey()` are such servers.
`mastodon.faults` has the switches (see Faults: copies, poll_copies, limit_every, lose_every, break_every, latency,
cut_every, drop_every, deaf, hang, mute, skew, processing) and what befalls the next calls (refuse, rate_limit,
lose_answer, cut, break_down), counted in `happened`.
`await mastodon.stop()` and `start()`, or `restart()`, keep people, posts and addresses. Also `streams.cut()`,
`revokes()`, `freezes()`, `emoji("blobcat")`, `token_for(ada)`, `ada.becomes(display_name=…)`, `save(path)` and
`FakeMastodon(state=State.load(path))`.

`python -m tests.fakes.mastodon --port 4000 --state mastodon.pickle --like pleroma` runs one alone; `mastodon_process`
starts such a one and gives a RemoteMastodon to drive it, with the commands of `control.Control`. `clients` has the real
Mastodon.py for tests: `client`, `heard` (a stream), `run` (in a thread: in the loop's own it would wait forever).
"""

from tests.fakes.mastodon.control import RemoteMastodon, mastodon_process
from tests.fakes.mastodon.faults import Faults
from tests.fakes.mastodon.people import Person
from tests.fakes.mastodon.quirks import Quirks
from tests.fakes.mastodon.rendering import Seen
from tests.fakes.mastodon.server import FakeMastodon
from tests.fakes.mastodon.state import Account, Notification, State, Status
from tests.fakes.mastodon.web_api import Called

__all__ = [
    "Account",
    "Called",
    "FakeMastodon",
    "Faults",
    "Notification",
    "Person",
    "Quirks",
    "RemoteMastodon",
    "Seen",
    "State",
    "Status",
    "mastodon_process",
]
