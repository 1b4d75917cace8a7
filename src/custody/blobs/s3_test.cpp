// What only S3 does, against the real servers that tests/s3 starts: credentials, uploads of parts,
// versions, locks, rot, and servers that go away.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "custody/blobs/format.hpp"
#include "custody/blobs/places_test.hpp"
#include "custody/blobs/s3_answers.hpp"
#include "custody/blobs/s3_client.hpp"

namespace tutela::blobs {
namespace {

class S3Test : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_s3()) {
      GTEST_SKIP() << "no S3 server: NOT tested here; ctest -L s3 starts real ones";
    }
    client_ = *S3Client::make(s3_options("plain"));
  }

  static std::unique_ptr<Blobs> open(const std::string& bucket, bool lock = false) {
    S3Options options = s3_options(bucket);
    options.object_lock = lock;
    Result<std::unique_ptr<Blobs>> opened = open_s3(options);
    EXPECT_TRUE(opened) << opened.error().message;
    return *std::move(opened);
  }

  Result<S3Answer> ask(const std::string& method,
                       const std::string& bucket,
                       const std::string& key,
                       std::vector<std::pair<std::string, std::string>> query = {},
                       ByteView body = {}) {
    S3Request request;
    request.method = method;
    request.path = "/tutela-" + bucket + (key.empty() ? "" : "/" + key);
    request.query = std::move(query);
    request.body = body;
    return client_->send(request, kXmlSizeMax);
  }

  std::size_t uploads_of(const std::string& bucket, const std::string& key) {
    const Result<S3Answer> answer = ask("GET", bucket, "", {{"uploads", ""}});
    EXPECT_TRUE(answer && answer->good());
    const Result<S3Uploads> found = parse_uploads(answer->body);
    EXPECT_TRUE(found);
    return static_cast<std::size_t>(
        std::count_if(found->uploads.begin(), found->uploads.end(), [&](const S3Upload& each) {
          return each.key == key;
        }));
  }

  std::size_t versions_of(const std::string& bucket, const std::string& key) {
    const Result<S3Answer> answer = ask("GET", bucket, "", {{"versions", ""}, {"prefix", key}});
    EXPECT_TRUE(answer && answer->good());
    const Result<S3Versions> found = parse_versions(answer->body);
    EXPECT_TRUE(found);
    return found->versions.size();
  }

  /// Tells the driver to break the server or to bring it back, and waits until it has.
  static void tell_driver(const std::string& what) {
    const std::filesystem::path folder = variable("TUTELA_TEST_S3_CONTROL");
    std::ofstream(folder / what).close();
    while (!std::filesystem::exists(folder / (what + ".done"))) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    std::filesystem::remove(folder / (what + ".done"));
  }

  const std::string key_ = to_string(new_uuid(SystemClock().now_ms()));
  std::unique_ptr<S3Client> client_;
};

TEST_F(S3Test, IsRefusedWithAWrongSecretOrAnUnknownKey) {
  for (const bool wrong_secret : {true, false}) {
    S3Options options = s3_options("plain");
    (wrong_secret ? options.secret_key : options.access_key) += "x";
    const Result<std::unique_ptr<Blobs>> opened = open_s3(options);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::kForbidden);
    EXPECT_EQ(opened.error().code, "blob.refused");
    EXPECT_EQ(opened.error().message.find(options.secret_key), std::string::npos);
  }
}

TEST_F(S3Test, SaysThatTheBucketIsNotThere) {
  const Result<std::unique_ptr<Blobs>> opened = open_s3(s3_options("never-made"));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(opened.error().message.find("bucket"), std::string::npos) << opened.error().message;
}

TEST_F(S3Test, EndsTheUploadOfAWriterThatIsDropped) {
  const std::unique_ptr<Blobs> blobs = open("plain");
  {
    Result<std::unique_ptr<Writer>> writer = blobs->create(key_);
    ASSERT_TRUE(writer);
    ASSERT_TRUE((*writer)->append(pattern(6U << 20U)));
    EXPECT_EQ(uploads_of("plain", key_), 1U);
  }
  EXPECT_EQ(uploads_of("plain", key_), 0U);
}

TEST_F(S3Test, EndsAbandonedUploadsWhenTheyAreOldEnough) {
  ASSERT_TRUE(ask("POST", "plain", key_, {{"uploads", ""}})->good());
  open("plain");
  EXPECT_EQ(uploads_of("plain", key_), 1U) << "one that may still be written was ended";
  S3Options options = s3_options("plain");
  options.abandoned_after_ms = -60'000;  // as if it were later
  ASSERT_TRUE(open_s3(options));
  EXPECT_EQ(uploads_of("plain", key_), 0U);
}

TEST_F(S3Test, FindsRotAndCuts) {
  const std::unique_ptr<Blobs> blobs = open("plain");
  const Bytes good = with_footer(pattern(9U << 20U));
  Bytes flipped = good;
  flipped[8'500'000] ^= std::byte{4};
  const std::vector<std::pair<std::string, Bytes>> broken = {
      {"cut", Bytes(good.begin(), good.end() - 1)},
      {"empty", {}},
      {"flipped", flipped},
      {"short", Bytes(20, std::byte{1})}};
  std::vector<std::string> names;
  for (const auto& [name, bytes] : broken) {
    names.push_back(key_ + "/" + name);
    ASSERT_TRUE(ask("PUT", "plain", names.back(), {}, bytes)->good());
    EXPECT_EQ(code_of(blobs->get(names.back(), 10U << 20U)), "blob.corrupt") << name;
  }
  ASSERT_TRUE(ask("PUT", "plain", key_ + "/good", {}, good)->good());
  const Result<Scrub> scrub = blobs->scrub(key_, [] { return false; }, {});
  ASSERT_TRUE(scrub) << scrub.error().message;
  EXPECT_EQ(scrub->blobs, 5U);
  EXPECT_EQ(scrub->corrupt, names);
}

TEST_F(S3Test, SkipsWhatIsNotOurs) {
  ASSERT_TRUE(ask("PUT", "plain", key_ + "/Not Ours_", {}, as_bytes("x"))->good());
  EXPECT_TRUE(names_under(*open("plain"), key_).empty());
}

TEST_F(S3Test, LeavesNoVersionOfWhatWasReplacedOrRemoved) {
  for (const std::string bucket : {"versioned", "locking"}) {
    if (!has_bucket(bucket)) {
      continue;
    }
    const std::unique_ptr<Blobs> blobs = open(bucket, bucket == "locking");
    for (std::uint32_t i = 0; i < 3; ++i) {
      ASSERT_TRUE(blobs->replace(key_, pattern(100, i)));
      EXPECT_EQ(versions_of(bucket, key_), 1U) << bucket;
    }
    EXPECT_EQ(*blobs->get(key_, 100), pattern(100, 2));
    ASSERT_TRUE(put(*blobs, key_ + ".large", pattern(6U << 20U)));
    ASSERT_TRUE(blobs->remove(key_));
    EXPECT_EQ(versions_of(bucket, key_), 1U) << "another key's version was removed";
    ASSERT_TRUE(blobs->remove(key_ + ".large"));
    EXPECT_EQ(versions_of(bucket, key_), 0U);
    // Old versions and delete markers that somebody else left go too.
    for (std::uint32_t i = 0; i < 3; ++i) {
      ASSERT_TRUE(ask("PUT", bucket, key_, {}, as_bytes("x"))->good());
      ASSERT_TRUE(ask("DELETE", bucket, key_)->good());
    }
    EXPECT_EQ(versions_of(bucket, key_), 6U);
    EXPECT_EQ(code_of(blobs->open(key_)), "blob.missing");
    ASSERT_TRUE(blobs->remove(key_));
    EXPECT_EQ(versions_of(bucket, key_), 0U);
  }
}

TEST_F(S3Test, NoticesThatABucketWasGivenVersions) {
  if (!has_bucket("late")) {
    GTEST_SKIP() << "this server has no versions";
  }
  const std::unique_ptr<Blobs> blobs = open("late");
  ASSERT_TRUE(put(*blobs, key_, pattern(10)));
  const std::string xml =
      "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
      "<Status>Enabled</Status></VersioningConfiguration>";
  ASSERT_TRUE(ask("PUT", "late", "", {{"versioning", ""}}, as_bytes(xml))->good());
  ASSERT_TRUE(blobs->remove(key_));
  EXPECT_EQ(versions_of("late", key_), 0U);
}

TEST_F(S3Test, KeepsALockedBlobUntilItsDay) {
  if (!has_bucket("locking")) {
    GTEST_SKIP() << "this server has no object lock";
  }
  for (const LockMode mode : {LockMode::kCompliance, LockMode::kGovernance}) {
    for (const std::size_t size : {std::size_t{100}, std::size_t{6} << 20U}) {
      S3Options options = s3_options("locking");
      options.object_lock = true;
      options.lock_mode = mode;
      const std::unique_ptr<Blobs> blobs = *open_s3(options);
      std::string key;
      const auto put_until = [&](UtcMs until) {
        Result<std::unique_ptr<Writer>> writer = blobs->create(key, until);
        ASSERT_TRUE(writer);
        ASSERT_TRUE((*writer)->append(pattern(size)));
        const Status status = (*writer)->finish();
        ASSERT_TRUE(status) << status.error().message;
      };
      const auto expect_kept = [&](UtcMs until) {
        const Status refused = blobs->remove(key);
        if (SystemClock().now_ms() >= until) {
          return;  // so slow a machine must be given more time
        }
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::kForbidden);
        EXPECT_EQ(refused.error().code, "blob.locked");
        EXPECT_EQ(*blobs->get(key, size), pattern(size));
        // Nor does who holds the keys and asks the server himself.
        const Result<S3Answer> version =
            ask("GET", "locking", "", {{"versions", ""}, {"prefix", key}});
        const std::string id = parse_versions(version->body)->versions.at(0).id;
        const auto status = ask("DELETE", "locking", key, {{"versionId", id}})->status;
        EXPECT_TRUE(status == 403 || SystemClock().now_ms() >= until) << status;
      };
      UtcMs until = 0;
      UtcMs hold_ms = 6000;
      do {
        until = SystemClock().now_ms() + hold_ms;
        key = key_ + "/" + std::to_string(hold_ms);
        hold_ms *= 3;
        ASSERT_NO_FATAL_FAILURE(put_until(until));
        ASSERT_NO_FATAL_FAILURE(expect_kept(until));
      } while (SystemClock().now_ms() >= until && hold_ms < 200'000);
      ASSERT_LT(SystemClock().now_ms(), until) << "nothing was asked while it was locked";
      std::this_thread::sleep_for(std::chrono::milliseconds(until + 1500 - SystemClock().now_ms()));
      const Status removed = blobs->remove(key);
      EXPECT_TRUE(removed) << removed.error().message;
      EXPECT_EQ(versions_of("locking", key), 0U);
    }
  }
}

TEST_F(S3Test, AsksForALockingBucketWhereLocksAreOn) {
  S3Options options = s3_options("plain");
  options.object_lock = true;
  EXPECT_EQ(code_of(open_s3(options)), "s3.no_object_lock");
}

TEST_F(S3Test, HoldsNothingHalfWhenTheServerDiesBetweenParts) {
  S3Options options = s3_options("plain");
  options.attempts_max = 2;
  const std::unique_ptr<Blobs> blobs = *open_s3(options);
  ASSERT_TRUE(put(*blobs, key_ + "/whole", pattern(9U << 20U)));
  Result<std::unique_ptr<Reader>> reader = blobs->open(key_ + "/whole");
  Bytes out(8U << 20U);
  ASSERT_TRUE((*reader)->read(out));
  Result<std::unique_ptr<Writer>> writer = blobs->create(key_ + "/half");
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->append(pattern(11U << 20U)));
  tell_driver("break");
  const Status lost = (*writer)->append(pattern(11U << 20U));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(lost.error().code, "blob.unavailable");
  EXPECT_EQ(code_of((*writer)->finish()), "blob.ended");
  EXPECT_EQ(code_of((*reader)->read(out)), "blob.unavailable");
  EXPECT_EQ(code_of(blobs->remove(key_ + "/whole")), "blob.unavailable");
  EXPECT_EQ(code_of(blobs->get(key_ + "/never", 1)), "blob.unavailable");
  EXPECT_EQ(code_of(open_s3(options)), "blob.unavailable");
  *writer = nullptr;
  tell_driver("recover");
  EXPECT_EQ(names_under(*blobs, key_), std::vector<std::string>{key_ + "/whole"});
  EXPECT_EQ(*blobs->get(key_ + "/whole", 9U << 20U), pattern(9U << 20U));
  options.abandoned_after_ms = -60'000;
  ASSERT_TRUE(open_s3(options));
  EXPECT_EQ(uploads_of("plain", key_ + "/half"), 0U);
}

TEST_F(S3Test, CarriesOnWhenTheServerIsBackInTime) {
  S3Options options = s3_options("plain");
  options.attempts_max = 60;  // minutes, for a server that starts slowly
  const std::unique_ptr<Blobs> blobs = *open_s3(options);
  tell_driver("break");
  std::thread later([] {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    tell_driver("recover");
  });
  const Status status = put(*blobs, key_, pattern(100));
  later.join();
  EXPECT_TRUE(status) << status.error().message;
  EXPECT_EQ(*blobs->get(key_, 100), pattern(100));
}

// Started by tests/s3/hostile.py, which looks at what it prints.
TEST(S3Child, DISABLED_Opens) {
  S3Options options = s3_options("bucket");
  options.attempts_max = 3;
  options.request_timeout_ms = 2000;
  options.ca_file = variable("TUTELA_TEST_S3_CA");
  const Result<std::unique_ptr<Blobs>> opened = open_s3(options);
  std::printf("opened: %s\n", code_of(opened).c_str());
  if (!opened) {
    std::printf("%s\n", opened.error().message.c_str());
  }
}

TEST(S3SettingsTest, AreRefusedWhenTheyAreWrong) {
  const auto with = [](auto change) {
    S3Options options;
    options.endpoint = "https://s3.example.org";
    options.bucket = "bucket";
    options.access_key = "key";
    options.secret_key = "secret";
    change(options);
    return code_of(S3Client::make(options));
  };
  EXPECT_EQ(with([](S3Options&) {}), "");
  EXPECT_EQ(with([](S3Options& o) { o.endpoint = "http://127.0.0.1:8080/"; }), "");
  EXPECT_EQ(with([](S3Options& o) { o.endpoint = "http://[::1]:8080"; }), "");
  for (const char* const bad : {"",
                                "s3.example.org",
                                "http://s3.example.org",
                                "ftp://127.0.0.1",
                                "https://",
                                "https://a/b",
                                "https://user@host",
                                "http://127.0.0.1.example.org",
                                "http://localhost.example.org"}) {
    EXPECT_EQ(with([&](S3Options& o) { o.endpoint = bad; }), "s3.bad_settings") << bad;
  }
  for (const char* const bad : {"", "ab", "Upper", "a/b", "a?b"}) {
    EXPECT_EQ(with([&](S3Options& o) { o.bucket = bad; }), "s3.bad_settings") << bad;
  }
  EXPECT_EQ(with([](S3Options& o) { o.region = "eu\r\nx: y"; }), "s3.bad_settings");
  EXPECT_EQ(with([](S3Options& o) { o.access_key = "a\nb"; }), "s3.bad_settings");
  EXPECT_EQ(with([](S3Options& o) { o.secret_key = ""; }), "s3.bad_settings");
}

TEST(S3SettingsTest, AServerThatIsNotThereIsUnavailable) {
  S3Options options;
  options.endpoint = "http://127.0.0.1:1";
  options.bucket = "bucket";
  options.access_key = "key";
  options.secret_key = "a-secret-nobody-sees";
  options.attempts_max = 2;
  const Result<std::unique_ptr<Blobs>> opened = open_s3(options);
  EXPECT_EQ(code_of(opened), "blob.unavailable");
  EXPECT_EQ(opened.error().message.find("a-secret"), std::string::npos);
}

}  // namespace
}  // namespace tutela::blobs
