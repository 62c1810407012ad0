"""Reason codes of activities."""

from ..refusals import Reason, declare
from . import planning_refusals as planning_refusals

declare(
    {
        "programme-exists": Reason(
            409,
            "项目 {programme_id} 已存在,内容不同。",
            "Programme {programme_id} exists with other content.",
        ),
        "unknown-programme": Reason(
            404, "没有这个项目 {programme_id}。请先创建。", "No programme {programme_id}. Create it first."
        ),
        "session-exists": Reason(
            409,
            "场次 {session_id} 已存在。请换新编号。",
            "Session {session_id} exists already. Use a new id.",
        ),
        "series-exists": Reason(
            409, "系列 {series_id} 已存在。请换新编号。", "Series {series_id} exists already. Use a new id."
        ),
        "unknown-session": Reason(
            404, "没有这个场次 {session_id}。请核对编号。", "No session {session_id}. Check the id."
        ),
        "unknown-room": Reason(
            404,
            "阵地没有这个房间 {room_id}。请选该阵地的房间。",
            "The site has no room {room_id}. Choose one of its rooms.",
        ),
        "outside-opening-hours": Reason(
            422,
            "时间不在阵地开放时间内。请改在开放时间。",
            "The time is outside the site's opening hours. Choose a time inside.",
        ),
        "room-taken": Reason(
            409,
            "房间在该时段已被占用(场次 {session_id})。请换房间或时间。",
            "The room is taken then (session {session_id}). Choose another room or time.",
        ),
        "room-too-small": Reason(
            422,
            "名额超过房间容量 {capacity}。请减少名额或换房间。",
            "More seats than the room's {capacity}. Lower the seats or change the room.",
        ),
        "times-reversed": Reason(
            422,
            "结束须晚于开始,且在同一天。请更正时间。",
            "The end must follow the start on the same day. Correct the times.",
        ),
        "starts-in-past": Reason(422, "开始时间已过。请选以后的时间。", "The start has passed. Choose a later time."),
        "permit-needed": Reason(
            422,
            "1000 人以上须有公安许可编号。请先申请。",
            "1,000 and more need a police permit number. Apply for it first.",
        ),
        "session-cancelled": Reason(409, "场次已取消。请选其他场次。", "The session is cancelled. Choose another."),
        "session-over": Reason(409, "场次已结束,不能再改。", "The session is over and can no longer be changed."),
        "session-not-started": Reason(
            409,
            "场次尚未开始,不能结算。请在开始后结算。",
            "The session has not begun. Close it after its start.",
        ),
        "window-closed": Reason(409, "报名已截止。请选其他场次。", "Enrolment is closed. Choose another session."),
        "already-enrolled": Reason(
            409,
            "其中有人已报名该场次(报名 {enrolment_id})。",
            "Somebody of this family is enrolled already ({enrolment_id}).",
        ),
        "not-eligible": Reason(
            422,
            "年龄段不在对象范围内。请选适龄场次。",
            "The age band is not in the audience. Choose a fitting session.",
        ),
        "guardian-consent-missing": Reason(
            422,
            "未成年人须先有监护人同意。请监护人先作出同意。",
            "A minor needs the guardian's consent first. Ask the guardian to give it.",
        ),
        "family-too-large": Reason(
            422,
            "人数 {seats} 超过该场次总名额 {capacity}。请分别报名。",
            "{seats} people exceed all {capacity} seats of the session. Enrol separately.",
        ),
        "queue-closed": Reason(
            409,
            "名额已满,且不设候补。请选其他场次。",
            "The session is full and takes no waiting list. Choose another.",
        ),
        "enrolment-exists": Reason(
            409,
            "报名编号 {enrolment_id} 已使用。请换新编号。",
            "Enrolment {enrolment_id} exists already. Use a new id.",
        ),
        "unknown-enrolment": Reason(
            404, "没有这个报名 {enrolment_id}。请核对编号。", "No enrolment {enrolment_id}. Check the id."
        ),
        "enrolment-ended": Reason(409, "该报名已结束。", "The enrolment has ended already."),
        "no-offer": Reason(409, "目前没有保留给该家庭的名额。", "No seats are offered to this family now."),
        "offer-lapsed": Reason(409, "名额保留期已过。请重新报名。", "The offer has lapsed. Enrol again."),
        "not-enrolled": Reason(
            422,
            "此人未报名该场次。请先报名,或由工作人员登记。",
            "The person has no seat in this session. Enrol first.",
        ),
        "wrong-session": Reason(
            422,
            "此人报名的是另一场次 {session_id}。请到正确的场次签到。",
            "The person is enrolled for another session {session_id}. Check in there.",
        ),
        "already-inside": Reason(
            409,
            "此人已签到({since})。无需再次签到。",
            "The person is inside already (since {since}). Nothing to do.",
        ),
        "not-inside": Reason(409, "此人没有签到,不能签退。", "The person is not inside and cannot check out."),
        "too-early": Reason(422, "签到未开放,最早 {from_time}。", "Check-in opens at {from_time}."),
        "attendance-closed": Reason(
            409,
            "场次已结算,不能再改签到。请走更正流程。",
            "The session is counted; attendance can no longer change. Use an adjustment.",
        ),
        "clock-skew": Reason(
            422,
            "设备时间与服务时间不符。请校准设备时钟后重传。",
            "The device's clock is off. Set it and upload again.",
        ),
        "unknown-attendance": Reason(404, "没有这条签到记录。", "No such attendance."),
        "already-reverted": Reason(409, "该签到已撤销。", "The attendance is reverted already."),
        "region-too-wide": Reason(
            422,
            "统计须指明省、市、县(区)、街道或社区。请选择地区。",
            "Counts are kept for a province, city, district, street or community. Choose one.",
        ),
        "one-topic-only": Reason(
            422,
            "一次只能按一个项目、购买服务项目、阵地或人群查看。请去掉其余条件。",
            "One programme, project, site or audience at a time. Leave the other conditions out.",
        ),
        "too-many-cells": Reason(
            422,
            "结果超过 {limit} 行。请缩小地区。",
            "More than {limit} lines. Choose a smaller region.",
        ),
        "unknown-count": Reason(404, "没有这个统计数。请核对编号。", "No such count. Check the id."),
        "period-open": Reason(
            404,
            "该地区这一期尚未封账。请由审批人封账后再查。",
            "This period of the region is not closed yet. An approver closes it.",
        ),
        "period-not-over": Reason(
            409, "该期尚未结束({until})。请在结束后封账。", "The period ends at {until}. Close it after that."
        ),
        "period-closed": Reason(
            409,
            "该期已封账({period_id})。之后的更正记为调整数。",
            "The period is closed ({period_id}). Later corrections are adjustments.",
        ),
        "period-exists": Reason(
            409,
            "封账编号 {period_id} 已使用。请换新编号。",
            "The period id {period_id} is used already. Use a new one.",
        ),
        "sessions-uncounted": Reason(
            409,
            "该期还有 {count} 个场次没有结算。请先结算,或注明以后作为调整数。",
            "{count} sessions of the period are not counted yet. Close them, or let them come as adjustments.",
        ),
        "session-not-counted": Reason(
            409,
            "场次尚未结算。请直接补签或撤销签到。",
            "The session is not counted yet. Record or revert the attendance itself.",
        ),
        "correction-exists": Reason(
            409,
            "更正编号 {correction_id} 已使用。请换新编号。",
            "The correction id {correction_id} is used already. Use a new one.",
        ),
        "nothing-to-correct": Reason(
            422, "没有要增加或撤销的人次。请填写。", "Nobody to add or to take away. Name the attendances."
        ),
        "already-counted": Reason(
            409,
            "此人({person_id})在该场次已计入一次。请从名单中去掉。",
            "The person {person_id} is counted in this session already. Take her off the list.",
        ),
        "not-attended": Reason(
            422,
            "此人没有计入该场次,不能评价。请核对场次。",
            "This person is not counted in the session and cannot rate it. Check the session.",
        ),
        "feedback-given": Reason(
            409, "此人已评价过该场次。每人一次。", "This person has answered for this session already. Once a person."
        ),
        "feedback-exists": Reason(
            409, "评价编号 {feedback_id} 已使用。请换新编号。", "The feedback id {feedback_id} is used. Use a new one."
        ),
        "question-twice": Reason(
            422, "同一问题只能打一次分。请删去重复的。", "One score a question. Remove the repeated one."
        ),
        "report-exists": Reason(
            409, "报告编号 {report_id} 已使用。请换新编号。", "The report id {report_id} is used. Use a new one."
        ),
        "feed-exists": Reason(
            409, "日历编号 {feed_id} 已使用。请换新编号。", "The feed id {feed_id} is used already. Use a new one."
        ),
        "unknown-feed": Reason(
            404, "没有这个日历,或链接已停用。请重新生成链接。", "No such calendar, or it was revoked. Make a new one."
        ),
        "no-attendance": Reason(
            422,
            "该时段没有已结算的签到,不能开具。请核对起止日期。",
            "No counted attendance in that time. Check the dates.",
        ),
        "certificate-requested": Reason(
            409,
            "证明编号 {attendance_certificate_id} 已使用。请换新编号。",
            "The certificate id {attendance_certificate_id} is used. Use a new one.",
        ),
        "period-reversed": Reason(
            422, "截止日期早于开始日期。请更正。", "The end is before the start. Correct the dates."
        ),
        "session-blocked": Reason(
            409,
            "场次暂不能开放({why})。请安排已通过核查的替补志愿者。",
            "The session may not open ({why}). Send cleared volunteers as substitutes.",
        ),
        "unknown-code": Reason(
            422,
            "签到码无法识别。请核对,或由工作人员代为签到。",
            "The pass or code is not known. Check it, or have staff check the person in.",
        ),
        "code-stale": Reason(
            422,
            "现场码已过期。请看现场屏幕上的新码再试。",
            "The on-site code is stale. Look at the screen at the door and use the new one.",
        ),
        "evidence-missing": Reason(
            422,
            "该方式须附凭证(如签到表照片)。请补充后重试。",
            "This method needs evidence, such as a photo of the sheet. Add it and try again.",
        ),
        "dwell-too-short": Reason(
            422,
            "线上参加不足 {needed} 分钟,不计入。请在达到时长后登记。",
            "Online attendance counts from {needed} minutes on. Record it once they are reached.",
        ),
        "no-walk-in-seat": Reason(
            409,
            "没有可供现场参加的名额。请登记其他场次,或只计入现场人数。",
            "No seat is left for a walk-in. Choose another session, or count the head only.",
        ),
        "hand-over-needed": Reason(
            422,
            "该儿童须当面交接给接送人。请办理交接。",
            "This child leaves by a hand-over only. Hand the child over instead.",
        ),
        "check-in-over": Reason(
            422,
            "签到已于 {until_time} 截止。请核对时间,或由工作人员更正。",
            "Check-in ended at {until_time}. Check the time, or have staff correct it.",
        ),
        "no-seat-yet": Reason(
            409,
            "该报名尚未确认名额,没有签到码。请等待确认。",
            "The enrolment has no seats yet, so there is no pass. Wait for the confirmation.",
        ),
        "headcount-exists": Reason(
            409,
            "现场人数编号 {headcount_id} 已使用。请换新编号。",
            "Headcount {headcount_id} exists already. Use a new id.",
        ),
        "pick-up-exists": Reason(
            409,
            "此人已获授权接送该儿童({pick_up_id})。无需再次登记。",
            "That person may fetch the child already ({pick_up_id}). Nothing to do.",
        ),
        "unknown-pick-up": Reason(404, "没有这条接送授权。请核对编号。", "No such authorisation. Check the id."),
        "pick-up-ended": Reason(409, "该接送授权已终止。", "The authorisation has ended already."),
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
            "此人未获授权接走该儿童。请勿交出,并联系监护人。",
            "That person may not fetch this child. Do not hand the child over; call the guardian.",
        ),
        "second-check-needed": Reason(
            422,
            "须由另一名当班人员复核({why})。请复核后再交接。",
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
            "健康提示仅在活动当天可见({day})。请当天查看。",
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
