// People of the tests as clients of the API: they join, sign in with codes of their own, and ask.
import { setTimeout as wait } from "node:timers/promises";
import { STEP_MS, codeOf } from "./totp.mjs";

export const PASSWORD = "seven small blue boats";

export class Refused extends Error {
  constructor(method, path, status, problem) {
    super(`${method} ${path}: ${status} ${JSON.stringify(problem)}`);
    this.status = status;
    this.code = problem?.code;
  }
}

async function read(response) {
  const text = await response.text();
  return text === "" || !response.headers.get("content-type")?.includes("json") ? text : JSON.parse(text);
}

export class Client {
  constructor(server, token) {
    this.server = server;
    this.token = token;
  }

  async call(method, path, body, headers = {}) {
    const isJson = body !== undefined && !Buffer.isBuffer(body);
    const response = await fetch(this.server.origin + path, {
      method,
      body: isJson ? JSON.stringify(body) : body,
      headers: {
        ...(isJson ? { "Content-Type": "application/json" } : {}),
        ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}),
        ...headers,
      },
    });
    const answer = await read(response);
    if (!response.ok) {
      throw new Refused(method, path, response.status, answer);
    }
    return answer;
  }

  get(path) {
    return this.call("GET", path);
  }

  post(path, body, headers) {
    return this.call("POST", path, body, headers);
  }

  /** Every item of a paged list. */
  async all(path) {
    const items = [];
    for (let next = ""; ; ) {
      const more = next === "" ? "" : `${path.includes("?") ? "&" : "?"}after=${next}`;
      const page = await this.get(path + more);
      items.push(...page.items);
      if (page.next === undefined || page.items.length === 0) {
        return items;
      }
      next = encodeURIComponent(page.next);
    }
  }
}

/** A code is typed, sent and looked at within so long. */
const TYPED_MS = 15_000;

export class Person extends Client {
  password = PASSWORD;
  lastStep = 0;

  constructor(server, name, role) {
    super(server);
    this.name = name;
    this.role = role;
  }

  /** A code that was not used yet, and is good for a while; waits where all of the present are used. */
  async code() {
    const step = Math.max(this.lastStep + 1, Math.floor((Date.now() + TYPED_MS) / STEP_MS) - 1);
    while (step > Math.floor(Date.now() / STEP_MS) + 1) {
      await wait(200);
    }
    this.lastStep = step;
    return codeOf(this.secret, step);
  }

  async call(method, path, body, headers) {
    try {
      return await super.call(method, path, body, headers);
    } catch (thrown) {
      if (thrown.code !== "auth.not_fresh") {
        throw thrown;
      }
      await super.call("POST", "/v1/session/step-up", { code: await this.code() });
      return super.call(method, path, body, headers);
    }
  }

  /** From the invitation to an open session. */
  async join(invitation) {
    await this.post("/v1/invitation", { code: invitation, password: this.password });
    const first = { name: this.name, password: this.password, bearer: true };
    this.token = (await this.post("/v1/session", first)).session;
    this.secret = (await this.post("/v1/session/enrolment")).secret;
    this.token = (await this.post("/v1/session/enrolment/code", { code: await this.code() })).session;
    const me = await this.get("/v1/me");
    this.id = me.principal.replace(/^person:/, "");
    return this;
  }
}

export async function firstAdmin(server) {
  return new Person(server, "root", "admin").join(await server.command("admin", "create", "root"));
}

export async function invite(admin, name, role) {
  const { invitation } = await admin.post("/v1/people", { name, role });
  return new Person(admin.server, name, role).join(invitation);
}
