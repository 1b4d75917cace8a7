#!/usr/bin/python3
"""Throughput of POST /v1/scan under wrk, beside the command's own parallel scan.

Both work on JPEG photographs of 1600x1004, every body distinct (a comment segment with a number of
its own), into stores of the same kind on the same disk. Prints images a second, the ratio, errors,
and the server's resident memory at the start, after warming up and at the end.

    bench/load_bench.py BIN_FOLDER [--seconds 60] [--connections 8] [--files 600]
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PICTURE = ROOT / "../shared/data/pdq/bridge-mods/aaa-orig.jpg"

WRK_SCRIPT = """
local file = io.open("%(picture)s", "rb")
local picture = file:read("*a")
file:close()
local thread_count = 0
function setup(thread) thread:set("id", thread_count); thread_count = thread_count + 1 end
function init(args) sent = 0 end
function request()
  sent = sent + 1
  local mark = string.format("%%04d-%%011d", id, sent)
  local body = picture:sub(1, 2) .. "\\255\\254\\0\\18" .. mark .. picture:sub(3)
  return wrk.format("POST", "/v1/scan?source=bench", headers, body)
end
headers = {["Authorization"] = "Bearer %(token)s", ["Content-Type"] = "image/jpeg"}
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("RESULT %%d %%d %%d %%d %%d %%d %%d %%d\\n", summary.requests,
    summary.duration, errors.connect, errors.read, errors.write, errors.status, errors.timeout,
    latency:percentile(99)))
end
"""


def marked(picture: bytes, number: int) -> bytes:
    return picture[:2] + b"\xff\xfe\x00\x12" + f"{number:016d}".encode() + picture[2:]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def resident_kib(pid: int) -> int:
    """Of the server and its warmed worker parent."""
    pids = [pid] + [int(child) for child in subprocess.run(
        ["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()]
    total = 0
    for each in pids:
        try:
            status = pathlib.Path(f"/proc/{each}/status").read_text()
        except FileNotFoundError:
            continue
        total += int(re.search(r"VmRSS:\s+(\d+)", status).group(1))
    return total


class Instance:
    """A data folder with one active test list."""

    def __init__(self, bin_folder: pathlib.Path, folder: pathlib.Path, number: int):
        self.tutela = str(bin_folder / "tutela")
        self.folder = folder / f"data-{number}"
        self.port = free_port()
        self.config = folder / f"tutela-{number}.toml"
        self.config.write_text(
            f'[store]\nfolder = "{self.folder}"\n[server]\nlisten = "127.0.0.1:{self.port}"\n'
            f'metrics_listen = ""\n[log]\nlevel = "warn"\n')
        signals = folder / "signals.txt"
        signals.write_text("".join(f"{i:032x}{i * 7919:032x}\n" for i in range(1, 1001)))
        sample = folder / "sample"
        sample.mkdir(exist_ok=True)
        (sample / "a.jpg").write_bytes(PICTURE.read_bytes())
        self.run("list", "create", "bench", "--purpose", "test", "--source", "own",
                 "--classification", "test")
        self.run("list", "import", "bench", str(signals))
        self.run("list", "dry-run", "bench", str(sample))
        self.run("list", "activate", "bench")

    def run(self, *arguments: str) -> str:
        done = subprocess.run([self.tutela, *arguments, "--config", str(self.config)],
                              capture_output=True, text=True)
        if done.returncode == 2:
            sys.exit(f"tutela {' '.join(arguments)}: {done.stderr}")
        return done.stdout


def bench_command(bin_folder: pathlib.Path, folder: pathlib.Path, files: int) -> float:
    picture = PICTURE.read_bytes()
    sample = folder / "files"
    sample.mkdir()
    for number in range(files):
        (sample / f"{number}.jpg").write_bytes(marked(picture, number))
    instance = Instance(bin_folder, folder, 0)
    started = time.monotonic()
    instance.run("scan", str(sample))
    rate = files / (time.monotonic() - started)
    shutil.rmtree(sample)
    return rate


def bench_server(bin_folder: pathlib.Path, folder: pathlib.Path, seconds: int,
                 connections: int) -> dict:
    instance = Instance(bin_folder, folder, 1)
    token = instance.run("token", "create", "bench", "--scopes", "scan").split()[-1]
    server = subprocess.Popen([instance.tutela, "serve", "--config", str(instance.config)],
                              stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{instance.port}/readyz")
                break
            except OSError:
                time.sleep(0.1)
        idle = resident_kib(server.pid)
        script = folder / "load.lua"
        script.write_text(WRK_SCRIPT % {"picture": PICTURE, "token": token})

        def load(duration: int) -> list:
            printed = subprocess.run(
                ["wrk", "-t1", f"-c{connections}", f"-d{duration}s", "--timeout", "30s", "-s",
                 str(script), f"http://127.0.0.1:{instance.port}"],
                capture_output=True, text=True, check=True).stdout
            return [int(x) for x in re.search(r"RESULT (.*)", printed).group(1).split()]

        load(max(5, seconds // 6))
        warm = resident_kib(server.pid)
        requests, duration_us, *errors, p99_us = load(seconds)
        return {"rate": requests * 1e6 / duration_us, "requests": requests, "errors": sum(errors),
                "p99_ms": p99_us / 1000, "idle": idle, "warm": warm,
                "end": resident_kib(server.pid)}
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin_folder", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--files", type=int, default=600)
    options = parser.parse_args()
    if not PICTURE.exists():
        sys.exit("load: shared/data is absent; this benchmark needs its photographs")
    with tempfile.TemporaryDirectory(prefix="tutela-bench-") as name:
        folder = pathlib.Path(name)
        command = bench_command(options.bin_folder, folder, options.files)
        server = bench_server(options.bin_folder, folder, options.seconds, options.connections)
    print(f"tutela scan, parallel          {command:8.1f} images/s   ({options.files} files)")
    print(f"POST /v1/scan, wrk -c{options.connections:<3}       {server['rate']:8.1f} images/s   "
          f"({server['requests']} requests, {server['errors']} errors, p99 {server['p99_ms']:.0f} ms)")
    print(f"server / command               {server['rate'] / command:8.2f}            (at least 0.80)")
    print(f"resident memory, MiB           idle {server['idle'] / 1024:.0f}, warm "
          f"{server['warm'] / 1024:.0f}, end {server['end'] / 1024:.0f}")


if __name__ == "__main__":
    main()
