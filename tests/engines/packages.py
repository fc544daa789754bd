"""Engines put together from Maven Central: which JDK, which packages, and whose user runs them.

    python -m tests.engines.packages

fetches them all before the tests, which have less time for it, and says what can't be had.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RECIPES = Path(__file__).parent / "recipes"
USER = "monitor-engine"  # runs the engine where the tests run as root, which engines refuse to be
FETCH_SECONDS = 240  # of a test
FETCH_SECONDS_BEFORE = 900

_NAMED_CACHE = os.environ.get("MONITOR_ENGINE_CACHE")  # read here: the tests' environment has no settings


class Unavailable(Exception):
    """The engine can't be had here; says why and what would install it."""


class NotUp(Exception):
    """The engine is here and does not come up: a failure, with the end of its log."""


def engine_user() -> pwd.struct_passwd | None:
    """Whom the engine runs as; None: whoever runs the tests. Made when it is missing. Raises Unavailable."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(USER)
    except KeyError:
        pass
    made = subprocess.run(
        ["useradd", "--create-home", "--shell", "/usr/sbin/nologin", USER], capture_output=True, text=True, check=False
    )
    try:
        return pwd.getpwnam(USER)  # perhaps another process of these tests made it just now
    except KeyError:
        raise Unavailable(f"no user to run an engine as: useradd {USER}: {made.stderr.strip()}") from None


def java_home(least: int) -> Path:
    """The oldest JDK that is new enough, by JAVA_HOME and /usr/lib/jvm. Raises Unavailable."""
    homes = {Path(os.environ["JAVA_HOME"])} if os.environ.get("JAVA_HOME") else set()
    homes |= {path.resolve() for path in Path("/usr/lib/jvm").glob("*")}
    found = {home: version for home in homes if (version := _java_version(home))}
    fit = sorted((version, home) for home, version in found.items() if version >= least)
    if not fit:
        has = ", ".join(sorted({str(version) for version in found.values()})) or "none"
        raise Unavailable(
            f"a JDK of version {least} or newer is needed (found: {has}): apt-get install openjdk-{least}-jdk-headless"
        )
    return fit[0][1]


def _java_version(home: Path) -> int:
    release = home / "release"
    if not (home / "bin" / "java").is_file() or not release.is_file():
        return 0
    found = re.search(r'^JAVA_VERSION="(\d+)', release.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    return int(found[1]) if found else 0


def cache() -> Path:
    """Where what was fetched is kept; the engine's user can read it."""
    if _NAMED_CACHE:
        return Path(_NAMED_CACHE)
    user = engine_user()
    return (Path(user.pw_dir) if user else Path.home()) / ".cache" / "media-monitor-engines"


def fetched(recipe: str, seconds: int = FETCH_SECONDS) -> Path:
    """Folder with the packages of the recipe's pom.xml, unpacked where they are archives. Raises Unavailable."""
    pom = RECIPES / recipe / "pom.xml"
    target = cache() / f"{recipe}-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}"
    if target.is_dir():
        return target
    if shutil.which("mvn") is None:
        raise Unavailable("mvn is not installed: apt-get install maven openjdk-17-jdk-headless")
    target.parent.mkdir(parents=True, exist_ok=True)
    with _locked(target.with_name(f"{target.name}.lock")):
        if not target.is_dir():
            _fetch(pom, target, seconds)
    return target


def _fetch(pom: Path, target: Path, seconds: int) -> None:
    part = target.with_name(f"{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    command = ["mvn", "-q", "-B", "-C", "-f", str(pom), "dependency:copy-dependencies"]
    try:
        done = subprocess.run(
            [*command, f"-DoutputDirectory={part}", "-DincludeScope=runtime"],
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"mvn did not fetch {pom.parent.name} within {seconds} seconds") from None
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).splitlines()[:5])
        raise Unavailable(f"mvn could not fetch {pom.parent.name}: {said}")
    for archive in part.glob("*.zip"):
        _unpack(archive, part)
        archive.unlink()
    for path in (part, *part.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    part.rename(target)


def _unpack(archive: Path, target: Path) -> None:
    """With the permissions that the archive holds, which zipfile leaves out."""
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            made = Path(opened.extract(entry, target))
            if mode := entry.external_attr >> 16 & 0o777:
                made.chmod(mode | 0o600)


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> None:
    for pom in sorted(RECIPES.glob("*/pom.xml")):
        try:
            print(fetched(pom.parent.name, FETCH_SECONDS_BEFORE))
        except Unavailable as reason:
            print(f"left out: {pom.parent.name}: {reason}")


if __name__ == "__main__":
    main()
