// kill -9 at every step inside the unit of work of a finding or a command: nothing half is there,
// and the same again is done once.
//
// The test runs itself as "--drive FOLDER WORK" with one fault point armed.
#include <cstdio>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "casework/cases/cases.hpp"
#include "support/whole_or_nothing.hpp"

namespace tutela {
namespace {

using cases::Cases;
using cases::Command;
using cases::Finding;
using cases::Person;

const store::Actor kDoor{"default", "token:door", "service"};

Person reviewer() {
  Person person;
  person.actor = {"default", "person:ann", "reviewer"};
  person.is_lead = true;
  return person;
}

Uuid content(int number) {
  Uuid id;
  id.bytes[15] = static_cast<std::byte>(number);
  return id;
}

// Two contents with the same bytes, of two accounts, and a third of the first account.
Finding finding(int number) {
  Finding found;
  found.content_id = content(number);
  found.account = number == 2 ? "acc-2" : "acc-1";
  found.external_id = "post-" + std::to_string(number);
  found.sha256 = number == 3 ? "bb" : "aa";
  found.signal_id = 7;
  found.classification = "B1";
  found.list_purpose = "known_csam";
  return found;
}

Status add(store::Database& database, int number) {
  const SystemClock clock;
  return database.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(cases::add_finding(transaction, kDoor, {}, clock.now_ms(), finding(number)));
    return ok();
  });
}

Result<Uuid> case_of(store::Database& database, int number) {
  std::optional<Uuid> found;
  TUTELA_TRY(database.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(found, cases::case_of(transaction, "default", content(number)));
    return ok();
  }));
  if (!found) {
    return Error{ErrorKind::kNotFound, "test.no_case", "there is no case"};
  }
  return *found;
}

Status withdraw_or_group(store::Database& database, bool withdraw) {
  const SystemClock clock;
  return database.write([&](store::Transaction& transaction) -> Status {
    return withdraw ? cases::withdraw_finding(transaction, kDoor, clock.now_ms(), content(1))
                    : cases::add_near_duplicates(
                          transaction, kDoor, clock.now_ms(), content(1), content(2));
  });
}

Status work(store::Database& database, const std::string& what) {
  const SystemClock clock;
  Cases cases(database, clock, {});
  if (what == "open") {
    return add(database, 2);
  }
  if (what == "join") {
    return add(database, 3);
  }
  if (what == "withdraw" || what == "group") {
    return withdraw_or_group(database, what == "withdraw");
  }
  if (what == "take") {
    TUTELA_TRY(cases.take_next(reviewer(), {}, {}));
    return ok();
  }
  TUTELA_TRY_ASSIGN(const Uuid id, case_of(database, 1));
  if (what == "unlock") {
    TUTELA_TRY(cases.unlock(reviewer(), id));
  } else if (what == "note") {
    TUTELA_TRY(cases.add_note(reviewer(), id, {1, "key"}, "a note"));
  } else if (what == "mark") {
    TUTELA_TRY(cases.mark(reviewer(), id, {1, "key"}, {cases::Mark::kImminentHarm}));
  } else {
    return Error{ErrorKind::kInternal, "test.work", "no such work"};
  }
  return ok();
}

void prepare(store::Database& database, const std::string& what) {
  ASSERT_TRUE(database.write([&](store::Transaction& transaction) -> Status {
    for (int number = 1; number <= 3; ++number) {
      TUTELA_TRY(transaction.execute(
          "INSERT INTO content (id, tenant_id, principal_id, door, source, size_bytes, md5, sha1, "
          "sha256, received_ms, instance_id, attempts, verdict, spooled) VALUES (:id, 'default', "
          "'token:door', 'http', 'api', 1, '', '', :sha256, 0, 'i', 1, 'match', 0)",
          {to_string(content(number)), std::string(number == 3 ? "bb" : "aa")}));
    }
    for (int number = 1; number <= 2; ++number) {
      TUTELA_TRY(transaction.execute(
          "INSERT INTO content_group (content_id, tenant_id, principal_id, group_id) VALUES (:id, "
          "'default', 'system', 'g')",
          {to_string(content(number))}));
    }
    return ok();
  }));
  ASSERT_TRUE(add(database, 1));
  if (what == "group") {
    // Of other bytes, so that nothing links them before.
    ASSERT_TRUE(database.write([&](store::Transaction& transaction) -> Status {
      Finding other = finding(2);
      other.sha256 = "cc";
      other.signal_id = 8;
      TUTELA_TRY(cases::add_finding(transaction, kDoor, {}, 1, other));
      return ok();
    }));
  } else if (what == "unlock") {
    const SystemClock clock;
    ASSERT_TRUE(Cases(database, clock, {}).take_next(reviewer(), {}, {}));
  }
}

const testing::Works kWorks{
    prepare,
    work,
    {"SELECT id || ' ' || version || ' ' || state || ' ' || queue || ' ' || items || ' ' || "
     "spread || ' ' || rank_ms || ' ' || COALESCE(lock_by, '') FROM review_case ORDER BY id",
     "SELECT content_id || ' ' || case_id FROM case_item ORDER BY content_id",
     "SELECT kind || value || case_id FROM case_key ORDER BY kind, value, case_id",
     "SELECT case_id || other_id || kind FROM case_link ORDER BY case_id, other_id",
     "SELECT case_id || kind || detail FROM case_event ORDER BY id",
     "SELECT text FROM case_note ORDER BY id",
     "SELECT key || command FROM case_command ORDER BY key",
     "SELECT action || object FROM audit ORDER BY id"}};

class CasesCrashTest : public ::testing::TestWithParam<testing::Step> {};

TEST_P(CasesCrashTest, LeavesNothingHalfAndTheSameAgainIsDoneOnce) {
  testing::expect_whole_or_nothing(kWorks, GetParam());
}

INSTANTIATE_TEST_SUITE_P(EveryStep,
                         CasesCrashTest,
                         ::testing::Values(testing::Step{"open", "cases.after_case"},
                                           testing::Step{"open", "cases.after_item"},
                                           testing::Step{"open", "cases.after_keys"},
                                           testing::Step{"open", "cases.after_event"},
                                           testing::Step{"open", "cases.after_entry"},
                                           testing::Step{"open", "cases.after_link"},
                                           testing::Step{"open", "store.before_commit"},
                                           testing::Step{"open", "store.after_commit"},
                                           testing::Step{"join", "cases.after_item"},
                                           testing::Step{"join", "cases.after_keys"},
                                           testing::Step{"join", "cases.after_case"},
                                           testing::Step{"join", "cases.after_event"},
                                           testing::Step{"join", "store.after_commit"},
                                           testing::Step{"withdraw", "cases.after_item"},
                                           testing::Step{"withdraw", "cases.after_entry"},
                                           testing::Step{"withdraw", "store.after_commit"},
                                           testing::Step{"group", "cases.after_link"},
                                           testing::Step{"group", "cases.after_spread"},
                                           testing::Step{"group", "store.after_commit"},
                                           testing::Step{"take", "cases.after_claim"},
                                           testing::Step{"take", "cases.after_entry"},
                                           testing::Step{"unlock", "cases.after_unlock"},
                                           testing::Step{"unlock", "store.after_commit"},
                                           testing::Step{"note", "cases.after_note"},
                                           testing::Step{"note", "cases.after_event"},
                                           testing::Step{"note", "cases.after_answer"},
                                           testing::Step{"note", "store.after_commit"},
                                           testing::Step{"mark", "cases.after_mark"},
                                           testing::Step{"mark", "cases.after_answer"},
                                           testing::Step{"mark", "store.after_commit"}),
                         testing::name_of);

}  // namespace
}  // namespace tutela

int main(int argc, char** argv) {
  return tutela::testing::run_works(tutela::kWorks, argc, argv);
}
