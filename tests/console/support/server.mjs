// The real `tutela serve` in a folder of its own.
import { execFile, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const binary = process.env.TUTELA_BINARY;
const START_MS = 60_000;
const STOP_MS = 60_000;

function environment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("TUTELA_")));
}

function toml(keys) {
  const sections = new Map();
  for (const [name, value] of Object.entries(keys)) {
    const dot = name.indexOf(".");
    const section = name.slice(0, dot);
    const lines = sections.get(section) ?? [];
    // A TOML string, number or boolean is written as JSON writes it.
    sections.set(section, [...lines, `${name.slice(dot + 1)} = ${JSON.stringify(value)}`]);
  }
  return [...sections].map(([name, lines]) => `[${name}]\n${lines.join("\n")}\n`).join("");
}

const running = new Set();

/** What a test that failed left behind. */
export function killServers() {
  for (const server of running) {
    server.process.kill("SIGKILL");
    rmSync(server.folder, { recursive: true, force: true });
  }
}

export class Server {
  log = [];
  #tokens = new Map();

  static async start(keys = {}) {
    const server = new Server();
    server.folder = await mkdtemp(join(tmpdir(), "tutela-console-"));
    server.config = join(server.folder, "tutela.toml");
    const all = {
      "server.listen": "127.0.0.1:0",
      "server.metrics_listen": "",
      "store.folder": join(server.folder, "data"),
      ...keys,
    };
    await writeFile(server.config, toml(all));
    await server.#serve();
    return server;
  }

  async #serve() {
    this.process = spawn(binary, ["serve", "--config", this.config], {
      env: environment(),
      stdio: ["ignore", "ignore", "pipe"],
    });
    running.add(this);
    this.ended = new Promise((resolve) => this.process.once("exit", resolve));
    createInterface({ input: this.process.stderr }).on("line", (line) => this.log.push(line));
    const until = Date.now() + START_MS;
    for (;;) {
      const found = this.log.map((line) => / listening address=(\S+)/.exec(line)).find(Boolean);
      if (found) {
        this.origin = `http://${found[1]}`;
        return;
      }
      if (Date.now() > until || this.process.exitCode !== null) {
        throw new Error(`the server did not start:\n${this.log.join("\n")}`);
      }
      await wait(20);
    }
  }

  async command(...args) {
    const { stdout } = await run(binary, [...args, "--config", this.config], { env: environment() });
    return stdout.trim();
  }

  async token(scopes) {
    if (!this.#tokens.has(scopes)) {
      const name = `test-${this.#tokens.size}`;
      const made = await this.command("token", "create", name, "--scopes", scopes);
      this.#tokens.set(scopes, /tutela_[\w-]{43}/.exec(made)[0]);
    }
    return this.#tokens.get(scopes);
  }

  /** The exit status. */
  async stop() {
    this.process.kill("SIGTERM");
    const timer = setTimeout(() => this.process.kill("SIGKILL"), STOP_MS);
    const status = await this.ended;
    clearTimeout(timer);
    running.delete(this);
    await rm(this.folder, { recursive: true, force: true });
    return status;
  }
}
