// Whatever people and filers do in whatever order: versions only grow, documents never change, a
// finished or withdrawn report stays so, and no report has two receipts.
#include <map>
#include <random>

#include "casework/reports/reports_fixture.hpp"

namespace tutela::reports {
namespace {

class PropertyTest : public ReportsTest, public ::testing::WithParamInterface<unsigned> {
 protected:
  void SetUp() override {
    ReportsTest::SetUp();
    rules_.second_person = GetParam() % 2 == 0;
    restart();
    for (int i = 0; i < 4; ++i) {
      NewDraft what = new_draft(i % 2);
      what.minor = i == 3;
      ids_.push_back(draft(what).id);
    }
  }

  std::uint64_t any(std::uint64_t below) { return random_() % below; }

  Person anyone() {
    const Person people[] = {lead_, other_, legal_, reviewer_};
    return people[any(4)];
  }

  void act_as_person() {
    const Uuid id = ids_[any(ids_.size())];
    const Report of = get(id);
    const Command command{of.version - static_cast<std::int64_t>(any(10) == 0),
                          any(3) == 0 ? "key-" + std::to_string(any(20)) : ""};
    switch (any(6)) {
      case 0:
        static_cast<void>(reports_->write(
            lead_.actor, id, command, "{\"n\":" + std::to_string(any(1000)) + "}", "[]", {}));
        return;
      case 1:
      case 2:
        static_cast<void>(reports_->release(
            anyone(), id, command, of.document - static_cast<std::int64_t>(any(5) == 0)));
        return;
      case 3:
        static_cast<void>(reports_->retry(anyone(), id, command));
        return;
      case 4:
        static_cast<void>(reports_->add_note(anyone(), id, command, "note", "text"));
        return;
      default:
        if (any(8) == 0) {
          static_cast<void>(reports_->withdraw(anyone(), id, command, "reason"));
        } else if (any(8) == 0) {
          static_cast<void>(reports_->file_by_hand(anyone(), id, command, "X"));
        }
    }
  }

  void act_as_filer() {
    if (leased_.size() < 3) {
      if (std::optional<Leased> leased = try_lease()) {
        leased_.push_back(*std::move(leased));
      }
    }
    if (leased_.empty()) {
      return;
    }
    const auto at = static_cast<std::ptrdiff_t>(any(leased_.size()));
    Leased& leased = leased_[static_cast<std::size_t>(at)];
    const Next next = next_of(Channel::kCybertip,
                              leased.journal,
                              static_cast<std::int64_t>(leased.files.size()),
                              rules_.filing,
                              clock_.now_ms());
    bool over = any(10) == 0;  // the process dies
    if (next.what == Do::kFinished) {
      over = true;
      const Status done = reports_->finish(leased, receipt(next.authority_id));
      EXPECT_TRUE(done || done.error().code == "report.lost_lease") << done.error().message;
    } else if (next.what == Do::kAskPerson || any(8) == 0) {
      over = true;
      const bool later = next.what == Do::kStep;
      static_cast<void>(
          reports_->put_off(leased,
                            later ? "report.trouble" : next.failure,
                            later ? std::optional(clock_.now_ms() + kMinute) : std::nullopt));
    } else if (!take(leased, next)) {
      over = true;
    }
    if (over) {
      leased_.erase(leased_.begin() + at);
    }
  }

  bool take(Leased& leased, const Next& next) {
    Result<StepRow> row = reports_->begin(leased, next, kLeaseMs);
    if (!row) {
      EXPECT_EQ(row.error().code, "report.lost_lease");
      return false;
    }
    if (any(6) == 0) {
      return false;  // dies with the step begun
    }
    const Phase phases[] = {Phase::kUnclear, Phase::kTrouble, Phase::kCredentials, Phase::kGone};
    row->phase = any(5) == 0 ? phases[any(4)] : Phase::kDone;
    if (row->phase == Phase::kDone && next.step == Step::kSubmit) {
      row->authority_id = std::to_string(++submitted_);
    }
    if (row->phase == Phase::kDone && next.step == Step::kUpload) {
      row->file_id = "f";
    }
    if (!reports_->end(leased, *row)) {
      return false;
    }
    leased.journal.push_back(*row);
    return true;
  }

  void check() {
    for (const Uuid& id : ids_) {
      const Report of = get(id);
      Report& before = before_[id];
      EXPECT_GE(of.version, before.version);
      EXPECT_GE(of.document, before.document);
      EXPECT_TRUE(of.version > before.version || of.state == before.state);
      if (before.state == State::kFinished || before.state == State::kWithdrawn) {
        EXPECT_EQ(of.state, before.state);
      }
      if (before.state == State::kReleased || before.state == State::kWaiting) {
        EXPECT_EQ(of.document, before.document) << "what was released is not changed";
      }
      before = of;
      EXPECT_EQ(whole(id).receipt.has_value(), of.state == State::kFinished);
      for (std::int64_t number = 1; number <= of.document; ++number) {
        const Result<Document> document = reports_->document("default", id, number);
        ASSERT_TRUE(document) << document.error().message;
        EXPECT_EQ(documents_.try_emplace({id, number}, document->body).first->second,
                  document->body);
      }
    }
  }

  std::mt19937_64 random_{GetParam()};
  std::vector<Uuid> ids_;
  std::vector<Leased> leased_;
  std::int64_t submitted_ = 0;
  std::map<Uuid, Report> before_;
  std::map<std::pair<Uuid, std::int64_t>, std::string> documents_;
};

TEST_P(PropertyTest, VersionsOnlyGrowAndDocumentsNeverChange) {
  for (int i = 0; i < 250 && !HasFailure(); ++i) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()) + ", action " + std::to_string(i));
    if (any(3) == 0) {
      act_as_person();
    } else {
      act_as_filer();
    }
    clock_.advance(static_cast<std::int64_t>(any(3 * kMinute)));
    check();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, PropertyTest, ::testing::Range(1U, 7U));

}  // namespace
}  // namespace tutela::reports
