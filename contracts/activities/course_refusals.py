"""Reason codes of course passes and outreach visits."""

from ..refusals import Reason, declare

declare(
    {
        "unknown-course": Reason(
            404,
            "没有这个项目或系列 {course_id}。请核对编号和类别。",
            "No such programme or series {course_id}. Check the id and its kind.",
        ),
        "course-pass-exists": Reason(
            409, "次卡编号 {pass_id} 已使用。请换新编号。", "Course pass {pass_id} exists already. Use a new id."
        ),
        "unknown-course-pass": Reason(
            404, "没有这张次卡 {pass_id}。请核对编号。", "No course pass {pass_id}. Check the id."
        ),
        "course-pass-ended": Reason(
            409, "这张次卡已停用。如需继续，请另发一张。", "The course pass has ended. Issue another to go on."
        ),
        "free-of-charge": Reason(
            422,
            "儿童之家免费开放，不能出售次卡。请将价格改为 0。",
            "A children's home is free of charge and sells no passes. Set the price to 0.",
        ),
        "pass-missing": Reason(
            422,
            "该课程凭次卡入场，此人在本阵地没有该课程的次卡。请先发卡。",
            "The course is entered by pass, and the person has none for it at this site. Issue one first.",
        ),
        "pass-empty": Reason(
            409,
            "次卡已用完（共 {visits} 次）。请续卡后再签到。",
            "All {visits} visits of the pass are used. Issue another, then check in again.",
        ),
        "pass-expired": Reason(
            409,
            "次卡已于 {valid_until} 到期。请续卡后再签到。",
            "The pass was good until {valid_until}. Issue another, then check in again.",
        ),
        "visit-exists": Reason(
            409,
            "走访编号 {visit_id} 已使用，内容不同。请换新编号。",
            "Visit {visit_id} exists with other content. Use a new id.",
        ),
        "unknown-visit": Reason(404, "没有这次走访 {visit_id}。请核对编号。", "No visit {visit_id}. Check the id."),
        "visit-ahead": Reason(
            422,
            "走访时间在未来。请在走访之后再登记。",
            "The visit lies ahead. Record it once it was made.",
        ),
        "household-missing": Reason(
            422,
            "已见到人，但没有写明家庭和人数。请选择所走访的家庭成员并填写人数。",
            "Somebody was met, and nobody is named. Name a member of the household and how many were met.",
        ),
        "unknown-follow-up": Reason(
            404, "没有这项跟进 {follow_up_id}。请核对编号。", "No follow-up {follow_up_id}. Check the id."
        ),
        "follow-up-exists": Reason(
            409,
            "跟进编号 {follow_up_id} 已使用。请换新编号。",
            "Follow-up {follow_up_id} exists already. Use a new id.",
        ),
        "follow-up-closed": Reason(
            409,
            "该跟进已办结（{result}）。如需继续，请在新的走访中另立跟进。",
            "The follow-up is closed already ({result}). To go on, open another with a new visit.",
        ),
        "not-involved": Reason(
            403,
            "只有走访人、登记人和跟进人可以查看这条记录。请向他们了解。",
            "Only who was there, wrote it down, or follows it up reads this note. Ask one of them.",
        ),
        "no-note": Reason(
            404,
            "这次走访没有文字记录，或已到期删除。请查看走访的结论和跟进。",
            "The visit has no note, or its note was erased in time. Look at its findings and follow-ups.",
        ),
    }
)
