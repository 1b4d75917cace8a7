// Where the tests of blobs run: a folder always, and a bucket where TUTELA_TEST_S3_* name one
// (tests/s3 starts real servers and sets them).
#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "custody/blobs/folder_blobs.hpp"
#include "custody/blobs/s3_blobs.hpp"
#include "support/folder.hpp"

namespace tutela::blobs {

inline std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

inline bool has_s3() {
  return !variable("TUTELA_TEST_S3_ENDPOINT").empty();
}

/// "plain", "versioned" or "locking": three buckets that the driver made.
inline S3Options s3_options(const std::string& bucket) {
  S3Options options;
  options.endpoint = variable("TUTELA_TEST_S3_ENDPOINT");
  options.access_key = variable("TUTELA_TEST_S3_ACCESS_KEY");
  options.secret_key = variable("TUTELA_TEST_S3_SECRET_KEY");
  options.bucket = "tutela-" + bucket;
  options.part_size_bytes = std::size_t{5} << 20;
  options.scrub_bytes_per_second = 0;
  return options;
}

inline bool has_bucket(const std::string& bucket) {
  return has_s3() && ("," + variable("TUTELA_TEST_S3_BUCKETS") + ",").find("," + bucket + ",") !=
                         std::string::npos;
}

/// Names of places: "folder", and the buckets.
inline std::vector<std::string> places() {
  std::vector<std::string> all = {"folder"};
  for (const char* const bucket : {"plain", "versioned", "locking"}) {
    if (has_bucket(bucket)) {
      all.emplace_back(bucket);
    }
  }
  return all;
}

inline Result<std::unique_ptr<Blobs>> open_place(const std::string& place,
                                                 const std::filesystem::path& folder) {
  if (place == "folder") {
    return open_folder(folder / "blobs", {0});
  }
  S3Options options = s3_options(place);
  options.object_lock = place == "locking";
  return open_s3(options);
}

inline Bytes pattern(std::size_t size, std::uint32_t seed = 1) {
  Bytes bytes(size);
  std::uint32_t state = seed * 2'654'435'761U + 1;
  for (std::byte& byte : bytes) {
    state = state * 1'664'525U + 1'013'904'223U;
    byte = static_cast<std::byte>(state >> 24U);
  }
  return bytes;
}

inline Status put(Blobs& blobs, std::string_view name, ByteView bytes, std::size_t piece = 70'001) {
  TUTELA_TRY_ASSIGN(const std::unique_ptr<Writer> writer, blobs.create(name));
  while (!bytes.empty()) {
    const ByteView some = bytes.first(std::min(bytes.size(), piece));
    bytes = bytes.subspan(some.size());
    TUTELA_TRY(writer->append(some));
  }
  return writer->finish();
}

inline std::string code_of(const Status& status) {
  return status ? "" : std::string(status.error().code);
}

template <class T>
std::string code_of(const Result<T>& result) {
  return result ? "" : std::string(result.error().code);
}

inline std::vector<std::string> names_under(Blobs& blobs, const std::string& prefix) {
  std::vector<std::string> names;
  const Status status = blobs.list(prefix, [&](std::string_view name) {
    names.emplace_back(name);
    return ok();
  });
  EXPECT_TRUE(status) << status.error().message;
  return names;
}

/// A place of its own for each test: a folder, or a prefix in a bucket.
class PlaceTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { blobs_ = open(); }

  std::unique_ptr<Blobs> open() {
    Result<std::unique_ptr<Blobs>> opened = open_place(GetParam(), folder_.path());
    EXPECT_TRUE(opened) << opened.error().message;
    return *std::move(opened);
  }

  [[nodiscard]] std::string name(const std::string& end) const { return prefix_ + end; }

  tutela::testing::TemporaryFolder folder_;
  const std::string prefix_ = to_string(new_uuid(SystemClock().now_ms())) + "/";
  std::unique_ptr<Blobs> blobs_;
};

}  // namespace tutela::blobs
