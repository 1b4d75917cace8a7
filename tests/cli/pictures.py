"""Harmless pictures for the tests, made from a seed, and the encoders that need no library."""
import math
import random
import struct
import zlib


def picture(seed, width=96, height=72):
    """Rows of (r, g, b): soft lights on a gradient; good in PDQ quality."""
    dice = random.Random(seed)
    lights = [(dice.random(), dice.random(), 0.05 + 0.12 * dice.random(),
               [dice.uniform(-200, 200) for _ in range(3)]) for _ in range(20)]
    rows = []
    for y in range(height):
        row = []
        for x in range(width):
            u, v = (x + 0.5) / width, (y + 0.5) / height
            colour = [128 + 60 * (u - 0.5), 128 + 60 * (v - 0.5), 128]
            for light_x, light_y, radius, weight in lights:
                square = (u - light_x) ** 2 + (v - light_y) ** 2
                at = math.exp(-square / (2 * radius * radius))
                colour = [c + w * at for c, w in zip(colour, weight)]
            row.append(tuple(max(0, min(255, int(c))) for c in colour))
        rows.append(row)
    return rows


def flat(width=96, height=72):
    """One colour: of no PDQ quality."""
    return [[(90, 120, 150)] * width for _ in range(height)]


def rotated(rows):
    """A quarter turn clockwise."""
    return [list(column) for column in zip(*rows[::-1])]


def mirrored(rows):
    return [row[::-1] for row in rows]


def png(rows, text=b""):
    """`text` goes into a chunk of its own: other bytes, same pixels."""
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    raw = b"".join(b"\0" + bytes(value for pixel in row for value in pixel) for row in rows)
    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) +
            (chunk(b"tEXt", b"Comment\0" + text) if text else b"") +
            chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))


def gif(frames):
    """An animation in 216 colours, without compression: every code is a literal."""
    height, width = len(frames[0]), len(frames[0][0])
    palette = bytes(v for r in range(6) for g in range(6) for b in range(6)
                    for v in (r * 51, g * 51, b * 51)) + bytes(40 * 3)
    out = b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF7, 0, 0) + palette
    out += b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
    for rows in frames:
        codes = []
        for number, (r, g, b) in enumerate(pixel for row in rows for pixel in row):
            if number % 100 == 0:
                codes.append(256)  # clear, so that codes stay 9 bits long
            codes.append(r // 43 * 36 + g // 43 * 6 + b // 43)
        codes.append(257)
        bits = sum(code << (9 * i) for i, code in enumerate(codes))
        data = bits.to_bytes((9 * len(codes) + 7) // 8, "little")
        out += b"\x21\xf9\x04\x04\x0a\x00\x00\x00"
        out += b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x08"
        for i in range(0, len(data), 255):
            out += bytes([len(data[i:i + 255])]) + data[i:i + 255]
        out += b"\0"
    return out + b"\x3b"
