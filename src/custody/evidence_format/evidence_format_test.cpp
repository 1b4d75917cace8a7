#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "crypto/stream.hpp"
#include "custody/evidence_format/epoch_file.hpp"
#include "custody/evidence_format/key_record.hpp"
#include "custody/evidence_format/object.hpp"

namespace tutela::evidence_format {
namespace {

const Uuid kId = *parse_uuid("01890a5d-ac96-774b-bcce-b302099a8057");
const Uuid kOther = *parse_uuid("01890a5d-ac96-774b-bcce-b302099a8058");

crypto::Key key_of(std::byte value) {
  return *crypto::Key::from_bytes(Bytes(32, value));
}

Bytes content_of(std::size_t size, unsigned seed = 7) {
  Bytes bytes(size);
  std::mt19937 random(seed);
  for (std::byte& byte : bytes) {
    byte = static_cast<std::byte>(random());
  }
  return bytes;
}

Bytes seal(const Bytes& content, std::size_t step = 100'000) {
  ObjectSealer sealer(kId, key_of(std::byte{1}));
  Bytes sealed;
  const ObjectSealer::Sink sink = [&](ByteView bytes) {
    EXPECT_LE(bytes.size(), kSealedPartMax);
    sealed.insert(sealed.end(), bytes.begin(), bytes.end());
    return ok();
  };
  Bytes room(ObjectSealer::room_for(step));
  for (std::size_t at = 0; at < content.size(); at += step) {
    const ByteView bytes =
        sealer.update(ByteView(content).subspan(at, std::min(step, content.size() - at)), room);
    sealed.insert(sealed.end(), bytes.begin(), bytes.end());
  }
  EXPECT_TRUE(
      sealer.finish({content.size(), crypto::digests_of(content), 1234, "image/jpeg"}, sink));
  return sealed;
}

Result<Bytes> open(ByteView sealed,
                   const Uuid& id = kId,
                   std::byte key = std::byte{1},
                   Facts* facts = nullptr) {
  if (sealed.size() < kObjectHeaderSize) {
    return Error{ErrorKind::kCorrupted, "vault.corrupt", ""};
  }
  TUTELA_TRY_ASSIGN(
      ObjectOpener opener,
      ObjectOpener::open(sealed.first(kObjectHeaderSize), sealed.size(), id, key_of(key)));
  sealed = sealed.subspan(kObjectHeaderSize);
  Bytes content;
  Bytes room(kChunk);
  while (opener.next_size() > 0) {
    const std::size_t size = std::min(opener.next_size(), sealed.size());
    if (size == 0) {
      return Error{ErrorKind::kCorrupted, "vault.corrupt", ""};
    }
    TUTELA_TRY_ASSIGN(const ByteView part, opener.next(sealed.first(size), room));
    sealed = sealed.subspan(size);
    content.insert(content.end(), part.begin(), part.end());
  }
  if (facts != nullptr) {
    *facts = opener.facts();
  }
  return sealed.empty() ? Result<Bytes>(content)
                        : Error{ErrorKind::kCorrupted, "vault.corrupt", ""};
}

TEST(ObjectTest, GivesBackContentAroundEveryBorderOfParts) {
  std::vector<std::size_t> sizes = {0, 1, 2, 4091, 4092, 4093, 4096, 5000};
  for (std::size_t chunks = 1; chunks <= 3; ++chunks) {
    for (std::size_t near = 0; near <= 12; ++near) {
      sizes.push_back(chunks * kChunk + near - 6);
    }
  }
  sizes.push_back(40 * kChunk + 17);
  for (const std::size_t size : sizes) {
    const Bytes content = content_of(size);
    const Bytes sealed = seal(content);
    EXPECT_EQ(sealed.size(), object_size_bytes(size)) << size;
    Facts facts;
    const Result<Bytes> opened = open(sealed, kId, std::byte{1}, &facts);
    ASSERT_TRUE(opened) << size;
    EXPECT_EQ(*opened, content) << size;
    EXPECT_EQ(facts, (Facts{size, crypto::digests_of(content), 1234, "image/jpeg"}));
  }
}

TEST(ObjectTest, GivesBackRandomSizesInRandomSteps) {
  const unsigned seed = std::random_device()();
  std::mt19937 random(seed);
  for (int round = 0; round < 60; ++round) {
    const std::size_t size = random() % (std::size_t{1} << (4 + random() % 16));
    const Bytes content = content_of(size, static_cast<unsigned>(random()));
    const Result<Bytes> opened = open(seal(content, 1 + random() % 150'000));
    ASSERT_TRUE(opened && *opened == content) << "seed " << seed << ", size " << size;
  }
}

TEST(ObjectTest, HidesTheLengthAtACostOfAtMostTwelvePercent) {
  EXPECT_EQ(object_size_bytes(0), object_size_bytes(4092));
  EXPECT_LT(object_size_bytes(4092), object_size_bytes(4093));
  EXPECT_EQ(object_size_bytes(1'000'000), object_size_bytes(1'003'000));
  for (std::uint64_t size = 8192; size < std::uint64_t{1} << 40; size += 1 + size / 97) {
    const double overhead =
        static_cast<double>(object_size_bytes(size) - size) / static_cast<double>(size);
    EXPECT_LE(overhead, 0.12) << size;
  }
}

TEST(ObjectTest, RefusesAnyChangedByteAnyCutAndAnythingAppended) {
  const Bytes sealed = seal(content_of(70'000));
  ASSERT_TRUE(open(sealed));
  const unsigned seed = std::random_device()();
  std::mt19937 random(seed);
  for (std::size_t i = 0; i < 400; ++i) {
    Bytes changed = sealed;
    const std::size_t at = i < 100 ? i : random() % sealed.size();
    changed[at] ^= static_cast<std::byte>(1U << (random() % 8));
    EXPECT_FALSE(open(changed)) << "seed " << seed << ", byte " << at;
    EXPECT_FALSE(open(ByteView(sealed).first(random() % sealed.size()))) << "seed " << seed;
  }
  Bytes longer = sealed;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(open(longer));
  longer.insert(longer.end(), kSealedPartMax - 1, std::byte{0});
  EXPECT_FALSE(open(longer));
}

TEST(ObjectTest, RefusesPartsThatChangedPlacesOrWereLeftOut) {
  const Bytes sealed = seal(content_of(4 * kChunk));
  const auto at = [](std::size_t part) {
    return static_cast<std::ptrdiff_t>(kObjectHeaderSize + part * kSealedPartMax);
  };
  Bytes swapped = sealed;
  std::swap_ranges(swapped.begin() + at(0), swapped.begin() + at(1), swapped.begin() + at(1));
  EXPECT_FALSE(open(swapped));
  Bytes shorter = sealed;
  shorter.erase(shorter.begin() + at(1), shorter.begin() + at(2));
  EXPECT_FALSE(open(shorter));
  shorter = sealed;
  shorter.erase(shorter.begin() + at(3), shorter.begin() + at(4));
  EXPECT_FALSE(open(shorter));
}

TEST(ObjectTest, RefusesAnotherIdOrKey) {
  Bytes sealed = seal(content_of(100));
  EXPECT_FALSE(open(sealed, kOther));
  EXPECT_FALSE(open(sealed, kId, std::byte{2}));
  std::ranges::copy(kOther.bytes, sealed.begin() + 8);
  EXPECT_FALSE(open(sealed, kOther));
  EXPECT_EQ(open(sealed, kOther).error().code, "vault.corrupt");
}

// Somebody who holds an object's key could seal what is no object.
TEST(ObjectTest, RefusesAWellSealedStreamThatBreaksTheFormat) {
  const auto made = [](const std::vector<std::pair<Bytes, crypto::Mark>>& parts) {
    Bytes sealed(as_bytes("TUTEVID1").begin(), as_bytes("TUTEVID1").end());
    sealed.insert(sealed.end(), kId.bytes.begin(), kId.bytes.end());
    crypto::StreamSealer stream(key_of(std::byte{1}), sealed);
    sealed.insert(sealed.end(), stream.header().begin(), stream.header().end());
    for (const auto& [plain, mark] : parts) {
      stream.push(plain, mark, sealed);
    }
    return sealed;
  };
  using crypto::Mark;
  const Bytes facts(256);
  Bytes padding(4096);
  EXPECT_TRUE(open(made({{padding, Mark::kOther}, {facts, Mark::kFinal}})));
  EXPECT_FALSE(open(made({{padding, Mark::kPlain}, {facts, Mark::kFinal}}))) << "not full";
  EXPECT_FALSE(open(made({{padding, Mark::kFinal}, {facts, Mark::kFinal}})));
  EXPECT_FALSE(open(made({{padding, Mark::kOther}, {facts, Mark::kOther}})));
  EXPECT_FALSE(open(made({{Bytes(8192), Mark::kOther}, {facts, Mark::kFinal}}))) << "padded more";
  padding[0] = std::byte{5};
  EXPECT_FALSE(open(made({{padding, Mark::kOther}, {facts, Mark::kFinal}}))) << "another size";
  padding[2] = std::byte{5};
  EXPECT_FALSE(open(made({{padding, Mark::kOther}, {facts, Mark::kFinal}}))) << "over the part";
  Bytes type(256);
  type[84] = std::byte{128};
  EXPECT_FALSE(open(made({{Bytes(4096), Mark::kOther}, {type, Mark::kFinal}})));
  type[84] = std::byte{1};
  EXPECT_FALSE(open(made({{Bytes(4096), Mark::kOther}, {type, Mark::kFinal}})));
}

TEST(ObjectTest, PassesOnTheErrorOfItsSink) {
  ObjectSealer sealer(kId, key_of(std::byte{1}));
  const Status full = sealer.finish({}, [](ByteView) -> Status {
    return Error{ErrorKind::kLimitExceeded, "blob.full", "full"};
  });
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, "blob.full");
}

TEST(KeyRecordTest, OpensOnlyForItsObjectItsEpochAndUnchanged) {
  const crypto::Key epoch_key = key_of(std::byte{5});
  const crypto::Key object_key = key_of(std::byte{6});
  const Bytes bytes = encode(wrap_object_key(epoch_key, 7, kId, object_key));
  EXPECT_EQ(bytes.size(), kKeyRecordSize);
  const Result<KeyRecord> record = parse_key_record(bytes);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->epoch, 7);
  EXPECT_EQ(record->object_id, kId);
  const Result<crypto::Key> key = unwrap_object_key(*record, epoch_key, kId);
  ASSERT_TRUE(key);
  EXPECT_TRUE(crypto::equal_constant_time(key->bytes(), object_key.bytes()));
  EXPECT_FALSE(unwrap_object_key(*record, epoch_key, kOther));
  EXPECT_FALSE(unwrap_object_key(*record, object_key, kId));
  KeyRecord moved = *record;
  moved.epoch = 8;
  EXPECT_FALSE(unwrap_object_key(moved, epoch_key, kId));
  moved = *record;
  moved.object_id = kOther;
  EXPECT_EQ(unwrap_object_key(moved, epoch_key, kOther).error().code, "vault.corrupt");
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes changed = bytes;
    changed[i] ^= std::byte{1};
    EXPECT_FALSE(parse_key_record(changed)) << i;
    EXPECT_FALSE(parse_key_record(ByteView(bytes).first(i)));
  }
}

TEST(KeyRecordTest, NamesComeFromTheIdAlone) {
  EXPECT_EQ(object_name(kId), "objects/57/01890a5dac96774bbcceb302099a8057");
  EXPECT_EQ(key_name(kId), "keys/57/01890a5dac96774bbcceb302099a8057");
  EXPECT_EQ(parse_key_name(key_name(kId)), kId);
  EXPECT_FALSE(parse_key_name(object_name(kId)));
  EXPECT_FALSE(parse_key_name("keys/58/01890a5dac96774bbcceb302099a8057"));
  EXPECT_FALSE(parse_key_name("keys/57/01890A5DAC96774BBCCEB302099A8057"));
  EXPECT_FALSE(parse_key_name("keys/57"));
}

TEST(EpochFileTest, HoldsAKeyForOnePurpose) {
  const crypto::Key kek = key_of(std::byte{1});
  const EpochFile file{
      7, 99, {{"0123456789abcdef", wrap_for(kek, key_of(std::byte{2}), "epoch:7")}}};
  const Result<EpochFile> again = parse_epoch_file(encode(file));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->epoch, 7);
  EXPECT_EQ(again->created_ms, 99);
  ASSERT_EQ(again->wraps.size(), 1U);
  EXPECT_EQ(again->wraps[0].key_id, "0123456789abcdef");
  EXPECT_TRUE(unwrap_for(kek, again->wraps[0].wrapped, epoch_purpose(7)));
  EXPECT_FALSE(unwrap_for(kek, again->wraps[0].wrapped, epoch_purpose(8)));
}

TEST(EpochFileTest, RefusesAnyDamage) {
  const std::string text = encode({7, 99, {{"aa", Bytes(72)}, {"bb", Bytes(60)}}});
  ASSERT_TRUE(parse_epoch_file(text));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(parse_epoch_file(changed)) << i;
    EXPECT_FALSE(parse_epoch_file(std::string_view(text).substr(0, i))) << i;
  }
  EXPECT_FALSE(parse_epoch_file(text + "\n"));
  EXPECT_FALSE(parse_epoch_file(encode({0, 99, {{"aa", Bytes(72)}}})));
  EXPECT_FALSE(parse_epoch_file(encode({7, 99, {}})));
  EXPECT_FALSE(parse_epoch_file(encode({7, 99, std::vector<EpochWrap>(5, {"aa", Bytes(72)})})));
  EXPECT_FALSE(parse_epoch_file(encode({7, 99, {{"AA", Bytes(72)}}})));
  EXPECT_FALSE(parse_epoch_file(encode({7, 99, {{"aa", Bytes(513)}}})));
}

}  // namespace
}  // namespace tutela::evidence_format
