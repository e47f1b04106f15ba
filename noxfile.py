"""Tests on other Python versions and with the lowest dependencies, and an audit of the pinned ones.

`make test-all`, `make test-lowest` and `make audit` run these sessions. A Python version that is
not installed is skipped, and the summary says so.
"""

import json
import sys

import nox

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["tests"]

OLDEST = "3.11"
PYTHONS = [OLDEST, "3.12", "3.13", "3.14"]
DEVELOPMENT_LOCK = "requirements-dev.lock"
RUNTIME_LOCK = "requirements.lock"


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests with the pinned packages."""
    session.install("--require-hashes", "--requirement", DEVELOPMENT_LOCK)
    _run_tests(session)


@nox.session(python=OLDEST)
def lowest(session: nox.Session) -> None:
    """Run the tests with the lowest version of each dependency that pyproject.toml allows."""
    lowest_versions = str(session.cache_dir / "lowest.txt")
    resolve = ("uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate")
    session.run(
        *resolve,
        "--resolution=lowest-direct",
        f"--python-version={OLDEST}",
        f"--output-file={lowest_versions}",
        "pyproject.toml",
    )
    # The overrides replace pinned versions, for which the lock has no hashes.
    session.install(
        "--no-verify-hashes", "--requirement", DEVELOPMENT_LOCK, "--overrides", lowest_versions
    )
    _run_tests(session)


def _run_tests(session: nox.Session) -> None:
    session.install("--no-deps", "--no-build-isolation", "--editable", ".")
    session.run("python", "-m", "pytest", "--numprocesses=3", *session.posargs)


@nox.session(venv_backend="none")
def audit(session: nox.Session) -> None:
    """Compare the pinned packages with the published advisories, or report why that fails."""
    report = session.cache_dir / "audit.json"
    report.unlink(missing_ok=True)
    output = session.run(
        sys.executable,
        "-m",
        "pip_audit",
        "--disable-pip",
        "--progress-spinner=off",
        "--format=json",
        f"--output={report}",
        f"--requirement={RUNTIME_LOCK}",
        success_codes=[0, 1],  # 1: vulnerable, or an error
        silent=True,
    )
    if not report.exists():
        if "network may be blocking" in str(output):
            session.skip("the advisories can't be reached; nothing was audited")
        session.error(f"pip-audit failed:\n{output}")
    packages = json.loads(report.read_text(encoding="utf-8"))["dependencies"]
    if vulnerable := [
        f"{each['name']} {each['version']}: {vulnerability['id']}"
        f" (fixed in {', '.join(vulnerability['fix_versions']) or 'no version'})"
        for each in packages
        for vulnerability in each.get("vulns", ())
    ]:
        session.error("vulnerable packages:\n" + "\n".join(vulnerable))
    if unknown := [each["name"] for each in packages if "skip_reason" in each]:
        session.skip(f"{len(unknown)} of {len(packages)} packages could not be audited")
    session.log(f"{len(packages)} packages have no known vulnerability")
