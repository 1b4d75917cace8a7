// The channel of a hotline that takes signed messages (Standard Webhooks).
#include <algorithm>
#include <atomic>
#include <utility>

#include <boost/json.hpp>

#include "base/mutex.hpp"
#include "service/authorities/channel.hpp"
#include "service/authorities/letter.hpp"
#include "service/webhooks/post.hpp"
#include "service/webhooks/webhooks.hpp"

namespace tutela::authorities {

using reports::Phase;

namespace {

namespace json = boost::json;

constexpr std::size_t kReferenceMax = 255;

/// {"reference": "..."} of the answer; empty where it says none.
std::string reference_of(std::string_view body) {
  json::error_code failure;
  const json::value value = json::parse(body, failure);
  const json::value* const found =
      !failure && value.is_object() ? value.get_object().if_contains("reference") : nullptr;
  if (found == nullptr || !found->is_string()) {
    return {};
  }
  std::string text(found->get_string());
  const bool good =
      text.size() <= kReferenceMax &&
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 127; });
  return good ? text : std::string();
}

Phase phase_of(const webhooks::Answer& answer) {
  if (answer.failure.empty()) {
    return Phase::kDone;
  }
  if (answer.failure == "refused_address" || answer.failure == "tls" || answer.status == 408 ||
      answer.status == 425 || answer.status == 429 || answer.status == 503) {
    return Phase::kTrouble;
  }
  if (answer.status == 401 || answer.status == 403) {
    return Phase::kCredentials;
  }
  return answer.status >= 300 && answer.status < 500 ? Phase::kRejected : Phase::kUnclear;
}

class Webhook final : public Channel {
 public:
  explicit Webhook(webhooks::Options options) : options_(std::move(options)) {}

  Status open() {
    const MutexLock lock(mutex_);
    TUTELA_TRY_ASSIGN(poster_, webhooks::Poster::open(options_, never_));
    return ok();
  }

  Took take(const Task& task) override {
    const Result<Letter> letter = write_letter(task.leased);
    if (task.next.step != reports::Step::kDeliver || !letter) {
      Took took;
      took.phase = Phase::kRejected;
      took.description = letter ? "a webhook knows one step, deliver" : letter.error().message;
      return took;
    }
    return took_of(post(letter->id, body_of(*letter)));
  }

  Reached status() override {
    const std::string at = to_rfc3339(clock_.now_ms());
    const json::object ping = {{"type", "ping"}, {"timestamp", at}, {"data", json::object()}};
    const webhooks::Answer answer = post("ping_" + at, json::serialize(ping));
    if (answer.failure.empty()) {
      return {true, "the receiver took a signed message of type ping"};
    }
    return {false,
            "the receiver did not take a signed message of type ping: " + answer.failure +
                "; check the address and the secret with who runs it"};
  }

 private:
  static std::string body_of(const Letter& letter) {
    json::value data = json::parse(letter.json);
    data.get_object()["page"] = letter.page;
    return json::serialize(json::object{
        {"type", "report"}, {"timestamp", to_rfc3339(letter.at_ms)}, {"data", std::move(data)}});
  }

  static Took took_of(const webhooks::Answer& answer) {
    Took took;
    took.phase = phase_of(answer);
    if (answer.status != 0) {
      took.http_status = answer.status;
    }
    if (took.phase != Phase::kDone) {
      took.description = "the receiver did not take it: " + answer.failure;
      return took;
    }
    took.authority_id = reference_of(answer.body);
    took.raw = answer.body;
    took.description = took.authority_id.empty() ? "taken, without a reference" : "taken";
    return took;
  }

  webhooks::Answer post(const std::string& id, const std::string& body) {
    const std::int64_t now_s = clock_.now_ms() / 1000;
    const Result<std::string> signature = webhooks::sign(options_.secrets, id, now_s, body);
    if (!signature) {
      return {false, std::string(signature.error().code), 0};
    }
    const MutexLock lock(mutex_);
    return poster_->post({"content-type: application/json",
                          "webhook-id: " + id,
                          "webhook-timestamp: " + std::to_string(now_s),
                          "webhook-signature: " + *signature},
                         body);
  }

  const webhooks::Options options_;
  const SystemClock clock_;
  const std::atomic<bool> never_ = false;
  Mutex mutex_;
  std::unique_ptr<webhooks::Poster> poster_ TUTELA_GUARDED_BY(mutex_);
};

}  // namespace

Result<std::unique_ptr<Channel>> open_webhook(const WebhookOptions& options) {
  webhooks::Options posting;
  posting.url = options.url;
  posting.secrets = options.secrets;
  posting.allow_private = options.allow_private;
  posting.timeout_ms = options.timeout_ms;
  if (posting.url.empty()) {
    return Error{ErrorKind::kInvalidInput,
                 "webhook.bad_url",
                 "an authority that is told by webhook has no address"};
  }
  TUTELA_TRY(webhooks::check(posting));
  auto channel = std::make_unique<Webhook>(std::move(posting));
  TUTELA_TRY(channel->open());
  return std::unique_ptr<Channel>(std::move(channel));
}

}  // namespace tutela::authorities
