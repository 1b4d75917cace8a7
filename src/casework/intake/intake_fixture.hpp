// Notices over a real database, for the tests of this module.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "casework/intake/notices.hpp"
#include "support/evidence_rows.hpp"

namespace tutela::intake {

inline constexpr std::int64_t kMinute = 60'000;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::int64_t kDay = 24 * kHour;

inline Rules test_rules() {
  Rules rules;
  rules.promises.ms = {
      15 * kMinute, 4 * kHour, 24 * kHour, 48 * kHour, 24 * kHour, 24 * kHour, 168 * kHour};
  return rules;
}

/// The same in each process that opens the folder.
inline crypto::Key test_key() {
  const std::string seed(32, 'k');
  return *crypto::Key::from_bytes(as_bytes(seed));
}

class World {
 public:
  explicit World(const std::filesystem::path& folder)
      : database_(testing::open_database(folder)),
        notices_(*database_, clock_, test_key(), [this] { return rules_; }) {}

  Accepted accept(const NewNotice& notice) {
    Result<Accepted> accepted = notices_.accept(page_, notice);
    EXPECT_TRUE(accepted) << (accepted ? "" : accepted.error().message);
    return accepted ? *std::move(accepted) : Accepted{};
  }

  Whole whole(const Uuid& id) {
    Result<Whole> found = notices_.whole("default", id);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found ? *std::move(found) : Whole{};
  }

  Notice get(const Uuid& id) { return whole(id).of; }

  Command now(const Uuid& id) { return {get(id).version}; }

  Notice answer(const Uuid& id,
                Outcome outcome = Outcome::kHandled,
                const std::string& words = {}) {
    Result<Notice> of = notices_.answer(desk_, id, now(id), outcome, words);
    EXPECT_TRUE(of) << (of ? "" : of.error().message);
    return of ? *std::move(of) : Notice{};
  }

  std::int64_t count(const std::string& from) { return testing::count(*database_, from); }

  std::string text(const std::string& sql) { return testing::texts(*database_, sql).at(0); }

  ManualClock clock_{1'790'000'000'000};  // a Monday
  Rules rules_ = test_rules();
  std::unique_ptr<store::Database> database_;
  Notices notices_;
  store::Actor page_{"default", "intake:page", "service"};
  store::Actor desk_{"default", "person:1", "reviewer"};
};

class IntakeTest : public ::testing::Test {
 protected:
  testing::TemporaryFolder folder_;
  World world_{folder_.path()};
  Notices& notices_ = world_.notices_;
};

inline NewNotice a_notice(const std::string& text = "somebody posts pictures of me") {
  NewNotice notice;
  notice.kind = Kind::kContent;
  notice.body.text = text;
  notice.body.links = {"HTTPS://Example.ORG/Post/1#top"};
  return notice;
}

}  // namespace tutela::intake
