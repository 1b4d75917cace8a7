#include "service/auth/totp.hpp"

#include <string>

#include <gtest/gtest.h>

namespace tutela::auth::totp {
namespace {

// RFC 6238, appendix B (SHA-1), cut to six digits.
const ByteView kSeed = as_bytes("12345678901234567890");

struct Vector {
  std::int64_t seconds;
  const char* code;
};

TEST(Totp, TakesTheCodesOfTheRfc) {
  for (const auto& [seconds, code] : {Vector{59, "287082"},
                                      Vector{1'111'111'109, "081804"},
                                      Vector{1'111'111'111, "050471"},
                                      Vector{1'234'567'890, "005924"},
                                      Vector{2'000'000'000, "279037"},
                                      Vector{20'000'000'000, "353130"}}) {
    EXPECT_EQ(step_of(kSeed, code, seconds * 1000, -1), seconds / 30) << seconds;
  }
}

TEST(Totp, ACodeLivesForOneStepBeforeAndAfterAndIsTakenOnce) {
  constexpr UtcMs kAt = 1'111'111'109'000;
  const std::int64_t step = kAt / 30'000;
  for (const std::int64_t shift : {-30'000, 0, 30'000}) {
    EXPECT_EQ(step_of(kSeed, "081804", kAt + shift, step - 1), step) << shift;
    EXPECT_FALSE(step_of(kSeed, "081804", kAt + shift, step)) << "taken already";
    EXPECT_FALSE(step_of(kSeed, "081804", kAt + shift, step + 5)) << "older than the last";
  }
  EXPECT_FALSE(step_of(kSeed, "081804", kAt - 60'000, -1));
  EXPECT_FALSE(step_of(kSeed, "081804", kAt + 61'000, -1));
}

TEST(Totp, AnythingElseIsNoCode) {
  constexpr UtcMs kAt = 59'000;
  for (const char* bad : {"", "0", "28708", "2870822", " 287082", "287082 ", "287083", "abcdef"}) {
    EXPECT_FALSE(step_of(kSeed, bad, kAt, -1)) << bad;
  }
  EXPECT_FALSE(step_of(kSeed, std::string(100'000, '2'), kAt, -1));
  EXPECT_FALSE(step_of(kSeed, std::string("28708\0", 6), kAt, -1));
}

TEST(Totp, SeedsAreTextForApps) {
  EXPECT_EQ(*to_base32(kSeed), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  EXPECT_EQ(*to_base32(as_bytes("a")), "ME");
  EXPECT_EQ(
      *uri_of("Tutela", "a b&c", kSeed),
      "otpauth://totp/Tutela:a%20b%26c?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Tutela");
  EXPECT_EQ(new_seed().size(), kSeedBytes);
  EXPECT_NE(new_seed(), new_seed());
}

}  // namespace
}  // namespace tutela::auth::totp
