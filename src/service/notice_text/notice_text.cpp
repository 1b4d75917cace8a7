#include "service/notice_text/notice_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <set>

#include "base/utf8.hpp"
#include "service/notice_text/links.hpp"

namespace tutela::notice_text {

namespace {

constexpr std::size_t kLinesBetween = 12;  // of one head: longer ones are no head
constexpr std::size_t kNameBytesMax = 24;

enum class Fact : std::uint8_t { kFrom, kDate, kSubject, kMessageId, kOther };

struct Name {
  std::string_view name;
  Fact fact;
};

// What programs of mail write above what they forward, in the languages of the catalogues.
constexpr Name kNames[] = {{"from", Fact::kFrom},
                           {"von", Fact::kFrom},
                           {"date", Fact::kDate},
                           {"sent", Fact::kDate},
                           {"datum", Fact::kDate},
                           {"gesendet", Fact::kDate},
                           {"subject", Fact::kSubject},
                           {"betreff", Fact::kSubject},
                           {"message-id", Fact::kMessageId},
                           {"to", Fact::kOther},
                           {"an", Fact::kOther},
                           {"cc", Fact::kOther},
                           {"reply-to", Fact::kOther},
                           {"antwort an", Fact::kOther}};

std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

/// Without the marks of a quotation and of bold type.
std::string_view unquoted(std::string_view line) noexcept {
  const std::size_t begin = std::min(line.find_first_not_of("> \t*_|"), line.size());
  return trim(line.substr(begin));
}

struct Head {
  Fact fact;
  std::string_view value;
};

std::optional<Head> head_of(std::string_view line) {
  line = unquoted(line);
  const std::size_t colon = line.substr(0, kNameBytesMax + 2).find(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  std::string name(line.substr(0, colon));
  std::erase(name, '*');
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  });
  const std::string_view plain = trim(name);
  for (const Name& known : kNames) {
    if (known.name == plain) {
      std::string_view value = line.substr(colon + 1);
      value.remove_prefix(std::min(value.find_first_not_of("* \t"), value.size()));
      return Head{known.fact, trim(value)};
    }
  }
  return std::nullopt;
}

/// As much of it as may be kept and shown.
std::string shown(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    const std::size_t taken = std::max<std::size_t>(length, 1);
    if (plain.size() + taken > kHeadBytesMax) {
      break;
    }
    if (length > 0 && !is_utf8_control(text)) {
      plain += text.substr(0, length);
    } else if (text[0] == '\t') {
      plain += ' ';
    }
    text.remove_prefix(taken);
  }
  return std::string(trim(plain));
}

/// The heads that stand together from a first one on; one alone is a sentence with a colon.
class Heads {
 public:
  /// False: this block is over, and was one.
  bool take(std::string_view line) {
    if (const auto head = head_of(line)) {
      since_ = 0;
      add(*head);
      return true;
    }
    const bool empty = unquoted(line).empty();
    if (count_ == 0) {
      return true;
    }
    if (!empty && ++since_ <= kLinesBetween) {
      return true;
    }
    if (is_mail()) {
      return false;
    }
    *this = Heads();
    return true;
  }

  /// Somebody's, and at least one thing more.
  [[nodiscard]] bool is_mail() const noexcept { return count_ >= 2 && has_.at(0); }

  void write(Found& found) const {
    found.from = shown(values_.at(0));
    found.date = shown(values_.at(1));
    found.subject = shown(values_.at(2));
    found.message_id = shown(values_.at(3));
  }

 private:
  void add(const Head& head) {
    ++count_;
    const auto number = static_cast<std::size_t>(head.fact);
    if (head.fact != Fact::kOther && !has_.at(number)) {
      has_.at(number) = true;
      values_.at(number) = head.value;
    }
  }

  std::size_t count_ = 0;
  std::size_t since_ = 0;
  std::array<bool, 4> has_{};
  std::array<std::string_view, 4> values_;
};

void find_heads(std::string_view text, Found& found) {
  Heads heads;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (!heads.take(text.substr(0, end))) {
      break;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (heads.is_mail()) {
    heads.write(found);
  }
}

}  // namespace

Found find(std::string_view text) {
  text = text.substr(0, kTextBytesMax);
  Found found;
  std::set<std::string> known;
  std::size_t at = 0;
  while (auto link = next_link(text, at)) {
    if (!link->too_long && known.contains(link->link)) {
      continue;
    }
    if (link->too_long || found.links.size() >= kLinksMax) {
      ++found.left_out;
      continue;
    }
    known.insert(link->link);
    found.links.push_back(std::move(link->link));
  }
  find_heads(text, found);
  return found;
}

}  // namespace tutela::notice_text
