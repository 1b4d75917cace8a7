// The words of the outside for what a case is made of, one table for each kind.
#include "base/words.hpp"

#include "casework/cases/appeals.hpp"
#include "casework/cases/decisions.hpp"

namespace tutela::cases {
namespace {

constexpr Words<4> kQueues = {"urgent", "standard", "self_reported", "legal"};
constexpr Words<6> kStates = {
    "open", "second_look", "disagreement", "decided", "closed", "appealed"};
constexpr Words<5> kOrigins = {"match", "held", "list_grew", "user_report", "sample"};
constexpr Words<2> kOutcomes = {"confirmed", "cleared"};
constexpr Words<5> kClassifications = {"", "A1", "A2", "B1", "B2"};
constexpr Words<11> kAnnotations = {"anime_drawing_virtual",
                                    "potential_meme",
                                    "viral",
                                    "possible_self_production",
                                    "physical_harm",
                                    "violence_gore",
                                    "bestiality",
                                    "live_streaming",
                                    "infant",
                                    "generative_ai",
                                    "possible_minor_reported"};
constexpr Words<3> kConfidences = {"sure", "likely", "unsure"};
constexpr Words<5> kBases = {"viewed", "without_view", "group", "bulk", "automatic"};
constexpr Words<3> kMarks = {"imminent_harm", "possible_new_victim", "vulnerable"};
constexpr Words<3> kLinkKinds = {"near_duplicate", "same_account", "related"};
constexpr Words<2> kTopics = {"content", "solicitation"};
constexpr Words<3> kDoubleReviews = {"none", "near", "all"};
constexpr Words<3> kActionStates = {"waiting", "done", "failed"};
constexpr Words<5> kAppealStates = {"offered", "asked", "upheld", "overturned", "expired"};

}  // namespace

std::string_view to_string(Queue value) noexcept {
  return word_of(kQueues, value);
}

std::string_view to_string(State value) noexcept {
  return word_of(kStates, value);
}

std::string_view to_string(Origin value) noexcept {
  return word_of(kOrigins, value);
}

std::string_view to_string(Outcome value) noexcept {
  return word_of(kOutcomes, value);
}

std::string_view to_string(Classification value) noexcept {
  return word_of(kClassifications, value);
}

std::string_view to_string(Annotation value) noexcept {
  return word_of(kAnnotations, value);
}

std::string_view to_string(Confidence value) noexcept {
  return word_of(kConfidences, value);
}

std::string_view to_string(Basis value) noexcept {
  return word_of(kBases, value);
}

std::string_view to_string(Mark value) noexcept {
  return word_of(kMarks, value);
}

std::string_view to_string(LinkKind value) noexcept {
  return word_of(kLinkKinds, value);
}

std::string_view to_string(Topic value) noexcept {
  return word_of(kTopics, value);
}

std::string_view to_string(ActionState state) noexcept {
  return word_of(kActionStates, state);
}

std::string_view to_string(AppealState state) noexcept {
  return word_of(kAppealStates, state);
}

Result<Queue> parse_queue(std::string_view text) {
  return value_of<Queue>(kQueues, text, "case.bad_queue");
}

Result<State> parse_state(std::string_view text) {
  return value_of<State>(kStates, text, "case.bad_state");
}

Result<Origin> parse_origin(std::string_view text) {
  return value_of<Origin>(kOrigins, text, "case.bad_origin");
}

Result<Outcome> parse_outcome(std::string_view text) {
  return value_of<Outcome>(kOutcomes, text, "case.bad_outcome");
}

Result<Classification> parse_classification(std::string_view text) {
  return value_of<Classification>(kClassifications, text, "case.bad_classification");
}

Result<Annotation> parse_annotation(std::string_view text) {
  return value_of<Annotation>(kAnnotations, text, "case.bad_annotation");
}

Result<Confidence> parse_confidence(std::string_view text) {
  return value_of<Confidence>(kConfidences, text, "case.bad_confidence");
}

Result<Basis> parse_basis(std::string_view text) {
  return value_of<Basis>(kBases, text, "case.bad_basis");
}

Result<Mark> parse_mark(std::string_view text) {
  return value_of<Mark>(kMarks, text, "case.bad_mark");
}

Result<LinkKind> parse_link_kind(std::string_view text) {
  return value_of<LinkKind>(kLinkKinds, text, "case.bad_link_kind");
}

Result<Topic> parse_topic(std::string_view text) {
  return value_of<Topic>(kTopics, text, "case.bad_topic");
}

Result<DoubleReview> parse_double_review(std::string_view text) {
  return value_of<DoubleReview>(kDoubleReviews, text, "case.bad_double_review");
}

}  // namespace tutela::cases
