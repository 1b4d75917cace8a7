#include <algorithm>
#include <array>

#include "custody/opening/opening.hpp"

namespace tutela::opening {

namespace {

constexpr std::array<std::string_view, 6> kPurposes = {
    "review", "quality", "appeal", "report", "legal_request", "safety"};
constexpr std::array<std::string_view, 5> kGrades = {
    "outline", "mosaic", "grey_blurred", "grey_small", "full"};

}  // namespace

std::string_view to_string(Purpose purpose) noexcept {
  return kPurposes[static_cast<std::size_t>(purpose)];
}

Result<Purpose> parse_purpose(std::string_view text) {
  const auto found = std::ranges::find(kPurposes, text);
  if (found == kPurposes.end()) {
    return Error{ErrorKind::kInvalidInput,
                 "opening.bad_purpose",
                 "a purpose is review, quality, appeal, report, legal_request or safety"};
  }
  return static_cast<Purpose>(found - kPurposes.begin());
}

std::string_view to_string(Grade grade) noexcept {
  return kGrades[static_cast<std::size_t>(grade)];
}

Result<Grade> parse_grade(std::string_view text) {
  const auto found = std::ranges::find(kGrades, text);
  if (found == kGrades.end()) {
    return Error{ErrorKind::kInvalidInput,
                 "opening.bad_grade",
                 "a grade is outline, mosaic, grey_blurred, grey_small or full"};
  }
  return static_cast<Grade>(found - kGrades.begin());
}

}  // namespace tutela::opening
