"""`./linli bench …`: each prints one JSON shape; a table goes to stderr."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Final

import typer
import uvloop

from deploy.local.words import say
from tests.bench import document
from tests.bench.shape import Report

MANUAL = say(
    "每项测量都自行启动临时的 PostgreSQL、NATS 与服务，结束后删除，不碰 .linli；无需 Docker。"
    "进度与表格写到标准错误，--json 在标准输出给出一个对象，--write 把结果写入 docs/benchmarks.md。"
    "机器上若有其他负载，数值会变差：看与“裸循环”的比值。\n\n例：./linli bench import --json",
    "Each bench starts servers and services of its own in a temporary directory and removes them; it never touches "
    ".linli and needs no Docker. Progress and a table go to standard error, --json prints one object on standard "
    "output, --write puts the result into docs/benchmarks.md. A busy machine makes worse figures: look at the ratio "
    "to the bare loop.\n\nExample: ./linli bench import --json",
)


@dataclass(frozen=True, slots=True)
class Bench:
    """A bench: `module` has `measure(rounds) -> Report`. `about` stands in the document too."""

    name: str
    module: str
    rounds: int
    zh: str
    about: str


BENCHES: Final = (
    Bench(
        "sign-up",
        "tests.bench.sign_up",
        5,
        "一个 30 席热门场次的持久报名，与裸循环对比。",
        "Durable sign-ups on one hot session of 30 seats: in batches and one by one over NATS, and over HTTP. For the "
        "cases of access, bare is the same service trusting one internal actor: no token read, nothing decided, no "
        "row-level policies.",
    ),
    Bench(
        "opening",
        "tests.bench.opening",
        3,
        "开放报名的第一分钟：2 万个家庭请求争 40 个场次，名额与次序都要准确。",
        "The opening minute: 20,000 family requests against 40 sessions, ten of them hot, in batches, with quotas, and "
        "over HTTP. Each session's seats and the order of its families are judged afterwards.",
    ),
    Bench(
        "check-in",
        "tests.bench.check_in",
        5,
        "离线签到：3000 人、每批 500 条上传，与裸循环对比；重复上传不重复计数。",
        "Offline check-ins: 3,000 people in uploads of 500 scans, beside the bare loop; then the same uploads again, "
        "of which nothing counts twice (its rate is beside the bare loop's first one).",
    ),
    Bench(
        "events",
        "tests.bench.events",
        5,
        "发件箱转发与消费的速率，以及从提交到生效的时间。",
        "Rates of the relay and of a consumer, and the time from commit to effect.",
    ),
    Bench(
        "commands",
        "tests.bench.commands",
        5,
        "一个普通命令经 NATS 的端到端耗时，与裸处理器对比。",
        "An ordinary command over NATS from end to end, beside the bare handler.",
    ),
    Bench(
        "plans",
        "tests.bench.plans",
        3,
        "一个学期 36,000 个场次的排期与发布,以及区县一个月的日历。",
        "A term of 36,000 sessions: planned as 300 series of drafts, then published in batches of 500, with all rules, "
        "events and the constraint on rooms, beside the same rows and events by asyncpg alone; and the calendar of one "
        "month of a district among ten, page by page, one asking at a time.",
    ),
    Bench(
        "audit",
        "tests.bench.audit",
        3,
        "一行审计记录的代价，与同事务内加锁成链对比；封存与核对的速率。",
        "What an audit row costs whoever writes it, beside a chain made under one lock in the same transaction; rows "
        "sealed and verified a second.",
    ),
    Bench(
        "import",
        "tests.bench.imports",
        3,
        "用 import-divisions 导入全国 66.4 万行区划：首次、再次，以及服务占用的内存。",
        "664,000 divisions through `./linli import-divisions`, from the command's start to its end: into an empty "
        "table, and the same file again. `memory_mb` is what the service takes above idle.",
    ),
    Bench(
        "up",
        "tests.bench.up",
        3,
        "空目录上的 ./linli up 到全部就绪、再次启动，以及各空闲服务的内存。",
        "`./linli up` on an empty directory until every service is ready, the same directory again, and the resident "
        "memory of each idle service.",
    ),
    Bench(
        "statistics",
        "tests.bench.statistics",
        5,
        "100 万人次上的统计表，与直接对明细分组的查询对比；以及结算一个场次，与只写明细对比。",
        "Tables of counts over 1,000,000 attendances of 100,000 people, asked of the service over NATS, beside one "
        "naive GROUP BY over the same facts; and the booking of one session of 25 people in all its sums, beside "
        "writing its facts alone.",
    ),
    Bench(
        "scale",
        "tests.bench.scale",
        2,
        "持续负载下 activities 由一个实例变为两个、替换第一个、再变回一个：间断、错误、积压、次序。",
        "activities with one instance, then two, the first of them replaced, one again (SIGTERM each), while 16 "
        "callers enrol and withdraw without a pause and people are registered: the longest time without any answer, "
        "answers that asked to be repeated, errors, the seconds until the backlog is gone, and events out of order in "
        "the stream. Of these the worst round counts.",
    ),
)

Json = Annotated[bool, typer.Option("--json", help=say("在标准输出给出一个 JSON 对象", "Print one JSON object"))]
Write = Annotated[bool, typer.Option("--write", help=say("写入 docs/benchmarks.md", "Write it to docs/benchmarks.md"))]
Rounds = Annotated[int, typer.Option(min=1, help=say("计入的轮数；取中位数", "Counted rounds; medians are reported"))]

app = typer.Typer(add_completion=False, no_args_is_help=True)


def command_of(bench: Bench) -> Callable[[int, bool, bool], None]:
    """The command that runs the bench."""

    def run(rounds: Rounds = bench.rounds, as_json: Json = False, write: Write = False) -> None:
        report: Report = uvloop.run(import_module(bench.module).measure(rounds))
        report.show()
        if write:
            document.write(report, rounds, bench.about)
        if as_json:
            print(report.to_json())

    return run


for each in BENCHES:
    app.command(each.name, help=say(each.zh, each.about))(command_of(each))
