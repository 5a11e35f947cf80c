"""Timelines, hashtags, conversations, search."""

from tests.fakes.mastodon.state import Conversation, Json, Status
from tests.fakes.mastodon.web_api import Call, Route
from tests.fakes.mastodon.world import Refused


def home(call: Call) -> list[Json]:
    me = call.me.id

    def mine(one: Status) -> bool:
        boosted = call.state.statuses[one.boost_of] if one.boost_of else None
        return call.world.at_home(me, one) and (boosted is None or call.state.may_see(me, boosted))

    return _page(call, mine)


def _page(call: Call, wanted: object) -> list[Json]:
    assert callable(wanted)
    return call.shown(call.page(filter(wanted, call.state.statuses.values()), lambda one: one.id))


def _open(call: Call, one: Status) -> bool:
    """Public, no boost, from where it is asked for, of nobody that is blocked or muted."""
    if one.visibility != "public" or one.boost_of or not call.state.may_see(call.viewer, one):
        return False
    author = call.state.author(one)
    if (call.flag("local") and author.domain) or (call.flag("remote") and not author.domain) or author.limited:
        return False
    if call.flag("only_media") and not one.media:
        return False
    me = call.viewer or ""
    return not (call.state.hides(me, author.id) or (me, author.id) in call.state.mutes)


def tag(call: Call) -> list[Json]:
    """Replies too; `any`, `all` and `none` are further hashtags."""
    some = {call.world.tag(one) for one in (call.ids[0], *call.several("any"))}
    every, none = ({call.world.tag(one) for one in call.several(name)} for name in ("all", "none"))

    def wanted(one: Status) -> bool:
        tags = set(one.tags)
        return bool(tags & some) and every <= tags and not tags & none and _open(call, one)

    return _page(call, wanted)


def public(call: Call) -> list[Json]:
    return _page(call, lambda one: _open(call, one) and one.reply_account in (None, one.account))


def _tag(call: Call) -> Json:
    name = call.world.tag(call.ids[0])
    url = f"https://{call.shapes.domain}/tags/{name}"
    following = {"following": name in call.me.followed_tags} if call.viewer else {}
    return {"id": name, "name": name, "url": url, "history": [], **following}


def follow_tag(call: Call) -> Json:
    call.me.followed_tags.add(call.world.tag(call.ids[0]))
    return _tag(call)


def unfollow_tag(call: Call) -> Json:
    call.me.followed_tags.discard(call.world.tag(call.ids[0]))
    return _tag(call)


def conversations(call: Call) -> list[Json]:
    mine = [
        one
        for one in call.state.conversations.values()
        if one.account == call.me.id and one.last in call.state.statuses
    ]
    return [call.shapes.conversation(one) for one in call.page(mine, lambda one: one.last)]


def _conversation(call: Call) -> Conversation:
    found = call.state.conversations.get(call.ids[0])
    if not found or found.account != call.me.id:
        raise Refused(404, "Record not found")
    return found


def read(call: Call) -> Json:
    call.me.read.add(_conversation(call).id)
    return call.shapes.conversation(_conversation(call))


def forget(call: Call) -> Json:
    del call.state.conversations[_conversation(call).id]
    return {}


def search(call: Call) -> Json:
    """By name or by address."""
    wanted, kind = call.text("q").strip(), call.text("type")
    name = wanted.lower().lstrip("@#")
    accounts = [
        one for one in call.state.accounts.values() if name in (one.acct.lower(), call.shapes.page(one).lower())
    ]
    statuses = [
        one
        for one in call.state.statuses.values()
        if call.state.may_see(call.viewer, one) and wanted in (_address(call, one, page=True), _address(call, one))
    ]
    tags = sorted({tag for one in call.state.statuses.values() for tag in one.tags if tag.startswith(name)})
    return {
        "accounts": [call.shapes.account(one) for one in accounts] if kind in ("", "accounts") else [],
        "statuses": call.shown(statuses) if kind in ("", "statuses") else [],
        "hashtags": [{"name": one, "url": f"https://{call.shapes.domain}/tags/{one}"} for one in tags]
        if kind in ("", "hashtags") and name
        else [],
    }


def _address(call: Call, status: Status, *, page: bool = False) -> str:
    shape = call.shapes.status(status, call.viewer)
    return str(shape["url" if page else "uri"])


ROUTES = {
    "GET /api/v1/timelines/home": Route(home, "read:statuses"),
    "GET /api/v1/timelines/public": Route(public, "read:statuses", "open"),
    "GET /api/v1/timelines/tag/{tag}": Route(tag, "read:statuses", "open"),
    "GET /api/v1/tags/{tag}": Route(_tag, kind="open"),
    "POST /api/v1/tags/{tag}/follow": Route(follow_tag, "write:follows"),
    "POST /api/v1/tags/{tag}/unfollow": Route(unfollow_tag, "write:follows"),
    "GET /api/v1/conversations": Route(conversations, "read:statuses"),
    "POST /api/v1/conversations/{id}/read": Route(read, "write:conversations"),
    "DELETE /api/v1/conversations/{id}": Route(forget, "write:conversations"),
    "GET /api/v2/search": Route(search, "read:search"),
}
