#include "demo_scenes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>

namespace tutela::cli {
namespace {

struct Colour {
  double red = 0;
  double green = 0;
  double blue = 0;
};

Colour mix(const Colour& from, const Colour& to, double part) {
  return {std::lerp(from.red, to.red, part),
          std::lerp(from.green, to.green, part),
          std::lerp(from.blue, to.blue, part)};
}

Colour shade(const Colour& colour, double factor) {
  return {colour.red * factor, colour.green * factor, colour.blue * factor};
}

/// A picture that is painted on. Places and sizes are parts of its height, from the top left.
class Canvas {
 public:
  Canvas(std::uint32_t number, std::uint32_t width, std::uint32_t height)
      : random_(number * 7919 + 17),
        width_(static_cast<double>(width) / height),
        picture_{width, height, std::vector<std::uint8_t>(std::size_t{width} * height * 3)} {}

  [[nodiscard]] double width() const noexcept { return width_; }

  double between(double low, double high) {
    return low + (high - low) * (static_cast<double>(random_()) / 4294967296.0);
  }

  Colour colour(double low, double high) {
    return {between(low, high), between(low, high), between(low, high)};
  }

  /// Paints where `covers(x, y)` within the box; the colour may follow the place.
  template <class Covers, class Paint>
  void paint(double left,
             double top,
             double right,
             double bottom,
             const Covers& covers,
             const Paint& colour_at) {
    const double scale = picture_.height;
    const auto bound = [&](double at, std::uint32_t most) {
      return static_cast<std::uint32_t>(std::clamp(at * scale, 0.0, static_cast<double>(most)));
    };
    for (std::uint32_t row = bound(top, picture_.height); row < bound(bottom, picture_.height);
         ++row) {
      for (std::uint32_t column = bound(left, picture_.width);
           column < bound(right, picture_.width);
           ++column) {
        const double x = (column + 0.5) / scale;
        const double y = (row + 0.5) / scale;
        if (covers(x, y)) {
          set(column, row, colour_at(x, y));
        }
      }
    }
  }

  void box(double left, double top, double right, double bottom, const Colour& colour) {
    paint(left, top, right, bottom, everywhere, [&](double, double) { return colour; });
  }

  void fade(double top, double bottom, const Colour& from, const Colour& to) {
    paint(0, top, width_, bottom, everywhere, [&](double, double y) {
      return mix(from, to, (y - top) / (bottom - top));
    });
  }

  void disc(double x, double y, double radius, const Colour& colour) {
    // Lit from the upper left.
    paint(
        x - radius,
        y - radius,
        x + radius,
        y + radius,
        [&](double u, double v) { return std::hypot(u - x, v - y) < radius; },
        [&](double u, double v) {
          return shade(colour,
                       1.1 - 0.5 * std::hypot(u - x + radius / 2, v - y + radius / 2) / radius);
        });
  }

  /// A triangle that stands on its base.
  void peak(double x, double top, double base, double half_width, const Colour& colour) {
    paint(
        x - half_width,
        top,
        x + half_width,
        base,
        [&](double u, double v) { return std::abs(u - x) < half_width * (v - top) / (base - top); },
        [&](double u, double v) { return shade(colour, u < x ? 1.0 + 0.2 * (1 - v) : 0.7); });
  }

  /// Everything below a wavy line.
  void hills(double top, double roughness, const Colour& colour) {
    const std::array<double, 3> phases = {between(0, 6), between(0, 6), between(0, 6)};
    const double length = between(2, 5);
    const auto line = [=](double x) {
      return top + roughness * (std::sin(length * x + phases[0]) +
                                std::sin(2.3 * length * x + phases[1]) / 2 +
                                std::sin(5.1 * length * x + phases[2]) / 5);
    };
    paint(
        0,
        0,
        width_,
        1,
        [&](double x, double y) { return y > line(x); },
        [&](double x, double y) { return shade(colour, 1.15 - 0.6 * (y - line(x))); });
  }

  Picture finish() {
    for (std::uint8_t& value : picture_.pixels) {
      value = to_byte(value + between(-5, 5));
    }
    return std::move(picture_);
  }

  static bool everywhere(double /*x*/, double /*y*/) { return true; }

 private:
  static std::uint8_t to_byte(double value) {
    return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
  }

  void set(std::uint32_t column, std::uint32_t row, const Colour& colour) {
    const std::size_t at = (std::size_t{row} * picture_.width + column) * 3;
    picture_.pixels[at] = to_byte(colour.red);
    picture_.pixels[at + 1] = to_byte(colour.green);
    picture_.pixels[at + 2] = to_byte(colour.blue);
  }

  std::mt19937 random_;
  double width_;
  Picture picture_;
};

constexpr Colour kGreen{60, 120, 50};
constexpr Colour kBark{90, 65, 45};

void clouds(Canvas& canvas, int count) {
  for (int i = 0; i < count; ++i) {
    const double x = canvas.between(0, canvas.width());
    const double y = canvas.between(0.03, 0.35);
    for (int puff = 0; puff < 5; ++puff) {
      canvas.disc(x + puff * 0.045,
                  y + canvas.between(-0.02, 0.02),
                  canvas.between(0.025, 0.06),
                  {235, 236, 242});
    }
  }
}

void tree(Canvas& canvas, double x, double base, double size) {
  canvas.box(x - size / 12, base - size / 2, x + size / 12, base, kBark);
  for (int i = 0; i < 6; ++i) {
    canvas.disc(x + canvas.between(-size / 4, size / 4),
                base - size * canvas.between(0.5, 0.9),
                size / 4,
                shade(kGreen, canvas.between(0.7, 1.4)));
  }
}

void sea(Canvas& canvas) {
  const double horizon = canvas.between(0.35, 0.6);
  canvas.fade(0, horizon, canvas.colour(30, 120), {250, 170, 90});
  canvas.disc(canvas.between(0.2, 1.1), horizon - canvas.between(0, 0.2), 0.11, {255, 225, 150});
  canvas.fade(horizon, 1, {60, 100, 140}, {10, 30, 60});
  for (int i = 0; i < 60; ++i) {
    const double y = canvas.between(horizon, 1);
    const double x = canvas.between(0, canvas.width());
    const double half = 0.25 * (y - horizon) + 0.02;
    canvas.box(x - half, y, x + half, y + half / 8, {200, 190, 150});
  }
  for (int i = 0; i < 3; ++i) {
    const double x = canvas.between(0.1, 1.2);
    const double y = canvas.between(horizon + 0.05, 0.9);
    const double size = 0.3 * (y - horizon) + 0.08;
    canvas.peak(x, y - size, y, size / 2, canvas.colour(150, 250));
    canvas.box(x - size / 2, y, x + size / 2, y + size / 6, kBark);
  }
}

void mountains(Canvas& canvas) {
  canvas.fade(0, 1, canvas.colour(90, 180), {225, 225, 235});
  clouds(canvas, 3);
  for (int i = 0; i < 6; ++i) {
    const double x = canvas.between(0, canvas.width());
    const double top = canvas.between(0.12, 0.5);
    const double half = canvas.between(0.2, 0.45);
    canvas.peak(x, top, 0.8, half, canvas.colour(70, 130));
    canvas.peak(x, top, top + 0.09, half * 0.09 / (0.8 - top), {245, 245, 250});
  }
  canvas.hills(canvas.between(0.65, 0.75), 0.03, kGreen);
  for (int i = 0; i < 14; ++i) {
    const double x = canvas.between(0, canvas.width());
    const double base = canvas.between(0.78, 0.98);
    canvas.peak(x, base - 0.16, base, 0.05, shade(kGreen, canvas.between(0.4, 0.8)));
  }
}

void street(Canvas& canvas) {
  canvas.fade(0, 0.8, {20, 24, 50}, canvas.colour(60, 110));
  canvas.disc(canvas.between(0.2, 1.1), 0.14, 0.06, {240, 236, 210});
  double x = -0.05;
  while (x < canvas.width()) {
    const double wide = canvas.between(0.18, 0.34);
    const double top = canvas.between(0.3, 0.58);
    const Colour wall = canvas.colour(70, 190);
    canvas.box(x, top, x + wide, 0.85, wall);
    canvas.peak(x + wide / 2, top - 0.14, top, wide / 2, shade(wall, 0.55));
    for (double y = top + 0.05; y < 0.78; y += 0.11) {
      for (double at = x + 0.03; at + 0.05 < x + wide; at += 0.075) {
        const bool lit = canvas.between(0, 1) < 0.6;
        canvas.box(at, y, at + 0.045, y + 0.06, lit ? Colour{250, 220, 130} : Colour{30, 34, 48});
      }
    }
    x += wide + canvas.between(0, 0.03);
  }
  canvas.fade(0.85, 1, {70, 70, 74}, {40, 40, 44});
  for (double at = canvas.between(0, 0.1); at < canvas.width(); at += 0.2) {
    canvas.box(at, 0.92, at + 0.1, 0.935, {220, 220, 200});
  }
}

void meadow(Canvas& canvas) {
  canvas.fade(0, 0.7, {110, 160, 220}, {215, 230, 245});
  clouds(canvas, 5);
  canvas.hills(canvas.between(0.45, 0.6), 0.05, {110, 150, 80});
  canvas.hills(canvas.between(0.62, 0.75), 0.04, {90, 140, 60});
  for (int i = 0; i < 8; ++i) {
    tree(canvas,
         canvas.between(0, canvas.width()),
         canvas.between(0.65, 0.95),
         canvas.between(0.2, 0.42));
  }
  for (int i = 0; i < 60; ++i) {
    canvas.disc(canvas.between(0, canvas.width()),
                canvas.between(0.75, 1),
                canvas.between(0.006, 0.018),
                canvas.colour(150, 255));
  }
}

void fruit(Canvas& canvas) {
  canvas.fade(0, 0.55, canvas.colour(120, 200), canvas.colour(90, 160));
  canvas.fade(0.55, 1, {150, 110, 70}, {100, 70, 45});
  for (double y = 0.6; y < 1; y += 0.08) {
    canvas.box(0, y, canvas.width(), y + 0.008, {80, 55, 35});
  }
  for (int i = 0; i < 16; ++i) {
    const double x = canvas.between(0.1, canvas.width() - 0.1);
    const double y = canvas.between(0.35, 0.85);
    const double radius = canvas.between(0.06, 0.13);
    canvas.disc(x + 0.02, y + 0.03, radius, {60, 42, 30});
    canvas.disc(x, y, radius, {canvas.between(150, 250), canvas.between(40, 210), 40});
    canvas.box(x - 0.005, y - radius - 0.03, x + 0.005, y - radius * 0.8, kBark);
  }
}

void balloons(Canvas& canvas) {
  canvas.fade(0, 1, {70, 130, 210}, {240, 220, 200});
  clouds(canvas, 4);
  canvas.hills(0.85, 0.03, {100, 120, 80});
  for (int i = 0; i < 9; ++i) {
    const double x = canvas.between(0.05, canvas.width());
    const double y = canvas.between(0.12, 0.7);
    const double size = canvas.between(0.07, 0.15);
    const Colour one = canvas.colour(30, 255);
    const Colour other = canvas.colour(30, 255);
    canvas.paint(
        x - size,
        y - size,
        x + size,
        y + size,
        [&](double u, double v) { return std::hypot(u - x, v - y) < size; },
        [&](double u, double v) {
          const double stripe = std::sin(18 * (u - x) / size / (1.2 - std::abs(v - y) / size));
          return stripe > 0 ? one : other;
        });
    canvas.box(x - size / 5, y + size * 1.25, x + size / 5, y + size * 1.5, kBark);
  }
}

void quilt(Canvas& canvas) {
  const double side = 1.0 / 6;
  for (double top = 0; top < 1; top += side) {
    for (double left = 0; left < canvas.width(); left += side) {
      const Colour one = canvas.colour(20, 250);
      const Colour other = canvas.colour(20, 250);
      const int kind = static_cast<int>(canvas.between(0, 3));
      canvas.box(left, top, left + side, top + side, one);
      if (kind == 0) {
        canvas.disc(left + side / 2, top + side / 2, side * 0.4, other);
      } else if (kind == 1) {
        canvas.peak(left + side / 2, top, top + side, side / 2, other);
      } else {
        canvas.box(left + side / 4, top + side / 4, left + side * 0.75, top + side * 0.75, other);
      }
    }
  }
}

void city(Canvas& canvas) {
  canvas.fade(0, 1, canvas.colour(120, 200), {250, 200, 170});
  for (int layer = 0; layer < 3; ++layer) {
    const Colour far = mix({150, 140, 150}, {40, 44, 60}, layer / 2.0);
    for (int i = 0; i < 9; ++i) {
      const double x = canvas.between(-0.05, canvas.width());
      const double top = canvas.between(0.15, 0.6) + layer * 0.12;
      const double wide = canvas.between(0.07, 0.17);
      canvas.box(x, top, x + wide, 1, shade(far, canvas.between(0.8, 1.2)));
      for (double y = top + 0.03; y < 0.95; y += 0.05) {
        canvas.box(x + 0.01, y, x + wide - 0.01, y + 0.015, shade(far, 1.6));
      }
    }
  }
}

}  // namespace

Picture make_scene(std::uint32_t number, std::uint32_t width, std::uint32_t height) {
  using Painter = void (*)(Canvas&);
  constexpr std::array<Painter, 8> kPainters = {
      sea, mountains, street, meadow, fruit, balloons, quilt, city};
  Canvas canvas(number, width, height);
  kPainters[number % kPainters.size()](canvas);
  return canvas.finish();
}

}  // namespace tutela::cli
