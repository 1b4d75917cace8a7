#include "service/intake_mail/reply.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "base/check.hpp"
#include "service/intake_mail/texts.hpp"

namespace tutela::intake_mail {

namespace {

using Values = std::array<std::pair<std::string_view, std::string>, 5>;

std::string filled(std::string_view text, const Values& values) {
  std::string out;
  while (!text.empty()) {
    std::size_t taken = 1;
    std::string_view with = text.substr(0, 1);
    for (const auto& [name, value] : values) {
      if (text.starts_with(name)) {
        taken = name.size();
        with = value;
      }
    }
    out += with;
    text.remove_prefix(taken);
  }
  return out;
}

/// "2026-11-23 12:00 UTC"
std::string day_and_time(UtcMs at_ms) {
  const std::string text = to_rfc3339(at_ms);
  return text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

}  // namespace

std::string reply_message(const mail::Head& head, const Reply& reply) {
  const Texts* const wanted = texts_of(reply.language);
  const Texts* const texts = wanted != nullptr ? wanted : texts_of("en");
  TUTELA_CHECK(texts != nullptr);
  const std::string service =
      reply.service.empty() ? head.from.substr(head.from.find('@') + 1) : reply.service;
  const std::string url = reply.public_url.empty() ? "" : ":\n" + reply.public_url + "/follow";
  const Values values = {{{"{number}", reply.number},
                          {"{pin}", reply.pin},
                          {"{due}", day_and_time(reply.due_ms)},
                          {"{service}", service},
                          {"{url}", url}}};
  return mail::utf8_message(
      head, filled(texts->subject, values), filled(texts->body, values) + "\n");
}

}  // namespace tutela::intake_mail
