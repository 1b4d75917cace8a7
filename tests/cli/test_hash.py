"""tutela hash and tutela compare."""
import hashlib
import json
import subprocess

import pictures
import support
from support import CommandTest


def distance(left, right):
    return bin(int(left, 16) ^ int(right, 16)).count("1")


class HashTest(CommandTest):
    def test_prints_everything_of_a_picture(self):
        content = pictures.png(pictures.picture(1))
        self.write("a.png", content)
        [found] = self.run_json("hash", "--json", "a.png")
        self.assertEqual(list(found)[:10], ["file", "media_type", "width", "height", "pdq", "quality",
                                            "dihedral", "md5", "sha1", "sha256"])
        self.assertEqual((found["file"], found["media_type"]), ("a.png", "image/png"))
        self.assertEqual((found["width"], found["height"]), (96, 72))
        self.assertEqual(found["md5"], hashlib.md5(content).hexdigest())
        self.assertEqual(found["sha1"], hashlib.sha1(content).hexdigest())
        self.assertEqual(found["sha256"], hashlib.sha256(content).hexdigest())
        self.assertEqual(len(found["dihedral"]), 8)
        self.assertEqual(found["dihedral"][0], found["pdq"])
        self.assertRegex(found["pdq"], "^[0-9a-f]{64}$")
        self.assertGreaterEqual(found["quality"], 80)
        self.assertNotIn("frames", found)
        self.assertNotIn("damaged", found)

    def test_a_turned_picture_has_one_of_the_eight_hashes(self):
        rows = pictures.picture(2)
        self.write("a.png", pictures.png(rows))
        dihedral = self.hash_of("a.png")["dihedral"]
        for name, turned in [("r.png", pictures.rotated(rows)), ("m.png", pictures.mirrored(rows))]:
            self.write(name, pictures.png(turned))
            pdq = self.hash_of(name)["pdq"]
            self.assertLessEqual(min(distance(pdq, one) for one in dihedral), 16, name)
            self.assertGreater(distance(pdq, dihedral[0]), 60, name)

    def test_prints_the_frames_of_an_animation(self):
        self.write("a.gif", pictures.gif([pictures.picture(3), pictures.picture(4)]))
        [found] = self.run_json("hash", "--json", "a.gif")
        self.assertEqual((found["media_type"], found["frames_total"]), ("image/gif", 2))
        self.assertEqual([frame["frame"] for frame in found["frames"]], [0, 1])
        self.assertEqual(found["frames"][0]["pdq"], found["pdq"])
        self.assertGreater(distance(found["frames"][1]["pdq"], found["pdq"]), 60)

    def test_keeps_the_order_of_the_arguments(self):
        names = []
        for i in range(24):
            names.append(f"{(i * 7) % 24:02}.png")
            self.write(names[-1], pictures.png(pictures.picture(5), b"%d" % i))
        self.assertEqual([one["file"] for one in self.run_json("hash", "--json", *names)], names)

    def test_an_error_of_one_file_does_not_hide_the_others(self):
        self.write("a.png", pictures.png(pictures.picture(1)))
        self.write("text.txt", "hello\n")
        self.write("empty", "")
        (self.folder / "folder").mkdir()
        found = self.run_json("hash", "--json", "absent", "text.txt", "empty", "folder", "a.png",
                              status=2)
        self.assertEqual([one.get("error", {}).get("code") for one in found],
                         ["file.unreadable", "media.unsupported_type", "media.empty",
                          "file.not_regular", None])
        self.assertEqual(found[1]["sha256"], hashlib.sha256(b"hello\n").hexdigest())
        self.assertIn("pdq", found[4])
        out, _ = self.run_tutela("hash", "absent", "a.png", status=2)
        self.assertIn("[file.unreadable]", out)
        self.assertIn("quality", out)

    def test_a_file_over_the_limit_has_digests_and_an_error(self):
        content = pictures.png(pictures.picture(1))
        self.write("a.png", content)
        [found] = self.run_json("hash", "--json", "a.png", status=2,
                                TUTELA_LIMITS__SIZE_BYTES_MAX="1024")
        self.assertEqual(found["error"]["code"], "media.too_large")
        self.assertEqual(found["sha256"], hashlib.sha256(content).hexdigest())

    def test_reads_standard_input(self):
        content = pictures.png(pictures.picture(1))
        out, _ = self.run_tutela("hash", "--json", "-", stdin=content)
        self.assertEqual(json.loads(out)["sha256"], hashlib.sha256(content).hexdigest())

    def test_names_cannot_break_json_or_the_terminal(self):
        for name in (b"new\nline.png", b"esc\x1b[31m.png", b"not-utf8-\xff.png", b'quote"\\.png'):
            path = self.folder / name.decode("utf-8", "surrogateescape")
            path.write_bytes(pictures.png(pictures.picture(1)))
            result = subprocess.run([support.TUTELA, "hash", "--json", path.name], cwd=self.folder,
                                    capture_output=True, env=self.environment(), check=False)
            [line] = result.stdout.decode("utf-8").splitlines()
            found = json.loads(line)
            if b"\xff" in name:
                self.assertEqual(bytes.fromhex(found["file_hex"]), name)
            else:
                self.assertEqual(found["file"].encode(), name)
            result = subprocess.run([support.TUTELA, "hash", path.name], cwd=self.folder,
                                    capture_output=True, env=self.environment(), check=False)
            head = result.stdout.split(b"\n")[0].decode("utf-8")
            self.assertTrue(head.isprintable(), head)

    def test_a_reader_that_goes_away_is_an_error(self):
        self.write("a.png", pictures.png(pictures.picture(1)))
        with open("/dev/full", "wb") as full:
            result = subprocess.run([support.TUTELA, "hash", "a.png"], cwd=self.folder, stdout=full,
                                    stderr=subprocess.PIPE, env=self.environment(), check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"[output.failed]", result.stderr)


class CompareTest(CommandTest):
    def compare(self, left, right, status):
        return self.run_json("compare", "--json", left, right, status=status)[0]

    def test_tells_matches_from_others(self):
        rows = pictures.picture(10)
        self.write("a.png", pictures.png(rows))
        self.write("copy.png", pictures.png(rows))
        self.write("turned.png", pictures.png(pictures.rotated(rows)))
        self.write("other.png", pictures.png(pictures.picture(11)))
        same = self.compare("a.png", "copy.png", 1)
        self.assertEqual((same["distance"], same["orientation"], same["same_bytes"]),
                         (0, "original", True))
        turned = self.compare("a.png", "turned.png", 1)
        self.assertTrue(turned["within_31"])
        self.assertNotEqual(turned["orientation"], "original")
        other = self.compare("a.png", "other.png", 0)
        self.assertGreater(other["distance"], 31)
        out, _ = self.run_tutela("compare", "a.png", "turned.png", status=1)
        self.assertIn("within 31    yes", out)

    def test_takes_hashes(self):
        self.write("a.png", pictures.png(pictures.picture(10)))
        pdq = self.hash_of("a.png")["pdq"]
        self.assertEqual(self.compare("a.png", pdq, 1)["distance"], 0)
        self.assertEqual(self.compare(pdq, "a.png", 1)["distance"], 0)
        near = f"{int(pdq, 16) ^ (2**31 - 1):064x}"
        self.assertEqual(self.compare(pdq, near, 1)["distance"], 31)
        far = f"{int(pdq, 16) ^ (2**32 - 1):064x}"
        self.assertEqual(self.compare(pdq, far, 0)["distance"], 32)

    def test_what_cannot_be_told_is_an_error(self):
        self.write("flat.png", pictures.png(pictures.flat()))
        self.write("a.png", pictures.png(pictures.picture(10)))
        self.refuse("compare.undetermined", "compare", "flat.png", "a.png")
        self.refuse("file.unreadable", "compare", "absent.png", "a.png")
        self.refuse("cli.usage", "compare", "a.png")
