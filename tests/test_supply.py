"""What comes from elsewhere is locked with hashes, pinned by commit, and looked up, or the audit fails."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from warehouse.settings import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
# Nothing listens there: whoever asks through it is refused at once, as without a network.
NO_NETWORK = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:1")


def audit(folder: Path, *locks: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [folder / "scripts" / "audit-dependencies", *locks],
        env={"PATH": "/usr/bin:/bin", **NO_NETWORK},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_network_the_audit_fails_with_a_sentence(tmp_path: Path) -> None:
    lock = tmp_path / "one.lock"
    lock.write_text(f"polars==1.0.0 --hash=sha256:{'0' * 64}\n")
    ended = audit(ROOT, lock)
    assert (ended.returncode, ended.stdout) == (1, "")
    (said,) = ended.stderr.splitlines()
    assert "audit-dependencies requirements/*.lock || failed=1" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert said.startswith(f"audit: {lock} was not checked: the advisories cannot be asked (")


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        ("exit 0", 0, "audit: a.lock has no known vulnerability\naudit: b.lock has no known vulnerability\n"),
        ('echo "x 1.0 CVE-1" > "$report"; exit 1', 1, "audit: a.lock:\nx 1.0 CVE-1\naudit: b.lock:\nx 1.0 CVE-1\n"),
        ("echo no route to host; exit 1", 1, ""),
    ],
    ids=["nothing known", "a vulnerability", "no answer"],
)
def test_every_answer_of_the_advisories_is_told(answer: str, code: int, says: str, tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "audit-dependencies", tmp_path / "scripts")
    stand_in = tmp_path / ".venv" / "bin" / "pip-audit"
    stand_in.parent.mkdir(parents=True)
    stand_in.write_text(f'#!/bin/sh\nfor report in "$@"; do :; done\n{answer}\n')
    stand_in.chmod(0o755)
    ended = audit(tmp_path, Path("a.lock"), Path("b.lock"))
    assert (ended.returncode, ended.stdout) == (code, says)
    assert ("no route to host" in ended.stderr) == (answer.startswith("echo no route"))


def test_every_action_of_the_ci_is_pinned_by_commit() -> None:
    used = re.findall(
        r"uses:\s*(\S+)", "".join(path.read_text() for path in (ROOT / ".github" / "workflows").glob("*.yml"))
    )
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action)] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_its_hashes(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    packages = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert packages
    assert [line for line in packages if not re.search(r"==\S+ .*--hash=sha256:[0-9a-f]{64}", line)] == []
