// Every PDQ kernel gives the bits of the definition, whole or cut into strips, for any picture that
// fits the input: two bytes each of width and height, one of format, stride and cuts, then pixels
// (repeated where the input is short). Also: reading any text as a hash is safe and round-trips.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "engine/fingerprint/pdq.hpp"

namespace {

using tutela::fingerprint::Kernel;
using tutela::fingerprint::PdqHasher;
using tutela::fingerprint::PdqResult;
using tutela::fingerprint::PixelFormat;

constexpr std::size_t kHeader = 7;
constexpr std::uint32_t kPixelsMax = 1 << 14;

void must(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void read_text(std::string_view text) {
  const auto hash = tutela::fingerprint::parse_pdq(text);
  if (hash) {
    must(text.size() == 64);
    must(*tutela::fingerprint::parse_pdq(to_hex(*hash)) == *hash);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<char> text(data, data + size);
  read_text(std::string_view(text.data(), text.size()));
  if (size <= kHeader) {
    return 0;
  }
  const std::uint32_t width = 1U + data[0] + 256U * data[1];
  const std::uint32_t height = 1U + (data[2] + 256U * data[3]) % (kPixelsMax / width);
  const auto format = static_cast<PixelFormat>(data[4] & 1);
  const std::uint32_t row = width * (format == PixelFormat::kRgb24 ? 3 : 1);
  const std::size_t stride = row + data[5] % 9U;
  const std::uint32_t cut = data[6];
  std::vector<std::uint8_t> pixels(stride * (height - 1) + row);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = data[kHeader + i % (size - kHeader)];
  }
  const std::vector<Kernel> kernels = tutela::fingerprint::supported_kernels();
  PdqResult wanted;
  for (const Kernel kernel : kernels) {
    tutela::fingerprint::force_kernel(kernel);
    const PdqResult whole = pdq_of(pixels.data(), width, height, stride, format);
    PdqHasher hasher(width, height, format);
    for (std::uint32_t y = 0, turn = 1; y < height; ++turn) {
      const std::uint32_t count = std::min(height - y, (cut * turn) % 37U);
      const std::uint32_t rows = count == 0 ? 1 : count;
      hasher.add_rows(pixels.data() + y * stride, stride, rows);
      y += rows;
    }
    must(hasher.finish() == whole);
    if (kernel == kernels.front()) {
      wanted = whole;
    }
    must(whole == wanted);
  }
  return 0;
}
