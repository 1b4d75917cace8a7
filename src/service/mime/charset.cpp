#include "service/mime/charset.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <map>
#include <memory>

#include <iconv.h>

#include "service/mail_message/mail_message.hpp"

namespace tutela::mime {

namespace {

// What mail is written in. Others (and the likes of ISO-2022-CN-EXT, known for their holes) are not
// loaded.
constexpr auto kCharsets = std::to_array<const char*>({
    "ISO-8859-1",   "ISO-8859-2",   "ISO-8859-3",   "ISO-8859-4",   "ISO-8859-5",   "ISO-8859-6",
    "ISO-8859-7",   "ISO-8859-8",   "ISO-8859-9",   "ISO-8859-10",  "ISO-8859-13",  "ISO-8859-14",
    "ISO-8859-15",  "ISO-8859-16",  "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1252", "WINDOWS-1253",
    "WINDOWS-1254", "WINDOWS-1255", "WINDOWS-1256", "WINDOWS-1257", "WINDOWS-1258", "WINDOWS-874",
    "KOI8-R",       "KOI8-U",       "TIS-620",      "GB2312",       "GBK",          "GB18030",
    "BIG5",         "EUC-JP",       "SHIFT_JIS",    "ISO-2022-JP",  "EUC-KR",       "UTF-7",
    "UTF-16",       "UTF-16LE",     "UTF-16BE",
});
// ASCII and Latin-1 say windows-1252 in practice (WHATWG Encoding Standard, section 4.2).
constexpr std::array<std::string_view, 5> kWestern = {
    "US-ASCII", "ASCII", "ISO-8859-1", "LATIN1", "CP1252"};
constexpr std::string_view kFallback = "WINDOWS-1252";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

struct Close {
  void operator()(void* converter) const noexcept { ::iconv_close(converter); }
};

using Loaded = std::map<std::string, std::unique_ptr<void, Close>, std::less<>>;

const Loaded& loaded() {
  static const Loaded all = [] {
    Loaded made;
    for (const char* const name : kCharsets) {
      const iconv_t to = ::iconv_open("UTF-8", name);
      // NOLINTNEXTLINE(performance-no-int-to-ptr): the library's own value for an error.
      if (to != reinterpret_cast<iconv_t>(-1)) {
        made[name].reset(to);
      }
    }
    return made;
  }();
  return all;
}

std::string convert(std::string_view text, iconv_t with) {
  ::iconv(with, nullptr, nullptr, nullptr, nullptr);
  std::string in(text);
  char* from = in.data();
  std::size_t left = in.size();
  std::string out;
  std::array<char, 4096> chunk{};
  while (left > 0) {
    char* to = chunk.data();
    std::size_t room = chunk.size();
    const std::size_t before = left;
    const bool stuck = ::iconv(with, &from, &left, &to, &room) == static_cast<std::size_t>(-1);
    out.append(chunk.data(), chunk.size() - room);
    const bool wrong = stuck && (errno != E2BIG || (before == left && room == chunk.size()));
    if (wrong) {
      out += kReplacement;
      ++from;
      --left;
    }
  }
  return out;
}

bool is_utf8(std::string_view text) {
  return mail_message::clean_text(text, 4 * text.size()).find(kReplacement) == std::string::npos;
}

}  // namespace

void load_charsets() {
  static_cast<void>(loaded());
}

std::string to_utf8(std::string_view text, std::string_view name) {
  std::string upper(name.substr(0, 40));
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) {
    return c < 0x80 ? static_cast<char>(std::toupper(c)) : '?';
  });
  const bool western = std::ranges::find(kWestern, upper) != kWestern.end();
  const auto known = western ? loaded().end() : loaded().find(upper);
  if (known != loaded().end()) {
    return convert(text, known->second.get());
  }
  // Programs that write UTF-8 and call it something else are more frequent than texts in another
  // encoding that happen to be UTF-8.
  const auto fallback = loaded().find(kFallback);
  return upper == "UTF-8" || is_utf8(text) || fallback == loaded().end()
             ? std::string(text)
             : convert(text, fallback->second.get());
}

}  // namespace tutela::mime
