"""The whole stack: started, watched, restarted, and gone without a trace."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.commands.down import stop_stack
from deploy.local.commands.scale import scale
from deploy.local.health import look
from deploy.local.living import Living, descendants
from deploy.local.ports import Ports, free_port
from deploy.local.record import Record, find_running, without_password
from deploy.local.service import CHECKOUT, Process, Service
from deploy.local.stack import Stack
from deploy.local.token_keys import ISSUERS
from deploy.local.trouble import Trouble
from deploy.nats.rights import kept
from tests.local.conftest import PYTHON_OF_THE_HOUSE, all_gone, dummy, wait_until


class Told:
    """Remembers what a stack tells people."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def begin(self, text: str, steps: int) -> None:
        """Not looked at."""

    def step(self, text: str) -> None:
        """Not looked at."""

    def note(self, text: str) -> None:
        """Kept."""
        self.notes.append(text)


told = Told()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers, two instances of one dummy service with a database, one of another without."""
    directory = tmp_path_factory.mktemp("stack")
    services = [dummy("registry", database=True), dummy("gateway")]
    plan = Stack(
        directory, services=services, scale={"registry": 2}, durable=False, migrates=False, teller=told,
        environment={"LINLI_SMTP_URL": "smtp://sink"},
    )  # fmt: skip
    plan.add_process("sink", [sys.executable, "-c", "import time; time.sleep(600)"])
    with plan as running:
        yield running


def test_every_instance_is_ready_when_start_returns(stack: Stack) -> None:
    assert [name for name, keeper in stack.processes.items() if keeper.state == "running"] == [
        "postgres", "nats", "gateway-1", "sink", "registry-1", "registry-2",
    ]  # fmt: skip
    assert stack.gateway_url.startswith("http://127.0.0.1:")


def test_a_child_knows_its_own_database_and_not_the_administrators(stack: Stack) -> None:
    def environment_of(name: str) -> dict[str, str]:
        raw = Path(f"/proc/{stack.processes[name].program.pid}/environ").read_text()
        return dict(line.partition("=")[::2] for line in raw.split("\0") if line)

    registry, gateway = environment_of("registry-2"), environment_of("gateway-1")
    assert registry["LINLI_DATABASE_DSN"] == stack.database_dsn("registry")
    assert (registry["LINLI_INSTANCE"], registry["LINLI_SMTP_URL"]) == ("registry-2", "smtp://sink")
    assert registry["LINLI_NATS_URL"] == without_password(stack.nats_url)
    assert registry["LINLI_NATS_SEED_FILE"] == str(stack.secrets_dir / "registry" / "bus.seed")
    assert "LINLI_DATABASE_DSN" not in gateway
    assert "LINLI_POSTGRES_DSN" not in gateway


@pytest.mark.parametrize("name", ["registry-1", pytest.param("sink", marks=pytest.mark.soak), "nats", "postgres"])
def test_what_crashes_is_started_again_and_reported(stack: Stack, name: str) -> None:
    keeper = stack.processes[name]
    before, first, url = keeper.restarts, keeper.program.pid, stack.nats_url

    stack.kill(name)

    wait_until(lambda: keeper.restarts == before + 1 and keeper.state == "running")
    stack.wait_ready()
    assert keeper.program.pid != first
    assert stack.nats_url == url
    assert any(note.startswith(f"{name} was ended by signal 9") for note in told.notes)


def test_a_program_left_down_stays_down_until_it_is_started(stack: Stack) -> None:
    keeper = stack.processes["registry-2"]
    restarts = keeper.restarts

    stack.stop_process("registry-2")
    time.sleep(0.5)
    assert keeper.state == "stopped"

    stack.start_process("registry-2")
    stack.wait_ready()
    assert (keeper.state, keeper.restarts) == ("running", restarts)


def test_instances_come_and_go_while_the_others_run(stack: Stack) -> None:
    first = stack.processes["registry-1"].program.pid

    stack.scale({"registry": 3})
    third = stack.processes["registry-3"].program
    assert isinstance(third, Process)
    assert third.ready

    stack.scale({"registry": 2})
    assert not third.running
    assert [name for name in stack.processes if name.startswith("registry-")] == ["registry-1", "registry-2"]
    assert stack.processes["registry-1"].program.pid == first
    record = find_running(stack.directory)
    assert record is not None
    assert [it.name for it in record.instances if it.service == "registry"] == ["registry-1", "registry-2"]


def test_an_instance_that_cannot_start_goes_again_and_the_others_stay(stack: Stack) -> None:
    broken = stack.environment.setdefault("LINLI_DUMMY_FAILS_AS", "registry-4")
    try:
        with pytest.raises(Trouble, match=f"{broken} did not start"):
            stack.scale({"registry": 4})
    finally:
        del stack.environment["LINLI_DUMMY_FAILS_AS"]

    assert [name for name in stack.processes if name.startswith("registry-")] == ["registry-1", "registry-2"]
    stack.wait_ready(["registry-1", "registry-2"])


@pytest.mark.parametrize("counts", [{"registri": 2}, {"registry": 0}])
def test_scaling_what_does_not_run_or_to_nothing_is_refused_with_the_known_ones(
    stack: Stack, counts: dict[str, int]
) -> None:
    with pytest.raises(Trouble, match="choose among registry, gateway, and at least 1"):
        stack.scale(counts)


def test_status_shows_what_waits(stack: Stack) -> None:
    record = find_running(stack.directory)
    assert record is not None

    gateway = next(health for health in look(record) if health.name == "gateway-1")

    assert (gateway.ready, gateway.lag, gateway.outbox_unpublished, gateway.quarantine) == (True, 7, 2, 3)
    assert gateway.memory_bytes > 1_000_000


def test_status_bears_an_instance_that_does_not_answer(stack: Stack) -> None:
    frozen = stack.processes["registry-1"].program
    record = find_running(stack.directory)
    assert record is not None
    os.kill(frozen.pid, signal.SIGSTOP)
    try:
        health = next(health for health in look(record) if health.name == "registry-1")
    finally:
        os.kill(frozen.pid, signal.SIGCONT)

    assert (health.ready, health.lag, health.outbox_seconds) == (False, None, None)


def test_what_a_command_may_print_has_no_password(stack: Stack) -> None:
    record = find_running(stack.directory)
    assert record is not None

    shown = str(record.for_people())

    assert record.nats_url.split(":")[2].split("@")[0] not in shown
    assert record.postgres_dsn.split(":")[2].split("@")[0] not in shown


def test_a_process_is_shown_a_folder_with_its_own_secrets_alone(stack: Stack) -> None:
    secrets = stack.secrets_dir
    held = {name: {file.name for file in (secrets / name).iterdir()} for name in kept()}
    signing = {name for name in kept() if "token-signing.jwk" in held[name]}
    everyone = {"audit-keys.json", "bus.seed", "token-keys.json", "token-signing.jwk"}

    assert held["notify"] == everyone | {"webhook.key"}
    assert held["registry"] == everyone | {"person-keys.json"}
    assert held["doorkeeper"] == {"bus.seed", "issuer.seed", "token-keys.json", "token-signing.jwk"}
    assert held["topology"] == {"bus.seed"}
    assert signing == set(ISSUERS)
    assert len({(secrets / name / "token-signing.jwk").read_text() for name in signing}) == len(signing)


def test_the_files_of_a_stack_are_closed_to_other_users(stack: Stack) -> None:
    secrets = sorted(path.name for path in stack.secrets_dir.iterdir())
    assert secrets == sorted(
        [
            "audit-keys.json", "nats", "nats-password", "person-keys.json", "postgres-roles.json",
            "postgres-superuser", "token-keys.json", *(f"token-signing-{issuer}.jwk" for issuer in ISSUERS), *kept(),
            "webhook.key",
        ]
    )  # fmt: skip
    for path in [stack.directory / "stack.json", stack.secrets_dir, *stack.secrets_dir.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0


def test_a_second_stack_in_the_same_directory_is_refused_with_advice(stack: Stack) -> None:
    with pytest.raises(Trouble, match="linli down"):
        Stack(stack.directory, services=[dummy("gateway")], migrates=False).start()

    assert find_running(stack.directory) is not None


def test_a_service_that_cannot_start_is_named_with_the_end_of_its_log_and_nothing_stays(tmp_path: Path) -> None:
    broken = Service("registry", (sys.executable, "-c", "raise SystemExit('no such table')"), database=False)
    stack = Stack(tmp_path, services=[broken], durable=False, migrates=False)

    with pytest.raises(Trouble, match=r"registry-1 did not start(?s:.)*no such table"):
        stack.start()

    assert not any(keeper.program.running for keeper in stack.processes.values())
    assert find_running(tmp_path) is None


def test_an_unknown_service_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="choose among gateway"):
        Stack(tmp_path, services=[dummy("gateway")], scale={"gatewy": 2})


def test_a_taken_gateway_port_is_named_before_anything_is_started(stack: Stack, tmp_path: Path) -> None:
    taken = int(stack.gateway_url.rpartition(":")[2])
    other = Stack(tmp_path, services=[dummy("gateway")], ports=Ports(gateway=taken), migrates=False)

    with pytest.raises(Trouble, match=rf"{taken}.*--ports"):
        other.start()

    assert not other.processes


def test_a_record_that_a_crash_left_behind_counts_as_none(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    record = Record("ready", Living(gone.pid, time.time()), str(tmp_path), "", "", "", "")
    from deploy.local.record import write_record

    write_record(record)

    assert find_running(tmp_path) is None
    assert stop_stack(tmp_path) is False
    assert not (tmp_path / "stack.json").exists()


@dataclass
class Supervised:
    """A stack in a process of its own, and everything that belongs to it."""

    directory: Path
    supervisor: "subprocess.Popen[str]"

    def family(self) -> list[Living]:
        """All processes below the supervisor."""
        return descendants(self.supervisor.pid)


def heed_ctrl_c() -> None:
    """As in a terminal, also where the tests themselves run in the background and so ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def foreground(directory: Path, *external_postgres: str) -> Iterator[Supervised]:
    """`./linli up` in the foreground, ready."""
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "tests.local.stack_that_stays", str(directory), *external_postgres],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        env=os.environ | PYTHON_OF_THE_HOUSE | {"LINLI_LANG": "en"},
        preexec_fn=heed_ctrl_c,
    )
    try:
        wait_until(lambda: (record := find_running(directory)) is not None and record.state == "ready")
        yield Supervised(directory, supervisor)
    finally:
        supervisor.kill()
        supervisor.communicate()


def test_a_kill_of_the_supervisor_leaves_no_process_and_the_next_start_works_till_sigterm_ends_it(
    tmp_path: Path,
) -> None:
    with foreground(tmp_path) as killed:
        family = killed.family()
        assert len(family) >= 5

        killed.supervisor.kill()
        killed.supervisor.wait(10)

        wait_until(lambda: all_gone(family))
    with foreground(tmp_path) as again:
        family = again.family()
        assert len(family) >= 5

        again.supervisor.send_signal(signal.SIGTERM)
        output, _ = again.supervisor.communicate(timeout=20)

    assert again.supervisor.returncode == 0
    assert output.rstrip().endswith("Stopped.")
    assert all_gone(family)
    assert "database system is shut down" in (tmp_path / "postgres" / "postgres.log").read_text()
    assert not (tmp_path / "stack.json").exists()


@pytest.mark.parametrize("how", [signal.SIGINT, pytest.param(signal.SIGHUP, marks=pytest.mark.soak)])
def test_ctrl_c_or_the_loss_of_the_terminal_ends_everything(tmp_path: Path, how: signal.Signals) -> None:
    with foreground(tmp_path, "postgresql://admin@elsewhere/postgres") as running:
        family = running.family()
        assert not (tmp_path / "postgres").exists()

        running.supervisor.send_signal(how)

        assert running.supervisor.wait(timeout=20) == 0
        assert len(family) >= 3
        assert all_gone(family)


def test_scale_and_down_reach_the_supervisor_of_another_process(tmp_path: Path) -> None:
    with foreground(tmp_path, "postgresql://admin@elsewhere/postgres") as running:
        scale(["gateway=2"], tmp_path)

        record = find_running(tmp_path)
        assert record is not None
        instances = [it for it in record.instances if it.service == "gateway"]
        assert [(it.name, it.state) for it in instances] == [
            ("gateway-1", "running"), ("gateway-2", "running"),
        ]  # fmt: skip
        with pytest.raises(Trouble, match="choose among"):
            scale(["nobody=2"], tmp_path)
        assert running.supervisor.poll() is None

        family = running.family()
        assert len(family) >= 4
        assert stop_stack(tmp_path) is True
        assert all_gone(family)
        assert stop_stack(tmp_path) is False


def test_ports_count_from_their_base(tmp_path: Path) -> None:
    base = free_port()
    assert Ports.counting_from(base) == Ports(base, base + 1, base + 2)
    assert (CHECKOUT / "linli").exists()
