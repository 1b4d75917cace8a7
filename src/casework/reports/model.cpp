#include "casework/reports/model.hpp"

#include "base/words.hpp"
#include "casework/reports/filing.hpp"

namespace tutela::reports {
namespace {

constexpr Words<4> kChannels = {"cybertip", "webhook", "email", "by_hand"};
constexpr Words<3> kEnvironments = {"production", "test", "simulated"};
constexpr Words<3> kKinds = {"report", "correction", "referral"};
constexpr Words<6> kStates = {"draft", "asked", "released", "waiting", "finished", "withdrawn"};
constexpr Words<6> kSteps = {"submit", "upload", "file_info", "finish", "retract", "deliver"};
constexpr Words<10> kPhases = {"begun",
                               "done",
                               "unclear",
                               "trouble",
                               "credentials",
                               "rejected",
                               "other_bytes",
                               "gone",
                               "retracted",
                               "finished"};

}  // namespace

std::string_view to_string(Channel value) noexcept {
  return word_of(kChannels, value);
}

std::string_view to_string(Environment value) noexcept {
  return word_of(kEnvironments, value);
}

std::string_view to_string(Kind value) noexcept {
  return word_of(kKinds, value);
}

std::string_view to_string(State value) noexcept {
  return word_of(kStates, value);
}

std::string_view to_string(Step value) noexcept {
  return word_of(kSteps, value);
}

std::string_view to_string(Phase value) noexcept {
  return word_of(kPhases, value);
}

Result<Channel> parse_channel(std::string_view text) {
  return value_of<Channel>(kChannels, text, "report.bad_channel");
}

Result<Environment> parse_environment(std::string_view text) {
  return value_of<Environment>(kEnvironments, text, "report.bad_environment");
}

Result<Kind> parse_kind(std::string_view text) {
  return value_of<Kind>(kKinds, text, "report.bad_kind");
}

Result<State> parse_state(std::string_view text) {
  return value_of<State>(kStates, text, "report.bad_state");
}

Result<Step> parse_step(std::string_view text) {
  return value_of<Step>(kSteps, text, "report.bad_step");
}

Result<Phase> parse_phase(std::string_view text) {
  return value_of<Phase>(kPhases, text, "report.bad_phase");
}

bool is_debt(State state) noexcept {
  return state == State::kReleased || state == State::kWaiting;
}

bool counts_as_filed(const Report& report) noexcept {
  return report.state == State::kFinished && report.environment == Environment::kProduction &&
         !report.simulated;
}

}  // namespace tutela::reports
