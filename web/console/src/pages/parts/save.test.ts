import { expect, it } from "vitest";
import { toCsv } from "./save";

it("quotes what would break a line or a cell", () => {
  expect(toCsv(["a", "b"], [['say "no"', "1,2"]])).toBe('a,b\r\n"say ""no""","1,2"\r\n');
  expect(toCsv(["a"], [["two\nlines"]])).toBe('a\r\n"two\nlines"\r\n');
});

it("gives no spreadsheet a formula", () => {
  expect(toCsv(["who"], [["=1+1"], ["+a"], ["-a"], ["@a"], ["a=1"]])).toBe("who\r\n'=1+1\r\n'+a\r\n'-a\r\n'@a\r\na=1\r\n");
});
