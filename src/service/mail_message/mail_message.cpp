#include "service/mail_message/mail_message.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/utf8.hpp"

namespace tutela::mail_message {

namespace {

constexpr std::string_view kMagic = "TMAIL1\n";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::size_t kHeadBytes = 5;

constexpr unsigned kAutomatic = 1;
constexpr unsigned kIncomplete = 2;

void append_field(Bytes& out, char letter, ByteView bytes) {
  out.push_back(static_cast<std::byte>(letter));
  for (unsigned shift = 0; shift < 32; shift += 8) {
    out.push_back(static_cast<std::byte>((bytes.size() >> shift) & 0xFFU));
  }
  out.insert(out.end(), bytes.begin(), bytes.end());
}

Error bad_answer() {
  return Error{ErrorKind::kCorrupted,
               "mail.bad_answer",
               "the process that read a message did not answer as it should"};
}

/// Takes the fields off, one after the other.
class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  [[nodiscard]] bool next_is(char letter) const {
    return !rest_.empty() && rest_.front() == static_cast<std::byte>(letter);
  }

  Result<ByteView> take(char letter, std::size_t size_max) {
    if (!next_is(letter) || rest_.size() < kHeadBytes) {
      return bad_answer();
    }
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      size |= std::to_integer<std::size_t>(rest_[1 + i]) << (8 * i);
    }
    if (size > size_max || size > rest_.size() - kHeadBytes) {
      return bad_answer();
    }
    const ByteView field = rest_.subspan(kHeadBytes, size);
    rest_ = rest_.subspan(kHeadBytes + size);
    return field;
  }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  ByteView rest_;
};

}  // namespace

std::string clean_text(std::string_view text, std::size_t size_bytes_max) {
  std::string clean;
  clean.reserve(std::min(text.size(), size_bytes_max));
  while (!text.empty()) {
    const std::size_t size = utf8_sequence(text);
    std::string_view character = text.substr(0, std::max<std::size_t>(size, 1));
    text.remove_prefix(character.size());
    if (size == 0) {
      character = kReplacement;
    } else if (character == "\r") {
      if (text.starts_with('\n')) {
        continue;
      }
      character = "\n";
    } else if (character != "\n" && character != "\t" && is_utf8_control(character)) {
      continue;
    }
    if (clean.size() + character.size() > size_bytes_max) {
      break;
    }
    clean += character;
  }
  return clean;
}

std::string clean_line(std::string_view text, std::size_t size_bytes_max) {
  std::string line = clean_text(text, size_bytes_max);
  std::ranges::replace_if(
      line, [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return line;
}

Bytes encode(const MailMessage& message) {
  Bytes out;
  const ByteView magic = as_bytes(kMagic);
  out.insert(out.end(), magic.begin(), magic.end());
  append_field(out, 'a', as_bytes(clean_line(message.address, kLineBytesMax)));
  append_field(out, 'b', as_bytes(clean_line(message.name, kLineBytesMax)));
  append_field(out, 'c', as_bytes(clean_line(message.subject, kLineBytesMax)));
  append_field(out, 'd', as_bytes(clean_line(message.message_id, kLineBytesMax)));
  append_field(out, 'e', as_bytes(clean_line(message.language, kLineBytesMax)));
  const bool cut = message.address.size() > kLineBytesMax || message.name.size() > kLineBytesMax ||
                   message.subject.size() > kLineBytesMax;
  const unsigned flags =
      (message.automatic ? kAutomatic : 0U) | (message.incomplete || cut ? kIncomplete : 0U);
  append_field(out, 'f', std::array{static_cast<std::byte>(flags)});
  append_field(out, 'g', as_bytes(clean_text(message.text, kTextBytesMax)));
  for (const Bytes& file : message.files) {
    append_field(out, 'h', file);
  }
  append_field(out, 'z', {});
  return out;
}

Result<MailMessage> decode(ByteView bytes) {
  if (bytes.size() > kEncodedBytesMax || !as_text(bytes).starts_with(kMagic)) {
    return bad_answer();
  }
  Reader reader(bytes.subspan(kMagic.size()));
  MailMessage message;
  const std::array<std::pair<char, std::string*>, 5> lines = {{{'a', &message.address},
                                                               {'b', &message.name},
                                                               {'c', &message.subject},
                                                               {'d', &message.message_id},
                                                               {'e', &message.language}}};
  for (const auto& [letter, into] : lines) {
    TUTELA_TRY_ASSIGN(const ByteView line, reader.take(letter, kLineBytesMax));
    *into = clean_line(as_text(line), kLineBytesMax);
  }
  TUTELA_TRY_ASSIGN(const ByteView flags, reader.take('f', 1));
  const unsigned set = flags.size() == 1 ? std::to_integer<unsigned>(flags[0]) : ~0U;
  if ((set & ~(kAutomatic | kIncomplete)) != 0) {
    return bad_answer();
  }
  message.automatic = (set & kAutomatic) != 0;
  message.incomplete = (set & kIncomplete) != 0;
  TUTELA_TRY_ASSIGN(const ByteView text, reader.take('g', kTextBytesMax));
  message.text = clean_text(as_text(text), kTextBytesMax);
  while (reader.next_is('h')) {
    TUTELA_TRY_ASSIGN(const ByteView file, reader.take('h', kMessageBytesMax));
    if (file.empty() || message.files.size() == kFilesMax) {
      return bad_answer();
    }
    message.files.emplace_back(file.begin(), file.end());
  }
  TUTELA_TRY(reader.take('z', 0));
  if (!reader.at_end()) {
    return bad_answer();
  }
  return message;
}

}  // namespace tutela::mail_message
