"""Reason codes of the door, of children in care and of health notes."""

from ..refusals import Reason, declare

declare(
    {
        "session-blocked": Reason(
            409,
            "场次暂不能开放（{why}）。请安排已通过核查的替补志愿者。",
            "The session may not open ({why}). Send cleared volunteers as substitutes.",
        ),
        "unknown-code": Reason(
            422,
            "签到码无法识别。请核对，或由工作人员代为签到。",
            "The pass or code is not known. Check it, or have staff check the person in.",
        ),
        "code-stale": Reason(
            422,
            "现场码已过期。请看现场屏幕上的新码再试。",
            "The on-site code is stale. Look at the screen at the door and use the new one.",
        ),
        "evidence-missing": Reason(
            422,
            "该方式须附凭证（如签到表照片）。请补充后重试。",
            "This method needs evidence, such as a photo of the sheet. Add it and try again.",
        ),
        "dwell-too-short": Reason(
            422,
            "线上参加不足 {needed} 分钟，不计入。请在达到时长后登记。",
            "Online attendance counts from {needed} minutes on. Record it once they are reached.",
        ),
        "method-not-possible": Reason(
            422,
            "该场次的形式为 {mode}，不能以 {method} 方式签到。请换签到方式。",
            "The session is {mode}: nobody checks in by {method}. Use another method.",
        ),
        "no-walk-in-seat": Reason(
            409,
            "没有可供现场参加的名额。请登记其他场次，或只计入现场人数。",
            "No seat is left for a walk-in. Choose another session, or count the head only.",
        ),
        "hand-over-needed": Reason(
            422,
            "该儿童须当面交接给接送人。请办理交接。",
            "This child leaves by a hand-over only. Hand the child over instead.",
        ),
        "check-in-over": Reason(
            422,
            "签到已于 {until_time} 截止。请核对时间，或由工作人员更正。",
            "Check-in ended at {until_time}. Check the time, or have staff correct it.",
        ),
        "no-seat-yet": Reason(
            409,
            "该报名尚未确认名额，没有签到码。请等待确认。",
            "The enrolment has no seats yet, so there is no pass. Wait for the confirmation.",
        ),
        "headcount-exists": Reason(
            409,
            "现场人数编号 {headcount_id} 已使用。请换新编号。",
            "Headcount {headcount_id} exists already. Use a new id.",
        ),
        "pick-up-exists": Reason(
            409,
            "此人已获授权接送该儿童（{pick_up_id}）。无需再次登记。",
            "That person may fetch the child already ({pick_up_id}). Nothing to do.",
        ),
        "unknown-pick-up": Reason(404, "没有这条接送授权。请核对编号。", "No such authorisation. Check the id."),
        "pick-up-ended": Reason(
            409,
            "该接送授权已终止。如需接送，请监护人重新授权。",
            "The authorisation has ended already. If it is needed, the guardian gives a new one.",
        ),
        "not-a-child": Reason(
            422,
            "仅适用于 14 周岁以下儿童。请核对人员。",
            "This is for children under 14 only. Check the person.",
        ),
        "not-the-guardian": Reason(
            403,
            "只能由登记的监护人作出。请联系监护人。",
            "Only the registered guardian may do this. Ask the guardian.",
        ),
        "too-young-to-fetch": Reason(
            422,
            "接送人须年满 18 周岁。请另选接送人。",
            "Whoever fetches a child must be 18 or older. Name somebody else.",
        ),
        "hand-over-exists": Reason(
            409,
            "交接编号 {hand_over_id} 已使用。请换新编号。",
            "Hand-over {hand_over_id} exists already. Use a new id.",
        ),
        "already-left": Reason(
            409,
            "该儿童已于 {since} 离开。请核对交接记录。",
            "The child left at {since}. Look at the hand-over record.",
        ),
        "not-authorised": Reason(
            403,
            "此人未获授权接走该儿童。请勿交出，并联系监护人。",
            "That person may not fetch this child. Do not hand the child over; call the guardian.",
        ),
        "second-check-needed": Reason(
            422,
            "须由另一名当班人员复核（{why}）。请复核后再交接。",
            "A second person on duty must check first ({why}). Have it checked, then hand over.",
        ),
        "health-note-exists": Reason(
            409,
            "健康提示编号 {note_id} 已使用。请换新编号。",
            "Health note {note_id} exists already. Use a new id.",
        ),
        "unknown-health-note": Reason(404, "没有这条健康提示。请核对编号。", "No such health note. Check the id."),
        "date-wrong": Reason(
            422,
            "有效期须在今天至一年之内。请更正日期。",
            "The last day lies between today and a year from now. Correct the date.",
        ),
        "not-today": Reason(
            403,
            "健康提示仅在活动当天可见（{day}）。请当天查看。",
            "Health notes are open on the day only ({day}). Come back then.",
        ),
        "not-on-duty": Reason(
            403,
            "仅限该场次当班人员和站点管理员查看。请由当班人员查看。",
            "Only those on duty at this session and the keepers of its site may read this. Ask them.",
        ),
        "not-in-care": Reason(
            404,
            "该项目未设托管要求。请先设置。",
            "The programme takes no children into care. Set its care rule first.",
        ),
    }
)
