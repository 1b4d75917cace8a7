// The servers of the tests, made when first asked for.
import { setTimeout as wait } from "node:timers/promises";
import { Client } from "./people.mjs";
import { Simulator } from "./simulator.mjs";
import { World } from "./world.mjs";

const PEOPLE = {
  lead: "lead",
  legal: "legal",
  auditor: "auditor",
  operator: "operator",
  anna: "reviewer",
  bert: "reviewer",
  cara: "reviewer",
  contractor: "contractor",
};
const CONTACTS = {
  "support.text": "Ask for a break whenever you want one.",
  "support.contact_1": "Counsellor on call | +49 30 555 0100 | https://support.example.org | day and night",
  "support.concern_contact": "the ombudsperson",
};
export const CASES = 30;
export const PICTURES = CASES + 4; // the last four are of the self-reported
const REPORTED = 4;
export const MASSES = 6;
const worlds = new Map();

function once(name, make) {
  return () => {
    if (!worlds.has(name)) {
      worlds.set(name, make());
    }
    return worlds.get(name);
  };
}

/** One decision is enough, and nobody's budget runs out. */
export const easyWorld = once("easy", async () => {
  const world = await World.make(
    {
      ...CONTACTS,
      "cases.double_review": "none",
      "cases.automatic": false,
      "cases.sample_percent": 0,
      "cases.undo_seconds": 900,
      "exposure.points_per_shift": 100_000,
      "exposure.contractor_points_per_shift": 100_000,
      "exposure.break_after_points": 100_000,
      "exposure.break_after_minutes": 600,
      "exposure.cool_down_seconds": 0,
    },
    PEOPLE,
    PICTURES,
  );
  const exact = [0, 1, 2, 3, 4, 5].map((at) => world.exact(at));
  await world.list("known", { classification: "B2", purpose: "known_csam" }, exact);
  const near = await world.near(6, PICTURES - 4);
  await world.list("near", { classification: "B1", purpose: "known_csam", pdq_distance_max: 31 }, near);
  const own = [1, 2, 3, 4].map((back) => world.exact(PICTURES - back));
  await world.list("self", { classification: "self_reported", purpose: "self_reported" }, own);
  return world;
});

/** Two decide every case, nothing can be undone, and a shift is soon over. */
export const strictWorld = once("strict", async () => {
  const world = await World.make(
    {
      ...CONTACTS,
      "cases.double_review": "all",
      "cases.automatic": false,
      "cases.sample_percent": 0,
      "cases.undo_seconds": 0,
      "exposure.points_per_shift": 60,
      "exposure.soft_percent": 50,
      "exposure.break_after_points": 100_000,
      "exposure.cool_down_seconds": 0,
    },
    PEOPLE,
    6,
  );
  await world.list("near", { classification: "B1", purpose: "known_csam" }, await world.near(0, 6));
  return world;
});

/** Confirmed cases become reports to the simulator of the CyberTipline; two people release each. */
export const reportWorld = once("reports", async () => {
  const simulator = await Simulator.start();
  const world = await World.make(
    {
      ...CONTACTS,
      "cases.double_review": "none",
      "cases.automatic": false,
      "cases.sample_percent": 0,
      "cases.undo_seconds": 1,
      ...simulator.keys(),
      "reporting.routes": "ncmec otherwise",
      "reporting.company": "Example Pictures",
      "reporting.email": "safety@example.org",
      "reporting.service_country": "US",
      "reporting.server_country": "US",
      "reporting.second_person": true,
      "reporting.phone_1": "Example police | +1 555 0100 | always",
    },
    PEOPLE,
    REPORTED,
  );
  world.simulator = simulator;
  const exact = Array.from({ length: REPORTED }, (_, at) => world.exact(at));
  await world.list("known", { classification: "B2", purpose: "known_csam" }, exact);
  return world;
});

/** What people outside told us: one of each kind that the console shows otherwise, and one source's masses. */
export const noticeWorld = once("notices", async () => {
  const world = await World.make(
    {
      ...CONTACTS,
      "cases.double_review": "none",
      "cases.automatic": false,
      "cases.sample_percent": 0,
      "intake.per_source_hour": 1,
      "exposure.points_per_shift": 100_000,
      "exposure.break_after_points": 100_000,
    },
    PEOPLE,
    1,
  );
  world.button = new Client(world.server, await world.server.token("report"));
  const tell = async (name, body) => world.button.post("/v1/notices", body, { "Idempotency-Key": name });
  const link = (at) => `https://pictures.example.org/posts/${at}`;
  const markup = '<img src="https://evil.example/x" onerror="window.broken = true"><script>window.broken = true</script>';
  world.notices = {
    hostile: await tell("hostile", {
      kind: "account",
      text: markup,
      links: [link(1), "javascript:alert(1)"],
      accounts: [markup],
      messages: [{ who: markup, when: "yesterday", text: markup }, { who: "somebody", text: "no" }],
      contact: { name: "Unmistakable Sendername", email: "sender@example.org" },
      country: "DE",
    }),
    victim: await tell("victim", { kind: "content", sender: "victim", language: "de", text: "Das bin ich.", links: [link(2)] }),
    danger: await tell("danger", { kind: "content", imminent: true, text: "somebody may be hurt today", links: [link(3)] }),
    raced: await tell("raced", { kind: "content", links: [link(4)] }),
    law: await tell("law", { kind: "law_request", text: "Please preserve the account named below.", accounts: ["account-9"], reference: "AZ 1/26" }),
    enticed: await tell("enticed", { kind: "solicitation", accounts: ["account-7"], messages: [{ who: "account-7", when: "20:15", text: "what a stranger wrote" }] }),
  };
  // The first of a source is anybody's; what follows within the hour is a flood.
  const left = 86_400_000 - (Date.now() % 86_400_000);
  await wait(left < 60_000 ? left + 100 : 0); // tomorrow nobody knows who that source was
  for (let at = 0; at <= MASSES; ++at) {
    await tell(`mass-${at}`, { kind: "content", links: [link(100 + at)], reporter: "one-source" });
  }
  return world;
});

export async function closeWorlds() {
  for (const made of worlds.values()) {
    const world = await made;
    await world.close();
    await world.simulator?.stop();
  }
}
