"""Lists: their life, consent, signals, import and export."""
import unittest

from servers import ServerTest

NEW = {"source": "own", "classification": "A1", "purpose": "known_csam"}


class Lists(ServerTest):
    def setUp(self):
        self.client = self.server.client("lists")
        self.exporter = self.server.client("export")

    def make(self, name, **more):
        made = self.client.post("/v1/lists", {"name": name, **NEW, **more})
        self.assertEqual(made.status, 201, made.body)
        self.assertEqual(made.headers["Location"], "/v1/lists/" + made.json["id"])
        return made.json

    def test_a_list_is_made_shown_changed_and_removed(self):
        made = self.make("life", pdq_distance_max=20, provenance="by hand")
        self.assertEqual((made["state"], made["action"], made["automation"]),
                         ("inactive", "hold", False))
        self.assertEqual(self.client.get("/v1/lists/" + made["id"]).json, made)
        self.assertEqual(self.client.get("/v1/lists/life").json, made)
        self.assertIn(made, self.client.get("/v1/lists").json["items"])
        changed = self.client.call("PATCH", "/v1/lists/life", {"action": "case"})
        self.assertEqual((changed.status, changed.json["action"]), (200, "case"))
        self.assertEqual(self.client.call("DELETE", "/v1/lists/life").status, 204)
        self.assert_problem(self.client.get("/v1/lists/life"), 404, "list.not_found")

    def test_what_is_wrong_with_a_list_is_told(self):
        self.make("taken")
        for body, status, code in (
                ({**NEW, "name": "taken"}, 409, "list.exists"),
                ({**NEW, "name": "Bad Name"}, 400, "list.bad_name"),
                ({**NEW, "name": "x", "source": "state:xx"}, 400, "list.legal_process_missing"),
                ({**NEW, "name": "x", "purpose": "copyright"}, 400, None),
                ({**NEW, "name": "x", "pdq_distance_max": 64}, 400, "request.bad_field"),
                ({**NEW, "name": "x", "colour": "red"}, 400, "request.unknown_field"),
                ({"name": "x"}, 400, "request.missing_field"),
                ({**NEW, "name": 7}, 400, "request.bad_field")):
            answer = self.client.post("/v1/lists", body)
            self.assertEqual(answer.status, status, answer.body)
            if code:
                self.assertEqual(answer.code, code)
        for body in ("{", "[]", "", '{"name": "\\ud800"}', b'{"name": "\xff"}', "[" * 5000):
            answer = self.client.post("/v1/lists", body, headers={"Content-Type": "application/json"})
            self.assertEqual(answer.status, 400, body)
        self.assert_problem(self.client.post("/v1/lists", "name=x", headers={
            "Content-Type": "application/x-www-form-urlencoded"}), 415, "request.media_type")
        self.assert_problem(
            self.client.post("/v1/lists", '{"a": "' + "x" * 300_000 + '"}',
                             headers={"Content-Type": "application/json"}), 413, "request.too_large")

    def test_two_different_tokens_consent(self):
        first, second = self.server.client("lists#first"), self.server.client("lists#second")
        self.make("consent")
        self.client.post("/v1/lists/consent/signals",
                         {"signals": [{"kind": "md5", "value": "a" * 32}]})
        self.assert_problem(first.post("/v1/lists/consent/activate"), 409, "list.no_dry_run")
        # The sample must not be empty.
        self.assertEqual(self.server.client().scan(b"some bytes").status, 200)
        run = first.post("/v1/lists/consent/dry-run", {"limit": 100})
        self.assertEqual(run.status, 200, run.body)
        self.assertGreaterEqual(run.json["sample_size"], 1)
        self.assertEqual(run.json["matched"], 0)
        for _ in range(2):
            waiting = first.post("/v1/lists/consent/activate")
            self.assertEqual((waiting.status, waiting.json), (202, {"state": "needs_second_person"}))
        active = second.post("/v1/lists/consent/activate")
        self.assertEqual((active.status, active.json), (200, {"state": "active"}))
        self.assertEqual(self.client.get("/v1/lists/consent").json["state"], "active")
        off = self.client.post("/v1/lists/consent/deactivate")
        self.assertEqual((off.status, off.json["state"]), (200, "inactive"))

    def test_signals_are_added_shown_and_removed(self):
        self.make("signals")
        values = [f"{i:032x}" for i in range(5)]
        body = {"signals": [{"kind": "md5", "value": value} for value in values]}
        self.assertEqual(self.client.post("/v1/lists/signals/signals", body).json["added"], 5)
        self.assertEqual(self.client.post("/v1/lists/signals/signals", body).json["already_there"], 5)
        seen, path = [], "/v1/lists/signals/signals?limit=2"
        while path:
            page = self.exporter.get(path).json
            seen += [item["value"] for item in page["items"]]
            path = (f"/v1/lists/signals/signals?limit=2&after={page['next']}"
                    if "next" in page else None)
        self.assertEqual(seen, values)
        gone = self.client.call("DELETE", "/v1/lists/signals/signals", {"values": values[:2] + ["f" * 32]})
        self.assertEqual((gone.status, gone.json), (200, {"removed": 2}))
        bad = self.client.post("/v1/lists/signals/signals", {"signals": [
            {"kind": "md5", "value": "a" * 32}, {"kind": "sha1", "value": "b" * 32}]})
        self.assert_problem(bad, 400, "list.bad_lines")
        self.assertEqual([line["line"] for line in bad.json["bad_lines"]], [2])
        self.assertEqual(len(self.exporter.get("/v1/lists/signals/signals").json["items"]), 3)
        for body in ({"signals": []}, {}, {"signals": [{"kind": "x", "value": "a" * 32}]},
                     {"signals": [{"kind": "md5", "value": "a" * 32, "extra": 1}]},
                     {"signals": ["a" * 32]}):
            self.assertEqual(self.client.post("/v1/lists/signals/signals", body).status, 400)
        self.assert_problem(self.exporter.get("/v1/lists/signals/signals?after=-1"), 400,
                            "request.bad_parameter")

    def import_text(self, name, text, query="", content_type="text/csv"):
        return self.client.call("POST", f"/v1/lists/{name}/import{query}", text,
                                {"Content-Type": content_type})

    def test_files_are_imported_whole_or_not_at_all(self):
        self.make("files")
        text = "\ufeff# comment\r\n" + "a" * 32 + "\r\n\r\nsha1," + "b" * 40 + "\r\n"
        good = self.import_text("files", text.encode())
        self.assertEqual((good.status, good.json["added"]), (200, 2))
        bad = self.import_text("files", "c" * 32 + "\nnonsense\n" + "d" * 31 + "\n")
        self.assert_problem(bad, 400, "list.bad_lines")
        self.assertEqual(bad.json["bad"], 2)
        self.assertEqual([line["line"] for line in bad.json["bad_lines"]], [2, 3])
        self.assertNotIn("nonsense", bad.body.decode())
        skipped = self.import_text("files", "c" * 32 + "\nnonsense\n", "?skip_bad=true")
        self.assertEqual((skipped.json["added"], skipped.json["bad"]), (1, 1))
        kinds = self.import_text("files", "e" * 64 + "\n", "?kind=sha256", "text/plain")
        self.assertEqual(kinds.json["added"], 1)
        self.assertIn("sha256," + "e" * 64, self.exporter.get("/v1/lists/files/export").body.decode())
        self.assertEqual(self.import_text("files", "x", "?kind=crc").status, 400)
        self.assert_problem(self.import_text("files", "x", "?skip_bad=yes"), 400,
                            "request.bad_parameter")
        self.assert_problem(self.import_text("files", "x", "", "application/json"), 415,
                            "request.media_type")

    def test_a_long_list_is_exported_in_a_stream_that_comes_back_whole(self):
        self.make("long")
        lines = [f"md5,{i:032x}" for i in range(12_345)]
        self.assertEqual(self.import_text("long", "\n".join(lines)).json["added"], len(lines))
        answer = self.exporter.get("/v1/lists/long/export")
        self.assertEqual(answer.headers["Transfer-Encoding"], "chunked")
        self.assertEqual(answer.body.decode().split(), lines)

    def test_an_empty_list_exports_nothing(self):
        self.make("empty")
        self.assertEqual(self.exporter.get("/v1/lists/empty/export").body, b"")

    def test_what_came_from_an_exchange_does_not_leave(self):
        self.make("foreign", source="exchange:somebody")
        self.import_text("foreign", "a" * 32)
        for path in ("export", "signals"):
            self.assert_problem(self.exporter.get("/v1/lists/foreign/" + path), 403,
                                "list.not_exportable")

    def test_stats_count_signals_by_kind_and_what_is_searched(self):
        began = self.client.get("/v1/stats/lists").json
        self.make("counted")
        self.import_text("counted", "a" * 32 + "\n" + "b" * 64 + "\nsha256," + "b" * 64)
        stats = self.client.get("/v1/stats/lists").json
        counted = next(item for item in stats["items"] if item["name"] == "counted")
        self.assertEqual(counted["signals"], {"pdq": 1, "md5": 1, "sha1": 0, "sha256": 1})
        self.assertEqual((counted["signals_total"], counted["state"]), (3, "inactive"))
        self.assertEqual(counted["newest_signal_at"], counted["updated_at"])
        self.assertEqual(stats["total"]["signals_total"], began["total"]["signals_total"] + 3)
        self.assertEqual({**stats["search"], "position": 0}, {**began["search"], "position": 0},
                         "an inactive list is not searched")
        list_id = self.server.activate_list("searched", [{"kind": "sha1", "value": "c" * 40}])
        after = self.client.get("/v1/stats/lists").json["search"]
        self.assertEqual(after["signals"]["sha1"], began["search"]["signals"]["sha1"] + 1)
        self.assertGreater(after["bytes"], 0)
        self.assertGreater(after["position"], began["search"]["position"])
        self.assertEqual(self.client.post(f"/v1/lists/{list_id}/deactivate").status, 200)
        last = self.client.get("/v1/stats/lists").json["search"]
        self.assertEqual(last["signals"], began["search"]["signals"])
        self.assertGreater(last["position"], after["position"], "every change is a step")

    def test_lists_that_are_not_there_are_not_found(self):
        for method, path, body in (
                ("GET", "", None), ("PATCH", "", {"action": "hold"}), ("DELETE", "", None),
                ("POST", "/signals", {"signals": [{"kind": "md5", "value": "a" * 32}]}),
                ("DELETE", "/signals", {"values": ["a" * 32]}), ("POST", "/dry-run", None),
                ("POST", "/activate", None), ("POST", "/deactivate", None)):
            self.assert_problem(self.client.call(method, "/v1/lists/nowhere" + path, body), 404,
                                "list.not_found")
        for path in ("/signals", "/export"):
            self.assert_problem(self.exporter.get("/v1/lists/nowhere" + path), 404, "list.not_found")


if __name__ == "__main__":
    unittest.main()
