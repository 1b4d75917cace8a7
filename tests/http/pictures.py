"""Harmless pictures, made from a seed: smooth random patches, as PNG or BMP."""
import random
import struct
import zlib

SIDE = 192
GRID = 17


def pixels(seed):
    """Grey values of a SIDE x SIDE picture with strong, smooth structure, row by row."""
    source = random.Random(seed)
    grid = [[source.choice((10, 60, 130, 200, 245)) for _ in range(GRID)] for _ in range(GRID)]
    step = SIDE / (GRID - 1)
    rows = []
    for y in range(SIDE):
        gy, fy = divmod(y / step, 1)
        top, bottom = grid[int(gy)], grid[min(int(gy) + 1, GRID - 1)]
        row = bytearray()
        for x in range(SIDE):
            gx, fx = divmod(x / step, 1)
            left, right = int(gx), min(int(gx) + 1, GRID - 1)
            upper = top[left] * (1 - fx) + top[right] * fx
            lower = bottom[left] * (1 - fx) + bottom[right] * fx
            row.append(int(upper * (1 - fy) + lower * fy))
        rows.append(bytes(row))
    return rows


def brighter(rows, by=4):
    return [bytes(min(255, value + by) for value in row) for row in rows]


def rotated(rows):
    """A quarter turn."""
    return [bytes(column) for column in zip(*rows[::-1])]


def png(rows):
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data +
                struct.pack(">I", zlib.crc32(kind + data)))
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def bmp(rows):
    """24 bits, uncompressed, hence large."""
    width, height = len(rows[0]), len(rows)
    pad = b"\0" * (-width * 3 % 4)
    data = b"".join(bytes(v for grey in row for v in (grey, grey, grey)) + pad for row in rows[::-1])
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, len(data), 2835, 2835, 0, 0)
    return struct.pack("<2sIHHI", b"BM", 54 + len(data), 0, 0, 54) + info + data


def picture(seed):
    return png(pixels(seed))
