// Forms, chats, helplines and languages of the public pages: whatever the bytes are, they are taken
// or refused, and what is taken is within its bounds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "service/intake_page/chat.hpp"
#include "service/intake_page/form.hpp"
#include "service/intake_page/help.hpp"
#include "service/intake_page/language.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tutela::intake_page;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (parse_chat(text).size() > 200) {
    std::abort();
  }
  if (const auto fields = parse_urlencoded(text)) {
    for (const FormKind kind : {FormKind::kReport, FormKind::kLaw, FormKind::kResearch}) {
      if (const auto filled = notice_of(kind, *fields, false)) {
        if (!filled->notice.country.empty() && filled->notice.country.size() != 2) {
          std::abort();
        }
      }
    }
  }
  if (const auto help = parse_help(text); help && help->countries.size() > 300) {
    std::abort();
  }
  if (language_of(text, text).size() != 2 || country_of(text).size() > 2) {
    std::abort();
  }
  return 0;
}
