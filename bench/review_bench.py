#!/usr/bin/python3
"""The review API under the people who work with it: 200 reviewers, 100,000 open cases, one server.

Everybody does one action each 5 s at a time of their own, and an action is all that the console
asks for then: a look at the queue (counts and a page), taking a case and opening its page (the
case, its draft, what a view costs, and its lock), thinking (plan and draft), and the decision, or
giving the case back where a view would be needed. Besides, each polls the overview every 10 s.
Two fifths take what needs no view from a page that others see too, so some meet a lock: a 409.

First the same with few open cases, then with all. Prints for each operation how long answers took
in milliseconds, GET /livez under the same load, and the ratios.

    bench/review_bench.py BUILD_FOLDER [--cases 100000] [--people 200] [--seconds 60]
"""
import argparse
import asyncio
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

GOAL_MS = 150
ACTION_SECONDS = 5
OVERVIEW_SECONDS = 10
LIVEZ_SECONDS = 0.1
WARM_SECONDS = 10
FEW_CASES = 1000
CONFLICTS = {"case.locked", "case.changed", "case.decided"}
LIST = "GET /v1/cases"
LISTS = ("?waiting=true&queue=standard", "?waiting=true&sort=due", "?waiting=true", "?mine=true",
         "?waiting=true&queue=self_reported", "?waiting=true&queue=urgent&sort=newest")
WITHOUT_VIEW = "?waiting=true&needs_view=false"


class Times:
    """What answers took, by operation; errors by operation, status and code."""

    def __init__(self):
        self.took = {}
        self.conflicts = 0
        self.errors = {}
        self.counting = False

    def add(self, name, seconds, status, body):
        if not self.counting:
            return
        self.took.setdefault(name, []).append(seconds * 1000)
        if status >= 400:
            code = json.loads(body).get("code") if body.startswith(b"{") else ""
            if status == 409 and code in CONFLICTS:
                self.conflicts += 1
            else:
                key = f"{name}: {status} {code}"
                self.errors[key] = self.errors.get(key, 0) + 1

    def all_but(self, *names):
        return sorted(value for name, values in self.took.items() if name not in names
                      for value in values)


def percentile(values, share):
    return values[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


class Connection:
    """One connection that is kept open, one request at a time."""

    def __init__(self, port, secret, times):
        self.port = port
        self.times = times
        self.authorization = f"Authorization: Bearer {secret}\r\n" if secret else ""

    async def open(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def call(self, name, path, body=None):
        """Status and body; `name` begins with the method."""
        data = b"" if body is None else json.dumps(body).encode()
        kind = "Content-Type: application/json\r\n" if body is not None else ""
        head = (f"{name.split()[0]} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
                f"{self.authorization}{kind}Content-Length: {len(data)}\r\n\r\n")
        began = time.monotonic()
        self.writer.write(head.encode() + data)
        answer = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"\r\ncontent-length: (\d+)", answer, re.IGNORECASE)
        content = await self.reader.readexactly(int(length.group(1))) if length else b""
        status = int(answer.split(" ", 2)[1])
        self.times.add(name, time.monotonic() - began, status, content)
        return status, content

    async def json(self, name, path, body=None):
        """What was answered, or None where it was refused."""
        status, content = await self.call(name, path, body)
        return json.loads(content) if status == 200 else None

    def close(self):
        self.writer.close()


class Person:
    """One tab of the console, and the person before it."""

    def __init__(self, number, port, secret, times):
        self.chance = random.Random(number)
        self.work = Connection(port, secret, times)
        self.poll = Connection(port, secret, times)

    async def polling(self):
        await self.poll.open()
        await asyncio.sleep(self.chance.random() * OVERVIEW_SECONDS)
        await self.every(OVERVIEW_SECONDS, [self.overview])

    async def working(self):
        await self.work.open()
        steps = [self.look, self.take, self.think, self.finish]
        self.case = None
        # Everybody somewhere else in their round.
        first = self.chance.randrange(4)
        await asyncio.sleep(self.chance.random() * ACTION_SECONDS)
        await self.every(ACTION_SECONDS, steps[first:] + steps[:first])

    @staticmethod
    async def every(seconds, steps):
        due = time.monotonic()
        while True:
            for step in steps:
                await step()
                due += seconds
                await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def overview(self):
        await self.poll.call("GET /v1/overview", "/v1/overview")

    async def look(self):
        await self.work.call("GET /v1/queues", "/v1/queues")
        page = await self.work.json(LIST, "/v1/cases" + self.chance.choice(LISTS) + "&limit=50")
        if page and "next" in page and self.chance.random() < 0.3 and page["next"].startswith("r:"):
            await self.work.call(LIST, f"/v1/cases?waiting=true&limit=50&after={page['next']}")

    async def take(self):
        if self.chance.random() < 0.4:
            page = await self.work.json(LIST, "/v1/cases" + WITHOUT_VIEW + "&limit=50")
            self.case = self.chance.choice(page["items"]) if page and page["items"] else None
        else:
            taken = await self.work.json("POST /v1/queues/next", "/v1/queues/next", {})
            self.case = taken.get("case") if taken else None
        if self.case is None:
            return
        path = f"/v1/cases/{self.case['id']}"
        whole = await self.work.json("GET /v1/cases/{id}", path)
        await self.work.call("GET /v1/cases/{id}/draft", path + "/draft")
        self.case = await self.work.json("POST /v1/cases/{id}/lock", path + "/lock", {})
        for item in whole["items"][:1] if whole else ():
            if "evidence_id" in item:
                await self.work.call("GET /v1/evidence/{id}/costs",
                                     f"/v1/evidence/{item['evidence_id']}/costs")

    async def think(self):
        if self.case:
            path = f"/v1/cases/{self.case['id']}"
            await self.work.call("POST /v1/cases/{id}/plan", path + "/plan", self.verdict())
            await self.work.call("PUT /v1/cases/{id}/draft", path + "/draft",
                                 {"body": json.dumps({"note": "n" * 200})})

    async def finish(self):
        if not self.case:
            return
        path = f"/v1/cases/{self.case['id']}"
        if self.case["needs_view"]:
            await self.work.call("DELETE /v1/cases/{id}/lock", path + "/lock")
        else:
            await self.work.call("POST /v1/cases/{id}/decision", path + "/decision",
                                 {"version": self.case["version"], "verdict": self.verdict()})
        self.case = None

    @staticmethod
    def verdict():
        return {"outcome": "confirmed", "classification": "A2"}


async def ask_livez(port, times):
    connection = Connection(port, "", times)
    await connection.open()
    while True:
        await connection.call("GET /livez", "/livez")
        await asyncio.sleep(LIVEZ_SECONDS)


def cpu_seconds(pid):
    """Of the server and its children."""
    pids = [pid] + [int(child) for child in subprocess.run(
        ["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()]
    total = 0
    for each in pids:
        try:
            fields = pathlib.Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        except FileNotFoundError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


class Server:
    """`tutela serve` on a store that review_fill made."""

    def __init__(self, build, folder, cases, people):
        self.folder = folder / f"data-{cases}"
        began = time.monotonic()
        filled = subprocess.run([build / "bench/review_fill", self.folder, str(cases), str(people)],
                                stdout=subprocess.PIPE, text=True, check=True)
        self.secrets = filled.stdout.split()
        print(f"  filled in {time.monotonic() - began:.0f} s", flush=True)
        config = folder / f"tutela-{cases}.toml"
        config.write_text(f'[store]\nfolder = "{self.folder}"\n[server]\n'
                          'listen = "127.0.0.1:0"\nmetrics_listen = ""\n')
        self.log = open(folder / f"log-{cases}", "w+")
        self.process = subprocess.Popen([build / "bin/tutela", "serve", "--config", config],
                                        stderr=self.log)
        self.port = self.wait_for_port()
        self.wait_until_idle()

    def wait_for_port(self):
        for _ in range(600):
            self.log.seek(0)
            found = re.search(r"info listening address=127\.0\.0\.1:(\d+)", self.log.read())
            if found:
                return int(found.group(1))
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        self.log.seek(0)
        sys.exit("review: the server did not start\n" + self.log.read())

    def wait_until_idle(self):
        """A new store is indexed and its audit log is sequenced first."""
        quiet = 0
        while quiet < 3:
            before = cpu_seconds(self.process.pid)
            time.sleep(1)
            quiet = quiet + 1 if cpu_seconds(self.process.pid) - before < 0.1 else 0

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.log.close()


async def run_load(server, seconds):
    times = Times()
    tasks = [asyncio.create_task(ask_livez(server.port, times))]
    people = [Person(number, server.port, secret, times)
              for number, secret in enumerate(server.secrets)]
    for person in people:
        tasks += [asyncio.create_task(person.working()), asyncio.create_task(person.polling())]
    await asyncio.sleep(WARM_SECONDS)
    times.counting = True
    before, began = cpu_seconds(server.process.pid), time.monotonic()
    own = time.process_time()
    done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    times.counting = False
    wall = time.monotonic() - began
    for task in done:
        task.result()  # the error that ended it
    times.load = ((cpu_seconds(server.process.pid) - before) / wall,
                  (time.process_time() - own) / wall, wall)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return times


def show(times):
    print(f"  {'':31}{'count':>7}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}")
    for name in sorted(times.took):
        values = sorted(times.took[name])
        print(f"  {name:31}{len(values):7}" + "".join(
            f"{percentile(values, share):8.1f}" for share in (0.5, 0.95, 0.99, 1)))
    server, own, wall = times.load
    requests = sum(len(values) for values in times.took.values())
    print(f"  {requests / wall:.0f} requests a second; processors used: server {server:.2f}, this "
          f"program {own:.2f}; load average {os.getloadavg()[0]:.1f}")
    print(f"  conflicts {times.conflicts}, errors {sum(times.errors.values())}", flush=True)
    for error, count in times.errors.items():
        print(f"    {error}: {count}")


def measure(build, cases, options):
    print(f"{cases} open cases, {options.people} people, {options.seconds} s", flush=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tutela-review-", dir=options.folder))
    try:
        server = Server(build, folder, cases, options.people)
        try:
            times = asyncio.run(run_load(server, options.seconds))
        finally:
            server.close()
    finally:
        shutil.rmtree(folder)
    show(times)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path, help="with bin/tutela and bench/review_fill")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--folder", help="where the stores are made; 1 GB")
    options = parser.parse_args()
    few = measure(options.build, min(FEW_CASES, options.cases), options)
    many = measure(options.build, options.cases, options)
    p95 = percentile(many.all_but("GET /livez"), 0.95)
    print(f"p95 of the queue and case API   {p95:8.1f} ms  (under {GOAL_MS})")
    worst = max((percentile(sorted(values), 0.95), name) for name, values in many.took.items()
                if name != "GET /livez")
    print(f"the slowest operation's p95     {worst[0]:8.1f} ms  ({worst[1]})")
    livez = percentile(sorted(many.took["GET /livez"]), 0.95)
    print(f"p95 / p95 of GET /livez         {p95 / livez:8.1f}")
    print(f"p95 / p95 with few cases        "
          f"{p95 / percentile(few.all_but('GET /livez'), 0.95):8.1f}")
    if few.errors or many.errors:
        sys.exit("review: there were errors")


if __name__ == "__main__":
    main()
