#!/usr/bin/env python3
"""The measure of what a grade lets through finds its pattern where it is, and only there."""

import io
import os
import sys
import tempfile
import unittest

try:
    from PIL import Image, ImageFilter
except ImportError:
    print("SKIPPED: Pillow is absent (Debian: python3-pil); NOTHING was tested")
    sys.exit(77)

import planted_pattern


def as_bytes(image, kind="PNG", **how):
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


class PlantedPattern(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "planted.png")
            planted_pattern.make_picture(path, "a seed")
            with Image.open(path) as image:
                cls.picture = image.copy()

    def survives(self, image, seed="a seed"):
        return planted_pattern.survives(as_bytes(image), seed)

    def test_survives_as_it_is_and_for_its_own_seed_only(self):
        self.assertTrue(self.survives(self.picture))
        self.assertFalse(self.survives(self.picture, "another seed"))

    def test_survives_cutting_anywhere_and_losing_its_colours(self):
        self.assertTrue(self.survives(self.picture.crop((333, 217, 533, 401))))
        self.assertTrue(self.survives(self.picture.convert("L")))

    def test_survives_among_others_as_on_a_sheet(self):
        sheet = Image.new("RGB", (1600, 700), (96, 96, 96))
        sheet.paste(self.picture.crop((0, 0, 390, 300)), (407, 33))
        self.assertTrue(self.survives(sheet))

    def test_survives_a_jpeg_of_high_quality(self):
        picture = as_bytes(self.picture, "JPEG", quality=95)
        self.assertTrue(planted_pattern.survives(picture, "a seed"))

    def test_survives_on_another_ground(self):
        for grey in (60, 128, 190):
            ground = Image.new("L", (1280, 960), grey)
            self.assertFalse(self.survives(ground))
            self.assertTrue(self.survives(planted_pattern.plant(ground, "a seed")))

    def test_does_not_survive_being_made_small(self):
        for side in (16, 48, 64, 160):
            small = self.picture.resize((side, side * 3 // 4), Image.BOX)
            self.assertFalse(self.survives(small.resize((1280, 960), Image.BILINEAR)))
            self.assertFalse(self.survives(small.resize((1280, 960), Image.NEAREST)))

    def test_does_not_survive_blur(self):
        self.assertFalse(self.survives(self.picture.filter(ImageFilter.GaussianBlur(4))))

    def test_is_in_no_other_picture(self):
        source = Image.effect_noise((640, 480), 80)
        self.assertFalse(self.survives(source))
        self.assertFalse(self.survives(Image.new("RGB", (640, 480), (255, 255, 255))))
        self.assertFalse(self.survives(Image.new("L", (1, 1))))

    def test_what_cannot_be_decoded_is_no_proof(self):
        with self.assertRaises(OSError):
            planted_pattern.survives(b"no picture", "a seed")


if __name__ == "__main__":
    unittest.main()
