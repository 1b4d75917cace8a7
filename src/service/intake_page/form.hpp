// Form: the fields of a public form, and what they say as a notice. Pure.
//
// Fields that no form has are ignored, as are all but the first of a name; texts are as people
// write them, and only intake::check() says what is wrong with them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "casework/intake/notices.hpp"
#include "service/contact/contact.hpp"

namespace tutela::intake_page {

inline constexpr std::size_t kFieldsMax = 40;

/// Of all fields together: more than any notice takes, so that what is too long can be shown again.
inline constexpr std::size_t kFormBytesMax = 512U << 10;

class Fields {
 public:
  /// Without blanks around it, and with line ends as "\n". Error: kLimitExceeded
  /// "request.too_large", of too many or too long ones.
  Status add(std::string_view name, std::string_view value);
  /// Empty where it is not there.
  [[nodiscard]] std::string_view get(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> fields_;
  std::size_t bytes_ = 0;
};

/// application/x-www-form-urlencoded. Error: that of Fields::add(); kInvalidInput
/// "request.malformed": a percent sign without its digits.
Result<Fields> parse_urlencoded(std::string_view body);

enum class FormKind : std::uint8_t { kReport, kLaw, kResearch };

struct Filled {
  intake::NewNotice notice;
  contact::Contact contact;
  std::string challenge;  // of the proof of work
  std::string work;
};

/// A file of a form that was not taken, by its place among those that were chosen: their names are
/// nobody's business.
struct LostFile {
  enum class Why : std::uint8_t { kTooLarge, kTooMany, kFailed };

  std::size_t place = 1;
  Why why = Why::kFailed;
};

/// What the form says. Errors: kInvalidInput "notice.long_reference" and those of
/// contact::check().
Result<Filled> notice_of(FormKind kind, const Fields& fields, bool has_files);

}  // namespace tutela::intake_page
