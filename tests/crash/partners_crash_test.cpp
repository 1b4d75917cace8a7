// kill -9 at every step inside the unit of work of a partner that is added, changed, confirmed and
// ended, of duty that is set, and of spans that are added and removed: nothing half is there, and
// the same again is done once.
//
// The test runs itself as "--drive FOLDER WORK" with one fault point armed.
#include <string>

#include <gtest/gtest.h>

#include "casework/partners/partners.hpp"
#include "support/whole_or_nothing.hpp"

namespace tutela {
namespace {

using partners::Details;
using partners::Partner;
using partners::Partners;
using partners::Span;

const store::Actor kLead{"default", "person:01900000-0000-7000-8000-000000000001", "lead"};
constexpr std::int64_t kHourMs = 3'600'000;

Details details(const std::string& name) {
  Details what;
  what.name = name;
  what.token_id = "token-" + name.substr(0, name.find(' '));
  return what;
}

/// Two partners, of which the second has the first as deputy, a duty and a shift.
class Desk {
 public:
  explicit Desk(store::Database& database) : partners_(database, clock_) {}

  Status prepare(const std::string& what) {
    TUTELA_TRY_ASSIGN(const Partner first, partners_.add(kLead, details("first")));
    Details second = details("second");
    second.deputy_id = first.id;
    TUTELA_TRY(partners_.add(kLead, second));
    TUTELA_TRY(partners_.set_duty(kLead, "victim", kLead.principal_id, {}));
    if (what == "unshift") {
      TUTELA_TRY(add_shift());
    }
    return ok();
  }

  Status work(const std::string& what) {
    if (what == "add") {
      return done(partners_.add(kLead, details("third")));
    }
    if (what == "duty") {
      return partners_.set_duty(kLead, "victim", kOther, kLead.principal_id);
    }
    if (what == "shift") {
      // One and the same shift: what is there already is not planned twice.
      TUTELA_TRY_ASSIGN(const auto shifts, partners_.spans("default", "shift"));
      return shifts.empty() ? add_shift() : ok();
    }
    if (what == "unshift") {
      TUTELA_TRY_ASSIGN(const auto shifts, partners_.spans("default", "shift"));
      return shifts.empty() ? ok() : partners_.remove_span(kLead, "shift", shifts[0].id);
    }
    TUTELA_TRY_ASSIGN(const auto all, partners_.list("default", true));
    const Partner& of = all.at(0).details.name == "second" ? all.at(1) : all.at(0);
    if (what == "change") {
      return done(partners_.change(kLead, of.id, 1, details("first again")));
    }
    if (what == "confirm") {
      return of.version == 1 ? done(partners_.confirm(kLead, of.id)) : ok();
    }
    return done(partners_.end(kLead, of.id, 1));
  }

 private:
  static constexpr const char* kOther = "person:01900000-0000-7000-8000-000000000002";

  template <class T>
  static Status done(const Result<T>& result) {
    TUTELA_TRY(result);
    return ok();
  }

  Status add_shift() {
    const UtcMs now_ms = clock_.now_ms();
    return done(partners_.add_span(kLead, "shift", kLead.principal_id, now_ms, now_ms + kHourMs));
  }

  SystemClock clock_;
  Partners partners_;
};

testing::Works works() {
  return {
      [](store::Database& database, const std::string& what) {
        const Status prepared = Desk(database).prepare(what);
        ASSERT_TRUE(prepared) << prepared.error().message;
      },
      [](store::Database& database, const std::string& what) { return Desk(database).work(what); },
      {"SELECT name || ' ' || version || ' ' || (deputy_id IS NULL) || ' ' || (ended_ms IS "
       "NULL) || ' ' || confirmed_ms FROM partner ORDER BY id",
       "SELECT queue || person_id || COALESCE(deputy_id, '-') FROM duty ORDER BY queue",
       "SELECT person_id || from_ms FROM duty_shift ORDER BY id",
       "SELECT action || object FROM audit ORDER BY id"}};
}

class PartnersCrash : public ::testing::TestWithParam<testing::Step> {};

TEST_P(PartnersCrash, LeavesNothingHalfAndIsDoneOnce) {
  testing::expect_whole_or_nothing(works(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Steps,
                         PartnersCrash,
                         ::testing::Values(testing::Step{"add", "partners.after_row"},
                                           testing::Step{"add", "partners.after_entry"},
                                           testing::Step{"add", "store.after_commit"},
                                           testing::Step{"change", "partners.after_row"},
                                           testing::Step{"change", "partners.after_entry"},
                                           testing::Step{"change", "store.after_commit"},
                                           testing::Step{"confirm", "partners.after_row"},
                                           testing::Step{"confirm", "partners.after_entry"},
                                           testing::Step{"confirm", "store.after_commit"},
                                           testing::Step{"end", "partners.after_row"},
                                           testing::Step{"end", "partners.after_deputies"},
                                           testing::Step{"end", "partners.after_entry"},
                                           testing::Step{"end", "store.after_commit"},
                                           testing::Step{"duty", "partners.after_row_removed"},
                                           testing::Step{"duty", "partners.after_row"},
                                           testing::Step{"duty", "partners.after_entry"},
                                           testing::Step{"shift", "partners.after_row"},
                                           testing::Step{"shift", "partners.after_entry"},
                                           testing::Step{"shift", "store.after_commit"},
                                           testing::Step{"unshift", "partners.after_row_removed"},
                                           testing::Step{"unshift", "partners.after_entry"},
                                           testing::Step{"unshift", "store.after_commit"}),
                         [](const auto& of) { return testing::name_of(of); });

}  // namespace
}  // namespace tutela

int main(int argc, char** argv) {
  return tutela::testing::run_works(tutela::works(), argc, argv);
}
