"""A Slack on loopback, for the real slack_bolt and slack_sdk: Web API, Socket Mode, signed HTTP, interactivity, faults.

    slack = FakeSlack()                                  # Socket Mode; request_urls=[…]: HTTP mode
    async with slack.running():
        # for the app: slack.api_url, .bot_token, .app_token, .signing_secret; slack.bot.id, slack.team.id
        ada = slack.person("Ada Lovelace", email="ada@example.com", locale="fr-FR", tz="Europe/Paris")
        room = slack.channel("help", [ada])              # private=, shared=, archived=, group=, bot=False
        said = await ada.says(room, "@guichet hello")    # a Message (.ts, .channel); files=[("a.png", b"…")]
        await ada.says(ada.dm(), "hello")
        await ada.says(room, "more", thread=said)
        seen = await slack.until(lambda: slack.messages(room, thread=said, by_bot=True))
        ack = await ada.presses(seen[0], "It worked")    # by label or action id; Ack(seconds, payload, reason)
        view = await ada.sees_modal("New ticket")        # or ada.modal(), ada.home()
        await ada.submits(view, {"Subject": "…"})        # by label; ack.payload["errors"] if it was refused
        await ada.closes(view)
        await ada.reacts(said, "ticket")                 # unreacts, edits, deletes
        await ada.asks("/ask", "how?", room)
        await ada.uses_shortcut("open_ticket", said)
        await ada.opens_home()

`slack.messages(channel, thread=None)` is what stands there now, a list of Seen: text, buttons, edited,
ephemeral_to, reactions, files; its `message` has blocks and metadata. `slack.posts()`: all of the app's.
`slack.calls` and `slack.called(method)`: what the app called. `slack.acks`: how fast it acknowledged.
`slack.harm()`: whom it notified by mistake.
`slack.transcript()`: everything, to read. `await slack.quiet()` waits until nothing goes on any more.

`slack.faults` has the switches (see Faults: copies, limit_every, lose_every, latency, cut_every, hang, deaf,
break_every, pace) and what befalls the next calls (refuse, rate_limit, lose_answer, cut, break_down), counted in
`happened`.
`await slack.stop()` and `start()` keep people, messages and address. Also `slack.sockets.cut()`, `warn()`, `refresh()`;
`slack.http.verify()`; `slack.archives`, `kicks_bot`, `invites_bot`, `revokes`, `unfurls`; `person.becomes(locale=…)`.

`python -m tests.fakes.slack --port 4000 --state slack.pickle` runs one alone; `slack_process` starts such a one and
gives a RemoteSlack to drive it, with the commands of `control.Control`; `load` has many questions at a pace.
"""

from tests.fakes.slack.control import RemoteSlack, slack_process
from tests.fakes.slack.deliveries import Ack
from tests.fakes.slack.faults import Faults
from tests.fakes.slack.harm import Harm
from tests.fakes.slack.people import Person
from tests.fakes.slack.rendering import Seen
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.state import Channel, Message, State, View
from tests.fakes.slack.web_api import Called

__all__ = [
    "Ack",
    "Called",
    "Channel",
    "FakeSlack",
    "Faults",
    "Harm",
    "Message",
    "Person",
    "RemoteSlack",
    "Seen",
    "State",
    "View",
    "slack_process",
]
