"""Reason codes of notify."""

from ..refusals import Reason, declare

declare(
    {
        "unknown-notice": Reason(404, "没有这条消息。", "No such message."),
        "endpoint-exists": Reason(
            409,
            "推送地址编号 {endpoint_id} 已使用。请换新编号。",
            "Endpoint {endpoint_id} exists already. Use a new id.",
        ),
        "unknown-endpoint": Reason(404, "没有这个推送地址 {endpoint_id}。", "No endpoint {endpoint_id}."),
        "address-not-allowed": Reason(
            422,
            "推送地址不可用:须为公网地址或管理员许可的内网地址。",
            "The address is not allowed: use a public one, or ask the administrator to allow the network.",
        ),
    }
)
