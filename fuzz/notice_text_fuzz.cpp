// Any text is read within its bounds, and what is found in it can be kept and shown.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/utf8.hpp"
#include "service/notice_text/notice_text.hpp"

namespace {

void expect(bool good) {
  if (!good) {
    std::abort();
  }
}

bool is_shown(std::string_view text) {
  return tutela::is_utf8_text(text, tutela::Breaks::kNone);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tutela::notice_text;
  const Found found = find({reinterpret_cast<const char*>(data), size});
  expect(found.links.size() <= kLinksMax);
  for (const std::string& link : found.links) {
    expect(!link.empty() && link.size() <= kLinkBytesMax && is_shown(link));
    const Found again = find(link);
    expect(again.links.size() == 1 && again.links[0] == link);
  }
  for (const std::string& head : {found.from, found.date, found.subject, found.message_id}) {
    expect(head.size() <= kHeadBytesMax && is_shown(head));
  }
  return 0;
}
