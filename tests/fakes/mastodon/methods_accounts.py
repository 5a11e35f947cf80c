"""Accounts: one's own, others', and what is between them."""

from collections.abc import Callable

from tests.fakes.mastodon.state import Account, Json, Report, Status
from tests.fakes.mastodon.web_api import Call, Route
from tests.fakes.mastodon.world import NARROWER, Refused


def verify(call: Call) -> Json:
    return call.shapes.own(call.me)


def update(call: Call) -> Json:
    me = call.me
    me.bot, me.locked = call.flag("bot", me.bot), call.flag("locked", me.locked)
    me.discoverable = call.flag("discoverable", me.discoverable)
    me.display_name, me.note = call.text("display_name", me.display_name), call.text("note", me.note)
    if fields := call.params.get("fields_attributes"):
        rows = fields.values() if isinstance(fields, dict) else fields
        me.fields = [(str(one.get("name", "")), str(one.get("value", ""))) for one in rows]
        if len(me.fields) > 4:
            raise Refused(422, "Validation failed: Fields can't have more than 4")
    source = call.params.get("source") or {}
    if (privacy := source.get("privacy")) in NARROWER:
        me.privacy = privacy
    me.language = source.get("language", me.language)
    if len(me.display_name) > 30:
        raise Refused(422, "Validation failed: Display name is too long (maximum is 30 characters)")
    return call.shapes.own(me)


def show(call: Call) -> Json:
    return call.shapes.account(call.the_account())


def several(call: Call) -> list[Json]:
    found = (call.state.accounts.get(one) for one in call.several("id"))
    return [call.shapes.account(one) for one in found if one]


def lookup(call: Call) -> Json:
    username, _, domain = call.text("acct").removeprefix("@").partition("@")
    if not (found := call.world.find(username, domain or None)):
        raise Refused(404, "Record not found")
    return call.shapes.account(found)


def search(call: Call) -> list[Json]:
    wanted = call.text("q").removeprefix("@").lower()
    accounts = call.state.accounts.values()
    found = [one for one in accounts if wanted in one.acct.lower() or wanted in one.display_name.lower()]
    return [call.shapes.account(one) for one in found[: call.number("limit", 40)]]


def relationships(call: Call) -> list[Json]:
    return [call.shapes.relationship(call.me.id, one) for one in call.several("id") if one in call.state.accounts]


def statuses(call: Call) -> list[Json]:
    author = call.the_account()
    if call.viewer and (author.id, call.viewer) in call.state.blocks:
        return []

    def wanted(one: Status) -> bool:
        if not call.state.may_see(call.viewer, one):
            return False
        if one.visibility == "direct" and not call.world.quirks.lists_direct:
            return False
        answers_another = one.reply_to and one.reply_account != author.id
        return not (
            (call.flag("exclude_replies") and answers_another)
            or (call.flag("exclude_reblogs") and one.boost_of)
            or (call.flag("only_media") and not one.media)
            or (call.flag("pinned") and (author.id, one.id) not in call.state.pinned)
            or (call.text("tagged") and call.world.tag(call.text("tagged")) not in one.tags)
        )

    return call.shown(call.page(filter(wanted, call.state.by(author.id)), lambda one: one.id))


def _between(act: Callable[[Call, Account], None]) -> Callable[[Call], Json]:
    """Something done to an account, answered with what is between both then."""

    def method(call: Call) -> Json:
        other = call.the_account()
        if other.id == call.me.id:
            raise Refused(403, "This action is not allowed")
        act(call, other)
        call.world.changes += 1
        return call.shapes.relationship(call.me.id, other.id)

    return method


def _mute(call: Call, other: Account) -> None:
    call.state.mutes[call.me.id, other.id] = call.flag("notifications", True)


def _unmute(call: Call, other: Account) -> None:
    call.state.mutes.pop((call.me.id, other.id), None)


def _note(call: Call, other: Account) -> None:
    call.state.notes[call.me.id, other.id] = call.text("comment")


def _removed(call: Call, other: Account) -> None:
    call.state.follows.discard((other.id, call.me.id))


follow = _between(lambda call, other: call.world.follow(call.me.id, other.id))
unfollow = _between(lambda call, other: call.world.unfollow(call.me.id, other.id))
block = _between(lambda call, other: call.world.block(call.me.id, other.id))
unblock = _between(lambda call, other: call.state.blocks.discard((call.me.id, other.id)))
mute = _between(_mute)
unmute = _between(_unmute)
note = _between(_note)
remove = _between(_removed)


def _people(whom: Callable[[Call], list[str]]) -> Callable[[Call], list[Json]]:
    def method(call: Call) -> list[Json]:
        found = call.page(whom(call), lambda one: one, 40, 80)
        return [call.shapes.account(call.state.accounts[one]) for one in found]

    return method


followers = _people(lambda call: [who for who, whom in call.state.follows if whom == call.the_account().id])
following = _people(lambda call: [whom for who, whom in call.state.follows if who == call.the_account().id])
mutes = _people(lambda call: [whom for who, whom in call.state.mutes if who == call.me.id])
blocks = _people(lambda call: [whom for who, whom in call.state.blocks if who == call.me.id])
asking = _people(lambda call: [who for who, whom in call.state.asked if whom == call.me.id])


def authorize(call: Call) -> Json:
    who = call.the_account()
    if (who.id, call.me.id) not in call.state.asked:
        raise Refused(404, "Record not found")
    call.state.asked.discard((who.id, call.me.id))
    call.state.follows.add((who.id, call.me.id))
    return call.shapes.relationship(call.me.id, who.id)


def reject(call: Call) -> Json:
    call.state.asked.discard((call.the_account().id, call.me.id))
    return call.shapes.relationship(call.me.id, call.ids[0])


def report(call: Call) -> Json:
    about = call.the_account(call.text("account_id"))
    made = Report(
        call.world.new_id("report"),
        call.me.id,
        about.id,
        call.several("status_ids"),
        call.text("comment"),
        call.text("category", "other"),
        call.world.now(),
        call.flag("forward"),
    )
    call.state.reports.append(made)
    return {
        "id": made.id,
        "action_taken": False,
        "action_taken_at": None,
        "category": made.category,
        "comment": made.comment,
        "forwarded": made.forward,
        "created_at": made.created.isoformat(),
        "status_ids": made.statuses,
        "rule_ids": None,
        "target_account": call.shapes.account(about),
    }


_ONE = "/api/v1/accounts/{id}"
ROUTES = {
    "GET /api/v1/accounts/verify_credentials": Route(verify, "read:accounts"),
    "PATCH /api/v1/accounts/update_credentials": Route(update, "write:accounts"),
    "GET /api/v1/accounts/lookup": Route(lookup, kind="open"),
    "GET /api/v1/accounts/search": Route(search, "read:accounts"),
    "GET /api/v1/accounts/relationships": Route(relationships, "read:follows"),
    "GET /api/v1/accounts": Route(several, kind="open"),
    f"GET {_ONE}": Route(show, kind="open"),
    f"GET {_ONE}/statuses": Route(statuses, kind="open"),
    f"GET {_ONE}/followers": Route(followers, kind="open"),
    f"GET {_ONE}/following": Route(following, kind="open"),
    f"POST {_ONE}/follow": Route(follow, "write:follows"),
    f"POST {_ONE}/unfollow": Route(unfollow, "write:follows"),
    f"POST {_ONE}/remove_from_followers": Route(remove, "write:follows"),
    f"POST {_ONE}/block": Route(block, "write:blocks"),
    f"POST {_ONE}/unblock": Route(unblock, "write:blocks"),
    f"POST {_ONE}/mute": Route(mute, "write:mutes"),
    f"POST {_ONE}/unmute": Route(unmute, "write:mutes"),
    f"POST {_ONE}/note": Route(note, "write:accounts"),
    "GET /api/v1/mutes": Route(mutes, "read:mutes"),
    "GET /api/v1/blocks": Route(blocks, "read:blocks"),
    "GET /api/v1/follow_requests": Route(asking, "read:follows"),
    "POST /api/v1/follow_requests/{id}/authorize": Route(authorize, "write:follows"),
    "POST /api/v1/follow_requests/{id}/reject": Route(reject, "write:follows"),
    "POST /api/v1/reports": Route(report, "write:reports"),
}
