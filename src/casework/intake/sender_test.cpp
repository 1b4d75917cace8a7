// What whoever sent a notice gets, sees and may do.
#include <algorithm>

#include "casework/intake/intake_fixture.hpp"
#include "casework/intake/text.hpp"

namespace tutela::intake {
namespace {

using testing::code_of;

class SenderTest : public IntakeTest {
 protected:
  Result<Followed> follow(const Accepted& accepted) {
    return notices_.follow(accepted.number, accepted.pin);
  }

  static std::string other_pin(const Accepted& accepted) {
    std::string pin = accepted.pin;
    pin[0] = pin[0] == '1' ? '2' : '1';
    return pin;
  }
};

TEST_F(SenderTest, WhoeverReportsGetsANumberAPinAndAPromise) {
  const Accepted accepted = world_.accept(a_notice());
  EXPECT_EQ(accepted.pin.size(), 8U);
  EXPECT_EQ(accepted.queue, Queue::kPublic);
  EXPECT_EQ(accepted.due_ms, world_.clock_.now_ms() + 24 * kHour);
  const Result<Followed> followed = follow(accepted);
  ASSERT_TRUE(followed);
  EXPECT_EQ(followed->id, accepted.id);
  EXPECT_EQ(followed->state, State::kOpen);
  EXPECT_EQ(followed->due_ms, accepted.due_ms);
  EXPECT_FALSE(followed->looked_at);
  EXPECT_EQ(world_.count("notice WHERE pin_hash LIKE '%" + accepted.pin + "%'"), 0);
}

TEST_F(SenderTest, TheNumberMayBeTypedAsPeopleType) {
  const Accepted accepted = world_.accept(a_notice());
  std::string typed;
  for (const char c : accepted.number) {
    typed += c == '-' ? ' ' : c == '0' ? 'o' : c == '1' ? 'l' : static_cast<char>(std::tolower(c));
  }
  EXPECT_TRUE(notices_.follow(typed, accepted.pin.substr(0, 4) + " " + accepted.pin.substr(4)));
}

TEST_F(SenderTest, UnknownWrongAndLockedAreTheSameError) {
  const Accepted accepted = world_.accept(a_notice());
  const Accepted other = world_.accept(a_notice("another"));
  const Result<Followed> unknown = notices_.follow(random_number(), accepted.pin);
  const Result<Followed> wrong = notices_.follow(accepted.number, other.pin);
  const Result<Followed> nonsense = notices_.follow("'; --", "x");
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(code_of(notices_.follow(accepted.number, other_pin(accepted))), "notice.unknown");
  }
  const Result<Followed> locked = follow(accepted);
  for (const Result<Followed>* const each : {&unknown, &wrong, &nonsense, &locked}) {
    ASSERT_FALSE(*each);
    EXPECT_EQ(each->error().code, "notice.unknown");
    EXPECT_EQ(each->error().kind, ErrorKind::kNotFound);
    EXPECT_EQ(each->error().message, unknown.error().message);
  }
  EXPECT_TRUE(follow(other)) << "others are not locked";
}

TEST_F(SenderTest, AnHourAfterTenWrongPinsTheRightOneIsTakenAgain) {
  const Accepted accepted = world_.accept(a_notice());
  for (int i = 0; i < 9; ++i) {
    EXPECT_FALSE(notices_.follow(accepted.number, other_pin(accepted)));
  }
  EXPECT_TRUE(follow(accepted)) << "nine are forgiven";
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(notices_.follow(accepted.number, other_pin(accepted)));
  }
  EXPECT_FALSE(follow(accepted));
  world_.clock_.advance(kHour - 1);
  EXPECT_FALSE(follow(accepted));
  world_.clock_.advance(1);
  EXPECT_TRUE(follow(accepted));
  EXPECT_EQ(world_.text("SELECT pin_tries % 256 FROM notice"), "0");
}

TEST_F(SenderTest, ManyAtOnceDoNotTryMoreThanTen) {
  const Accepted accepted = world_.accept(a_notice());
  testing::all_at_once(
      20, [&](int) { EXPECT_FALSE(notices_.follow(accepted.number, other_pin(accepted))); });
  EXPECT_FALSE(follow(accepted));
  EXPECT_EQ(world_.count("notice WHERE pin_locked_until_ms IS NOT NULL"), 1);
}

TEST_F(SenderTest, WhatIsAddedIsAMessageOfTheSender) {
  const Accepted accepted = world_.accept(a_notice());
  const Uuid file = new_uuid(7);
  const Result<Followed> followed = notices_.add(accepted.number, accepted.pin, "and this", {file});
  ASSERT_TRUE(followed);
  ASSERT_EQ(followed->messages.size(), 1U);
  EXPECT_TRUE(followed->messages[0].from_sender);
  EXPECT_EQ(followed->messages[0].text, "and this");
  const Whole whole = world_.whole(accepted.id);
  EXPECT_EQ(whole.files, std::vector<Uuid>{file});
  EXPECT_EQ(whole.of.version, 2);
  EXPECT_EQ(world_.count("notice_subject WHERE kind = 'content'"), 1);
}

TEST_F(SenderTest, WhatIsAddedIsBounded) {
  const Accepted accepted = world_.accept(a_notice());
  const auto add = [&](const std::string& text, const std::vector<Uuid>& files) {
    return code_of(notices_.add(accepted.number, accepted.pin, text, files));
  };
  EXPECT_EQ(add("", {}), "notice.empty");
  EXPECT_EQ(add(" \n", {}), "notice.empty");
  EXPECT_EQ(add(std::string(4001, 'x'), {}), "notice.too_long");
  EXPECT_EQ(add(std::string(4001, '\xFF'), {}), "notice.bad_text");
  EXPECT_EQ(add("a\x01", {}), "notice.bad_text");
  EXPECT_EQ(add("", std::vector<Uuid>(6)), "notice.too_many_files");
  world_.rules_.limits.additions_max = 2;
  EXPECT_EQ(add("one", {}), "ok");
  EXPECT_EQ(add("two", {}), "ok");
  EXPECT_EQ(add("three", {}), "notice.too_many_additions");
  EXPECT_EQ(code_of(notices_.add(accepted.number, other_pin(accepted), "x", {})), "notice.unknown");
}

TEST_F(SenderTest, AFileBelongsToOneNotice) {
  NewNotice notice = a_notice();
  notice.files = {new_uuid(7), new_uuid(8)};
  notice.files.push_back(notice.files[0]);
  const Accepted first = world_.accept(notice);
  EXPECT_EQ(world_.whole(first.id).files.size(), 2U);
  EXPECT_EQ(code_of(notices_.accept(world_.page_, notice)), "notice.file_taken");
  EXPECT_EQ(world_.count("notice"), 1);
}

TEST_F(SenderTest, AnAdditionOpensWhatWasAnsweredWithANewPromise) {
  const Accepted accepted = world_.accept(a_notice());
  world_.answer(accepted.id, Outcome::kGone, "It was gone.");
  Result<Followed> followed = follow(accepted);
  ASSERT_TRUE(followed);
  EXPECT_EQ(followed->state, State::kAnswered);
  EXPECT_EQ(followed->outcome, Outcome::kGone);
  EXPECT_EQ(followed->answer, "It was gone.");
  EXPECT_EQ(followed->earlier, std::nullopt);
  EXPECT_TRUE(followed->looked_at);
  world_.clock_.advance(3 * kDay);
  followed = notices_.add(accepted.number, accepted.pin, "It is back.", {});
  ASSERT_TRUE(followed);
  EXPECT_EQ(followed->state, State::kOpen);
  EXPECT_EQ(followed->due_ms, world_.clock_.now_ms() + 24 * kHour);
  EXPECT_EQ(followed->outcome, std::nullopt);
  EXPECT_EQ(followed->earlier, Outcome::kGone) << "what they have read does not vanish";
  EXPECT_EQ(followed->earlier_ms, world_.clock_.now_ms() - 3 * kDay);
  ASSERT_EQ(followed->messages.size(), 2U);
  EXPECT_EQ(followed->messages[0].text, "It was gone.");
  EXPECT_FALSE(followed->messages[0].from_sender);
  EXPECT_EQ(followed->messages[0].principal_id, "") << "nobody outside learns who answered";
  EXPECT_EQ(world_.whole(accepted.id).messages[0].principal_id, "person:1");
}

TEST_F(SenderTest, WithdrawingErasesTheContactAndNothingElse) {
  NewNotice notice = a_notice();
  notice.contact = SealedContact{"0123456789abcdef", "c2VhbGVk"};
  const Accepted accepted = world_.accept(notice);
  EXPECT_TRUE(world_.get(accepted.id).has_contact);
  const Result<Followed> followed = notices_.withdraw(accepted.number, accepted.pin);
  ASSERT_TRUE(followed);
  EXPECT_EQ(followed->state, State::kWithdrawn);
  EXPECT_FALSE(world_.get(accepted.id).has_contact);
  EXPECT_EQ(world_.count("notice_contact"), 0);
  EXPECT_EQ(world_.count("notice_subject"), 1);
  EXPECT_EQ(code_of(notices_.withdraw(accepted.number, accepted.pin)), "notice.over");
  EXPECT_EQ(code_of(notices_.add(accepted.number, accepted.pin, "x", {})), "notice.over");
  EXPECT_TRUE(follow(accepted)) << "its state can be seen still";
}

// What it does, and how much of it, whoever asks: the same statements in the same order, each of
// them about one row.
class Tracing final : public store::Database {
 public:
  explicit Tracing(store::Database& real) : real_(real) {}

  Status write(const std::function<Status(store::Transaction&)>& work) override {
    return real_.write([&](store::Transaction& transaction) {
      Listening listening(transaction, seen);
      return work(listening);
    });
  }

  Status read(const std::function<Status(store::Transaction&)>& work) override {
    seen.emplace_back("read");
    return real_.read(work);
  }

  Result<std::int64_t> change_counter() override { return real_.change_counter(); }

  std::vector<std::string> seen;

 private:
  class Listening final : public store::Transaction {
   public:
    Listening(store::Transaction& real, std::vector<std::string>& seen)
        : real_transaction_(real), seen_(seen) {}

    Result<std::int64_t> execute(std::string_view sql,
                                 const std::vector<store::Value>& values) override {
      Result<std::int64_t> changed = real_transaction_.execute(sql, values);
      seen_.push_back(std::string(sql) + " rows " + std::to_string(changed ? *changed : -1));
      return changed;
    }

    Status query(std::string_view sql,
                 const std::vector<store::Value>& values,
                 const std::function<Status(const store::Row&)>& on_row) override {
      int rows = 0;
      const Status status = real_transaction_.query(sql, values, [&](const store::Row& row) {
        ++rows;
        return on_row(row);
      });
      seen_.push_back(std::string(sql) + " rows " + std::to_string(rows));
      return status;
    }

    Result<std::int64_t> last_insert_id() override { return real_transaction_.last_insert_id(); }

   private:
    store::Transaction& real_transaction_;
    std::vector<std::string>& seen_;
  };

  store::Database& real_;
};

TEST_F(SenderTest, UnknownWrongAndLockedTakeTheSameWork) {
  const Accepted accepted = world_.accept(a_notice());
  const Accepted locked = world_.accept(a_notice());
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(notices_.follow(locked.number, other_pin(locked)));
  }
  Tracing tracing(*world_.database_);
  Notices notices(tracing, world_.clock_, test_key(), [this] { return world_.rules_; });
  const auto seen = [&](std::string_view number, std::string_view pin) {
    tracing.seen.clear();
    const std::int64_t before = *world_.database_->change_counter();
    EXPECT_EQ(code_of(notices.follow(number, pin)), "notice.unknown");
    EXPECT_NE(*world_.database_->change_counter(), before) << "nothing was written to the disk";
    return tracing.seen;
  };
  // One of a number behind which there is another, as there is behind nearly all of them.
  std::string unknown = random_number();
  while (unknown > std::max(accepted.number, locked.number)) {
    unknown = random_number();
  }
  const std::vector<std::string> wrong = seen(accepted.number, other_pin(accepted));
  ASSERT_EQ(wrong.size(), 2U);
  EXPECT_TRUE(wrong[0].ends_with("rows 1"));
  EXPECT_TRUE(wrong[1].starts_with("UPDATE notice SET pin_tries"));
  EXPECT_TRUE(wrong[1].ends_with("rows 1"));
  EXPECT_EQ(seen(unknown, accepted.pin), wrong);
  EXPECT_EQ(seen(locked.number, locked.pin), wrong);
  EXPECT_EQ(seen(locked.number, other_pin(locked)), wrong);
  EXPECT_EQ(seen("no number at all", "no pin"), wrong);
  EXPECT_EQ(world_.text("SELECT SUM(pin_tries % 256) FROM notice"), "1")
      << "of the wrong one alone";
}

TEST_F(SenderTest, SourcesArePseudonymsOfADay) {
  const auto source = [&](std::string_view address) {
    return notices_.source_of(address);
  };
  const std::string one = source("192.0.2.1");
  EXPECT_EQ(one, source("::ffff:192.0.2.1"));
  EXPECT_NE(one, source("192.0.2.2"));
  EXPECT_EQ(source("2001:db8:1:2::1"), source("2001:DB8:1:2:ffff::9%eth0"));
  EXPECT_NE(source("2001:db8:1:2::1"), source("2001:db8:1:3::1"));
  EXPECT_EQ(source("Someone@Example.org"), source("someone@example.ORG"));
  EXPECT_EQ(one.find("192"), std::string::npos);
  Notices other(*world_.database_, world_.clock_, crypto::Key::random(), [] { return Rules{}; });
  EXPECT_NE(one, other.source_of("192.0.2.1"));
  world_.clock_.advance(kDay);
  EXPECT_NE(one, source("192.0.2.1"));
}

}  // namespace
}  // namespace tutela::intake
