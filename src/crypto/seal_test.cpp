#include "crypto/seal.hpp"

#include <algorithm>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace tutela::crypto {
namespace {

constexpr std::size_t kHeader = 8 + 24 + 48 + 24;
constexpr std::size_t kChunk = 65'536;
constexpr std::size_t kSealedChunk = kChunk + 17;

Bytes random_plain(std::size_t size) {
  Bytes bytes(size);
  random_bytes(bytes);
  return bytes;
}

Bytes seal(const Key& key, ByteView plain) {
  Bytes out;
  Sealer sealer(key);
  sealer.update(plain, out);
  sealer.finish(out);
  return out;
}

std::string code_of(const Key& key, ByteView sealed) {
  const Result<Bytes> opened = open_sealed(key, sealed, 1U << 30);
  return opened ? "opened" : std::string(opened.error().code);
}

TEST(Seal, OpensToWhatWasSealedAtEverySizeAroundAChunk) {
  const Key key = Key::random();
  for (const std::size_t size : {std::size_t{0},
                                 std::size_t{1},
                                 kChunk - 1,
                                 kChunk,
                                 kChunk + 1,
                                 2 * kChunk - 1,
                                 2 * kChunk,
                                 2 * kChunk + 1,
                                 5 * kChunk + 77}) {
    const Bytes plain = random_plain(size);
    const Bytes sealed = seal(key, plain);
    const std::size_t chunks = std::max<std::size_t>(1, (size + kChunk - 1) / kChunk);
    EXPECT_EQ(sealed.size(), kHeader + size + chunks * 17);
    EXPECT_EQ(sealed_size_bytes(size), sealed.size());
    const Result<Bytes> opened = open_sealed(key, sealed, size);
    ASSERT_TRUE(opened) << size;
    EXPECT_EQ(*opened, plain);
  }
}

TEST(Seal, DoesNotDependOnHowTheStreamIsCut) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const Key key = Key::random();
  const Bytes plain = random_plain(3 * kChunk);
  for (int round = 0; round < 20; ++round) {
    Sealer sealer(key);
    Bytes out;
    for (ByteView rest = plain; !rest.empty();) {
      const std::size_t limit = round % 2 == 0 ? 300 : 150'000;
      const std::size_t take = std::min<std::size_t>(rest.size(), random() % limit);
      sealer.update(rest.first(take), out);
      rest = rest.subspan(take);
    }
    Sealer moved = std::move(sealer);
    moved.finish(out);
    EXPECT_EQ(out.size(), kHeader + 3 * kSealedChunk);
    const Result<Bytes> opened = open_sealed(key, out, plain.size());
    ASSERT_TRUE(opened);
    EXPECT_EQ(*opened, plain);
  }
}

TEST(Seal, HandsOutChunksAsTheyFill) {
  const Key key = Key::random();
  Sealer sealer(key);
  const Bytes plain(1000);
  for (int i = 0; i < 5000; ++i) {
    Bytes out;
    sealer.update(plain, out);
    ASSERT_LE(out.size(), kHeader + kSealedChunk);
  }
}

TEST(Seal, HidesThePlainBytesAndDiffersEachTime) {
  const Key key = Key::random();
  const Bytes plain(1000, std::byte{'A'});
  const Bytes one = seal(key, plain);
  EXPECT_EQ(as_text(one).find("AAAA"), std::string_view::npos);
  EXPECT_NE(one, seal(key, plain));
}

TEST(Seal, NoticesEveryChangedBitOfASmallObject) {
  const Key key = Key::random();
  const Bytes sealed = seal(key, random_plain(40));
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes changed = sealed;
      changed[at] ^= static_cast<std::byte>(1U << bit);
      ASSERT_EQ(code_of(key, changed), "seal.corrupt") << at << " bit " << bit;
    }
  }
}

TEST(Seal, NoticesEveryTruncationAndAnAppendedByte) {
  const Key key = Key::random();
  Bytes sealed = seal(key, random_plain(40));
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    ASSERT_EQ(code_of(key, ByteView(sealed).first(size)), "seal.corrupt") << size;
  }
  for (int i = 0; i < 40; ++i) {
    sealed.push_back(std::byte{0});
    ASSERT_EQ(code_of(key, sealed), "seal.corrupt");
  }
}

TEST(Seal, NoticesChunksThatAreMissingRepeatedOrReordered) {
  const Key key = Key::random();
  const Bytes sealed = seal(key, random_plain(4 * kChunk));
  const auto chunk = [&](std::size_t i) {
    return ByteView(sealed).subspan(kHeader + i * kSealedChunk, kSealedChunk);
  };
  for (const std::vector<std::size_t>& order :
       std::vector<std::vector<std::size_t>>{{0, 1, 2},
                                             {0, 1, 3},
                                             {1, 2, 3},
                                             {0, 2, 1, 3},
                                             {0, 1, 2, 2, 3},
                                             {0, 1, 2, 3, 3},
                                             {3},
                                             {0, 1, 3, 2}}) {
    Bytes changed(sealed.begin(), sealed.begin() + kHeader);
    for (const std::size_t i : order) {
      changed.insert(changed.end(), chunk(i).begin(), chunk(i).end());
    }
    EXPECT_EQ(code_of(key, changed), "seal.corrupt");
  }
  for (std::size_t i = 0; i < 4; ++i) {
    Bytes changed = sealed;
    changed[kHeader + i * kSealedChunk + 5000] ^= std::byte{1};
    EXPECT_EQ(code_of(key, changed), "seal.corrupt");
  }
}

TEST(Seal, NoticesAChunkAndAHeaderOfAnotherObject) {
  const Key key = Key::random();
  const Bytes one = seal(key, random_plain(2 * kChunk));
  const Bytes two = seal(key, random_plain(2 * kChunk));
  Bytes mixed(one.begin(), one.begin() + kHeader + kSealedChunk);
  mixed.insert(mixed.end(), two.begin() + kHeader + kSealedChunk, two.end());
  EXPECT_EQ(code_of(key, mixed), "seal.corrupt");
  Bytes header(one.begin(), one.begin() + kHeader);
  header.insert(header.end(), two.begin() + kHeader, two.end());
  EXPECT_EQ(code_of(key, header), "seal.corrupt");
}

TEST(Seal, DoesNotOpenWithAnotherKeyOrUnfinished) {
  const Key key = Key::random();
  EXPECT_EQ(code_of(Key::random(), seal(key, random_plain(10))), "seal.corrupt");
  Sealer sealer(key);
  Bytes unfinished;
  sealer.update(random_plain(3 * kChunk), unfinished);
  EXPECT_EQ(code_of(key, unfinished), "seal.corrupt");
}

TEST(Seal, RefusesMoreThanTheCallerTakes) {
  const Key key = Key::random();
  const Bytes sealed = seal(key, random_plain(1000));
  EXPECT_EQ(open_sealed(key, sealed, 999).error().code, "seal.too_large");
  EXPECT_EQ(open_sealed(key, sealed, 999).error().kind, ErrorKind::kLimitExceeded);
  EXPECT_TRUE(open_sealed(key, sealed, 1000));
}

TEST(SealDeathTest, TakesNothingAfterTheEnd) {
  const Key key = Key::random();
  Bytes out;
  Sealer sealer(key);
  sealer.finish(out);
  EXPECT_DEATH(sealer.update({}, out), "broken invariant");
}

}  // namespace
}  // namespace tutela::crypto
