// The vectors of spec/evidence-object.md: files that were sealed once, and must open for ever.
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "custody/evidence_format/epoch_file.hpp"
#include "custody/evidence_format/key_record.hpp"
#include "custody/evidence_format/object.hpp"

namespace tutela::evidence_format {
namespace {

struct Vector {
  std::string_view id;
  std::size_t size;
  std::string_view sha256;
};

// Byte i of the content is i * i mod 251.
constexpr Vector kVectors[] = {
    {"01890a5d-ac96-774b-bcce-b302099a8001",
     0,
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"01890a5d-ac96-774b-bcce-b302099a8002",
     5'000,
     "660faa7089afce64fd1e9dd44cdbce136859740a4fe371c564b58687a67f7b8b"},
    {"01890a5d-ac96-774b-bcce-b302099a8003",
     65'534,
     "9e143d5bf94482a4021cf48244d902149fecb8bef2395c57e1ed1ec4cb5282f1"},
    {"01890a5d-ac96-774b-bcce-b302099a8004",
     65'536,
     "1bdb70573ece6eeff33465664f7d69533052dd393c043445d074c1fc92c3f6de"},
};
constexpr std::int64_t kEpoch = 7;

std::filesystem::path folder() {
  return std::filesystem::path(TUTELA_SOURCE_DIR) / "spec" / "vectors" / "evidence-object";
}

crypto::Key counting_key(unsigned from) {
  Bytes bytes(32);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(from + i);
  }
  return *crypto::Key::from_bytes(bytes);
}

Bytes content_of(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>(i * i % 251);
  }
  return bytes;
}

std::filesystem::path file_of(std::string_view kind, const Uuid& id) {
  return folder() / (to_hex(id.bytes).substr(28) + "." + std::string(kind));
}

Bytes read(const std::filesystem::path& path) {
  const Result<Bytes> bytes = read_file(path, 1U << 20);
  EXPECT_TRUE(bytes) << path;
  return bytes ? *bytes : Bytes();
}

// Writes the files anew, with fresh nonces: only for a new version of the format.
TEST(VectorsMaker, DISABLED_Writes) {
  const crypto::Key kek = counting_key(0);
  const crypto::Key epoch_key = counting_key(32);
  const std::string hex = to_hex(kek.bytes()) + "\n";
  ASSERT_TRUE(write_file_atomic(folder() / "key", as_bytes(hex)));
  const EpochFile file{kEpoch,
                       1'700'000'000'000,
                       {{crypto::key_id(kek), wrap_for(kek, epoch_key, epoch_purpose(kEpoch))}}};
  ASSERT_TRUE(write_file_atomic(folder() / "epoch-7.key", as_bytes(encode(file))));
  for (const Vector& vector : kVectors) {
    const Uuid id = *parse_uuid(vector.id);
    const Bytes content = content_of(vector.size);
    const crypto::Key key = counting_key(64);
    ObjectSealer sealer(id, key);
    Bytes sealed(ObjectSealer::room_for(content.size()));
    sealed.resize(sealer.update(content, sealed).size());
    const ObjectSealer::Sink sink = [&](ByteView bytes) {
      sealed.insert(sealed.end(), bytes.begin(), bytes.end());
      return ok();
    };
    ASSERT_TRUE(sealer.finish(
        {content.size(), crypto::digests_of(content), 1'700'000'000'000, "application/x-test"},
        sink));
    ASSERT_TRUE(write_file_atomic(file_of("object", id), sealed));
    ASSERT_TRUE(write_file_atomic(file_of("key-record", id),
                                  encode(wrap_object_key(epoch_key, kEpoch, id, key))));
  }
}

TEST(VectorsTest, EveryKeyAndObjectOpens) {
  const crypto::Key kek = counting_key(0);
  EXPECT_EQ(as_text(read(folder() / "key")), to_hex(kek.bytes()) + "\n");
  const Result<EpochFile> file = parse_epoch_file(as_text(read(folder() / "epoch-7.key")));
  ASSERT_TRUE(file);
  EXPECT_EQ(file->wraps.at(0).key_id, crypto::key_id(kek));
  const Result<crypto::Key> epoch_key =
      unwrap_for(kek, file->wraps.at(0).wrapped, epoch_purpose(kEpoch));
  ASSERT_TRUE(epoch_key);
  EXPECT_TRUE(crypto::equal_constant_time(epoch_key->bytes(), counting_key(32).bytes()));
  for (const Vector& vector : kVectors) {
    const Uuid id = *parse_uuid(vector.id);
    const Result<KeyRecord> record = parse_key_record(read(file_of("key-record", id)));
    ASSERT_TRUE(record);
    EXPECT_EQ(record->epoch, kEpoch);
    const Result<crypto::Key> key = unwrap_object_key(*record, *epoch_key, id);
    ASSERT_TRUE(key);
    EXPECT_TRUE(crypto::equal_constant_time(key->bytes(), counting_key(64).bytes()));
    const Bytes sealed = read(file_of("object", id));
    EXPECT_EQ(sealed.size(), object_size_bytes(vector.size));
    Result<ObjectOpener> opener =
        ObjectOpener::open(ByteView(sealed).first(kObjectHeaderSize), sealed.size(), id, *key);
    ASSERT_TRUE(opener);
    Bytes content;
    Bytes room(kChunk);
    for (std::size_t at = kObjectHeaderSize; opener->next_size() > 0;) {
      const std::size_t size = opener->next_size();
      const Result<ByteView> part = opener->next(ByteView(sealed).subspan(at, size), room);
      ASSERT_TRUE(part);
      content.insert(content.end(), part->begin(), part->end());
      at += size;
    }
    EXPECT_EQ(content, content_of(vector.size));
    EXPECT_EQ(to_hex(opener->facts().digests.sha256), vector.sha256);
    EXPECT_EQ(opener->facts().media_type, "application/x-test");
    EXPECT_EQ(opener->facts().sealed_ms, 1'700'000'000'000);
  }
}

}  // namespace
}  // namespace tutela::evidence_format
