#include "service/authorities/cybertip_upload.hpp"

#include <random>

#include <gtest/gtest.h>

#include "crypto/digest.hpp"

namespace tutela::authorities {
namespace {

Bytes some_bytes(std::size_t size) {
  std::minstd_rand random(static_cast<std::uint32_t>(size) + 1);
  Bytes bytes(size);
  for (std::byte& each : bytes) {
    each = static_cast<std::byte>(random());
  }
  return bytes;
}

std::string md5_of(ByteView bytes) {
  return to_hex(crypto::digests_of(bytes).md5);
}

/// Gives uneven pieces; fails after `fail_at` bytes.
class Scripted final : public Source {
 public:
  explicit Scripted(Bytes bytes, std::size_t fail_at = SIZE_MAX)
      : bytes_(std::move(bytes)), fail_at_(fail_at) {}

  Result<std::size_t> read(std::span<std::byte> out) override {
    if (at_ >= fail_at_) {
      return Error{ErrorKind::kCorrupted, "vault.corrupt", "it is damaged"};
    }
    const std::size_t size =
        std::min({out.size(), bytes_.size() - at_, fail_at_ - at_, std::size_t{70'001}});
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), size, out.begin());
    at_ += size;
    return size;
  }

 private:
  Bytes bytes_;
  std::size_t fail_at_;
  std::size_t at_ = 0;
};

struct Given {
  Bytes bytes;
  std::string failure;
};

Given given(std::unique_ptr<Source> source, std::size_t size, const std::string& md5) {
  Given all;
  auto upload = Upload::open(std::move(source), static_cast<std::int64_t>(size), md5);
  if (!upload) {
    all.failure = upload.error().code;
    return all;
  }
  Bytes piece(10'007);
  while (true) {
    const auto got = (*upload)->read(piece);
    if (!got) {
      all.failure = got.error().code;
      EXPECT_EQ((*upload)->read(piece).error().code, all.failure);
      EXPECT_FALSE((*upload)->whole());
      return all;
    }
    if (*got == 0) {
      EXPECT_TRUE((*upload)->whole());
      return all;
    }
    all.bytes.insert(
        all.bytes.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*got));
  }
}

constexpr std::size_t kPiece = 256U << 10;

TEST(CybertipUploadTest, GivesEveryByteOfEverySize) {
  for (const std::size_t size : {std::size_t{0},
                                 std::size_t{1},
                                 kPiece - 1,
                                 kPiece,
                                 kPiece + 1,
                                 2 * kPiece,
                                 2 * kPiece + 1,
                                 5 * kPiece + 17}) {
    const Bytes bytes = some_bytes(size);
    const Given all = given(std::make_unique<Scripted>(bytes), size, md5_of(bytes));
    EXPECT_EQ(all.failure, "") << size;
    EXPECT_EQ(all.bytes, bytes) << size;
  }
}

TEST(CybertipUploadTest, NeverGivesTheWholeOfAWrongFile) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, kPiece, 3 * kPiece + 5}) {
    const Bytes bytes = some_bytes(size);
    const Given wrong =
        given(std::make_unique<Scripted>(bytes), size, md5_of(as_bytes("something else")));
    EXPECT_EQ(wrong.failure, kOtherBytes) << size;
    EXPECT_LT(wrong.bytes.size(), std::max(size, std::size_t{1})) << size;
    const Given longer = given(std::make_unique<Scripted>(bytes), size + 1, md5_of(bytes));
    EXPECT_EQ(longer.failure, kOtherBytes) << size;
    if (size > 0) {
      const Given shorter = given(std::make_unique<Scripted>(bytes), size - 1, md5_of(bytes));
      EXPECT_EQ(shorter.failure, kOtherBytes) << size;
      EXPECT_LT(shorter.bytes.size(), size - 1) << size;
    }
  }
}

TEST(CybertipUploadTest, EndsWhereTheVaultFails) {
  const Bytes bytes = some_bytes(3 * kPiece);
  for (const std::size_t fail_at : {std::size_t{0}, std::size_t{1}, kPiece, 3 * kPiece}) {
    const Given cut =
        given(std::make_unique<Scripted>(bytes, fail_at), bytes.size(), md5_of(bytes));
    EXPECT_EQ(cut.failure, "vault.corrupt") << fail_at;
    EXPECT_LT(cut.bytes.size(), bytes.size()) << fail_at;
  }
}

}  // namespace
}  // namespace tutela::authorities
