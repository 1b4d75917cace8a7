#include "watch/canaries/pattern.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <map>
#include <optional>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "crypto/digest.hpp"
#include "engine/media/media.hpp"
#include "watch/canaries/canaries.hpp"

namespace tutela::canaries {
namespace {

using fingerprint::PdqResult;
using fingerprint::PixelFormat;

constexpr std::uint32_t kSide = 512;
/// A list's distance is 31 bits: canaries must stay well within.
constexpr int kNearBits = 16;

Seed seed_of(std::string_view name) {
  return crypto::sha256_of(as_bytes(name));
}

PdqResult drawn(const Seed& seed, std::uint32_t width, std::uint32_t height) {
  const auto pixels = draw(seed, width, height);
  return fingerprint::pdq_of(
      pixels.data(), width, height, std::size_t{3} * width, PixelFormat::kRgb24);
}

/// Hashes what the decoder gives, as workers do.
class Hashing final : public media::FrameSink {
 public:
  void begin_frame(const media::FrameInfo& frame) override {
    hasher_.emplace(frame.width, frame.height, frame.format);
  }

  void add_rows(const std::uint8_t* rows, std::size_t stride, std::uint32_t count) override {
    hasher_->add_rows(rows, stride, count);
  }

  void end_frame() override { result = hasher_->finish(); }

  PdqResult result;

 private:
  std::optional<fingerprint::PdqHasher> hasher_;
};

PdqResult decoded(std::string_view format, const Bytes& bytes) {
  Hashing sink;
  const auto report = media::decode(bytes, {}, sink);
  EXPECT_TRUE(report) << format << (report ? "" : report.error().message);
  if (report) {
    EXPECT_FALSE(report->damaged) << format;
    EXPECT_FALSE(report->partial) << format;
    EXPECT_EQ(media::mime_type(report->type), "image/" + std::string(format));
  }
  return sink.result;
}

TEST(PatternTest, IsTheSamePictureAtEverySize) {
  for (int i = 0; i < 6; ++i) {
    const Seed seed = seed_of("size " + std::to_string(i));
    const PdqResult whole = drawn(seed, kSide, kSide);
    EXPECT_GE(whole.quality, 80);
    for (const std::uint32_t width : {96U, 130U, 255U, 640U}) {
      for (const std::uint32_t height : {100U, 256U, 511U}) {
        const PdqResult other = drawn(seed, width, height);
        EXPECT_LE(fingerprint::distance(whole.hashes[0], other.hashes[0]), kNearBits)
            << i << " " << width << " x " << height;
        EXPECT_GE(other.quality, 80);
      }
    }
  }
}

TEST(PatternTest, IsTheSameForTheSameSeed) {
  EXPECT_EQ(draw(seed_of("a"), 90, 70), draw(seed_of("a"), 90, 70));
  EXPECT_NE(draw(seed_of("a"), 90, 70), draw(seed_of("b"), 90, 70));
  EXPECT_EQ(draw(seed_of("a"), 90, 70).size(), 3U * 90 * 70);
}

/// One picture as a file.
struct File {
  std::string_view format;
  std::string name;
  Seed seed;
  Bytes bytes;
};

bool is_slow(std::string_view format) {
  return format == "avif" || format == "heic";
}

File encoded(std::string_view format,
             const std::string& name,
             const Seed& seed,
             const Seed& fresh) {
  auto bytes = encode(format, seed, fresh);
  EXPECT_TRUE(bytes) << format << ": " << bytes.error().message;
  return {format, name, seed, bytes ? *std::move(bytes) : Bytes()};
}

std::vector<File> encode_all() {
  std::vector<File> files;
  for (const std::string_view format : formats()) {
    const std::clock_t before = std::clock();
    const std::size_t files_before = files.size();
    for (int i = 0; i < (is_slow(format) ? 12 : 24); ++i) {
      const std::string name = std::string(format) + std::to_string(i);
      files.push_back(encoded(format, name, seed_of("picture " + name), seed_of("fresh " + name)));
    }
    for (const std::byte value : {std::byte{0}, std::byte{0xFF}}) {
      Seed fresh{};
      fresh.fill(value);
      files.push_back(encoded(format, "extreme", seed_of("extreme"), fresh));
    }
    std::printf("%s: %.1f ms of CPU a picture\n",
                std::string(format).c_str(),
                1e3 * static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC /
                    static_cast<double>(files.size() - files_before));
  }
  return files;
}

/// All that these tests decode: the decoder forbids libvips to write, for as long as the process
/// lives, so everything is written first.
const std::vector<File>& files() {
  static const std::vector<File> all = encode_all();
  return all;
}

/// The same picture again and again.
const std::vector<File>& fresh_files() {
  static const std::vector<File> all = [] {
    std::vector<File> made;
    for (const std::string_view format : formats()) {
      for (int i = 0; i < (is_slow(format) ? 10 : 30); ++i) {
        made.push_back(
            encoded(format, "", seed_of("one picture"), seed_of("fresh " + std::to_string(i))));
      }
    }
    return made;
  }();
  return all;
}

class EncodeTest : public ::testing::Test {
 protected:
  EncodeTest() {
    files();
    fresh_files();
  }
};

TEST_F(EncodeTest, EveryFormatSurvivesTheDecoder) {
  std::map<std::string_view, int> worst;
  std::map<std::string_view, std::size_t> largest;
  for (const File& file : files()) {
    const PdqResult seen = decoded(file.format, file.bytes);
    const int away =
        fingerprint::distance(seen.hashes[0], drawn(file.seed, kSide, kSide).hashes[0]);
    EXPECT_LE(away, kNearBits) << file.name;
    EXPECT_GE(seen.quality, 80) << file.name;
    worst[file.format] = std::max(worst[file.format], away);
    largest[file.format] = std::max(largest[file.format], file.bytes.size());
  }
  EXPECT_EQ(worst.size(), formats().size());
  for (const auto& [format, bits] : worst) {
    std::printf("%s: at most %d bits away, at most %zu bytes\n",
                std::string(format).c_str(),
                bits,
                largest[format]);
  }
}

TEST_F(EncodeTest, FreshBytesAreNeverThoseOfBefore) {
  std::set<crypto::Sha256> digests;
  std::map<std::string_view, std::set<std::size_t>> sizes;
  for (const File& file : fresh_files()) {
    digests.insert(crypto::sha256_of(file.bytes));
    sizes[file.format].insert(file.bytes.size());
  }
  EXPECT_EQ(digests.size(), fresh_files().size());
  for (const auto& [format, different] : sizes) {
    EXPECT_GE(different.size(), 9U) << format << ": resized and encoded anew";
  }
}

TEST_F(EncodeTest, KnowsNoOtherFormat) {
  EXPECT_EQ(encode("exe", seed_of("a"), seed_of("b")).error().code, "canary.bad_format");
}

TEST(SeedsTest, AreFarFromOneAnotherInEveryOrientation) {
  std::set<Seed> all;
  for (int installation = 0; installation < 4; ++installation) {
    const Seeds seeds(crypto::Key::random());
    for (std::size_t i = 0; i < kPositives; ++i) {
      all.insert(seeds.positive(i));
      const PdqResult one = drawn(seeds.positive(i), kSide, kSide);
      EXPECT_EQ(one.hashes[0], seeds.signal(i));
      const PdqResult none = drawn(seeds.negative(), kSide, kSide);
      for (std::size_t j = 0; j < kPositives; ++j) {
        for (std::size_t turn = 0; turn < fingerprint::kOrientations; ++turn) {
          EXPECT_GT(fingerprint::distance(none.hashes[turn], seeds.signal(j)), 90);
          EXPECT_TRUE(i == j || fingerprint::distance(one.hashes[turn], seeds.signal(j)) > 90)
              << i << " " << j;
        }
      }
    }
  }
  EXPECT_EQ(all.size(), 4 * kPositives);
}

TEST(SeedsTest, ComeFromTheKeyAlone) {
  const Bytes raw(32, std::byte{7});
  const Seeds one(*crypto::Key::from_bytes(raw));
  const Seeds two(*crypto::Key::from_bytes(raw));
  for (std::size_t i = 0; i < kPositives; ++i) {
    EXPECT_EQ(one.positive(i), two.positive(i));
  }
  EXPECT_NE(one.negative(), two.negative());
}

}  // namespace
}  // namespace tutela::canaries
