// Bodies of notices: what is read is written and read again the same, and what is taken joins
// cases by nothing that is empty.
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "casework/intake/text.hpp"

using namespace tutela;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(std::as_bytes(std::span(data, size)));
  const Result<intake::Body> body = intake::body_from_json(text);
  if (!body) {
    TUTELA_CHECK(body.error().code == "notice.bad_json");
    return 0;
  }
  const std::string json = intake::to_json(*body);
  const Result<intake::Body> again = intake::body_from_json(json);
  TUTELA_CHECK(again.has_value() && intake::to_json(*again) == json);
  if (intake::check(*body, false)) {
    for (const intake::Subject& subject : intake::subjects_of(*body, {})) {
      TUTELA_CHECK(!subject.value.empty() && intake::is_text(subject.value));
    }
  }
  TUTELA_CHECK(!intake::outcomes_of({}, *body).empty());
  return 0;
}
