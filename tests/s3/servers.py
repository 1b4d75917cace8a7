"""Real S3 servers on loopback: OpenStack Swift with s3api, and Ceph's radosgw.

Each runs from Debian's packages in a folder of its own, as whoever runs the test, and is gone after
stop(). Nothing of /etc is written.
"""
import ctypes
import importlib.util
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent / "support")]

from ports import free_ports  # noqa: E402: found by the line above

REGION = "us-east-1"


class Absent(Exception):
    """The server cannot run here; the text says why."""


class Failed(Exception):
    """The server should run here and does not; the text says why."""


def die_with_parent():
    """A test that is killed at its time limit leaves no server behind."""
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(url):
    """True when something that speaks HTTP is there and is not failing."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


class Server:
    programs = ()

    def __init__(self):
        for program in self.programs:
            if shutil.which(program) is None:
                raise Absent(f"{program} is not installed")
        # Swift wants user attributes of files: a disk's file system has them, /tmp may be in memory.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tutela-s3-", dir="/var/tmp"))
        self.processes = {}

    def run(self, *command, seconds=300):
        made = subprocess.run([str(part) for part in command], cwd=self.folder, timeout=seconds,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if made.returncode != 0:
            raise Failed(f"{command[0]} failed: {made.stdout[-500:]}{made.stderr[-1500:]}")
        return made.stdout

    def spawn(self, name, *command):
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(
                [str(part) for part in command], cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True, preexec_fn=die_with_parent)

    def wait_until(self, what, ready, seconds=240):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for name, process in self.processes.items():
                if process.poll() is not None:
                    raise Failed(f"{name} ended with {process.returncode}: {self.log_of(name)}")
            if ready():
                return
            time.sleep(0.2)
        raise Failed(f"{what} was not ready after {seconds} s; "
                     + "; ".join(f"{name}: {self.log_of(name)}" for name in self.processes))

    def log_of(self, name):
        text = (self.folder / f"{name}.log").read_text(errors="replace")
        return text[-1500:]

    def end(self, name, how=signal.SIGTERM):
        """Ends one server process with all that it started."""
        process = self.processes.pop(name)
        for signal_number in (how, signal.SIGKILL):
            try:
                os.killpg(process.pid, signal_number)
            except ProcessLookupError:
                pass
            try:
                process.wait(timeout=60)
                return
            except subprocess.TimeoutExpired:
                continue

    def stop(self):
        for name in list(self.processes):
            self.end(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"


class Swift(Server):
    """One proxy with s3api and tempauth over one account, container and object server."""
    name = "swift"
    access_key = "tutela:tester"
    secret_key = "not-a-real-secret"
    object_lock = False  # it knows versions only
    # Removing a version takes Swift a second or more, so versions are not tested with everything.
    tests = "*/plain:*Removes*/versioned:*Replaces*/versioned:S3Test.*"

    PIPELINE = ("catch_errors gatekeeper healthcheck proxy-logging cache listing_formats s3api "
                "tempauth copy bulk slo dlo versioned_writes symlink proxy-logging proxy-server")

    PROGRAM = pathlib.Path(__file__).resolve().parent / "swift_server.py"

    def __init__(self):
        if importlib.util.find_spec("swift") is None:
            raise Absent("python3-swift is not installed")
        super().__init__()

    def start(self):
        disk = self.folder / "disks" / "sda"
        disk.mkdir(parents=True)
        probe = disk / "probe"
        probe.touch()
        try:
            os.setxattr(probe, "user.probe", b"x" * 1024)
        except OSError as error:
            raise Absent(f"/var/tmp has no user attributes: {error}") from error
        probe.unlink()
        self.port, *ports = free_ports(4)
        (self.folder / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = tests\n")
        self.run(*self.command("rings"), *ports)
        for kind, port in zip(("account", "container", "object"), ports):
            (self.folder / f"{kind}.conf").write_text(
                f"[DEFAULT]\nbind_ip = 127.0.0.1\nbind_port = {port}\nworkers = 0\n"
                f"user = {self.user()}\nswift_dir = {self.folder}\n"
                f"devices = {self.folder / 'disks'}\nmount_check = false\nfallocate_reserve = 0\n"
                f"[pipeline:main]\npipeline = {kind}-server\n"
                f"[app:{kind}-server]\nuse = egg:swift#{kind}\n")
            self.spawn(kind, *self.command(kind))
        (self.folder / "proxy.conf").write_text(self.proxy_conf())
        self.start_proxy()
        self.wait_until("Swift's storage", lambda: all(listens(port) for port in ports))
        return self

    def command(self, kind):
        return sys.executable, "-B", self.PROGRAM, self.folder, kind

    @staticmethod
    def user():
        return pwd.getpwuid(os.getuid()).pw_name

    def proxy_conf(self):
        sections = [
            f"[DEFAULT]\nbind_ip = 127.0.0.1\nbind_port = {self.port}\nworkers = 0\n"
            f"user = {self.user()}\nswift_dir = {self.folder}\n",
            f"[pipeline:main]\npipeline = {self.PIPELINE}\n",
            "[app:proxy-server]\nuse = egg:swift#proxy\nallow_account_management = true\n"
            "account_autocreate = true\n",
            f"[filter:s3api]\nuse = egg:swift#s3api\nlocation = {REGION}\n",
            "[filter:tempauth]\nuse = egg:swift#tempauth\n"
            f"user_tutela_tester = {self.secret_key} .admin\n",
            # No server of memcached answers: nothing is cached, which is slower and no less right.
            "[filter:cache]\nuse = egg:swift#memcache\nmemcache_servers = 127.0.0.1:1\n",
            "[filter:versioned_writes]\nuse = egg:swift#versioned_writes\n"
            "allow_versioned_writes = true\nallow_object_versioning = true\n",
        ]
        plain = {"proxy-logging": "proxy_logging"}
        for name in ("catch_errors", "gatekeeper", "healthcheck", "proxy-logging",
                     "listing_formats", "copy", "bulk", "slo", "dlo", "symlink"):
            sections.append(f"[filter:{name}]\nuse = egg:swift#{plain.get(name, name)}\n")
        return "\n".join(sections)

    def start_proxy(self):
        self.spawn("proxy", *self.command("proxy"))
        self.wait_until("Swift", lambda: answers(f"{self.endpoint}/healthcheck"))

    def break_down(self):
        self.end("proxy", signal.SIGKILL)

    def recover(self):
        self.start_proxy()


class Radosgw(Server):
    """radosgw over one monitor and one object store in memory."""
    programs = ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "monmaptool")
    name = "radosgw"
    access_key = "TUTELATESTER"
    secret_key = "not-a-real-secret"
    object_lock = True
    tests = "*/plain:*/versioned:*/locking:S3Test.*"

    def start(self):
        mon_port, self.port = free_ports(2)
        fsid = "5d3c5f6a-7a1f-4f0e-9a53-1d0f6f1b2c3d"
        for name in ("mon", "osd", "rgw", "run"):
            (self.folder / name).mkdir()
        self.conf = self.folder / "ceph.conf"
        self.conf.write_text(self.ceph_conf(fsid, mon_port))
        self.run("monmaptool", "--create", "--clobber", "--fsid", fsid,
                 "--addv", "a", f"[v2:127.0.0.1:{mon_port}]", self.folder / "monmap")
        self.run("ceph-mon", "-c", self.conf, "--mkfs", "-i", "a",
                 "--monmap", self.folder / "monmap")
        self.spawn("mon", "ceph-mon", "-c", self.conf, "-f", "-i", "a")
        self.ceph("mon", "stat")
        osd = "7f2f8c1a-52c1-4b56-8a70-0d8f3f0a1b2c"
        self.ceph("osd", "new", osd)
        self.run("ceph-osd", "-c", self.conf, "-i", "0", "--mkfs", "--osd-uuid", osd)
        self.spawn("osd", "ceph-osd", "-c", self.conf, "-f", "-i", "0")
        self.wait_until("the OSD", lambda: "1 up" in self.ceph("osd", "stat"))
        self.spawn_gateway()
        self.run("radosgw-admin", "-c", self.conf, "user", "create", "--uid=tutela",
                 "--display-name=tutela", f"--access-key={self.access_key}",
                 f"--secret-key={self.secret_key}", seconds=240)
        return self

    def ceph_conf(self, fsid, mon_port):
        return "\n".join([
            "[global]",
            f"fsid = {fsid}",
            f"mon host = [v2:127.0.0.1:{mon_port}]",
            "auth cluster required = none",
            "auth service required = none",
            "auth client required = none",
            # Without cephx there is no key to encrypt with; radosgw asks for it unless told.
            "ms mon client mode = crc",
            "osd objectstore = memstore",
            f"memstore device bytes = {4 << 30}",
            "osd pool default size = 1",
            "osd pool default min size = 1",
            "osd pool default pg num = 4",
            "osd pool default pg autoscale mode = off",
            "mon allow pool size one = true",
            "mon max pg per osd = 10000",
            "osd crush chooseleaf type = 0",
            "osd max object name len = 256",
            "osd max object namespace len = 64",
            f"run dir = {self.folder / 'run'}",
            f"admin socket = {self.folder / 'run'}/$cluster-$name.asok",
            f"mon data = {self.folder / 'mon'}",
            f"osd data = {self.folder / 'osd'}",
            f"rgw data = {self.folder / 'rgw'}",
            "log to stderr = true",
            "log file = ",
            "debug rgw = 0",
            f"keyring = {self.folder / 'keyring'}",
            "mon data avail crit = 1",
            "mon data avail warn = 2",
            "mon cluster log file = ",
            "rgw enable usage log = false",
            "rgw gc obj min wait = 5",
            ""])

    def ceph(self, *arguments):
        return self.run("ceph", "-c", self.conf, "--connect-timeout", "60", *arguments)

    def spawn_gateway(self):
        self.spawn("radosgw", "radosgw", "-c", self.conf, "-f", "-n", "client.rgw",
                   f"--rgw_frontends=beast endpoint=127.0.0.1:{self.port}")
        self.wait_until("radosgw", lambda: answers(self.endpoint), seconds=240)

    def break_down(self):
        self.end("radosgw", signal.SIGKILL)

    def recover(self):
        self.spawn_gateway()
