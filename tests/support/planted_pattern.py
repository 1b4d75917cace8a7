"""A pattern as fine as pixels are, planted in a picture: does it survive in what was served?

make_picture() writes a harmless picture with a pattern that hangs on a seed; survives() looks for
that pattern in the bytes of an image, wherever in it a part of the original may lie. Where it
survives, somebody was shown the original's own pixels. Squares of 2 x 2 pixels like a chessboard,
each of a random sign, 32 x 32 of them, repeated: an average over a few pixels leaves nothing.

The score is a normalised correlation with 1024 random signs, the best of 4096 shifts. A picture
that does not hold the pattern passes 8 with a chance below 4096 * 2 * exp(-8 * 8 / 2), which is
one in ten thousand million. The picture must be served at its own size: 1280 to 2048 pixels on the
longer side, at least 640 on the shorter; what is scaled loses the pattern, which is how grades below
full lose it. Needs Pillow (Debian: python3-pil).
"""

import io
import math
import operator
import random

from PIL import Image, ImageChops

CELLS = 32
PERIOD = 2 * CELLS
STRENGTH = 24
FOUND = 8.0


def signs_of(seed):
    """The signs, row by row."""
    source = random.Random(f"planted {seed}")
    return [[source.choice((-1, 1)) for _ in range(CELLS)] for _ in range(CELLS)]


def make_picture(path, seed, size=(1280, 960)):
    """Writes hills of grey with the pattern of this seed. Any format that Pillow writes without loss,
    after the name's ending."""
    signs = signs_of(seed)
    period = [[signs[y // 2][x // 2] * (STRENGTH if (x + y) % 2 == 0 else -STRENGTH)
               for x in range(PERIOD)] for y in range(PERIOD)]
    width, height = size
    across = [40 * math.sin(x / 90) for x in range(width)]
    rows = bytearray()
    for y in range(height):
        ground = 128 + 40 * math.cos(y / 70)
        line = period[y % PERIOD]
        rows += bytes(int(ground + across[x] + line[x % PERIOD]) for x in range(width))
    Image.frombytes("L", size, bytes(rows)).convert("RGB").save(path)


def plant(ground, seed):
    """The picture in grey, with the pattern of this seed laid over it."""
    signs = signs_of(seed)
    tile = bytes(128 + signs[y // 2][x // 2] * (STRENGTH if (x + y) % 2 == 0 else -STRENGTH)
                 for y in range(PERIOD) for x in range(PERIOD))
    period = Image.frombytes("L", (PERIOD, PERIOD), tile)
    pattern = Image.new("L", ground.size)
    for y in range(0, ground.height, PERIOD):
        for x in range(0, ground.width, PERIOD):
            pattern.paste(period, (x, y))
    return ImageChops.add(ground.convert("L"), pattern, offset=-128)


def folded(image):
    """How much each place looks like a chessboard, summed over all repetitions."""
    grey = image.convert("L")
    width, height = grey.size
    pixels = grey.tobytes()
    tile = [[0] * PERIOD for _ in range(PERIOD)]
    for y in range(height - 1):
        upper = pixels[y * width:(y + 1) * width]
        lower = pixels[(y + 1) * width:(y + 2) * width]
        line = tile[y % PERIOD]
        change = list(map(operator.sub, upper, lower))
        chess = [max(-STRENGTH, min(STRENGTH, value))
                 for value in map(operator.sub, change, change[1:])]
        for x in range(min(PERIOD, width - 1)):
            line[x] += sum(chess[x::PERIOD])
    return tile


def score(image_bytes, seed):
    """The best normalised correlation. At most 32."""
    image = Image.open(io.BytesIO(image_bytes))
    image.load()
    tile = folded(image)
    flat = [sign for row in signs_of(seed) for sign in row]
    best = 0.0
    for dy in range(2):
        for dx in range(2):
            rows = [tile[y][dx::2] * 2 for y in range(dy, PERIOD, 2)]
            squares = sum(value * value for row in rows for value in row[:CELLS])
            if squares == 0:
                continue
            for y in range(CELLS):
                for x in range(CELLS):
                    values = [v for row in rows[y:] + rows[:y] for v in row[x:x + CELLS]]
                    found = abs(sum(map(operator.mul, values, flat)))
                    best = max(best, found / math.sqrt(squares))
    return best


def survives(image_bytes, seed):
    """Whether the pattern of this seed is in the image. An image that cannot be decoded raises: it
    is not known what it shows."""
    return score(image_bytes, seed) >= FOUND
