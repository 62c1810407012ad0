"""The embedded PostgreSQL."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import asyncpg
import psutil
import pytest

from deploy.local import binaries
from deploy.local import postgres as module
from deploy.local.living import Living, descendants
from deploy.local.ports import free_port
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.trouble import Trouble
from tests.local.conftest import PYTHON_OF_THE_HOUSE, all_gone, ask, modes_up_to_the_root, wait_until


def test_committed_rows_survive_a_kill_of_the_server_and_the_port_stays(postgres: EmbeddedPostgres) -> None:
    ask(postgres.dsn(), "CREATE TABLE kept (name text)", "INSERT INTO kept VALUES ('邻里')")
    port, first = postgres.port, postgres.pid

    postgres.kill()
    postgres.start()

    assert (postgres.port, postgres.pid != first) == (port, True)
    assert ask(postgres.dsn(), "SELECT name FROM kept") == ["邻里"]


def test_a_backend_that_outlived_its_server_and_never_ends_does_not_keep_it_from_starting(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEFT_ALONE_SECONDS", 0.0)
    [stuck] = [each for each in descendants(postgres.pid) if "walwriter" in psutil.Process(each.pid).cmdline()[0]]
    stuck.send(signal.SIGSTOP)

    os.kill(postgres.pid, signal.SIGKILL)
    postgres.wait()
    postgres.start()

    assert ask(postgres.dsn(), "SELECT 1") == [1]
    assert not stuck.alive


def test_a_stranger_without_the_password_is_refused(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        ask(postgres.dsn(password="guess"), "SELECT 1")


def test_it_listens_on_loopback_only(postgres: EmbeddedPostgres) -> None:
    assert ask(postgres.dsn(), "SHOW listen_addresses", "SHOW unix_socket_directories") == ["127.0.0.1", ""]


def test_chinese_names_are_words_and_have_trigrams(postgres: EmbeddedPostgres) -> None:
    dsn = postgres.dsn()
    assert ask(
        dsn, "CREATE EXTENSION pg_trgm", "SELECT '张三' ~ '^\\w+$'", "SELECT cardinality(show_trgm('妇女联合会'))"
    ) == [None, True, 6]


def test_by_default_everything_accepted_is_on_the_disk(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "own") as server:
        settings = ask(server.dsn(), "SHOW fsync", "SHOW full_page_writes", "SHOW synchronous_commit")

    assert settings == ["on", "on", "on"]


def test_starting_opens_no_directory_and_no_secret(tmp_path: Path) -> None:
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    before = modes_up_to_the_root(closed)

    with EmbeddedPostgres(closed / "linli", durable=False):
        after = modes_up_to_the_root(closed)

    assert after == before
    assert (closed / "linli" / "secrets" / "postgres-superuser").stat().st_mode & 0o077 == 0
    assert not (closed / "linli" / "initial-password").exists()


def test_data_of_another_version_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("9\n")

    with pytest.raises(Trouble, match=r"PostgreSQL 9.*--data"):
        EmbeddedPostgres(tmp_path).start()


def test_a_second_server_on_living_data_is_refused_with_advice(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ORPHAN_SECONDS", 0.3)

    with pytest.raises(Trouble, match=rf"{postgres.pid}.*linli down"):
        EmbeddedPostgres(postgres.directory).start()


def test_a_lock_file_that_names_an_unrelated_process_does_not_keep_it_from_starting(
    postgres: EmbeddedPostgres,
) -> None:
    postgres.kill()
    (postgres.data / "postmaster.pid").write_text(f"{os.getpid()}\n")

    postgres.start()

    assert ask(postgres.dsn(), "SELECT 1") == [1]


def test_a_taken_port_is_named_with_advice(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as rival:
        port = rival.getsockname()[1]
        with pytest.raises(Trouble, match=rf"{port}.*--ports"):
            EmbeddedPostgres(tmp_path, port=port, durable=False).start()


def test_a_full_disk_is_said_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

    with pytest.raises(Trouble, match="300 MB"):
        EmbeddedPostgres(tmp_path).start()
    assert not (tmp_path / "data").exists()


OWNER_THAT_IS_KILLED = """
import sys, time
from pathlib import Path
from deploy.local.postgres import EmbeddedPostgres
print(EmbeddedPostgres(Path(sys.argv[1]), durable=False).start().pid, flush=True)
time.sleep(60)
"""


def test_the_server_ends_when_its_owner_is_killed(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", OWNER_THAT_IS_KILLED, str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=os.environ | PYTHON_OF_THE_HOUSE) as owner:
        assert owner.stdout is not None
        server = Living.find(int(owner.stdout.readline()))
        assert server is not None
        family = [server, *descendants(server.pid)]

        owner.send_signal(signal.SIGKILL)

        wait_until(lambda: all_gone(family))


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs PostgreSQL directly")


@needs_root
def test_root_without_user_namespaces_runs_it_as_nobody_even_in_a_closed_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    before = modes_up_to_the_root(closed)
    with EmbeddedPostgres(closed / "postgres", durable=False) as server:
        ask(server.dsn(), "CREATE TABLE kept AS SELECT 7 AS id")

    monkeypatch.setattr(binaries, "UNSHARE", ("false",))
    with EmbeddedPostgres(closed / "postgres", durable=False) as server:
        assert Path(f"/proc/{server.pid}").stat().st_uid == binaries.NOBODY
        assert ask(server.dsn(), "SELECT id FROM kept") == [7]
    assert modes_up_to_the_root(closed) == before


@needs_root
def test_root_that_can_become_nobody_in_no_way_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "UNSHARE", ("false",))
    monkeypatch.setattr(binaries, "SETPRIV", ("false",))

    with pytest.raises(Trouble, match=r"ordinary user.*LINLI_POSTGRES_DSN"):
        EmbeddedPostgres(tmp_path).start()
