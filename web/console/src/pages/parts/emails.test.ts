import { describe, expect, it } from "vitest";
import { EMAIL_MAX, isEmail } from "./emails";

describe("an address", () => {
  it("is one, as the server takes it", () => {
    for (const good of ["a@b", "first.last+tag@sub.example.org", `a@${"b".repeat(EMAIL_MAX - 2)}`]) {
      expect(isEmail(good)).toBe(true);
    }
  });
  it("is nothing that holds a name, a second one, or what mail cannot carry", () => {
    for (const bad of ["", "a", "@b", "a@", "a@b@c", "a b@c", "<a@b>", "a@b,c@d", "a@b\n", '"a"@b', "\u00e9@b", `a@${"b".repeat(EMAIL_MAX - 1)}`]) {
      expect(isEmail(bad)).toBe(false);
    }
  });
});
