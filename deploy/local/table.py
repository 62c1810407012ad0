"""Every command of `./linli`: its name, where it lives, and its line in the manual.

To add one: write a function with typer options (or a `typer.Typer` of sub-commands) and add its line here. The module
is imported only when the command is run or the manual is shown. `zh` and `en` are what people read, a module-level
`MANUAL` text follows them in `./linli COMMAND --help`; docstrings are for developers.
"""

from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True, slots=True)
class Entry:
    """A command: `target` is `module:function` or `module:typer-app`."""

    name: str
    target: str
    zh: str
    en: str

    @property
    def available(self) -> bool:
        """Whether its module is part of this checkout."""
        try:
            return find_spec(self.target.partition(":")[0]) is not None
        except ModuleNotFoundError:
            return False


ENTRIES = (
    Entry("up", "deploy.local.commands.up:up", "启动整个系统", "Start the whole system"),
    Entry(
        "scale",
        "deploy.local.commands.scale:scale",
        "增减运行中某服务的实例",
        "Run more or fewer instances of a service",
    ),
    Entry("down", "deploy.local.commands.down:down", "停止系统", "Stop the system"),
    Entry(
        "status",
        "deploy.local.commands.status:status",
        "查看各服务：是否就绪、积压、隔离的消息",
        "Show the services: ready or not, lag, quarantine",
    ),
    Entry("watch", "deploy.watch:watch", "实时查看事件", "Follow the events as they happen"),
    Entry("demo", "deploy.demo.cli:demo", "演示儿童之家的一个下午", "Play an afternoon at a children's home"),
    Entry(
        "import-divisions",
        "deploy.divisions:import_divisions",
        "从 CSV 文件导入行政区划",
        "Import administrative divisions from a CSV file",
    ),
    Entry(
        "import-plan",
        "deploy.term_plan:import_plan",
        "从表格导入学期活动计划：先比对，再排期，可撤销",
        "Import a term's plan from a sheet: compare, apply, undo",
    ),
    Entry(
        "draw",
        "deploy.draws.cli:app",
        "复算一次抽签，核对有无人被区别对待",
        "Recompute a draw: was anyone treated otherwise",
    ),
    Entry("test", "deploy.local.commands.checks:app", "检查代码并运行测试", "Check the code and run the tests"),
    Entry("bench", "tests.bench.cli:app", "测量吞吐与延迟", "Measure throughput and latency"),
    Entry("chaos", "tests.chaos.cli:app", "随机终止进程，核对承诺", "Kill processes at random and check the promises"),
    Entry(
        "dead", "deploy.dead:app", "查看、重放或丢弃被隔离的消息", "List, show, replay or discard quarantined messages"
    ),
    Entry(
        "replay",
        "deploy.replay:replay",
        "把归档中的事件重新交给一个消费者",
        "Hand archived events to one consumer again",
    ),
    Entry("rebuild", "deploy.rebuild:rebuild_model", "核对或重建读模型", "Check or rebuild a read model"),
    Entry(
        "audit",
        "deploy.audit.cli:app",
        "核对审计日志，查谁看过记录，导出一年",
        "Verify the audit log, show who saw a record, export a year",
    ),
    Entry("restored", "deploy.restored:restored", "数据库恢复之后运行", "Run after a database was restored"),
    Entry(
        "migrate",
        "deploy.local.commands.migrate:migrate",
        "更新数据库与消息流的结构",
        "Bring databases and streams up to date",
    ),
    Entry(
        "contracts",
        "contracts.generation.cli:app",
        "生成、检查、发布消息契约",
        "Generate, check and release the contracts",
    ),
    Entry(
        "nats-config",
        "deploy.nats.cli:nats_config",
        "打印自备 NATS 服务器所需的账户与权限",
        "Print the accounts and rights for a NATS server of your own",
    ),
    Entry("account", "deploy.account:app", "开通、关闭或解锁工作人员账号", "Create, close or unlock accounts of staff"),
    Entry(
        "person",
        "deploy.person:app",
        "导出或删除某人的全部信息",
        "Hand out, or erase, all that is held about a person",
    ),
    Entry("keys", "deploy.keys:app", "更换令牌的签名密钥", "Change the keys that sign tokens"),
    Entry("token", "deploy.token:token", "签发试用访问令牌", "Make an access token for trying things out"),
)


def available() -> list[Entry]:
    """The commands of this checkout, in the order of the manual."""
    return [entry for entry in ENTRIES if entry.available]
