#include "crypto/password.hpp"

#include <gtest/gtest.h>

namespace tutela::crypto {
namespace {

TEST(Password, AHashOpensWithItsPasswordAndNoOther) {
  const auto hash = hash_password("correct horse battery");
  ASSERT_TRUE(hash);
  // What a guess costs, on any machine: 64 MiB and three passes.
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=65536,t=3,p=1$")) << *hash;
  EXPECT_TRUE(verify_password(*hash, "correct horse battery"));
  EXPECT_FALSE(verify_password(*hash, "correct horse batterz"));
  EXPECT_FALSE(verify_password(*hash, ""));
  EXPECT_NE(*hash, *hash_password("correct horse battery")) << "the salt is random";
}

TEST(Password, WhatIsNoHashOpensWithNothing) {
  for (const char* bad : {"", "$", "$argon2id$", "$argon2id$v=19$m=65536,t=3,p=1$", "plain"}) {
    EXPECT_FALSE(verify_password(bad, "password")) << bad;
  }
  EXPECT_FALSE(verify_password(std::string(4096, '$'), "password"));
}

}  // namespace
}  // namespace tutela::crypto
