"""What the contract suite is to try on Slack: a method that is misspelt would leave its tests out without a word."""

from adapters.slack.adapter import SlackAdapter
from bot.ports.adapters import (
    CatchesUp,
    Edits,
    FindsPosted,
    Introduces,
    OpensForms,
    Reacts,
    SendsPrivately,
    TransfersFiles,
)

Declared = tuple[Edits, Reacts, Introduces, OpensForms, SendsPrivately, TransfersFiles, CatchesUp, FindsPosted]


def declared(adapter: SlackAdapter) -> Declared:
    """Types see that arguments and answers fit, too."""
    return adapter, adapter, adapter, adapter, adapter, adapter, adapter, adapter


def test_slack_can_do_all_that_an_adapter_may() -> None:
    for capability in Declared.__args__:  # type: ignore[attr-defined]
        assert issubclass(SlackAdapter, capability)
