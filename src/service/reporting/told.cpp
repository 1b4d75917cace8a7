#include "service/reporting/told.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "exchange/cybertip/cybertip.hpp"
#include "service/reporting/chat.hpp"
#include "service/reporting/sentences.hpp"

namespace tutela::reporting {

namespace json = boost::json;

namespace {

constexpr std::int64_t kNoticesMax = 100;
constexpr std::size_t kUrlsMax = 100;
constexpr std::size_t kUrlBytesMax = 2083;  // of the document's type
constexpr std::size_t kAccountsMax = 50;
constexpr std::string_view kDetails = "report/internetDetails";
// A document holds cybertip::kDocumentBytesMax: half of it for messages, a quarter for addresses.
constexpr std::size_t kChatsBytesMax = cybertip::kDocumentBytesMax / 2;
constexpr std::size_t kPagesBytesMax = cybertip::kDocumentBytesMax / 4;

std::string one_line(std::string_view text) {
  std::string line(text);
  std::ranges::replace(line, '\n', ' ');
  std::ranges::replace(line, '\t', ' ');
  return line;
}

bool is_web_address(std::string_view link) {
  return (link.starts_with("https://") || link.starts_with("http://")) &&
         link.size() <= kUrlBytesMax && link.find_first_of(" \t\n\"<>") == std::string_view::npos;
}

void put_chats(Paper& paper, const CaseFacts& facts, const std::string& platform) {
  std::size_t budget = kChatsBytesMax;
  for (const Told& told : facts.told) {
    if (told.body.messages.empty()) {
      continue;
    }
    const Chat told_chat = chat_of(told.body.messages, budget);
    json::object chat;
    if (!platform.empty()) {
      chat["chatClient"] = to_text(platform);
    }
    if (!told_chat.text.empty()) {
      chat["content"] = to_text(told_chat.text);
    }
    chat["additionalInfo"] = to_text(sentence_of_messages(told_chat.left_out));
    paper.add(kDetails,
              json::object{{"chatImIncident", std::move(chat)}},
              "notice",
              to_string(told.notice_id));
  }
}

void put_pages(Paper& paper, const CaseFacts& facts) {
  std::set<std::string> seen;
  std::size_t bytes = 0;
  for (const Told& told : facts.told) {
    json::array urls;
    for (const std::string& link : told.body.links) {
      const bool fits = seen.size() < kUrlsMax && bytes + link.size() <= kPagesBytesMax;
      if (is_web_address(link) && fits && seen.insert(link).second) {
        bytes += link.size();
        urls.push_back(to_text(link));
      }
    }
    if (!urls.empty()) {
      paper.add(kDetails,
                json::object{{"webPageIncident", json::object{{"url", std::move(urls)}}}},
                "notice",
                to_string(told.notice_id));
    }
  }
}

void put_accounts(Paper& paper, const CaseFacts& facts) {
  std::set<std::string> others;
  for (const Told& told : facts.told) {
    for (const std::string& account : told.body.accounts) {
      if (account != facts.of.account && others.size() < kAccountsMax) {
        others.insert(one_line(account));
      }
    }
  }
  std::string names;
  for (const std::string& other : others) {
    names += (names.empty() ? "" : ", ") + other;
  }
  if (facts.about_person && !names.empty()) {
    paper.put("report/additionalInfo",
              to_text(std::string(kToldAccounts) + names),
              "notice",
              to_string(facts.told.front().notice_id));
  }
}

}  // namespace

Result<std::vector<Told>> read_told(store::Transaction& transaction, const Uuid& case_id) {
  std::vector<Told> found;
  TUTELA_TRY(transaction.query(
      "SELECT id, received_ms, body FROM notice WHERE case_id = :case_id ORDER BY id LIMIT :limit",
      {to_string(case_id), kNoticesMax},
      [&](const store::Row& row) -> Status {
        Told told;
        TUTELA_TRY_ASSIGN(told.notice_id, parse_uuid(row.text(0)));
        told.received_ms = row.integer(1);
        TUTELA_TRY_ASSIGN(told.body, intake::body_from_json(row.text(2)));
        found.push_back(std::move(told));
        return ok();
      }));
  return found;
}

void put_told(Paper& paper, const CaseFacts& facts, const std::string& platform) {
  if (facts.told.empty()) {
    return;
  }
  if (facts.of.topic == cases::Topic::kSolicitation) {
    put_chats(paper, facts, platform);
  }
  if (!facts.files.empty()) {
    return;
  }
  put_pages(paper, facts);
  const Told& first = facts.told.front();
  const std::string at = "report/incidentSummary/";
  paper.put(at + "incidentDateTime",
            to_text(to_rfc3339(first.received_ms)),
            "notice",
            to_string(first.notice_id));
  paper.put(
      at + "incidentDateTimeDescription", to_text(kToldTime), "notice", to_string(first.notice_id));
  put_accounts(paper, facts);
}

}  // namespace tutela::reporting
