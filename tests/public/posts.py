"""Posts for tests."""

from dataclasses import replace

from bot.model.ids import new_id
from bot.model.public import PublicPost
from bot.model.values import Language
from tests.engine.desk import START


def a_post(**options: object) -> PublicPost:
    made = PublicPost(
        platform="test",
        account="T",
        native_id="1",
        root="1",
        handle="ada@example.social",
        person_id=new_id(),
        conversation_id=new_id(),
        found_by="mention",
        reach="public",
        text="hello",
        language=Language.EN,
        sent_at=START,
        seen_at=START,
        message_id=new_id(),
        token="t",
    )
    return replace(made, **options)  # type: ignore[arg-type]
