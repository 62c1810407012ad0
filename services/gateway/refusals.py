"""The gateway's own reason codes; all others come from the services."""

from contracts.refusals import Reason, declare

declare(
    {
        "position-lost": Reason(
            410,
            "该位置之后的消息已不再保存。请先查询当前状态，再从最新消息听起（不带位置）。",
            "What follows this position is kept no longer. Ask for the present state, then listen without a position.",
        ),
    }
)
