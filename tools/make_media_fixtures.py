#!/usr/bin/python3
"""Makes src/engine/media/testdata: one small harmless picture in every format and colour mode.

Beside the files it writes expected.tsv: file, media type, width, height, frames, and an FNV-1a
digest of the RGB bytes of each frame as Pillow reads them ("-" where Pillow cannot). Run by hand on
Debian 12 (python3-pil, libvips42 for AVIF and HEIC); the results are committed.
"""
import struct
import subprocess
import sys
import zlib
from pathlib import Path

from PIL import Image, ImageSequence

OUT = Path(__file__).resolve().parent.parent / "src/engine/media/testdata"
WIDTH, HEIGHT = 61, 47
rows = []


def picture(shift=0):
    """A gradient with a disc and a bar: smooth and hard edges, all colours."""
    image = Image.new("RGB", (WIDTH, HEIGHT))
    pixels = image.load()
    for y in range(HEIGHT):
        for x in range(WIDTH):
            disc = (x - 20 - shift) ** 2 + (y - 22) ** 2 < 150
            bar = 8 < y - x // 3 < 14
            pixels[x, y] = (
                (x * 4 + 60 * disc) % 256,
                (y * 5 + 90 * bar) % 256,
                (255 - x * 2 - y + 120 * disc * bar) % 256,
            )
    return image


def fnv(data):
    digest = 0xCBF29CE484222325
    for byte in data:
        digest = ((digest ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{digest:016x}"


def expect(name, kind, frames=None, total=None, size=(WIDTH, HEIGHT)):
    digests = ["-"] if frames is None else [fnv(frame) for frame in frames]
    total = total or len(digests)
    rows.append("\t".join([name, kind, str(size[0]), str(size[1]), str(total), ",".join(digests)]))


def rgb(path, first_only=False):
    with Image.open(path) as image:
        frames = [frame.convert("RGB").tobytes() for frame in ImageSequence.Iterator(image)]
    return frames[:1] if first_only else frames


def save(name, kind, image, first_only=False, total=None, **options):
    image.save(OUT / name, **options)
    expect(name, kind, rgb(OUT / name, first_only), total)


def write(name, kind, data, frames=None):
    (OUT / name).write_bytes(data)
    expect(name, kind, frames if frames is not None else rgb(OUT / name))


def grey16():
    """Samples of 16 bits, and the RGB bytes of their high bytes (decisions: shifted down)."""
    samples = [(x * 997 + y * 1201) % 65536 for y in range(HEIGHT) for x in range(WIDTH)]
    return samples, b"".join(bytes([s >> 8] * 3) for s in samples)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(depth, colour, lines, interlace=0, extra=b""):
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, colour, 0, 0, interlace)
    data = zlib.compress(b"".join(b"\0" + line for line in lines))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", data)
            + chunk(b"IEND", b""))


def adam7(image):
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
              (0, 1, 1, 2)]
    for x0, y0, dx, dy in passes:
        for y in range(y0, HEIGHT, dy):
            yield b"".join(bytes(image.getpixel((x, y))) for x in range(x0, WIDTH, dx))


def make_jpeg():
    image = picture()
    for name, subsampling in (("420", 2), ("422", 1), ("444", 0)):
        save(f"rgb-{name}.jpg", "image/jpeg", image, quality=85, subsampling=subsampling)
    save("progressive.jpg", "image/jpeg", image, quality=85, progressive=True)
    save("grey.jpg", "image/jpeg", image.convert("L"), quality=85)
    save("cmyk.jpg", "image/jpeg", image.convert("CMYK"), quality=85)
    exif = Image.Exif()
    exif[0x0112] = 6
    save("rotated-by-exif.jpg", "image/jpeg", image, quality=85, exif=exif)


def make_png():
    image = picture()
    alpha = image.convert("L").point(lambda v: 255 if v > 90 else v)
    save("rgb.png", "image/png", image)
    save("grey.png", "image/png", image.convert("L"))
    save("one-bit.png", "image/png", image.convert("1"))
    save("palette.png", "image/png", image.quantize(60))
    for colours in (2, 4, 16):
        save(f"palette-{colours}.png", "image/png", image.quantize(colours))
    save("palette-transparent.png", "image/png", image.quantize(60), transparency=3)
    rgba = image.copy()
    rgba.putalpha(alpha)
    save("rgba.png", "image/png", rgba)
    save("grey-alpha.png", "image/png", rgba.convert("LA"))
    save("animated.png", "image/png", image, first_only=True, total=3, save_all=True,
         append_images=[picture(8), picture(16)])
    write("interlaced.png", "image/png", png(8, 2, adam7(image), interlace=1))
    for depth in (2, 4):
        lines = []
        for y in range(HEIGHT):
            line = 0
            for x in range(WIDTH):
                line = line << depth | (x + y) % (1 << depth)
            pad = -WIDTH * depth % 8
            lines.append((line << pad).to_bytes((WIDTH * depth + pad) // 8, "big"))
        write(f"grey-{depth}-bit.png", "image/png", png(depth, 0, lines))
    samples, high = grey16()
    lines = [struct.pack(f">{WIDTH}H", *samples[y * WIDTH:(y + 1) * WIDTH]) for y in range(HEIGHT)]
    write("grey-16.png", "image/png", png(16, 0, lines), [high])
    lines = [struct.pack(f">{WIDTH * 3}H", *[(v * 257 + 91) % 65536 for x in range(WIDTH)
                                            for v in image.getpixel((x, y))])
             for y in range(HEIGHT)]
    write("rgb-16.png", "image/png", png(16, 2, lines))


def make_bomb():
    """A header that claims 65,535 x 65,535 pixels, and hardly any data. Never to be decoded."""
    header = struct.pack(">IIBBBBB", 65535, 65535, 8, 2, 0, 0, 0)
    (OUT / "huge-header.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(999)))
        + chunk(b"IEND", b""))


def make_gif_and_webp():
    image = picture()
    frames = [picture(8 * i) for i in range(4)]
    save("still.gif", "image/gif", image)
    save("animated.gif", "image/gif", frames[0].quantize(60), save_all=True, duration=100,
         append_images=[frame.quantize(60) for frame in frames[1:]])
    save("transparent.gif", "image/gif", image.quantize(60), transparency=3)
    save("repeating.gif", "image/gif", frames[0].quantize(60), save_all=True, duration=100,
         append_images=[frames[i].quantize(60) for i in (1, 0, 1)])
    save("lossy.webp", "image/webp", image, quality=80)
    save("lossless.webp", "image/webp", image, lossless=True)
    rgba = image.copy()
    rgba.putalpha(image.convert("L").point(lambda v: 0 if v < 60 else v))
    save("rgba.webp", "image/webp", rgba, lossless=True, exact=True)
    save("animated.webp", "image/webp", frames[0], save_all=True, lossless=True, duration=100,
         append_images=frames[1:])


def make_tiff():
    image = picture()
    save("rgb.tif", "image/tiff", image)
    save("one-bit.tif", "image/tiff", image.convert("1"))
    save("fax4.tif", "image/tiff", image.convert("1"), compression="group4")
    save("grey.tif", "image/tiff", image.convert("L"))
    save("palette.tif", "image/tiff", image.quantize(60))
    save("cmyk.tif", "image/tiff", image.convert("CMYK"))
    rgba = image.copy()
    rgba.putalpha(image.convert("L"))
    save("rgba.tif", "image/tiff", rgba)
    for compression in ("tiff_lzw", "tiff_deflate", "packbits", "jpeg"):
        save(f"{compression.replace('tiff_', '')}.tif", "image/tiff", image,
             compression=compression)
    floats = image.convert("L").convert("F").point(lambda v: v * 1.3 + -20)
    save("float.tif", "image/tiff", floats)
    save("int-32.tif", "image/tiff", image.convert("L").convert("I").point(lambda v: v * 2 + -50))
    save("pages.tif", "image/tiff", image, save_all=True,
         append_images=[picture(8), picture(16).convert("L")])
    samples, high = grey16()
    wide = Image.new("I;16", (WIDTH, HEIGHT))
    wide.frombytes(struct.pack(f"<{len(samples)}H", *samples))
    wide.save(OUT / "grey-16.tif")
    expect("grey-16.tif", "image/tiff", [high])
    save_lab(image)
    for name, order, big in (("big-endian.tif", ">", False), ("big.tif", "<", True)):
        data = plain_tiff(image.convert("L").tobytes(), order, big)
        write(name, "image/tiff", data,
              [image.convert("L").convert("RGB").tobytes()])


def save_lab(image):
    """Pillow reads Lab but cannot convert it to RGB: no digest, compared by closeness."""
    from PIL import ImageCms
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"),
                                     "RGB", "LAB")
    lab = ImageCms.applyTransform(image, to_lab)
    lab.info.pop("icc_profile", None)  # it holds the time of its making
    lab.save(OUT / "lab.tif")
    expect("lab.tif", "image/tiff")


def plain_tiff(grey, order, big):
    """One strip of grey bytes; BigTIFF has 8-byte offsets."""
    tags = [(256, WIDTH), (257, HEIGHT), (258, 8), (259, 1), (262, 1), (273, 0), (277, 1),
            (278, HEIGHT), (279, len(grey))]
    first = 16 if big else 8
    directory = 8 + 20 * len(tags) + 8 if big else 2 + 12 * len(tags) + 4
    mark = b"II" if order == "<" else b"MM"
    out = mark + (struct.pack(order + "HHHQ", 43, 8, 0, first) if big
                  else struct.pack(order + "HI", 42, first))
    out += struct.pack(order + ("Q" if big else "H"), len(tags))
    for tag, value in tags:
        value = first + directory if tag == 273 else value
        out += struct.pack(order + ("HHQII" if big else "HHII"), tag, 4, 1, value,
                           *([0] if big else []))
    return out + struct.pack(order + ("Q" if big else "I"), 0) + grey


def bmp(bits, compression, data, palette=b"", masks=b"", height=HEIGHT):
    at = 14 + 40 + len(masks) + len(palette)
    return (b"BM" + struct.pack("<IHHI", at + len(data), 0, 0, at)
            + struct.pack("<IiiHHIIiiII", 40, WIDTH, height, 1, bits, compression, len(data), 0, 0,
                          len(palette) // 4, 0) + masks + palette + data)


def runs(line, four_bits):
    out, x = b"", 0
    while x < len(line):
        if x % 16 == 0 and x + 8 <= len(line):  # an absolute stretch of eight now and then
            part = line[x:x + 8]
            out += bytes([0, 8]) + (bytes(a << 4 | b for a, b in zip(part[::2], part[1::2]))
                                    if four_bits else bytes(part))
            x += 8
            continue
        n = 1
        while x + n < len(line) and line[x + n] == line[x] and n < 200 and (x + n) % 16:
            n += 1
        out += bytes([n, line[x] * 17 if four_bits else line[x]])
        x += n
    return out + b"\0\0"


def make_bmp():
    image = picture()
    save("rgb.bmp", "image/bmp", image)
    save("grey.bmp", "image/bmp", image.convert("L"))
    save("one-bit.bmp", "image/bmp", image.convert("1"))
    save("palette.bmp", "image/bmp", image.quantize(60))
    rgba = image.copy()
    rgba.putalpha(200)
    save("rgba.bmp", "image/bmp", rgba)
    flipped = image.transpose(Image.FLIP_TOP_BOTTOM)
    for colours, bits, compression in ((16, 4, 2), (60, 8, 1)):
        small = flipped.quantize(colours)
        table = small.getpalette()[:colours * 3]
        palette = b"".join(bytes(table[i:i + 3][::-1]) + b"\0" for i in range(0, len(table), 3))
        lines = [list(small.tobytes()[y * WIDTH:(y + 1) * WIDTH]) for y in range(HEIGHT)]
        data = b"".join(runs(line, bits == 4) for line in lines) + b"\0\1"
        write(f"rle{bits}.bmp", "image/bmp", bmp(bits, compression, data, palette))
        if bits == 4:
            packed = b"".join(
                bytes(a << 4 | b for a, b in zip(line[::2], line[1::2] + [0])).ljust(32, b"\0")
                for line in lines)
            write("palette-16.bmp", "image/bmp", bmp(4, 0, packed, palette))
            core = (b"BM" + struct.pack("<IHHI", 0, 0, 0, 26 + 48)
                    + struct.pack("<IHHHH", 12, WIDTH, HEIGHT, 1, 4)
                    + b"".join(bytes(table[i:i + 3][::-1]) for i in range(0, 48, 3)) + packed)
            write("core-header.bmp", "image/bmp", core)
    for name, shifts, masks in (("555", (10, 5, 0), (0x7C00, 0x3E0, 0x1F)),
                                ("565", (11, 5, 0), (0xF800, 0x7E0, 0x1F))):
        green_bits = 6 if name == "565" else 5
        data = b""
        for y in range(HEIGHT):
            line = b""
            for x in range(WIDTH):
                r, g, b = flipped.getpixel((x, y))
                line += struct.pack("<H", (r >> 3) << shifts[0] | (g >> (8 - green_bits)) << 5
                                    | b >> 3)
            data += line + b"\0" * (-len(line) % 4)
        write(f"rgb-{name}.bmp", "image/bmp", bmp(16, 3, data, masks=struct.pack("<III", *masks)))
    stride = -WIDTH * 3 % 4
    data = b"".join(b"".join(bytes(image.getpixel((x, y))[::-1]) for x in range(WIDTH))
                    + b"\0" * stride for y in range(HEIGHT))
    write("top-down.bmp", "image/bmp", bmp(24, 0, data, height=-HEIGHT))


# Runs in a process of its own: libvips and Pillow do not get on in one.
WRITE_HEIF = """
import ctypes, sys
vips = ctypes.CDLL("libvips.so.42")
vips.vips_init(b"make_media_fixtures")
load = vips.vips_image_new_from_memory_copy
load.restype = ctypes.c_void_p
load.argtypes = [ctypes.c_char_p, ctypes.c_size_t] + [ctypes.c_int] * 4
path, compression, bits = sys.argv[1].encode(), int(sys.argv[2]), int(sys.argv[3])
data = sys.stdin.buffer.read()
vips.vips_heifsave.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
sys.exit(vips.vips_heifsave(load(data, len(data), 60, 46, 3, 0), path, b"compression",
                            ctypes.c_int(compression), b"bitdepth", ctypes.c_int(bits),
                            b"Q", ctypes.c_int(85), ctypes.c_void_p(None)))
"""


def make_heif():
    """libvips writes AVIF and HEIC; Pillow 9.4 reads neither, so they are compared by closeness."""
    # Even sides: 4:2:0 pictures of odd width are cropped differently by readers.
    image = picture().crop((0, 0, 60, 46))
    for name, kind, compression, bits in (("rgb.avif", "image/avif", 4, 8),
                                          ("rgb.heic", "image/heic", 1, 8)):
        subprocess.run([sys.executable, "-c", WRITE_HEIF, OUT / name, str(compression), str(bits)],
                       input=image.tobytes(), check=True)
        expect(name, kind, size=(60, 46))


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    make_jpeg()
    make_png()
    make_bomb()
    make_gif_and_webp()
    make_tiff()
    make_bmp()
    make_heif()
    (OUT / "expected.tsv").write_text("\n".join(rows) + "\n")


main()
