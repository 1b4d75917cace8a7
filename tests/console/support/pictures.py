#!/usr/bin/python3
"""Harmless pictures for the console tests: pictures.py FOLDER COUNT.

Soft patches of grey from a seed, large enough that a view in full shows the picture's own pixels,
with the fine pattern of planted_pattern.py. All hold the pattern of one seed, so that one
measurement of an image says whether it shows any original.
"""
import pathlib
import random
import sys

from PIL import Image

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[2] / "support")]

from planted_pattern import plant  # noqa: E402: found by the line above

SEED = 8
SIZE = (1280, 960)
PATCHES = 9


def picture(number):
    source = random.Random(f"console {number}")
    patches = bytes(source.choice((50, 80, 120, 160, 200)) for _ in range(PATCHES * PATCHES))
    ground = Image.frombytes("L", (PATCHES, PATCHES), patches).resize(SIZE, Image.BICUBIC)
    return plant(ground, SEED).convert("RGB")


def main():
    folder = pathlib.Path(sys.argv[1])
    for number in range(int(sys.argv[2])):
        picture(number).save(folder / f"{number}.png", compress_level=1)


if __name__ == "__main__":
    main()
