"""Reason codes of counts, periods, feedback, reports and feeds."""

from ..refusals import Reason, declare

declare(
    {
        "region-too-wide": Reason(
            422,
            "统计须指明省、市、县（区）、街道或社区。请选择地区。",
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
            409, "该期尚未结束（{until}）。请在结束后封账。", "The period ends at {until}. Close it after that."
        ),
        "period-closed": Reason(
            409,
            "该期已封账（{period_id}）。之后的更正记为调整数。",
            "The period is closed ({period_id}). Later corrections are adjustments.",
        ),
        "period-exists": Reason(
            409,
            "封账编号 {period_id} 已使用。请换新编号。",
            "The period id {period_id} is used already. Use a new one.",
        ),
        "sessions-uncounted": Reason(
            409,
            "该期还有 {count} 个场次没有结算。请先结算，或注明以后作为调整数。",
            "{count} sessions of the period are not counted yet. Close them, or let them come as adjustments.",
        ),
        "no-lecture": Reason(
            404,
            "该场次不是讲座。请先登记讲座信息。",
            "The session is no lecture. Set topic and speaker first.",
        ),
        "speaker-missing": Reason(
            422,
            "讲座须有主讲人或派出单位。请补充其一。",
            "A lecture has a speaker, or a unit that sends one. Name either.",
        ),
        "children-inside": Reason(
            409,
            "还有 {count} 名儿童未交接。请先办理交接，再结算。",
            "{count} children are still to be handed over. Hand them over, then close the session.",
        ),
        "session-not-counted": Reason(
            409,
            "场次尚未结算。请先结算；在此之前签到可直接补记或撤销。",
            "The session is not counted yet. Close it first; until then attendance is recorded or reverted directly.",
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
            "此人（{person_id}）在该场次已计入一次。请从名单中去掉。",
            "The person {person_id} is counted in this session already. Take her off the list.",
        ),
        "not-attended": Reason(
            422,
            "此人没有计入该场次，不能评价。请核对场次。",
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
            404, "没有这个日历，或链接已停用。请重新生成链接。", "No such calendar, or it was revoked. Make a new one."
        ),
        "no-attendance": Reason(
            422,
            "该时段没有已结算的签到，不能开具。请核对起止日期。",
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
