#include "watch/canaries/pattern.hpp"

#include <algorithm>
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

TEST(EncodeTest, EveryFormatSurvivesTheDecoder) {
  int worst = 0;
  for (const std::string_view format : formats()) {
    const bool slow = format == "avif" || format == "heic";
    int worst_here = 0;
    for (int i = 0; i < (slow ? 12 : 40); ++i) {
      const std::string name = std::string(format) + std::to_string(i);
      const Seed seed = seed_of("picture " + name);
      const auto bytes = encode(format, seed, seed_of("fresh " + name));
      ASSERT_TRUE(bytes) << format << ": " << bytes.error().message;
      const PdqResult seen = decoded(format, *bytes);
      const int away = fingerprint::distance(seen.hashes[0], drawn(seed, kSide, kSide).hashes[0]);
      EXPECT_LE(away, kNearBits) << name;
      EXPECT_GE(seen.quality, 80) << name;
      worst_here = std::max(worst_here, away);
    }
    RecordProperty("worst_bits_" + std::string(format), worst_here);
    worst = std::max(worst, worst_here);
  }
  std::printf("worst distance of any format: %d bits\n", worst);
}

TEST(EncodeTest, FreshBytesAreNeverThoseOfBefore) {
  const Seed seed = seed_of("one picture");
  for (const std::string_view format : formats()) {
    const bool slow = format == "avif" || format == "heic";
    std::set<crypto::Sha256> digests;
    const int count = slow ? 10 : 60;
    for (int i = 0; i < count; ++i) {
      const auto bytes = encode(format, seed, seed_of("fresh " + std::to_string(i)));
      ASSERT_TRUE(bytes);
      digests.insert(crypto::sha256_of(*bytes));
    }
    EXPECT_EQ(digests.size(), static_cast<std::size_t>(count)) << format;
  }
}

TEST(EncodeTest, TheExtremesOfFreshnessAreGood) {
  for (const std::string_view format : formats()) {
    for (const std::byte value : {std::byte{0}, std::byte{0xFF}}) {
      Seed fresh{};
      fresh.fill(value);
      const Seed seed = seed_of("extreme");
      const auto bytes = encode(format, seed, fresh);
      ASSERT_TRUE(bytes) << format;
      EXPECT_LE(fingerprint::distance(decoded(format, *bytes).hashes[0],
                                      drawn(seed, kSide, kSide).hashes[0]),
                kNearBits)
          << format;
    }
  }
}

TEST(EncodeTest, KnowsNoOtherFormat) {
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
