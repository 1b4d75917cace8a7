#include "service/duty_mail/duty_mail.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/fault.hpp"
#include "service/auth/people.hpp"
#include "service/log/log.hpp"
#include "service/mail/mail.hpp"

namespace tutela::duty_mail {

namespace json = boost::json;

namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kGatheringMsMax = 15 * kMinuteMs;
constexpr std::int64_t kGatheringPart = 30;
constexpr std::int64_t kRetryMsMin = 5'000;
constexpr std::int64_t kRefusedMs = 10 * kMinuteMs;
constexpr std::int64_t kTimeoutMs = 20'000;  // of the mail server
/// Nobody else takes the message while this process still waits for an answer.
constexpr std::int64_t kLeaseMs = 2 * kTimeoutMs + 30'000;
constexpr std::int64_t kBehindMax = 999;

/// "person:<id>/victim"; a principal holds no slash.
std::string key_of(std::string_view person, std::string_view queue) {
  return std::string(person) + "/" + std::string(queue);
}

mail::Options options_of(const config::Config& config, std::string to) {
  mail::Options options;
  options.server = config.smtp.server;
  options.username = config.smtp.username;
  options.password = config.smtp.password;
  options.from = config.smtp.from;
  options.to = std::move(to);
  options.ca_file = config.smtp.ca_file.string();
  options.allow_plain = config.smtp.allow_plain;
  options.timeout_ms = kTimeoutMs;
  return options;
}

struct Payload {
  std::string notice_id;
  As as = As::kOnDuty;
};

std::optional<Payload> read_payload(const std::string& text) {
  json::error_code error;
  const json::value value = json::parse(text, error);
  const json::object* object = error ? nullptr : value.if_object();
  const json::value* id = object == nullptr ? nullptr : object->if_contains("notice");
  const json::value* as = object == nullptr ? nullptr : object->if_contains("as");
  if (id == nullptr || !id->is_string() || as == nullptr || !as->is_string()) {
    return std::nullopt;
  }
  return Payload{std::string(id->get_string().data(), id->get_string().size()),
                 as->get_string() == "deputy" ? As::kDeputy : As::kOnDuty};
}

/// Those that nobody has answered.
Status read_line(store::Transaction& transaction,
                 const std::string& tenant_id,
                 const std::string& notice_id,
                 std::vector<Line>& lines) {
  return transaction.query(
      "SELECT queue, due_ms FROM notice WHERE tenant_id = :tenant AND id = :id AND waiting = 1",
      {tenant_id, notice_id},
      [&](const store::Row& row) -> Status {
        TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(notice_id));
        lines.push_back({id, row.text(0), row.integer(1)});
        return ok();
      });
}

void say(log::Level level,
         std::string_view event,
         const outbox::Message& message,
         std::string_view code,
         std::size_t notices) {
  log::log_event(level,
                 event,
                 {{"message", std::to_string(message.id)},
                  {"code", std::string(code)},
                  {"notices", std::to_string(notices)}});
}

}  // namespace

std::int64_t gathering_ms(UtcMs due_ms, UtcMs now_ms) noexcept {
  return std::clamp<std::int64_t>((due_ms - now_ms) / kGatheringPart, 0, kGatheringMsMax);
}

std::int64_t delay_after(std::int64_t attempts, bool refused) noexcept {
  if (refused) {
    return kRefusedMs;
  }
  const std::int64_t doublings = std::clamp<std::int64_t>(attempts - 1, 0, 10);
  return std::min(kRetryMsMin << doublings, kMinuteMs);
}

bool is_configured(const config::Config& config) {
  return !config.smtp.server.empty() && !config.smtp.from.empty();
}

Status owe(store::Transaction& transaction,
           const intake::Notice& notice,
           std::string_view person,
           As as,
           UtcMs now_ms) {
  TUTELA_TRY_ASSIGN(const std::string address,
                    auth::address_of(transaction, notice.tenant_id, person));
  if (address.empty()) {
    return ok();
  }
  store::OutboxMessage message;
  message.topic = std::string(kTopic);
  message.key = key_of(person, to_string(notice.queue));
  message.payload = json::serialize(json::object{{"notice", to_string(notice.id)},
                                                 {"as", as == As::kDeputy ? "deputy" : "on_duty"}});
  const store::Actor actor{notice.tenant_id, "system", "system"};
  TUTELA_TRY(
      outbox::add_later(transaction, actor, now_ms, gathering_ms(notice.due_ms, now_ms), message));
  TUTELA_FAULT_POINT("duty_mail.after_owed");
  return ok();
}

Result<std::int64_t> count_failing(store::Transaction& transaction) {
  std::int64_t count = 0;
  TUTELA_TRY(transaction.query(
      "SELECT COUNT(*) FROM outbox WHERE topic = :topic AND state = 'waiting' AND attempts > 0",
      {std::string(kTopic)},
      [&](const store::Row& row) -> Status {
        count = row.integer(0);
        return ok();
      }));
  return count;
}

Sender::Sender(store::Database& database, const Clock& clock, Settings settings)
    : database_(database),
      clock_(clock),
      settings_(std::move(settings)),
      outbox_(database, clock) {}

Result<Sender::Owed> Sender::owed_of(const outbox::Message& first) {
  TUTELA_TRY_ASSIGN(std::vector<outbox::Message> all, outbox_.behind(first, kBehindMax));
  all.insert(all.begin(), first);
  const std::size_t slash = first.key.find('/');
  Owed owed;
  owed.through = all.back().id;
  owed.words.queue = slash == std::string::npos ? std::string() : first.key.substr(slash + 1);
  owed.words.console_url = settings_()->people.public_url;
  owed.words.now_ms = clock_.now_ms();
  std::vector<Line>& lines = owed.words.lines;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    lines.clear();
    TUTELA_TRY_ASSIGN(owed.to,
                      auth::address_of(transaction, first.tenant_id, first.key.substr(0, slash)));
    for (const outbox::Message& each : all) {
      if (const std::optional<Payload> payload = read_payload(each.payload)) {
        owed.words.as = payload->as;
        TUTELA_TRY(read_line(transaction, first.tenant_id, payload->notice_id, lines));
      }
    }
    return ok();
  }));
  std::ranges::sort(
      lines, {}, [](const Line& line) { return std::tie(line.due_ms, line.notice_id); });
  const auto same = std::ranges::unique(lines, {}, &Line::notice_id);
  lines.erase(same.begin(), same.end());
  return owed;
}

Status Sender::deliver(const outbox::Message& first,
                       const Owed& owed,
                       const std::atomic<bool>& stop,
                       std::size_t& sent) {
  const auto config = settings_();
  const mail::Options options = options_of(*config, owed.to);
  const mail::Head head = {options.from,
                           options.to,
                           "duty_" + std::to_string(first.created_ms) + "_" +
                               std::to_string(first.id) + "_" + std::to_string(owed.through) +
                               options.from.substr(options.from.find('@')),
                           clock_.now_ms()};
  mail::Answer answer{mail::Outcome::kTrouble, 0, {}, {}};
  if (mail::check(options)) {
    answer = mail::send(options, message(head, owed.words), &stop);
  }
  TUTELA_FAULT_POINT("duty_mail.after_mail");
  const std::string_view failure = mail::failure_of(answer.outcome);
  if (failure.empty()) {
    ++sent;
    say(log::Level::kInfo,
        "somebody on duty was written to",
        first,
        "sent",
        owed.words.lines.size());
    return outbox_.sent_through(first, owed.through);
  }
  if (stop) {  // the next process goes on at once
    return outbox_.failed(first, "stopped", 1);
  }
  say(log::Level::kWarn,
      "a mail to somebody on duty failed",
      first,
      failure,
      owed.words.lines.size());
  const bool refused =
      answer.outcome == mail::Outcome::kRejected || answer.outcome == mail::Outcome::kCredentials;
  return outbox_.failed(first, failure, delay_after(first.attempts + 1, refused));
}

Result<std::size_t> Sender::send_due(const std::atomic<bool>& stop) {
  std::size_t sent = 0;
  while (!stop) {
    TUTELA_TRY_ASSIGN(const std::optional<outbox::Message> first,
                      outbox_.lease({std::string(kTopic)}, kLeaseMs));
    if (!first) {
      break;
    }
    TUTELA_TRY_ASSIGN(const Owed owed, owed_of(*first));
    if (!owed.words.lines.empty() && !owed.to.empty() && is_configured(*settings_())) {
      TUTELA_TRY(deliver(*first, owed, stop, sent));
      continue;
    }
    say(log::Level::kInfo,
        "a mail to somebody on duty is not needed",
        *first,
        owed.words.lines.empty() ? "answered"
        : owed.to.empty()        ? "no_address"
                                 : "no_mail_server",
        owed.words.lines.size());
    TUTELA_TRY(outbox_.sent_through(*first, owed.through));
  }
  return sent;
}

}  // namespace tutela::duty_mail
