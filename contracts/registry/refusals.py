"""Reason codes of registry."""

from ..refusals import Reason, declare

declare(
    {
        "division-code-unknown": Reason(
            404,
            "没有行政区划代码 {code}。请先导入区划或核对代码。",
            "No division has the code {code}. Import divisions first or check the code.",
        ),
        "division-repeated": Reason(
            422, "同一批中区划代码 {code} 重复。请只保留一行。", "The code {code} is listed twice. Keep one row."
        ),
        "row-unreadable": Reason(
            422,
            "这一行读不懂。应依次为：12 位代码、名称、级别、上级代码。",
            "The row cannot be read. It takes a code of 12 digits, a name, a level and the code of the division above.",
        ),
        "parent-unknown": Reason(
            422,
            "上级区划不存在。请把上级排在前面。",
            "The division above is unknown. Put parents before children.",
        ),
        "wrong-credentials": Reason(
            401,
            "账号、密码或密钥不对。请核对后重试。",
            "The login, password or key is wrong. Check it and try again.",
        ),
        "account-locked": Reason(
            429,
            "多次输错，账号暂时锁定。请在 {seconds} 秒后重试，或请管理员解锁。",
            "Too many wrong attempts: the account is locked. Try again in {seconds} seconds, or have it unlocked.",
        ),
        "no-office": Reason(
            403,
            "当前没有任何在任职务，不能登录。请联系上级单位办理任职或代理。",
            "You hold no office there today, so there is nothing to do. Ask the unit above to appoint or delegate.",
        ),
        "login-ended": Reason(401, "登录已结束。请重新登录。", "The login has ended. Log in again."),
        "unknown-account": Reason(404, "没有这个账号。请核对编号。", "There is no such account. Check the id."),
        "account-exists": Reason(
            409,
            "编号已使用，或此人已有账号。请换新编号，或使用已有账号。",
            "The id is taken, or the person has an account already. Use a new id, or that account.",
        ),
        "login-taken": Reason(409, "这个登录名已有人使用。请换一个。", "This login is taken. Choose another."),
        "password-too-weak": Reason(
            422,
            "密码至少 10 个字符，不能是常用密码，也不能包含登录名。请换一个，例如几个不相关的词。",
            "A password has 10 characters or more, is not a common one and does not hold the login. Try a few words.",
        ),
        "identity-taken": Reason(
            409, "这个外部身份已绑定其他账号。请核对。", "This identity belongs to another account. Check it."
        ),
        "unknown-delegation": Reason(404, "没有这项代理。请核对编号。", "There is no such delegation. Check the id."),
        "delegation-exists": Reason(
            409,
            "编号已使用，或该职务在此期间已有代理。请换新编号，或先结束原代理。",
            "The id is taken, or the post has somebody standing in at that time. Use a new id, or end that delegation first.",
        ),
        "already-holder": Reason(
            422, "不能由本人代理本人的职务。请另选他人。", "Nobody stands in for herself. Choose somebody else."
        ),
        "duties-conflict": Reason(
            422,
            "审计与编辑、审批不能由同一人在同一范围内担任。请另选他人。",
            "Nobody audits where she also edits or approves. Choose somebody else.",
        ),
        "client-key-ended": Reason(
            401,
            "接入系统已停用，或换取此令牌的密钥已失效。请用有效密钥重新取得令牌，或请本单位管理员处理。",
            "The system's access was ended, or the key behind this token was. Get a token with a good key, or ask an "
            "operator of the unit.",
        ),
        "unknown-client": Reason(404, "没有这个接入系统。请核对编号。", "There is no such client. Check the id."),
        "client-revoked": Reason(
            409,
            "该接入系统已停用，新密钥不会生效。请重新登记一个接入系统。",
            "The client was revoked: no secret opens anything for it. Register a new one.",
        ),
        "client-exists": Reason(409, "接入系统编号已使用。请换新编号。", "The client's id is taken. Use a new one."),
        "unknown-unit": Reason(
            404, "没有这个组织 {unit_id}。请先登记。", "No organisation {unit_id}. Register it first."
        ),
        "unit-exists": Reason(
            409,
            "组织 {unit_id} 已登记，内容不同。请换新编号。",
            "Organisation {unit_id} is registered with other content. Use a new id.",
        ),
        "level-mismatch": Reason(
            422,
            "组织层级与区划或上级不符。请核对层级。",
            "The level does not fit the division or the parent. Check the level.",
        ),
        "unknown-centre": Reason(
            404,
            "没有这个邻里中心 {centre_id}。请先登记。",
            "No neighbourhood centre {centre_id}. Open it first.",
        ),
        "centre-exists": Reason(
            409,
            "邻里中心 {centre_id} 已登记。请换新编号。",
            "Neighbourhood centre {centre_id} is open already. Use a new id.",
        ),
        "unknown-site": Reason(
            404,
            "没有这个阵地 {site_id}。请核对编号或等待同步。",
            "No site {site_id}. Check the id, or wait for it to arrive.",
        ),
        "site-exists": Reason(
            409, "阵地 {site_id} 已存在。请换新编号。", "Site {site_id} exists already. Use a new id."
        ),
        "site-closed": Reason(
            409, "阵地 {site_id} 已关闭。请选其他阵地。", "Site {site_id} is closed. Choose another site."
        ),
        "room-exists": Reason(
            409,
            "房间 {room_id} 已属于其他阵地。请换新编号。",
            "Room {room_id} belongs to a site already. Use a new id.",
        ),
        "hours-reversed": Reason(
            422, "开放时间的结束早于开始。请更正。", "Opening hours end before they begin. Correct them."
        ),
        "already-decided": Reason(
            409,
            "阵地 {site_id} 的地点已确定。请查看阵地列表。",
            "The place of site {site_id} is decided already. Look at the list of sites.",
        ),
        "unknown-person": Reason(
            404,
            "没有这个人员编号 {person_id}。请先登记。",
            "No person {person_id}. Register the person first.",
        ),
        "person-exists": Reason(
            409,
            "人员编号 {person_id} 已登记。请换新编号。",
            "Person {person_id} is registered already. Use a new id.",
        ),
        "guardian-needed": Reason(
            422,
            "未成年人须有已登记的监护人。请先登记监护人。",
            "A minor needs a registered guardian. Register the guardian first.",
        ),
        "guardian-is-minor": Reason(
            422, "监护人须已成年。请更正监护人。", "A guardian must be of age. Name another guardian."
        ),
        "not-guardian": Reason(
            403,
            "未成年人的同意须由其监护人作出。请联系监护人。",
            "For a minor only the guardian can consent. Ask the guardian.",
        ),
        "not-entitled": Reason(
            403,
            "只有本人可以提出；未成年人由其监护人提出，去世者由近亲属提出。请由其提出后再办理。",
            "Only she can ask for it, for a minor the guardian, for the dead a relative. Let her ask, then try again.",
        ),
        "has-wards": Reason(
            409,
            "此人是 {count} 名未成年人的监护人。请先为其更换监护人或办理删除。",
            "The person answers for {count} minors. Name another guardian for them, or erase them, first.",
        ),
        "holds-office": Reason(
            409,
            "此人仍在任职或代理。请先结束任职与代理。",
            "The person holds a post or stands in for one. End that first.",
        ),
        "under-legal-hold": Reason(
            409,
            "依法保全中。请先解除限制，再办理。",
            "The data are under a legal hold. Lift the restriction first.",
        ),
        "not-restricted": Reason(
            409,
            "没有对此人的处理限制。不必解除。",
            "The data of this person are not restricted. There is nothing to lift.",
        ),
        "person-restricted": Reason(
            409,
            "此人的信息已限制处理，只保存。请在解除限制后再试。",
            "Data of this person are kept and nothing else is done with them. Lift the restriction first.",
        ),
        "notice-outdated": Reason(
            409,
            "隐私告知已更新为版本 {notice_version}。请出示新版本后重新征求同意。",
            "The privacy notice in force is {notice_version}. Show it, then ask for consent again.",
        ),
        "evidence-needed": Reason(
            422,
            "纸质同意须填写存档编号。请补填。",
            "A consent on paper names the evidence that is kept. Give its reference.",
        ),
        "own-witness": Reason(
            422,
            "不能由同意人本人见证。请由另一位工作人员登记。",
            "Nobody bears witness to her own consent. Let another member of staff record it.",
        ),
        "expiry-passed": Reason(
            422, "同意的有效期已过。请填写以后的日期。", "The consent would have ended already. Give a later time."
        ),
        "privacy-notice-exists": Reason(
            409,
            "该告知编号已使用，或该地区此版本已发布。请换新版本。",
            "The id is taken, or this version is published in the region already. Use a new version.",
        ),
        "unknown-privacy-notice": Reason(
            404,
            "该地区尚未发布此目的的隐私告知。请先发布。",
            "No privacy notice for this purpose is in force in the region. Publish one first.",
        ),
        "approval-needed": Reason(
            403,
            "未成年人档案须经审批后查阅。请先申请，由他人批准；紧急情况可紧急开启，事后复核。",
            "A minor's record opens on approval by somebody else. Ask for it; in an emergency break the glass.",
        ),
        "request-needed": Reason(
            403,
            "未成年人的信息副本不由一个人决定。请由另一名工作人员先登记监护人的申请，再来导出。",
            "A minor's copy is never one person's doing. Have somebody else write down the guardian's request for it, "
            "then ask again.",
        ),
        "approval-not-needed": Reason(
            422,
            "此人已成年，查阅无需审批。请直接查阅。",
            "The person is of age: her record needs no approval. Read it.",
        ),
        "own-request": Reason(
            403,
            "不能审批或复核本人（或所代理职务的任职人）的申请。请由另一位审批人办理。",
            "Nobody decides on her own request, nor on one of the holder she stands in for. Ask another approver.",
        ),
        "record-access-exists": Reason(
            409, "该查阅申请编号已使用。请换新编号。", "The id of the access is taken. Use a new one."
        ),
        "unknown-record-access": Reason(
            404, "没有这个查阅申请。请核对编号。", "There is no such request to open a record. Check the id."
        ),
        "access-decided": Reason(
            409,
            "该申请已有决定。如仍需查阅，请重新申请。",
            "The request has been decided already. If the record is still needed, ask again.",
        ),
        "request-lapsed": Reason(
            409, "该申请已超过三天，自动失效。请重新申请。", "The request lapsed after three days. Ask again."
        ),
        "nothing-to-review": Reason(
            409,
            "该查阅不是紧急开启。无需复核。",
            "The record was not opened by break-glass. There is nothing to review.",
        ),
        "access-reviewed": Reason(
            409,
            "该紧急开启已复核。请查看查阅列表。",
            "The opening has been reviewed already. Look at the list of accesses.",
        ),
        "received-wrong": Reason(
            422,
            "收到日期不能晚于今天，也不能早于 30 天前。请核对日期。",
            "A request was received today or within the last 30 days. Check the day.",
        ),
        "person-request-exists": Reason(
            409, "该申请编号已使用。请换新编号。", "The id of the request is taken. Use a new one."
        ),
        "person-request-open": Reason(
            409,
            "此人同类申请正在办理。请先答复。",
            "The same is asked already and waits for its answer. Answer that one first.",
        ),
        "unknown-person-request": Reason(404, "没有这项申请。请核对编号。", "There is no such request. Check the id."),
        "person-request-answered": Reason(
            409,
            "该申请已答复。如有新的请求，请另行登记。",
            "The request has been answered already. File a new one for anything else.",
        ),
        "reason-needed": Reason(
            422,
            "拒绝申请须说明理由。请填写理由代码。",
            "Whoever declines a request says why. Give the reason's code.",
        ),
        "consent-missing": Reason(
            409,
            "没有可撤回的同意记录。请核对人员和用途。",
            "There is no consent to withdraw. Check the person and the purpose.",
        ),
        "appointment-overlaps": Reason(
            409,
            "此人此时已任该职务。请先结束原任职。",
            "The person holds this post then. End the earlier appointment first.",
        ),
        "unknown-appointment": Reason(404, "没有这个任职记录。请核对编号。", "No such appointment. Check the id."),
        "appointment-ended": Reason(
            409, "该任职已结束。请查看现任名单。", "The appointment has ended already. Look at who is in office."
        ),
        "ends-before-start": Reason(
            422, "结束日早于开始日。请更正日期。", "The last day is before the first. Correct the dates."
        ),
    }
)
