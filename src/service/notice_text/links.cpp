#include "service/notice_text/links.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include <idn2.h>

#include "base/utf8.hpp"

namespace tutela::notice_text {

namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_alnum(char c) noexcept {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

/// In any case of ASCII.
bool starts_with(std::string_view text, std::string_view prefix) noexcept {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(), [](char left, char right) {
           return left == lower(right);
         });
}

struct Scheme {
  std::string_view written;
  std::string_view meant;
};

constexpr Scheme kSchemes[] = {{"http://", "http://"},
                               {"https://", "https://"},
                               {"hxxp://", "http://"},
                               {"hxxps://", "https://"},
                               {"http[:]//", "http://"},
                               {"https[:]//", "https://"},
                               {"hxxp[:]//", "http://"},
                               {"hxxps[:]//", "https://"},
                               {"http[://]", "http://"},
                               {"https[://]", "https://"},
                               {"hxxp[://]", "http://"},
                               {"hxxps[://]", "https://"}};

const Scheme* scheme_at(std::string_view text) noexcept {
  if (text.empty() || lower(text[0]) != 'h') {
    return nullptr;
  }
  const auto* found = std::ranges::find_if(
      kSchemes, [&](const Scheme& scheme) { return starts_with(text, scheme.written); });
  return found == std::end(kSchemes) ? nullptr : found;
}

// Blanks, quotes and brackets of Unicode that end a link wherever they stand.
constexpr std::string_view kEnders[] = {
    "\xC2\xA0",      // no-break space
    "\xC2\xAB",      // <<
    "\xC2\xBB",      // >>
    "\xE2\x80\x80",  // spaces of several widths
    "\xE2\x80\x81", "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85",
    "\xE2\x80\x86", "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A",
    "\xE2\x80\x8B",  // zero width space
    "\xE2\x80\x98",  // quotes
    "\xE2\x80\x99", "\xE2\x80\x9A", "\xE2\x80\x9C", "\xE2\x80\x9D", "\xE2\x80\x9E",
    "\xE2\x80\xA8",  // line separator
    "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x80\xB9", "\xE2\x80\xBA",
    "\xE3\x80\x80",  // ideographic space
    "\xE3\x80\x81",  // and comma, full stop, brackets
    "\xE3\x80\x82", "\xE3\x80\x8C", "\xE3\x80\x8D",
    "\xEF\xBB\xBF",  // byte order mark
    "\xEF\xBC\x88",  // wide brackets, comma
    "\xEF\xBC\x89", "\xEF\xBC\x8C"};

bool ends_link(std::string_view text) noexcept {
  constexpr std::string_view kAscii = " <>\"`{}|\\^";
  return utf8_sequence(text) == 0 || is_utf8_control(text) ||
         kAscii.find(text[0]) != std::string_view::npos ||
         std::ranges::any_of(kEnders,
                             [&](std::string_view ender) { return text.starts_with(ender); });
}

/// Bytes until the link ends, from where its host begins.
std::size_t length_of(std::string_view text) noexcept {
  std::size_t length = 0;
  while (length < text.size() && !ends_link(text.substr(length))) {
    length += utf8_sequence(text.substr(length));
  }
  return length;
}

/// Without what belongs to the sentence around it.
std::string_view without_tail(std::string_view link) noexcept {
  constexpr std::string_view kStops = ".,;:!?'*_~&";
  constexpr std::string_view kEllipsis = "\xE2\x80\xA6";
  std::array<std::int64_t, 2> open{};  // of ( and [: opened less closed, in what is left
  constexpr std::string_view kOpening = "([";
  constexpr std::string_view kClosing = ")]";
  for (const char c : link) {
    for (std::size_t i = 0; i < open.size(); ++i) {
      open.at(i) += (c == kOpening[i] ? 1 : 0) - (c == kClosing[i] ? 1 : 0);
    }
  }
  while (!link.empty()) {
    const std::size_t closing = kClosing.find(link.back());
    const std::size_t opening = kOpening.find(link.back());
    if (link.ends_with(kEllipsis)) {
      link.remove_suffix(kEllipsis.size());
    } else if (closing != std::string_view::npos && open.at(closing) < 0) {
      ++open.at(closing);
      link.remove_suffix(1);
    } else if (opening != std::string_view::npos) {
      --open.at(opening);
      link.remove_suffix(1);
    } else if (kStops.find(link.back()) != std::string_view::npos) {
      link.remove_suffix(1);
    } else {
      break;
    }
  }
  return link;
}

/// "[.]" and "(.)" mean "."; of a host only.
std::string without_guards(std::string_view authority) {
  std::string plain;
  for (const char c : authority) {
    plain += c;
    if (plain.ends_with("[.]") || plain.ends_with("(.)")) {
      plain.replace(plain.size() - 3, 3, ".");
    }
  }
  return plain;
}

/// The name as one asks for it; as it is where no such name can be.
std::string ascii_host(const std::string& host) {
  std::string result = host;
  std::ranges::transform(result, result.begin(), lower);
  if (std::ranges::all_of(host, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
    return result;
  }
  const auto* in = reinterpret_cast<const std::uint8_t*>(host.c_str());
  std::uint8_t* name = nullptr;
  if (idn2_lookup_u8(in, &name, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK) {
    const std::string found = reinterpret_cast<char*>(name);
    // Wide slashes and blanks become plain ones, which are in no name.
    const bool good = std::ranges::all_of(
        found, [](char c) { return is_alnum(c) || c == '-' || c == '.' || c == '_'; });
    result = good ? found : result;
    idn2_free(name);
  }
  return result;
}

/// "user@HOST:port" with its host as one asks for it.
std::string authority_of(std::string_view written) {
  const std::string plain = without_guards(written);
  const std::size_t at = plain.rfind('@');
  const std::size_t host_at = at == std::string::npos ? 0 : at + 1;
  const bool literal = host_at < plain.size() && plain[host_at] == '[';
  const std::size_t end = literal ? plain.find(']', host_at) : plain.find(':', host_at);
  const std::size_t host_end = end == std::string::npos ? plain.size() : (literal ? end + 1 : end);
  return plain.substr(0, host_at) + ascii_host(plain.substr(host_at, host_end - host_at)) +
         plain.substr(host_end);
}

/// Whether it has a letter or a digit before its path.
bool has_host(std::string_view link) noexcept {
  const std::string_view authority = link.substr(0, link.find_first_of("/?#"));
  const std::size_t at = authority.rfind('@');
  const std::string_view host = authority.substr(at == std::string_view::npos ? 0 : at + 1);
  return std::ranges::any_of(
      host, [](char c) { return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80; });
}

/// A link from behind its scheme on, as it is asked for; nothing where it has no host.
std::optional<std::string> canonical(std::string_view scheme, std::string_view rest) {
  constexpr int kRoundsMax = 100;
  std::string link(rest);
  // Names that become ASCII, and guards that go, may leave something to do.
  for (int round = 0; round < kRoundsMax; ++round) {
    const std::string_view bare = without_tail(link);
    const std::size_t end = std::min(bare.find_first_of("/?#"), bare.size());
    std::string next = authority_of(bare.substr(0, end)) + std::string(bare.substr(end));
    if (next == link) {
      break;
    }
    link = std::move(next);
  }
  return has_host(link) ? std::optional(std::string(scheme) + link) : std::nullopt;
}

/// "www.example.org" without a scheme, where a word begins.
bool is_bare(std::string_view text, std::size_t at) noexcept {
  constexpr std::string_view kBefore = "./@-_";
  return starts_with(text.substr(at), "www.") && at + 4 < text.size() &&
         (is_alnum(text[at + 4]) || static_cast<unsigned char>(text[at + 4]) >= 0x80) &&
         (at == 0 ||
          (!is_alnum(text[at - 1]) && kBefore.find(text[at - 1]) == std::string_view::npos));
}

}  // namespace

std::optional<Link> next_link(std::string_view text, std::size_t& at) {
  for (; at < text.size(); ++at) {
    const Scheme* scheme = scheme_at(text.substr(at));
    if (scheme == nullptr && !is_bare(text, at)) {
      continue;
    }
    const std::size_t begin = at + (scheme == nullptr ? 0 : scheme->written.size());
    const std::size_t length = length_of(text.substr(begin));
    at = begin + length;
    // Far too long ones are not even read: what follows costs as much as the link is long.
    if (length > 4 * kLinkBytesMax) {
      return Link{"", true};
    }
    const auto link =
        canonical(scheme == nullptr ? "" : scheme->meant, without_tail(text.substr(begin, length)));
    if (link && (scheme != nullptr || is_bare(*link, 0))) {
      return Link{*link, link->size() > kLinkBytesMax};
    }
    --at;  // the loop goes on behind it
  }
  return std::nullopt;
}

}  // namespace tutela::notice_text
