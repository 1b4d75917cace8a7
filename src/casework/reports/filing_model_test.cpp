// A model check of next_of(): every journal that is reachable with an authority of the
// documentation, where any step may be refused, be lost before or after its effect, take effect
// later than its sender lives, or find that the report has expired; and where the process may die
// before and after each write.
//
// A fault is one of these; all sequences of up to `faults` of them are walked. Afterwards
// everything works, and the run has to come to its end.
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "casework/reports/filing.hpp"

namespace tutela::reports {
namespace {

enum class Life : std::uint8_t { kOpen, kFinished, kRetracted, kExpired };

struct Uploaded {
  std::int64_t file = 0;
  bool whole = true;
  bool described = false;
};

struct Remote {
  Life life = Life::kOpen;
  std::map<std::string, Uploaded> files;  // by the file's id
};

struct Answer {
  Phase phase = Phase::kDone;
  std::string id;  // of the report, or of the file
};

struct Call {
  Step step = Step::kSubmit;
  std::string report;
  std::string file_id;
  std::int64_t file = -1;
};

/// What the authority knows, and what of ours is still on its way to it.
struct World {
  std::map<std::string, Remote> reports;
  std::vector<Call> on_the_way;
  int files_given = 0;

  Answer take(const Call& call, bool whole = true) {
    if (call.step == Step::kSubmit) {
      const std::string id = "r" + std::to_string(reports.size() + 1);
      reports[id] = {};
      return {Phase::kDone, id};
    }
    const auto found = reports.find(call.report);
    if (found == reports.end() || found->second.life == Life::kExpired) {
      return {Phase::kGone, ""};
    }
    Remote& remote = found->second;
    if (remote.life != Life::kOpen) {
      return {remote.life == Life::kFinished ? Phase::kFinished : Phase::kRetracted, ""};
    }
    return on_open(call, remote, whole);
  }

  Answer on_open(const Call& call, Remote& remote, bool whole) {
    if (call.step == Step::kUpload) {
      const std::string id = "f" + std::to_string(++files_given);
      remote.files[id] = {call.file, whole, false};
      return {whole ? Phase::kDone : Phase::kOtherBytes, id};
    }
    if (call.step == Step::kFileInfo) {
      const auto file = remote.files.find(call.file_id);
      if (file == remote.files.end()) {
        return {Phase::kGone, ""};
      }
      file->second.described = true;
    } else {
      remote.life = call.step == Step::kFinish ? Life::kFinished : Life::kRetracted;
    }
    return {};
  }

  [[nodiscard]] std::vector<std::string> finished() const {
    std::vector<std::string> ids;
    for (const auto& [id, remote] : reports) {
      if (remote.life == Life::kFinished) {
        ids.push_back(id);
      }
    }
    return ids;
  }
};

struct State {
  World world;
  std::vector<StepRow> journal;
  int faults = 0;
};

class Explorer {
 public:
  Explorer(std::int64_t files, int faults) : files_(files), faults_(faults) {}

  void run() { visit({}, 0); }

  std::int64_t nodes = 0;
  std::int64_t ends = 0;
  std::int64_t in_doubt = 0;
  std::set<std::string> asked;

 private:
  static constexpr int kStepsMax = 80;

  void visit(const State& state, int depth) {
    ++nodes;
    if (::testing::Test::HasFailure()) {
      return;  // one is enough to look at
    }
    check(state);
    ASSERT_LT(depth, kStepsMax) << "no end" << text_of(state);
    for (std::size_t i = 0; i < state.world.on_the_way.size(); ++i) {
      State late = state;
      const Call call = late.world.on_the_way[i];
      late.world.on_the_way.erase(late.world.on_the_way.begin() + static_cast<std::ptrdiff_t>(i));
      late.world.take(call);
      visit(late, depth + 1);
    }
    const Next next = next_of(Channel::kCybertip, state.journal, files_, rules_, 0);
    switch (next.what) {
      case Do::kFinished:
        return end(state, next);
      case Do::kAskPerson:
        return ask(state, next, depth);
      case Do::kStep:
        break;
    }
    step(state, next, depth);
  }

  // What must hold at all times, also when what is on its way has arrived.
  void check(const State& state) {
    World later = state.world;
    for (const Call& call : state.world.on_the_way) {
      later.take(call);
    }
    for (const std::vector<std::string>& finished : {state.world.finished(), later.finished()}) {
      ASSERT_LE(finished.size(), 1U) << "two finished reports" << text_of(state);
      ASSERT_TRUE(finished.empty() || may_be_finished(state.journal))
          << "finished, and the journal says that it is not" << text_of(state);
    }
  }

  void end(const State& state, const Next& next) {
    ++ends;
    in_doubt += next.in_doubt ? 1 : 0;
    ASSERT_EQ(state.world.finished(), std::vector<std::string>{next.authority_id})
        << text_of(state);
    const Remote& remote = state.world.reports.at(next.authority_id);
    ASSERT_EQ(remote.files.size(), static_cast<std::size_t>(files_)) << text_of(state);
    ASSERT_EQ(next.file_ids.size(), static_cast<std::size_t>(files_)) << text_of(state);
    std::set<std::int64_t> numbers;
    for (const std::string& id : next.file_ids) {
      const Uploaded& file = remote.files.at(id);
      ASSERT_TRUE(file.whole && file.described) << text_of(state);
      numbers.insert(file.file);
    }
    ASSERT_EQ(numbers.size(), static_cast<std::size_t>(files_)) << text_of(state);
  }

  // A person looks, mends it, and has it tried again.
  void ask(const State& state, const Next& next, int depth) {
    asked.insert(std::string(next.failure));
    ASSERT_NE(next.failure, "report.finished_elsewhere") << text_of(state);
    State retried = state;
    for (StepRow& row : retried.journal) {
      row.before_retry = true;
    }
    visit(retried, depth + 1);
  }

  void step(const State& state, const Next& next, int depth) {
    State begun = state;
    StepRow row;
    row.round = next.round;
    row.step = next.step;
    row.file = next.file;
    row.authority_id = next.authority_id;
    row.file_id = next.file_id;
    begun.journal.push_back(row);
    const Call call{next.step, next.authority_id, next.file_id, next.file};

    answered(begun, call, true, depth);
    if (begun.faults == faults_) {
      return;
    }
    ++begun.faults;
    visit(begun, depth + 1);  // died before the step
    lost(begun, call, depth);
    for (const Phase refusal :
         {Phase::kUnclear, Phase::kTrouble, Phase::kCredentials, Phase::kRejected}) {
      State refused = begun;
      refused.journal.back().phase = refusal;
      visit(refused, depth + 1);
    }
    if (next.step == Step::kUpload) {
      answered(begun, call, false, depth);
    }
    const auto open = begun.world.reports.find(next.authority_id);
    if (open != begun.world.reports.end() && open->second.life == Life::kOpen) {
      State expired = begun;
      expired.world.reports[next.authority_id].life = Life::kExpired;
      answered(expired, call, true, depth);
    }
  }

  // It works, and the answer is written.
  void answered(State state, const Call& call, bool whole, int depth) {
    const Answer answer = state.world.take(call, whole);
    StepRow& row = state.journal.back();
    row.phase = answer.phase;
    if (call.step == Step::kSubmit) {
      row.authority_id = answer.id;
    } else if (call.step == Step::kUpload) {
      row.file_id = answer.id;
    }
    visit(state, depth + 1);
  }

  // Its answer never comes: it took effect, or will after its sender is gone.
  void lost(const State& state, const Call& call, int depth) {
    for (const Phase phase : {Phase::kBegun, Phase::kUnclear}) {
      State took_effect = state;
      took_effect.world.take(call);
      took_effect.journal.back().phase = phase;
      visit(took_effect, depth + 1);
    }
    State late = state;
    late.world.on_the_way.push_back(call);
    visit(late, depth + 1);
  }

  static std::string text_of(const State& state) {
    std::string text = ":";
    for (const StepRow& row : state.journal) {
      text += "\n  " + std::to_string(row.round) + " " + std::string(to_string(row.step)) + " " +
              row.authority_id + " " + row.file_id + " " + std::string(to_string(row.phase)) +
              (row.before_retry ? " (before a retry)" : "");
    }
    for (const auto& [id, remote] : state.world.reports) {
      text += "\n  at the authority: " + id + " " + std::to_string(static_cast<int>(remote.life));
    }
    return text;
  }

  const std::int64_t files_;
  const int faults_;
  const FilingRules rules_{1, 1};
};

struct Size {
  std::int64_t files;
  int faults;
};

class FilingModelTest : public ::testing::TestWithParam<Size> {};

TEST_P(FilingModelTest, NothingIsFinishedTwiceAndNothingIsForgotten) {
  Explorer explorer(GetParam().files, GetParam().faults);
  explorer.run();
  RecordProperty("nodes", std::to_string(explorer.nodes));
  std::printf("%lld files, %d faults: %lld states, %lld ends, %lld of them in doubt\n",
              static_cast<long long>(GetParam().files),
              GetParam().faults,
              static_cast<long long>(explorer.nodes),
              static_cast<long long>(explorer.ends),
              static_cast<long long>(explorer.in_doubt));
  EXPECT_GT(explorer.ends, 0);
  EXPECT_GT(explorer.in_doubt, 0);
  std::set<std::string> expected = {"report.credentials", "report.rejected"};
  if (GetParam().files > 0) {
    expected.insert("report.other_bytes");
  }
  expected.insert("report.too_many_rounds");
  EXPECT_EQ(explorer.asked, expected);
}

INSTANTIATE_TEST_SUITE_P(EverySequenceOfFaults,
                         FilingModelTest,
                         ::testing::Values(Size{0, 4}, Size{1, 3}, Size{2, 2}));

}  // namespace
}  // namespace tutela::reports
