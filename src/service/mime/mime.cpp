#include "service/mime/mime.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <gmime/gmime.h>
#include <libxml/parser.h>

#include "service/mime/charset.hpp"
#include "service/mime/html.hpp"

namespace tutela::mime {

namespace {

using mail_message::MailMessage;

constexpr std::size_t kHtmlBytesMax = 2U << 20;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

struct Release {
  void operator()(gpointer object) const noexcept { ::g_object_unref(object); }
};

template <class T>
using Owned = std::unique_ptr<T, Release>;

std::string string_of(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) {
    return c < 0x80 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c);
  });
  return text;
}

std::string header_of(GMimeMessage* message, const char* name) {
  return lower(string_of(::g_mime_object_get_header(GMIME_OBJECT(message), name)));
}

bool is_type(GMimeObject* object, const char* type, const char* subtype) {
  GMimeContentType* const given = ::g_mime_object_get_content_type(object);
  return given != nullptr && ::g_mime_content_type_is_type(given, type, subtype) != FALSE;
}

bool is_signature(GMimeObject* object) {
  return is_type(object, "application", "pgp-signature") ||
         is_type(object, "application", "pkcs7-signature") ||
         is_type(object, "application", "x-pkcs7-signature");
}

bool is_html(GMimeObject* object) {
  return is_type(object, "text", "html");
}

/// Also what mail servers say of mail that they could not deliver.
bool is_text(GMimeObject* object) {
  return is_type(object, "text", "plain") || is_html(object) ||
         is_type(object, "text", "rfc822-headers") ||
         is_type(object, "message", "delivery-status") ||
         is_type(object, "message", "disposition-notification");
}

Bytes content_of(GMimePart* part) {
  GMimeDataWrapper* const wrapper = ::g_mime_part_get_content(part);
  if (wrapper == nullptr) {
    return {};
  }
  const Owned<GMimeStream> stream(::g_mime_stream_mem_new());
  ::g_mime_data_wrapper_write_to_stream(wrapper, stream.get());
  const GByteArray* const bytes =
      ::g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
  const auto all = std::as_bytes(std::span(bytes->data, bytes->len));
  return {all.begin(), all.end()};
}

std::string addresses_of(InternetAddressList* list) {
  const std::unique_ptr<char, decltype(&::g_free)> text(
      list == nullptr ? nullptr : ::internet_address_list_to_string(list, nullptr, FALSE),
      &::g_free);
  return string_of(text.get());
}

/// Who wrote what to whom and when, of a message inside another.
std::string head_of(GMimeMessage* message) {
  const auto fields = std::to_array<std::pair<const char*, std::string>>(
      {{"From", addresses_of(::g_mime_message_get_from(message))},
       {"To", addresses_of(::g_mime_message_get_to(message))},
       {"Cc", addresses_of(::g_mime_message_get_cc(message))},
       {"Date", string_of(::g_mime_object_get_header(GMIME_OBJECT(message), "Date"))},
       {"Subject", string_of(::g_mime_message_get_subject(message))}});
  std::string head = "\n";
  for (const auto& [name, value] : fields) {
    if (!value.empty()) {
      head += std::string(name) + ": " + value + "\n";
    }
  }
  return head + "\n";
}

/// Its words and addresses, without what programs put around them: "*bold*", "> quoted", "<link>".
std::set<std::string> words_of(std::string_view text) {
  constexpr std::string_view kAround = "<>()[]{}*_.,;:!?\"'|-=~#/";
  std::set<std::string> words;
  std::string word;
  const auto take = [&] {
    const std::size_t from = word.find_first_not_of(kAround);
    if (from != std::string::npos) {
      words.insert(lower(word.substr(from, word.find_last_not_of(kAround) + 1 - from)));
    }
    word.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool wide = text.substr(i).starts_with("\xC2\xA0");  // a blank that breaks no line
    if (wide || text[i] == ' ' || text[i] == '\t' || text[i] == '\n' || text[i] == '\r') {
      take();
      i += wide ? 1 : 0;
    } else {
      word += text[i];
    }
  }
  take();
  return words;
}

/// Through the parts of one message.
class Walk {
 public:
  explicit Walk(MailMessage& out) : out_(out) {}

  /// `with_text`: else its texts are to say the same as another part that was taken.
  void visit(GMimeObject* object, int depth, bool with_text) {
    if (object == nullptr) {
      return;
    }
    if (is_signature(object)) {
      out_.incomplete = true;  // it is worth something with the whole message alone
    } else if (depth > kDepthMax || ++parts_ > kPartsMax) {
      out_.incomplete = true;
    } else if (GMIME_IS_MESSAGE_PART(object)) {
      visit_message(
          ::g_mime_message_part_get_message(GMIME_MESSAGE_PART(object)), depth, with_text);
    } else if (GMIME_IS_MULTIPART(object)) {
      visit_parts(GMIME_MULTIPART(object), depth, with_text);
    } else if (GMIME_IS_PART(object)) {
      take(GMIME_PART(object), with_text);
    } else {
      out_.incomplete = true;
    }
  }

  /// After the last part: whether what was not shown says more than what was.
  void compare() {
    const std::set<std::string> shown = words_of(out_.text);
    const std::set<std::string> other = words_of(not_shown_);
    out_.incomplete = out_.incomplete || !std::ranges::includes(shown, other);
  }

 private:
  void visit_message(GMimeMessage* message, int depth, bool with_text) {
    if (message == nullptr) {
      out_.incomplete = true;
      return;
    }
    if (with_text) {
      add_text(head_of(message));
    }
    visit(::g_mime_message_get_mime_part(message), depth + 1, with_text);
  }

  void visit_parts(GMimeMultipart* multipart, int depth, bool with_text) {
    const int count = ::g_mime_multipart_get_count(multipart);
    const bool choose = is_type(GMIME_OBJECT(multipart), "multipart", "alternative");
    const int chosen = choose ? choice_of(multipart, count) : -1;
    for (int i = 0; i < count && parts_ <= kPartsMax; ++i) {
      visit(::g_mime_multipart_get_part(multipart, i),
            depth + 1,
            with_text && (!choose || i == chosen));
    }
  }

  /// The plain one; else the last, which is the best (RFC 2046, 5.1.4).
  static int choice_of(GMimeMultipart* multipart, int count) {
    for (int i = 0; i < std::min(count, kPartsMax); ++i) {
      GMimeObject* const part = ::g_mime_multipart_get_part(multipart, i);
      if (part != nullptr && is_type(part, "text", "plain")) {
        return i;
      }
    }
    return count - 1;
  }

  void take(GMimePart* part, bool with_text) {
    GMimeObject* const object = GMIME_OBJECT(part);
    const bool shown = is_text(object) && ::g_mime_part_is_attachment(part) == FALSE;
    Bytes content = content_of(part);
    if (content.empty()) {
      return;
    }
    if (!shown) {
      out_.files.push_back(std::move(content));
      return;
    }
    const char* const charset = ::g_mime_object_get_content_type_parameter(object, "charset");
    const bool html = is_html(object);
    const std::size_t size_max = html ? kHtmlBytesMax : mail_message::kTextBytesMax;
    if (content.size() > size_max) {
      out_.incomplete = true;
      content.resize(size_max);
    }
    const std::string given = to_utf8(as_text(content), string_of(charset));
    const std::string text = html ? html_to_text(given, mail_message::kTextBytesMax) : given;
    // What could not be read as text is there in the whole message alone.
    out_.incomplete =
        out_.incomplete || text.size() >= mail_message::kTextBytesMax ||
        mail_message::clean_text(text, 4 * text.size()).find(kReplacement) != std::string::npos;
    if (with_text) {
      add_text(text);
    } else {
      not_shown_ += text + "\n";
    }
  }

  void add_text(const std::string& text) {
    if (!out_.text.empty() && !out_.text.ends_with('\n')) {
      out_.text += '\n';
    }
    out_.text += text;
    if (out_.text.size() > mail_message::kTextBytesMax) {
      out_.text.resize(mail_message::kTextBytesMax);
      out_.incomplete = true;
    }
  }

  MailMessage& out_;
  std::string not_shown_;
  int parts_ = 0;
};

void take_sender(GMimeMessage* message, MailMessage& out) {
  InternetAddressList* const from = ::g_mime_message_get_from(message);
  InternetAddress* const first =
      from == nullptr ? nullptr : ::internet_address_list_get_address(from, 0);
  if (first != nullptr && INTERNET_ADDRESS_IS_MAILBOX(first)) {
    out.address = string_of(::internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(first)));
    out.name = string_of(::internet_address_get_name(first));
  }
}

std::string language_of(GMimeMessage* message) {
  GMimeObject* const body = ::g_mime_message_get_mime_part(message);
  // GMime hands headers that describe the content to the content.
  const std::string of_content =
      body == nullptr ? std::string()
                      : lower(string_of(::g_mime_object_get_header(body, "Content-Language")));
  for (const std::string& all : {of_content, header_of(message, "Accept-Language")}) {
    const std::string given = all.substr(0, 2);
    if (given == "de" || given == "en") {
      return given;
    }
  }
  return {};
}

/// RFC 3834, section 2, and what programs do that do not know it.
bool is_automatic(GMimeMessage* message, const std::string& address) {
  const std::string submitted = header_of(message, "Auto-Submitted");
  const std::string precedence = header_of(message, "Precedence");
  const std::string suppress = header_of(message, "X-Auto-Response-Suppress");
  const std::string user = lower(address.substr(0, address.find('@')));
  const bool by_header = (!submitted.empty() && !submitted.starts_with("no")) ||
                         precedence.starts_with("bulk") || precedence.starts_with("junk") ||
                         precedence.starts_with("list") || precedence.starts_with("auto") ||
                         (!suppress.empty() && !suppress.starts_with("none")) ||
                         header_of(message, "Return-Path").starts_with("<>");
  const bool by_list = std::ranges::any_of(
      std::to_array<const char*>(
          {"List-Id", "List-Post", "List-Unsubscribe", "X-Loop", "X-Autoreply", "X-Autorespond"}),
      [&](const char* name) {
        return ::g_mime_object_get_header(GMIME_OBJECT(message), name) != nullptr;
      });
  const bool by_name = std::ranges::any_of(std::to_array<std::string_view>({"mailer-daemon",
                                                                            "postmaster",
                                                                            "noreply",
                                                                            "no-reply",
                                                                            "donotreply",
                                                                            "do-not-reply",
                                                                            "bounce",
                                                                            "bounces"}),
                                           [&](std::string_view name) { return user == name; });
  GMimeObject* const body = ::g_mime_message_get_mime_part(message);
  return by_header || by_list || by_name || user.empty() ||
         (body != nullptr && is_type(body, "multipart", "report"));
}

}  // namespace

void warm_up() {
  ::g_mime_init();
  ::xmlInitParser();
  load_charsets();
}

MailMessage read(ByteView message) {
  MailMessage out;
  const std::string_view text = as_text(message);
  const Owned<GMimeStream> stream(::g_mime_stream_mem_new_with_buffer(text.data(), text.size()));
  const Owned<GMimeParser> parser(::g_mime_parser_new_with_stream(stream.get()));
  // What mail servers put before the message in some mailboxes is not part of it.
  ::g_mime_parser_set_format(parser.get(), GMIME_FORMAT_MESSAGE);
  const Owned<GMimeMessage> parsed(::g_mime_parser_construct_message(parser.get(), nullptr));
  if (!parsed) {
    out.incomplete = true;
    out.automatic = true;
    return out;
  }
  take_sender(parsed.get(), out);
  out.subject = string_of(::g_mime_message_get_subject(parsed.get()));
  out.message_id = string_of(::g_mime_message_get_message_id(parsed.get()));
  out.language = language_of(parsed.get());
  out.automatic = is_automatic(parsed.get(), out.address);
  Walk walk(out);
  walk.visit(::g_mime_message_get_mime_part(parsed.get()), 0, true);
  walk.compare();
  return out;
}

}  // namespace tutela::mime
