"""Keys are changed by one person at a time, and a file of keys is on the disk before anything leans on it."""

import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deploy import erasure, keys
from deploy.local.handing_out import ensure_secrets
from deploy.local.private import write_private
from deploy.local.progress import Silent
from deploy.local.token_keys import PUBLIC_FILE, keys_of
from deploy.local.trouble import Trouble


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("secrets")
    ensure_secrets(folder)
    return folder


def test_keys_of_tokens_are_renewed_by_one_person_at_a_time(secrets: Path) -> None:
    refused: list[pytest.ExceptionInfo[Trouble]] = []

    def meanwhile(_: float) -> None:
        with pytest.raises(Trouble) as trouble:
            keys.renew_in(secrets, lambda _: None)
        refused.append(trouble)

    keys.renew_in(secrets, meanwhile)

    assert len(refused) == 1
    signing = [key["iss"] for key in keys_of(secrets / PUBLIC_FILE) if "until" not in key]
    assert len(set(signing)) == len(signing)
    keys.renew_in(secrets, lambda _: None)


async def test_master_keys_are_renewed_by_one_person_at_a_time(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the first throws away the key by which the services still wrap for the second: those people are lost."""
    record: Any = SimpleNamespace(secrets_dir=secrets)
    refused: list[pytest.ExceptionInfo[Trouble]] = []

    class Ring:
        async def count(self) -> int:
            return 0

        async def rewrap(self, _: int) -> int:
            if not refused:
                with pytest.raises(Trouble) as trouble:
                    await erasure.renew_keys(record, Silent())
                refused.append(trouble)
            return 0

    @asynccontextmanager
    async def keyring_of(_: Any) -> AsyncIterator[Ring]:
        yield Ring()

    monkeypatch.setattr(erasure, "keyring_of", keyring_of)
    monkeypatch.setattr(erasure, "SETTLE_SECONDS", 0)

    await erasure.renew_keys(record, Silent())

    assert len(refused) == 1
    await erasure.renew_keys(record, Silent())


def test_a_file_of_keys_is_on_the_disk_before_it_takes_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut must not leave the database with what only a lost master key opens (promise 1)."""
    file, synced = tmp_path / "person-keys.json", []
    sync = os.fsync

    def seen(handle: int) -> None:
        found = os.fstat(handle)
        synced.append(("directory" if stat.S_ISDIR(found.st_mode) else found.st_size, file.exists()))
        sync(handle)

    monkeypatch.setattr(os, "fsync", seen)
    write_private(file, "the keys")

    assert synced == [(8, False), ("directory", True)]


def test_a_file_that_cannot_be_written_leaves_no_draft_with_its_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Path, __: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="space"):
        write_private(tmp_path / "person-keys.json", "the keys")

    assert list(tmp_path.iterdir()) == []
