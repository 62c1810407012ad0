"""Reason codes of volunteers."""

from ..refusals import Reason, declare

declare(
    {
        "team-exists": Reason(
            409, "服务队 {team_id} 已登记。请换新编号。", "Team {team_id} is registered already. Use a new id."
        ),
        "unknown-team": Reason(404, "没有这个服务队 {team_id}。请先登记。", "No team {team_id}. Register it first."),
        "already-volunteer": Reason(
            409,
            "此人已是该队志愿者。可直接接班次。",
            "The person is a volunteer of this team already. She may take shifts.",
        ),
        "volunteer-exists": Reason(
            409,
            "志愿者编号 {volunteer_id} 已使用。请换新编号。",
            "Volunteer {volunteer_id} exists already. Use a new id.",
        ),
        "unknown-volunteer": Reason(
            404,
            "没有这个志愿者 {volunteer_id}。请核对编号，或先登记。",
            "No volunteer {volunteer_id}. Check the id, or register her first.",
        ),
        "volunteer-withdrawn": Reason(
            409,
            "此人已退出该志愿服务队，记录保留。征得同意后可重新登记。",
            "She has left the team; the record stays. With her consent she may join again.",
        ),
        "shift-exists": Reason(
            409, "班次 {shift_id} 已存在。请换新编号。", "Shift {shift_id} exists already. Use a new id."
        ),
        "unknown-shift": Reason(404, "没有这个班次 {shift_id}。请核对编号。", "No shift {shift_id}. Check the id."),
        "shift-filled": Reason(
            409, "班次已满 {needed} 人。请选其他班次。", "The shift has its {needed} helpers. Choose another."
        ),
        "shift-over": Reason(
            409,
            "班次已结束。请选其他班次。",
            "The shift is over. Take another.",
        ),
        "overlaps": Reason(
            409,
            "与已接班次 {shift_id} 时间重叠。请先退出其一。",
            "It overlaps shift {shift_id} that you took. Leave one of them first.",
        ),
        "already-assigned": Reason(
            409, "已接该班次。不必再做什么。", "The volunteer has this shift already. Nothing is left to do."
        ),
        "risk-not-acknowledged": Reason(
            422,
            "尚未确认知晓风险告知。请阅读并确认后再接班次。",
            "The risk notice is not acknowledged. Read and acknowledge it, then take the shift.",
        ),
        "not-assigned": Reason(
            422,
            "志愿者未接该班次，不能签到。请先接班。",
            "The volunteer did not take this shift. Take it first.",
        ),
        "already-open": Reason(
            409, "已有未签退的服务 {stint_id}。请先签退。", "Stint {stint_id} is still open. Check out first."
        ),
        "stint-overlaps": Reason(
            409,
            "与另一段服务时间重叠。请核对时间。",
            "It overlaps another stint of this person. Check the times.",
        ),
        "stint-exists": Reason(
            409, "服务编号 {stint_id} 已使用。请换新编号。", "Stint {stint_id} exists already. Use a new id."
        ),
        "unknown-stint": Reason(404, "没有这段服务 {stint_id}。请核对编号。", "No stint {stint_id}. Check the id."),
        "stint-closed": Reason(
            409,
            "该段服务已签退。时长有误请由他人冲正。",
            "The stint is closed already. If its minutes are wrong, have them reversed by somebody else.",
        ),
        "stint-not-closed": Reason(409, "尚未签退，不能审核。请先签退。", "The stint is still open. Check out first."),
        "already-credited": Reason(
            409,
            "该段服务时长已记入。如有误请冲正。",
            "The minutes of this stint are credited already. Reverse them if they are wrong.",
        ),
        "stint-rejected": Reason(
            409,
            "该段服务已审核为不计入。如有异议可申诉。",
            "It was decided that this stint is not credited. The volunteer may contest that.",
        ),
        "same-person": Reason(
            403,
            "不能审核自己的或自己登记的时长。请由他人审核。",
            "Nobody approves minutes that are or were recorded by oneself. Ask somebody else.",
        ),
        "daily-cap-exceeded": Reason(
            422,
            "当日时长超过上限 {cap} 分钟。请核实；多出的服务可审核为不计入。",
            "More than {cap} minutes in one day. Check the record, and reject what is too much.",
        ),
        "unknown-entry": Reason(404, "没有这条时长记录。请核对编号。", "No such ledger entry. Check the id."),
        "already-reversed": Reason(
            409, "该时长已冲正。请查看时长台账。", "The entry is reversed already. Look at the ledger."
        ),
        "no-hours": Reason(
            422,
            "该期间没有已记入的时长。请核对期间。",
            "No credited minutes in this period. Check the period.",
        ),
        "stints-pending": Reason(
            409,
            "还有 {count} 段服务待审核。请先审核。",
            "{count} stints still wait for approval. Approve them first.",
        ),
        "certificate-exists": Reason(
            409,
            "证明编号 {certificate_id} 已使用。请换新编号。",
            "Certificate {certificate_id} exists already. Use a new id.",
        ),
        "unknown-certificate": Reason(
            404,
            "查无此证明，或校验码不符。请核对。",
            "No such certificate, or the check code is wrong. Check both.",
        ),
        "clearance-exists": Reason(
            409,
            "核查编号 {clearance_id} 已使用。请换新编号。",
            "Clearance {clearance_id} exists already. Use a new id.",
        ),
        "unknown-clearance": Reason(404, "没有这条核查记录。请核对编号。", "No such clearance. Check the id."),
        "clearance-ended": Reason(409, "该核查已失效。请重新核查。", "The clearance has ended already. Check anew."),
        "clearance-times-wrong": Reason(
            422,
            "核查日期不能晚于今天，有效期须在今天以后、核查日起 12 个月以内。请更正日期。",
            "A check was made by today and holds from today on, at most 12 months from the check. Correct the dates.",
        ),
        "clears-oneself": Reason(
            403,
            "不能登记或撤销自己的核查。请由他人办理。",
            "Nobody records or withdraws a clearance of her own. Ask somebody else.",
        ),
        "unknown-assignment": Reason(404, "没有这条接班记录。请核对编号。", "No such assignment. Check the id."),
        "assignment-released": Reason(
            409,
            "该班次已退出。如仍要参加，请重新接班次。",
            "The place was given back already. To come all the same, take the shift again.",
        ),
    }
)
