// What the tests of redaction share: pictures made here, files read here. For tests only.
#pragma once

#include <algorithm>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "engine/media/test_sink.hpp"
#include "engine/redact/picture.hpp"
#include "engine/redact/png.hpp"
#include "engine/redact/redact.hpp"
#include "engine/redact/shrink.hpp"

namespace tutela::redact {

using Shade = std::function<std::uint8_t(std::uint32_t x, std::uint32_t y, std::uint32_t channel)>;

inline Picture paint(std::uint32_t width,
                     std::uint32_t height,
                     std::uint32_t channels,
                     const Shade& shade) {
  Picture picture = make_picture(width, height, channels);
  for (std::uint32_t i = 0; i < picture.pixels.size(); ++i) {
    const std::uint32_t pixel = i / channels;
    picture.pixels[i] = shade(pixel % width, pixel / width, i % channels);
  }
  return picture;
}

inline Picture noise(std::mt19937_64& random,
                     std::uint32_t width,
                     std::uint32_t height,
                     std::uint32_t channels) {
  return paint(width, height, channels, [&](auto, auto, auto) {
    return static_cast<std::uint8_t>(random());
  });
}

inline Bytes png_of(const Picture& picture) {
  auto png = to_png(picture);
  EXPECT_TRUE(png.has_value());
  return *std::move(png);
}

/// Through a whole file and a decoder that is not ours.
inline View must_render(const Bytes& file, Grade grade, std::int32_t frame = 0) {
  auto view = render(file, {}, {grade, frame});
  EXPECT_TRUE(view.has_value()) << (view ? "" : view.error().message);
  return view ? *std::move(view) : View{};
}

inline View must_render(const Picture& picture, Grade grade) {
  return must_render(png_of(picture), grade);
}

/// Of a view of one frame.
inline Picture only_picture(const View& view) {
  EXPECT_EQ(view.tiles.size(), 1U);
  return view.tiles.front().picture;
}

inline View one_tile(Picture picture) {
  return {.tiles = {{0, std::move(picture)}}};
}

/// Every picture of the shared data; empty where it is absent.
inline std::vector<std::filesystem::path> shared_pictures() {
  std::vector<std::filesystem::path> found;
  std::error_code absent;
  for (std::filesystem::recursive_directory_iterator
           entry(std::filesystem::path(TUTELA_SHARED_DATA) / "pdq", absent),
       end;
       !absent && entry != end;
       ++entry) {
    const std::string kind = entry->path().extension();
    if (kind == ".jpg" || kind == ".png" || kind == ".webp") {
      found.push_back(entry->path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

inline Bytes must_read(const std::filesystem::path& path) {
  auto bytes = read_file(path, 64U << 20);
  EXPECT_TRUE(bytes.has_value()) << path;
  return bytes ? *std::move(bytes) : Bytes();
}

}  // namespace tutela::redact
