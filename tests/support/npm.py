"""Pinned npm packages for tests, installed once into a work folder."""
import shutil
import subprocess


def install(source, work, files=()):
    """Why it is not there, or None. `files` are copied from `source` beside the packages."""
    work.mkdir(parents=True, exist_ok=True)
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "npm or node is not installed"
    for name in ("package.json", "package-lock.json", *files):
        shutil.copyfile(source / name, work / name)
    lock = (work / "package-lock.json").read_bytes()
    stamp = work / "installed.lock"
    if not stamp.exists() or stamp.read_bytes() != lock:
        done = subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=work,
                              capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            return "npm ci failed:\n" + done.stderr[-2000:]
        stamp.write_bytes(lock)
    return None
