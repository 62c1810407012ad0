"""Reason codes of planning: series, drafts, calendar data, closing days, plans from a sheet."""

from ..refusals import Reason, declare

declare(
    {
        "site-closed-then": Reason(
            409,
            "阵地 {day} 闭馆（{reason}）。请改期，或撤销闭馆。",
            "The site is closed on {day} ({reason}). Choose another day, or withdraw the closing.",
        ),
        "join-link-needed": Reason(
            422,
            "线上或混合场次须有直播链接。请补填 join_link。",
            "An online or mixed session needs a join_link. Add it.",
        ),
        "calendar-unknown": Reason(
            422,
            "系统没有 {year} 年的国务院放假通知，不作推测。请先用 announce-holidays 录入，或不按节假日排期。",
            "The State Council's notice for {year} is not known and is not guessed. Announce it by announce-holidays, "
            "or plan without regard to holidays.",
        ),
        "term-unknown": Reason(
            422,
            "没有覆盖 {day} 的学期数据。请先由区县录入学期（announce-term），或不按学期排期。",
            "No school term is known around {day}. Have the district announce its terms (announce-term), or plan "
            "without regard to terms.",
        ),
        "unknown-series": Reason(404, "没有这个系列 {series_id}。请核对编号。", "No series {series_id}. Check the id."),
        "series-cancelled": Reason(
            409,
            "系列 {series_id} 已取消，不能再改。请另建系列。",
            "Series {series_id} is cancelled and changes no more. Plan a new one.",
        ),
        "nothing-to-amend": Reason(
            409,
            "范围内没有可改的场次。请核对范围；已开始、已取消或已结算的不能改。",
            "No session of this scope can be changed: those that began, were cancelled or counted cannot. Check it.",
        ),
        "seats-promised": Reason(
            409,
            "场次 {session_id} 已有 {seats_taken} 个名额、{waiting} 个家庭候补，名额不能这样改。请用名额调整。",
            "Session {session_id} has {seats_taken} seats taken and {waiting} families waiting; its seats cannot be "
            "changed this way. Change its capacity by the queue's command.",
        ),
        "other-region": Reason(
            422,
            "新阵地属于另一地区。请取消本场次，在新地区另行发布。",
            "The new site lies in another division. Cancel this session and plan one there.",
        ),
        "unknown-template": Reason(
            404, "没有这个模板 {template_id}。请核对编号。", "No template {template_id}. Check the id."
        ),
        "template-exists": Reason(
            409, "模板 {template_id} 已存在。请换新编号。", "Template {template_id} exists. Use a new id."
        ),
        "term-exists": Reason(
            409,
            "学期编号 {term_id} 属于另一地区。请换新编号。",
            "Term {term_id} belongs to another region. Use a new id.",
        ),
        "term-overlaps": Reason(
            409,
            "与已录入的学期 {term_id} 重叠。请更正日期，或用该编号修改。",
            "It overlaps term {term_id}. Correct the days, or announce that term anew under its id.",
        ),
        "unknown-closing": Reason(
            404, "没有这条闭馆 {closing_id}。请核对编号。", "No closing {closing_id}. Check the id."
        ),
        "closing-exists": Reason(
            409, "闭馆编号 {closing_id} 已使用。请换新编号。", "Closing {closing_id} exists. Use a new id."
        ),
        "unknown-upload": Reason(404, "没有这次上传 {upload_id}。请核对编号。", "No upload {upload_id}. Check the id."),
        "upload-exists": Reason(
            409, "上传编号 {upload_id} 已使用。请换新编号。", "Upload {upload_id} exists. Use a new id."
        ),
        "upload-applied": Reason(
            409,
            "这次上传已处理（{status}），不能再应用。请重新上传。",
            "This upload is {status} already. Upload the sheet anew.",
        ),
        "upload-not-applied": Reason(
            409,
            "这次上传没有应用（{status}），无可撤销。请核对上传编号。",
            "This upload is {status}; there is nothing to take back. Check its id.",
        ),
        "plan-used": Reason(
            409,
            "场次 {session_id} 已有人报名或之后被改动，不能整批撤销。请逐个取消。",
            "Session {session_id} has enrolments or was changed since, so the upload cannot be taken back as a whole. "
            "Cancel sessions one by one.",
        ),
        "sheet-unreadable": Reason(
            422,
            "读不了这个文件（{problem}）。请存为 .xlsx，或 UTF-8、GB18030 编码的 .csv 后重新上传。",
            "The file cannot be read ({problem}). Save it as .xlsx, or as .csv in UTF-8 or GB18030, and upload again.",
        ),
        "sheet-too-long": Reason(
            413,
            "表格超过 {limit} 行。请按阵地或月份分开上传。",
            "The sheet has more than {limit} rows. Split it by site or month.",
        ),
        "column-missing": Reason(
            422,
            "表头缺少“{columns}”列。请补齐表头后重新上传。",
            "The heading lacks the columns {columns}. Add them and upload again.",
        ),
        "cell-unreadable": Reason(
            422,
            "“{column}”填写有误。请按“{example}”的样子填写。",
            "The cell {column} cannot be read. Write it like {example}.",
        ),
        "cell-empty": Reason(422, "“{column}”没有填写。请补填。", "The cell {column} is empty. Fill it in."),
        "row-repeated": Reason(
            409,
            "与第 {row} 行是同一场次。请删除其一，或用不同编号。",
            "It is the same session as row {row}. Remove one, or give them different numbers.",
        ),
        "name-unknown": Reason(
            404,
            "没有找到“{column}”中的名称。请填写系统中的名称。",
            "The name in {column} is not known. Write it as it is in the system.",
        ),
        "name-ambiguous": Reason(
            409,
            "“{column}”中的名称不止一个。请先在系统中改用不同名称。",
            "The name in {column} means more than one. Name them differently in the system first.",
        ),
        "session-changed": Reason(
            409,
            "该场次已取消或已结束，不能由表格更改。请从表格中删去该行。",
            "The session is cancelled or over and cannot be changed by a sheet. Leave the row out.",
        ),
    }
)
