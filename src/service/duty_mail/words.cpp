// What a mail to a person on duty says.
#include <algorithm>

#include "service/duty_mail/duty_mail.hpp"

namespace tutela::duty_mail {

namespace {

constexpr std::size_t kLinesMax = 20;

std::string notices(std::size_t count) {
  return count == 1 ? "1 notice" : std::to_string(count) + " notices";
}

}  // namespace

std::string message(const mail::Head& head, const Words& words) {
  const UtcMs first_ms = words.lines.front().due_ms;
  const bool broken = first_ms <= words.now_ms;
  const std::string until = to_rfc3339(first_ms);
  const std::string subject = "Tutela: " + notices(words.lines.size()) + " of the queue " +
                              words.queue + (broken ? ", overdue since " : ", to answer by ") +
                              until;
  std::string body = words.as == As::kDeputy ? "You are the deputy of the queue "
                                             : "You are on duty for the queue ";
  body += words.queue + ". Much of the promised time is over, and nobody has answered:\n\n";
  for (std::size_t i = 0; i < std::min(words.lines.size(), kLinesMax); ++i) {
    const Line& line = words.lines[i];
    const std::string id = to_string(line.notice_id);
    body += to_rfc3339(line.due_ms) + "  " + line.queue + "  " +
            (words.console_url.empty() ? id : words.console_url + "/notices/" + id) + "\n";
  }
  if (words.lines.size() > kLinesMax) {
    body += "And " + std::to_string(words.lines.size() - kLinesMax) + " more.\n";
  }
  body += broken ? "\nThe first promise was broken at " : "\nThe first promise breaks at ";
  body +=
      until +
      ".\nNothing of what people told us is in this mail. Who is on duty and who is away stands "
      "in the room Duty.\n";
  return mail::plain_message(head, subject, body);
}

}  // namespace tutela::duty_mail
