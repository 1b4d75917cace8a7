// `tutela simulate cybertip`: the authority of these tests. Its receipts are marked.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";

const START_MS = 60_000;
const NAME = "example-service";
const PASSWORD = "a password of nobody";

export class Simulator {
  lines = [];

  static async start() {
    const simulator = new Simulator();
    simulator.folder = mkdtempSync(join(tmpdir(), "tutela-simulator-"));
    const secret = join(simulator.folder, "password");
    writeFileSync(secret, PASSWORD);
    simulator.process = spawn(
      process.env.TUTELA_BINARY,
      ["simulate", "cybertip", "--listen", "127.0.0.1:0", "--username", NAME, "--password-file", secret],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    simulator.ended = new Promise((resolve) => simulator.process.once("exit", resolve));
    process.once("exit", () => simulator.process.kill("SIGKILL")); // what a test that failed left behind
    for (const stream of [simulator.process.stdout, simulator.process.stderr]) {
      createInterface({ input: stream }).on("line", (line) => simulator.lines.push(line));
    }
    for (const end = Date.now() + START_MS; simulator.url === undefined; await wait(20)) {
      simulator.url = simulator.lines.map((line) => /http:\/\/[\d.]+:\d+\S*\/ispws/.exec(line)?.[0]).find(Boolean);
      if (Date.now() > end || simulator.process.exitCode !== null) {
        throw new Error(`the simulator did not start:\n${simulator.lines.join("\n")}`);
      }
    }
    return simulator;
  }

  /** What a server's configuration says of it. */
  keys() {
    return { "cybertip.url": this.url, "cybertip.username": NAME, "cybertip.password": PASSWORD };
  }

  async reports() {
    const authorization = `Basic ${Buffer.from(`${NAME}:${PASSWORD}`).toString("base64")}`;
    const answer = await fetch(this.url.replace(/\/ispws$/, "/simulator/reports"), { headers: { authorization } });
    return (await answer.json()).reports;
  }

  async stop() {
    this.process.kill("SIGTERM");
    await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
