"""Reason codes of notify."""

from ..refusals import Reason, declare

declare(
    {
        "unknown-notice": Reason(404, "没有这条消息。请核对编号。", "No such message. Check the id."),
        "endpoint-exists": Reason(
            409,
            "推送地址编号 {endpoint_id} 已使用。请换新编号。",
            "Endpoint {endpoint_id} exists already. Use a new id.",
        ),
        "unknown-endpoint": Reason(
            404, "没有这个推送地址 {endpoint_id}。请核对编号。", "No endpoint {endpoint_id}. Check the id."
        ),
        "address-not-allowed": Reason(
            422,
            "推送地址不可用。请使用公网地址，或请管理员许可该内网。",
            "The address is not allowed. Use a public one, or ask the administrator to allow the network.",
        ),
    }
)
