"""Reason codes of activities."""

from ..refusals import Reason, declare
from . import counting_refusals as counting_refusals
from . import course_refusals as course_refusals
from . import door_refusals as door_refusals
from . import planning_refusals as planning_refusals

declare(
    {
        "programme-exists": Reason(
            409,
            "项目 {programme_id} 已存在，内容不同。请修改该项目，或换新编号。",
            "Programme {programme_id} exists with other content. Amend it, or use a new id.",
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
            "房间在该时段已被占用（场次 {session_id}）。请换房间或时间。",
            "The room is taken then (session {session_id}). Choose another room or time.",
        ),
        "room-too-small": Reason(
            422,
            "名额超过房间容量 {capacity}。请减少名额或换房间。",
            "More seats than the room's {capacity}. Lower the seats or change the room.",
        ),
        "times-reversed": Reason(
            422,
            "结束须晚于开始，且在同一天。请更正时间。",
            "The end must follow the start on the same day. Correct the times.",
        ),
        "starts-in-past": Reason(422, "开始时间已过。请选以后的时间。", "The start has passed. Choose a later time."),
        "permit-needed": Reason(
            422,
            "1000 人以上须有公安许可编号。请先申请。",
            "1,000 and more need a police permit number. Apply for it first.",
        ),
        "session-cancelled": Reason(409, "场次已取消。请选其他场次。", "The session is cancelled. Choose another."),
        "session-over": Reason(
            409,
            "场次已结束，不能再改。签到有误请走更正流程。",
            "The session is over and can no longer be changed. Correct its attendance if that was wrong.",
        ),
        "session-not-started": Reason(
            409,
            "场次尚未开始。请在开始后办理。",
            "The session has not begun. Do this after its start.",
        ),
        "window-closed": Reason(409, "报名已截止。请选其他场次。", "Enrolment is closed. Choose another session."),
        "already-enrolled": Reason(
            409,
            "其中有人已报名该场次（报名 {enrolment_id}）。请更改该报名的同行人员，或先取消。",
            "Somebody of this family is enrolled already ({enrolment_id}). Change who comes with that enrolment, or withdraw it first.",
        ),
        "not-eligible": Reason(
            422,
            "年龄段不在对象范围内（面向 {needed}）。请选适龄场次。",
            "The age band is not in the audience ({needed}). Choose a fitting session.",
        ),
        "outside-area": Reason(
            422,
            "该场次只面向以下地区的居民：{needed}。请选本地区的场次。",
            "The session is for residents of {needed}. Choose one of your own area.",
        ),
        "household-not-served": Reason(
            422,
            "该场次只面向以下家庭类别：{needed}。如属于其中之一，请在报名时注明。",
            "The session is for households of the kinds {needed}. If yours is one, say so when you enrol.",
        ),
        "not-yet": Reason(
            409, "报名尚未开始。请在 {from_time} 后再来。", "Enrolment is not open yet. Come back at {from_time}."
        ),
        "suspended": Reason(
            403,
            "因多次未到场，{until} 前不能报名该单位的场次。可以申诉。",
            "After repeated no-shows you cannot enrol with this host until {until}. You may appeal.",
        ),
        "no-seats-left": Reason(
            409,
            "名额不足（需 {seats}，空 {free}）。原报名不变；请减少人数。",
            "Too few seats ({seats} wanted, {free} free). Nothing changed; come with fewer people.",
        ),
        "terms-conflict": Reason(
            422,
            "报名条件自相矛盾（{problem}）。请更正后重发。",
            "The terms contradict each other ({problem}). Correct them and send again.",
        ),
        "terms-in-use": Reason(
            409,
            "已有人按现有条件报名，不能再改条件。名额可用“调整名额”修改。",
            "Families have enrolled on the present terms, which stay. Seats are changed by change-capacity.",
        ),
        "seats-in-use": Reason(
            409,
            "名额不能少于已占用数（{quota}：已占 {taken}，要求 {wanted}）。请先与家庭协商。",
            "No fewer seats than are taken ({quota}: {taken} taken, {wanted} wanted). Speak with the families first.",
        ),
        "nothing-to-approve": Reason(
            409, "该报名不在待审核状态。请刷新名单。", "The enrolment awaits no approval. Look at the roster again."
        ),
        "own-enrolment": Reason(
            403,
            "不能审核自己的报名。请由其他工作人员审核。",
            "Nobody decides on the own enrolment. Ask a colleague.",
        ),
        "answer-offer-first": Reason(
            409,
            "已为该家庭保留名额。请先接受或放弃，再改人员。",
            "Seats are offered to this family. Accept or decline them first, then change the people.",
        ),
        "nothing-to-reconfirm": Reason(
            409, "该报名无需再次确认。不必再做什么。", "The enrolment needs no confirmation. Nothing is left to do."
        ),
        "no-draw": Reason(404, "该场次不抽签。请查看报名条件。", "No draw belongs to this session. See its terms."),
        "unknown-standing": Reason(
            404, "没有这条诚信记录 {standing_id}。请核对编号。", "No standing {standing_id}. Check the id."
        ),
        "not-suspended": Reason(
            409,
            "目前没有被限制报名。无需申诉，可直接报名。",
            "There is no suspension now. Nothing needs an appeal: enrol.",
        ),
        "appeal-open": Reason(409, "已有申诉待处理。请等待决定。", "An appeal is open already. Wait for the decision."),
        "appeal-exists": Reason(
            409, "申诉编号 {appeal_id} 已使用。请换新编号。", "Appeal {appeal_id} exists already. Use a new id."
        ),
        "unknown-appeal": Reason(404, "没有这个申诉 {appeal_id}。请核对编号。", "No appeal {appeal_id}. Check the id."),
        "appeal-decided": Reason(
            409, "该申诉已有决定。请查看报名资格。", "The appeal is decided already. Look at the standing."
        ),
        "own-appeal": Reason(
            403,
            "申诉人和当事人不能决定该申诉。请由其他人决定。",
            "Neither who appealed nor whom it is about decides. Somebody else must.",
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
            "名额已满，且不设候补。请选其他场次。",
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
        "enrolment-ended": Reason(
            409,
            "该报名已结束。如仍要参加，请重新报名。",
            "The enrolment has ended already. To come all the same, enrol again.",
        ),
        "no-offer": Reason(
            409,
            "目前没有保留给该家庭的名额。请查看报名的状态和候补位次。",
            "No seats are offered to this family now. Look at the enrolment for its state and place in the queue.",
        ),
        "offer-lapsed": Reason(409, "名额保留期已过。请重新报名。", "The offer has lapsed. Enrol again."),
        "not-enrolled": Reason(
            422,
            "此人未报名该场次。请先报名，或由工作人员登记。",
            "The person has no seat in this session. Enrol first.",
        ),
        "wrong-session": Reason(
            422,
            "此人报名的是另一场次 {session_id}。请到正确的场次签到。",
            "The person is enrolled for another session {session_id}. Check in there.",
        ),
        "already-inside": Reason(
            409,
            "此人已签到（{since}）。无需再次签到。",
            "The person is inside already (since {since}). Nothing to do.",
        ),
        "not-inside": Reason(
            409,
            "此人没有签到，不能签退。请核对人员，或先补签到。",
            "The person is not inside and cannot check out. Check who it is, or record the check-in first.",
        ),
        "too-early": Reason(
            422, "签到未开放。请在 {from_time} 后再签到。", "Check-in is not open yet. Come back at {from_time}."
        ),
        "attendance-closed": Reason(
            409,
            "场次已结算，不能再改签到。请走更正流程。",
            "The session is counted; attendance can no longer change. Use an adjustment.",
        ),
        "clock-skew": Reason(
            422,
            "设备时间与服务时间不符。请校准设备时钟后重传。",
            "The device's clock is off. Set it and upload again.",
        ),
        "unknown-attendance": Reason(404, "没有这条签到记录。请核对编号。", "No such attendance. Check the id."),
        "already-reverted": Reason(
            409,
            "该签到已撤销。如需恢复，请重新签到。",
            "The attendance is reverted already. To bring it back, check in again.",
        ),
    }
)
