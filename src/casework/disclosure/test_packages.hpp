// Packages for tests: what an agency does with one, with its own programs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "casework/disclosure/package.hpp"
#include "crypto/secret.hpp"
#include "support/folder.hpp"
#include "support/programs.hpp"

namespace tutela::disclosure {

using tutela::testing::installed;
using tutela::testing::Ran;
using tutela::testing::run_program;

constexpr UtcMs kTestNow = 1'798'761'600'000;  // 2027-01-01

inline Bytes random_content(std::size_t size) {
  Bytes bytes(size);
  crypto::random_bytes(bytes);
  return bytes;
}

inline std::string text_at(const std::filesystem::path& path) {
  const Result<Bytes> bytes = read_file(path, 64U << 20);
  EXPECT_TRUE(bytes) << path;
  return bytes ? std::string(as_text(*bytes)) : std::string();
}

/// Up to `step` bytes at a time.
inline Read read_of(Bytes bytes, std::size_t step = 50'000) {
  return [bytes = std::move(bytes), at = std::size_t{0}, step](
             std::span<std::byte> out) mutable -> Result<std::size_t> {
    const std::size_t take = std::min({out.size(), step, bytes.size() - at});
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), take, out.begin());
    at += take;
    return take;
  };
}

inline std::string testdata(const std::string& name) {
  return text_at(std::string(TUTELA_SOURCE_DIR) + "/src/casework/disclosure/testdata/" + name);
}

/// Unpacks a tar and does what VERIFY.txt says after that.
inline void expect_good_archive(const std::filesystem::path& tar, const std::filesystem::path& to) {
  std::filesystem::create_directory(to);
  const Ran unpacked = run_program({"tar", "-xf", tar.string(), "-C", to.string()});
  ASSERT_EQ(unpacked.status, 0) << unpacked.output;
  ASSERT_TRUE(std::filesystem::exists(to / "manifest.json"));
  const Ran checked = run_program({"sha256sum", "--strict", "-c", "SHA256SUMS"}, {.folder = to});
  EXPECT_EQ(checked.status, 0) << checked.output;
  const std::string manifest = text_at(to / "manifest.json");
  const std::string sums = to_hex(crypto::sha256_of(as_bytes(text_at(to / "SHA256SUMS"))));
  EXPECT_NE(manifest.find("\"sha256sums_sha256\": \"" + sums + "\""), std::string::npos);
  for (const std::string name : {"manifest", "custody", "vics"}) {
    const Ran valid =
        run_program({"/usr/bin/python3",
                     "-c",
                     "import json,sys,jsonschema\n"
                     "jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))"
                     ".validate(json.load(open(sys.argv[2])))",
                     std::string(TUTELA_SOURCE_DIR) + "/spec/disclosure/" + name + ".schema.json",
                     (to / (name + ".json")).string()});
    if (valid.output.find("No module named 'jsonschema'") != std::string::npos) {
      GTEST_SKIP() << "python3-jsonschema is not installed: documents were NOT validated";
    }
    EXPECT_EQ(valid.status, 0) << name << valid.output;
  }
}

/// A pair of age keys: the file of the secret one, and the recipient.
struct AgeKeys {
  std::filesystem::path identity;
  std::string recipient;
};

inline AgeKeys make_age_keys(const std::filesystem::path& folder, const std::string& name) {
  AgeKeys keys{folder / name, ""};
  EXPECT_EQ(run_program({"age-keygen", "-o", keys.identity.string()}).status, 0);
  keys.recipient = run_program({"age-keygen", "-y", keys.identity.string()}).output;
  keys.recipient.pop_back();
  return keys;
}

}  // namespace tutela::disclosure
