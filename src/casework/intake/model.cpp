#include "casework/intake/model.hpp"

#include "base/words.hpp"

namespace tutela::intake {
namespace {

constexpr Words<4> kChannels = {"page", "api", "mail", "desk"};
constexpr Words<6> kKinds = {
    "content", "solicitation", "account", "detection", "law_request", "other"};
constexpr Words<9> kSenders = {"anyone",
                               "victim",
                               "guardian",
                               "flagger",
                               "hotline",
                               "researcher",
                               "council",
                               "authority",
                               "service"};
constexpr Words<kQueues.size()> kQueueWords = {
    "imminent", "victim", "flagger", "law", "detection", "public", "flood"};
constexpr Words<5> kStates = {"open", "question", "answered", "withdrawn", "closed"};
constexpr Words<7> kOutcomes = {
    "acted", "gone", "no_violation", "handled", "elsewhere", "declined", "done"};
constexpr Words<4> kVerified = {"none", "unverified", "verified", "refused"};

}  // namespace

std::string_view to_string(Channel value) noexcept {
  return word_of(kChannels, value);
}

std::string_view to_string(Kind value) noexcept {
  return word_of(kKinds, value);
}

std::string_view to_string(Sender value) noexcept {
  return word_of(kSenders, value);
}

std::string_view to_string(Queue value) noexcept {
  return word_of(kQueueWords, value);
}

std::string_view to_string(State value) noexcept {
  return word_of(kStates, value);
}

std::string_view to_string(Outcome value) noexcept {
  return word_of(kOutcomes, value);
}

std::string_view to_string(Verified value) noexcept {
  return word_of(kVerified, value);
}

Result<Channel> parse_channel(std::string_view text) {
  return value_of<Channel>(kChannels, text, "notice.bad_channel");
}

Result<Kind> parse_kind(std::string_view text) {
  return value_of<Kind>(kKinds, text, "notice.bad_kind");
}

Result<Sender> parse_sender(std::string_view text) {
  return value_of<Sender>(kSenders, text, "notice.bad_sender");
}

Result<Queue> parse_queue(std::string_view text) {
  return value_of<Queue>(kQueueWords, text, "notice.bad_queue");
}

Result<State> parse_state(std::string_view text) {
  return value_of<State>(kStates, text, "notice.bad_state");
}

Result<Outcome> parse_outcome(std::string_view text) {
  return value_of<Outcome>(kOutcomes, text, "notice.bad_outcome");
}

Result<Verified> parse_verified(std::string_view text) {
  return value_of<Verified>(kVerified, text, "notice.bad_verified");
}

bool is_waiting(State state) noexcept {
  return state == State::kOpen || state == State::kQuestion;
}

Queue queue_of(Kind kind, Sender sender, bool imminent, bool flood) noexcept {
  if (flood) {
    return Queue::kFlood;
  }
  if (imminent) {
    return Queue::kImminent;
  }
  if (kind == Kind::kLawRequest || sender == Sender::kAuthority) {
    return Queue::kLaw;
  }
  if (kind == Kind::kDetection) {
    return Queue::kDetection;
  }
  switch (sender) {
    case Sender::kVictim:
    case Sender::kGuardian:
      return Queue::kVictim;
    case Sender::kFlagger:
    case Sender::kHotline:
    case Sender::kResearcher:
    case Sender::kCouncil:
    case Sender::kService:
      return Queue::kFlagger;
    case Sender::kAnyone:
    case Sender::kAuthority:
      break;
  }
  return Queue::kPublic;
}

std::vector<Outcome> outcomes_of(const Notice& notice, const Body& body) {
  if (notice.kind == Kind::kLawRequest) {
    return {Outcome::kDone, Outcome::kDeclined, Outcome::kElsewhere};
  }
  const bool names_something =
      !body.links.empty() || !body.accounts.empty() || !body.messages.empty();
  if (notice.kind == Kind::kDetection || !names_something) {
    return {Outcome::kHandled, Outcome::kElsewhere};
  }
  return {Outcome::kActed,
          Outcome::kGone,
          Outcome::kNoViolation,
          Outcome::kHandled,
          Outcome::kElsewhere};
}

}  // namespace tutela::intake
