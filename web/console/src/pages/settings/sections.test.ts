import { expect, it } from "vitest";
import { groupsOf, variableOf } from "./sections";

const settings = [
  { key: "server.listen", value: "127.0.0.1:8080", help: "where it listens", reloadable: false },
  { key: "webhook.secrets", value: "set", help: "to sign with", reloadable: false },
  { key: "server.tls_key", value: "", help: "PEM file", reloadable: false },
];

it("keeps the server's order of sections and keys", () => {
  const groups = groupsOf(settings, "");
  expect(groups.map((each) => each.name)).toEqual(["server", "webhook"]);
  expect(groups[0]?.settings.map((each) => each.key)).toEqual(["server.listen", "server.tls_key"]);
});

it("finds by all words, in key, value or help, whatever their case", () => {
  expect(groupsOf(settings, "SERVER pem").flatMap((each) => each.settings.map((one) => one.key))).toEqual(["server.tls_key"]);
  expect(groupsOf(settings, "sign")).toHaveLength(1);
  expect(groupsOf(settings, "nothing of it")).toEqual([]);
});

it("names the variable of a key as the server reads it", () => {
  expect(variableOf("webhook.secrets")).toBe("TUTELA_WEBHOOK__SECRETS");
});
