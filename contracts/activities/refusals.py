"""Reason codes of activities."""

from ..refusals import Reason, declare

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
        "evidence-missing": Reason(
            422,
            "补记人次须附签到表照片编号。请先上传照片。",
            "People are added on evidence: give the reference of the sheet's photo.",
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
    }
)
