// A desk on a pipeline of its own, with people who decide.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "casework/cases/appeals.hpp"
#include "casework/cases/decisions.hpp"
#include "service/intake/desk.hpp"
#include "service/review/rules.hpp"
#include "support/folder.hpp"
#include "support/pictures.hpp"
#include "support/pipelines.hpp"

namespace tutela::intake_service {

inline constexpr std::int64_t kHour = 3'600'000;

struct Place {
  explicit Place(const std::filesystem::path& folder)
      : config_(std::make_shared<config::Config>(testing::pipeline_config(folder))) {
    config_->cases.sample_percent = 0;
    auto opened = pipeline::Pipeline::open(*config_, clock_);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    pipeline_ = *std::move(opened);
    auto notices_key = crypto::load_or_create_key(folder / "intake.key");
    auto work_key = crypto::load_or_create_key(folder / "intake.key");
    EXPECT_TRUE(notices_key && work_key);
    desk_ = std::make_unique<Desk>([this] { return config_; },
                                   *pipeline_,
                                   clock_,
                                   *std::move(notices_key),
                                   *std::move(work_key));
    const cases::Rules rules = review::cases_rules(*config_);
    cases_ = std::make_unique<cases::Cases>(pipeline_->database(), clock_, rules);
    decisions_ = std::make_unique<cases::Decisions>(pipeline_->database(), clock_, rules, 365);
    appeals_ = std::make_unique<cases::Appeals>(pipeline_->database(), clock_, rules);
  }

  static intake::NewNotice about(const std::string& account, const std::string& link = "") {
    intake::NewNotice notice;
    notice.kind = intake::Kind::kContent;
    if (!account.empty()) {
      notice.body.accounts = {account};
    }
    if (!link.empty()) {
      notice.body.links = {link};
    }
    return notice;
  }

  Uuid send(ByteView bytes, const intake::NewNotice& notice) {
    auto file = desk_->receive_file(page_, notice);
    EXPECT_TRUE(file && file->append(bytes));
    const auto id = file->finish();
    EXPECT_TRUE(id);
    return id ? *id : Uuid();
  }

  intake::Accepted accept(const intake::NewNotice& notice) {
    const auto accepted = desk_->notices().accept(page_, notice);
    EXPECT_TRUE(accepted) << (accepted ? "" : accepted.error().message);
    return accepted ? *accepted : intake::Accepted{};
  }

  void sort() {
    const auto sorted = desk_->sort();
    EXPECT_TRUE(sorted) << (sorted ? "" : sorted.error().message);
  }

  std::size_t answer() {
    const auto answered = desk_->answer();
    EXPECT_TRUE(answered) << (answered ? "" : answered.error().message);
    return answered ? *answered : 0;
  }

  alarms::IntakeState look() {
    const Status looked = desk_->look();
    EXPECT_TRUE(looked) << (looked ? "" : looked.error().message);
    return desk_->state();
  }

  intake::Notice get(const Uuid& id) {
    const auto found = desk_->notices().whole("default", id);
    EXPECT_TRUE(found);
    return found ? found->of : intake::Notice{};
  }

  Uuid case_of(const Uuid& notice) {
    const auto id = get(notice).case_id;
    EXPECT_TRUE(id);
    return id.value_or(Uuid());
  }

  cases::Case read(const Uuid& id) {
    const auto found = cases_->find(lead_, id);
    EXPECT_TRUE(found);
    return found ? *found : cases::Case{};
  }

  /// By as many people as it takes; of what has evidence they have seen it.
  void decide(const Uuid& id, cases::Outcome outcome) {
    cases::Verdict verdict;
    verdict.outcome = outcome;
    if (outcome == cases::Outcome::kConfirmed) {
      verdict.classification = cases::Classification::kA1;
    }
    for (const cases::Person& person : {ann_, ben_}) {
      const auto locked = cases_->lock(person, id, false);
      ASSERT_TRUE(locked) << locked.error().message;
      const auto decided = decisions_->decide(person, id, {locked->version, ""}, verdict);
      ASSERT_TRUE(decided) << decided.error().message;
      if (decided->state == cases::State::kDecided) {
        break;
      }
    }
  }

  void pass(std::int64_t ms) {
    clock_.advance(ms);
    EXPECT_TRUE(decisions_->tick(testing::never));
  }

  std::string text(const std::string& sql) { return testing::text_of(*pipeline_, sql); }

  static cases::Person person(const std::string& name, bool lead = false) {
    return {{"default", "person:" + name, lead ? "lead" : "reviewer"}, false, lead, false};
  }

  const store::Actor page_{"default", "intake:page", "service"};
  const cases::Person ann_ = person("ann");
  const cases::Person ben_ = person("ben");
  const cases::Person lead_ = person("lead", true);
  ManualClock clock_{1'795'000'000'000};
  std::shared_ptr<config::Config> config_;
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  std::unique_ptr<Desk> desk_;
  std::unique_ptr<cases::Cases> cases_;
  std::unique_ptr<cases::Decisions> decisions_;
  std::unique_ptr<cases::Appeals> appeals_;
};

}  // namespace tutela::intake_service
