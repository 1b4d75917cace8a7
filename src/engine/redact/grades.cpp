#include "engine/redact/grades.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace tutela::redact {

namespace {

constexpr std::uint32_t kMosaicCellMin = 4;

// In parts of the longer side. A wave as long as a 24th of it keeps less than a hundredth of its
// height under kBlurSigma. The outline's is more than twice as strong.
constexpr float kBlurSigma = 1.0F / 48;
constexpr float kOutlineSigma = 1.0F / 20;

// Steps of brightness that make the darkest line at least; less is noise, and stays paler.
constexpr float kStrongEdgeMin = 48.0F;
constexpr float kOutlineSteps = 4.0F;

std::vector<float> gaussian(float sigma) {
  const auto radius = static_cast<int>(std::ceil(sigma * 3));
  std::vector<float> kernel;
  float total = 0;
  for (int i = -radius; i <= radius; ++i) {
    const float distance = static_cast<float>(i) / sigma;
    kernel.push_back(std::exp(-distance * distance / 2));
    total += kernel.back();
  }
  for (float& weight : kernel) {
    weight /= total;
  }
  return kernel;
}

/// One pass along rows or columns: `step` from sample to sample, `lines` starts `line_step` apart.
struct Pass {
  std::size_t length;
  std::size_t step;
  std::size_t lines;
  std::size_t line_step;
};

std::vector<float> convolve(const std::vector<float>& in,
                            const std::vector<float>& kernel,
                            const Pass& pass) {
  std::vector<float> out(in.size());
  const auto radius = static_cast<std::ptrdiff_t>(kernel.size() / 2);
  const auto last = static_cast<std::ptrdiff_t>(pass.length) - 1;
  for (std::size_t line = 0; line < pass.lines; ++line) {
    const std::size_t start = line * pass.line_step;
    for (std::ptrdiff_t i = 0; i <= last; ++i) {
      float sum = 0;
      for (std::ptrdiff_t k = -radius; k <= radius; ++k) {
        const auto at = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(i + k, 0, last));
        sum += in[start + at * pass.step] * kernel[static_cast<std::size_t>(k + radius)];
      }
      out[start + static_cast<std::size_t>(i) * pass.step] = sum;
    }
  }
  return out;
}

std::vector<float> blurred(const Picture& grey, float sigma) {
  std::vector<float> values(grey.pixels.begin(), grey.pixels.end());
  const std::vector<float> kernel = gaussian(sigma);
  values = convolve(values, kernel, {grey.width, 1, grey.height, grey.width});
  return convolve(values, kernel, {grey.height, grey.width, grey.width, 1});
}

/// A grid of numbers that repeats its border outwards.
struct Field {
  const std::vector<float>& values;
  std::ptrdiff_t width;
  std::ptrdiff_t height;

  [[nodiscard]] float at(std::ptrdiff_t x, std::ptrdiff_t y) const {
    x = std::clamp<std::ptrdiff_t>(x, 0, width - 1);
    y = std::clamp<std::ptrdiff_t>(y, 0, height - 1);
    return values[static_cast<std::size_t>(y * width + x)];
  }
};

/// Sobel's operator: how much brightness grows to the right and downwards.
struct Slope {
  float right = 0;
  float down = 0;

  [[nodiscard]] float steepness() const { return std::hypot(right, down); }
};

Slope slope_at(const Field& field, std::ptrdiff_t x, std::ptrdiff_t y) {
  const auto at = [&](std::ptrdiff_t dx, std::ptrdiff_t dy) {
    return field.at(x + dx, y + dy);
  };
  return {at(1, -1) + 2 * at(1, 0) + at(1, 1) - at(-1, -1) - 2 * at(-1, 0) - at(-1, 1),
          at(-1, 1) + 2 * at(0, 1) + at(1, 1) - at(-1, -1) - 2 * at(0, -1) - at(1, -1)};
}

/// Whether no neighbour on the way up or down the slope is steeper: the middle line of an edge.
bool is_ridge(const Field& steepness, const Slope& slope, std::ptrdiff_t x, std::ptrdiff_t y) {
  constexpr float kDiagonal = 0.41421356F;  // the tangent of 22.5 degrees
  const bool across = std::abs(slope.right) > kDiagonal * std::abs(slope.down);
  const bool along = std::abs(slope.down) > kDiagonal * std::abs(slope.right);
  const std::ptrdiff_t dx = across ? 1 : 0;
  const std::ptrdiff_t dy = !along ? 0 : (across && slope.right * slope.down < 0 ? -1 : 1);
  const float here = steepness.at(x, y);
  return here > steepness.at(x - dx, y - dy) && here >= steepness.at(x + dx, y + dy);
}

/// Where brightness changes most, as dark lines on white, in a few steps.
Picture outline(const Picture& grey, float sigma) {
  const std::vector<float> values = blurred(grey, sigma);
  const auto width = static_cast<std::ptrdiff_t>(grey.width);
  const auto height = static_cast<std::ptrdiff_t>(grey.height);
  const Field field{values, width, height};
  std::vector<Slope> slopes;
  std::vector<float> steepness;
  for (std::ptrdiff_t i = 0; i < width * height; ++i) {
    slopes.push_back(slope_at(field, i % width, i / width));
    steepness.push_back(slopes.back().steepness());
  }
  const Field ridges{steepness, width, height};
  const float strongest = *std::max_element(steepness.begin(), steepness.end());
  const float scale = kOutlineSteps / std::max(strongest, kStrongEdgeMin);
  Picture out = make_picture(grey.width, grey.height, 1);
  for (std::ptrdiff_t i = 0; i < width * height; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const bool ridge = is_ridge(ridges, slopes[at], i % width, i / width);
    const float step = ridge ? std::round(steepness[at] * scale) / kOutlineSteps : 0.0F;
    out.pixels[at] = static_cast<std::uint8_t>(std::lround(255 * (1 - step)));
  }
  return out;
}

float sigma_of(const Picture& picture, float part) {
  return static_cast<float>(std::max(picture.width, picture.height)) * part;
}

}  // namespace

Size size_of(Size original, Grade grade) noexcept {
  std::uint32_t side_max = bounds_of(grade).side_max;
  if (grade == Grade::kMosaic) {
    const std::uint32_t longer = std::max(original.width, original.height);
    side_max = std::clamp(longer / kMosaicCellMin, 1U, side_max);
  }
  return fit_into(original, side_max);
}

Picture apply(Picture shrunk, Grade grade) {
  switch (grade) {
    case Grade::kOutline:
      shrunk = to_grey(std::move(shrunk));
      return outline(shrunk, sigma_of(shrunk, kOutlineSigma));
    case Grade::kGreyBlurred:
      shrunk = to_grey(std::move(shrunk));
      return blur(shrunk, sigma_of(shrunk, kBlurSigma));
    case Grade::kGreySmall:
      return to_grey(std::move(shrunk));
    case Grade::kMosaic:
    case Grade::kFull:
      break;
  }
  return shrunk;
}

Picture to_grey(Picture picture) {
  if (picture.channels == 1) {
    return picture;
  }
  Picture grey = make_picture(picture.width, picture.height, 1);
  const std::uint8_t* in = picture.pixels.data();
  for (std::uint8_t& out : grey.pixels) {
    out = static_cast<std::uint8_t>((299U * in[0] + 587U * in[1] + 114U * in[2] + 500U) / 1000U);
    in += 3;
  }
  return grey;
}

Picture blur(const Picture& grey, float sigma) {
  const std::vector<float> values = blurred(grey, sigma);
  Picture out = make_picture(grey.width, grey.height, 1);
  std::transform(values.begin(), values.end(), out.pixels.begin(), [](float value) {
    return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0F, 255.0F)));
  });
  return out;
}

}  // namespace tutela::redact
