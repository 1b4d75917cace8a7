#include "service/watch/teller.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <utility>

#include <unistd.h>

#include "base/mutex.hpp"
#include "base/uuid.hpp"
#include "service/watch/line.hpp"
#include "service/watch/outlets.hpp"
#include "watch/alarms/codes.hpp"

namespace tutela::watch {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::array<std::string_view, 4> kChannels = {"webhook", "email", "syslog", "heartbeat"};

/// Of which channel, and to which address of e-mail.
using LineKey = std::pair<std::string, std::string>;
using Lines = std::map<LineKey, std::unique_ptr<Line>>;

struct Plan {
  std::shared_ptr<Outlet> outlet;
  Pace pace;
};

std::string name_of_this_machine() {
  std::array<char, 256> name{};
  const bool known = ::gethostname(name.data(), name.size() - 1) == 0;
  return known && name[0] != '\0' ? name.data() : "unknown";
}

tutela::Status check(const TellerOptions& options) {
  TUTELA_TRY(webhooks::check(options.webhook));
  for (const std::string& to : options.mail_to) {
    mail::Options with = options.mail;
    with.to = to;
    TUTELA_TRY(mail::check(with));
  }
  return ok();
}

std::map<LineKey, Plan> planned(const Clock& clock,
                                const TellerOptions& options,
                                const std::string& host) {
  Pace one_by_one;
  one_by_one.retry_ms_min = options.retry_ms_min;
  one_by_one.retry_ms_max = options.retry_ms_max;
  std::map<LineKey, Plan> plans;
  if (!options.webhook.url.empty()) {
    Pace pace = one_by_one;
    pace.final_failure = "http_410";
    plans[{"webhook", ""}] = {webhook_outlet(clock, options.webhook), pace};
  }
  for (const std::string& to : options.mail_to) {
    Pace pace = one_by_one;
    pace.all_at_once = true;
    pace.interval_ms = options.mail_interval_ms;
    mail::Options with = options.mail;
    with.to = to;
    plans[{"email", to}] = {mail_outlet(clock, std::move(with), host), pace};
  }
  if (options.syslog) {
    plans[{"syslog", ""}] = {syslog_outlet(options.syslog_socket), one_by_one};
  }
  if (!options.heartbeat_url.empty()) {
    Pace pace = one_by_one;
    pace.waiting_max = 1;
    pace.give_up_ms = options.heartbeat_ms;
    pace.retry_ms_max = std::min(pace.retry_ms_max, options.heartbeat_ms);
    plans[{"heartbeat", ""}] = {heartbeat_outlet(options.heartbeat_url), pace};
  }
  return plans;
}

}  // namespace

TellerOptions teller_options(const config::Config& config) {
  TellerOptions options;
  options.webhook.url = config.webhook.url;
  options.webhook.secrets = config::words_of(config.webhook.secrets);
  options.webhook.allow_private = config.webhook.allow_private;
  options.webhook.timeout_ms = config.webhook.timeout_ms;
  options.mail.server = config.smtp.server;
  options.mail.username = config.smtp.username;
  options.mail.password = config.smtp.password;
  options.mail.from = config.smtp.from;
  options.mail.ca_file = config.smtp.ca_file.string();
  options.mail.allow_plain = config.smtp.allow_plain;
  options.mail_to = config::words_of(config.watch.email_to);
  options.syslog = config.watch.syslog;
  options.heartbeat_url = config.watch.heartbeat_url;
  options.heartbeat_ms = std::int64_t{1000} * config.watch.heartbeat_seconds;
  return options;
}

struct Teller::State {
  State(const Clock& at, std::function<void()> after_told)
      : clock(at), start(to_string(new_uuid(at.now_ms()))), on_told(std::move(after_told)) {}

  const Clock& clock;
  const std::string start;
  const std::function<void()> on_told;
  Mutex configuring;  // held before `mutex`; lines end under it alone
  mutable Mutex mutex;
  TellerOptions options TUTELA_GUARDED_BY(mutex);
  Lines lines TUTELA_GUARDED_BY(mutex);
  std::int64_t number TUTELA_GUARDED_BY(mutex) = 0;
  steady_clock::time_point next_beat TUTELA_GUARDED_BY(mutex);

  /// What is not planned any more, which has been told to end.
  Lines take_up(const TellerOptions& wanted) TUTELA_REQUIRES(mutex);

  Numbered numbered(const alarms::Change& change) TUTELA_REQUIRES(mutex) {
    ++number;
    return {number, change, "alarm_" + start + "_" + std::to_string(number)};
  }
};

Lines Teller::State::take_up(const TellerOptions& wanted) {
  options = wanted;
  next_beat = {};
  const std::string host = wanted.host.empty() ? name_of_this_machine() : wanted.host;
  const std::map<LineKey, Plan> plans = planned(clock, wanted, host);
  Lines over;
  for (auto each = lines.begin(); each != lines.end();) {
    if (plans.contains(each->first)) {
      ++each;
      continue;
    }
    each->second->end();
    over.insert(lines.extract(each++));
  }
  for (const auto& [key, plan] : plans) {
    std::unique_ptr<Line>& line = lines[key];
    if (!line) {
      const bool beats = key.first == "heartbeat";
      line = std::make_unique<Line>(key.first, clock, beats ? std::function<void()>() : on_told);
    }
    line->use(plan.outlet, plan.pace);
  }
  return over;
}

Teller::Teller(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Teller>> Teller::start(const Clock& clock,
                                              const TellerOptions& options,
                                              std::function<void()> on_told) {
  auto teller =
      std::unique_ptr<Teller>(new Teller(std::make_unique<State>(clock, std::move(on_told))));
  TUTELA_TRY(teller->configure(options));
  return teller;
}

Teller::~Teller() {
  end();
}

void Teller::end() {
  const MutexLock one_at_a_time(state_->configuring);
  const MutexLock lock(state_->mutex);
  for (const auto& [key, line] : state_->lines) {
    line->end();
  }
  for (const auto& [key, line] : state_->lines) {
    line->join();
  }
}

void Teller::take_over(const HandedOn& left) {
  const MutexLock lock(state_->mutex);
  std::vector<Numbered> untold;
  alarms::Level level = alarms::Level::kOk;
  for (const alarms::Alarm& alarm : left.raised) {
    if (alarms::concerns_detection(alarm.condition.code)) {
      level = std::max(level, alarm.condition.level);
    }
  }
  for (const alarms::Alarm& alarm : left.raised) {
    untold.push_back(state_->numbered({alarms::What::kRaised, alarm, alarm.since_ms, level}));
  }
  for (const auto& [key, line] : state_->lines) {
    if (key.first == "heartbeat") {
      continue;
    }
    const auto before = std::ranges::find_if(left.lines, [&, name = key](const LineState& each) {
      return each.channel == name.first && each.to == name.second;
    });
    if (before == left.lines.end()) {
      line->add(untold);
      continue;
    }
    std::vector<Numbered> waiting = before->waiting;
    for (Numbered& each : waiting) {
      each.number = ++state_->number;
    }
    line->add(waiting, before->lost);
  }
}

std::vector<LineState> Teller::waiting() const {
  const MutexLock lock(state_->mutex);
  std::vector<LineState> all;
  for (const auto& [key, line] : state_->lines) {
    if (key.first != "heartbeat") {
      all.push_back(line->state());
      all.back().to = key.second;
    }
  }
  return all;
}

tutela::Status Teller::configure(const TellerOptions& options) {
  TUTELA_TRY(check(options));
  const MutexLock one_at_a_time(state_->configuring);
  Lines over;
  {
    const MutexLock lock(state_->mutex);
    if (!(state_->options == options)) {
      over = state_->take_up(options);
    }
  }
  return ok();
}

void Teller::tell(const std::vector<alarms::Change>& changes) {
  const MutexLock lock(state_->mutex);
  std::vector<Numbered> numbered;
  for (const alarms::Change& change : changes) {
    numbered.push_back(state_->numbered(change));
  }
  for (const auto& [key, line] : state_->lines) {
    if (key.first != "heartbeat" && !numbered.empty()) {
      line->add(numbered);
    }
  }
}

void Teller::heartbeat(bool alive_and_not_blind) {
  const MutexLock lock(state_->mutex);
  const auto found = state_->lines.find({"heartbeat", ""});
  if (found == state_->lines.end()) {
    return;
  }
  if (!alive_and_not_blind) {
    found->second->clear();
    state_->next_beat = {};
    return;
  }
  const auto now = steady_clock::now();
  if (now >= state_->next_beat) {
    state_->next_beat = now + milliseconds(state_->options.heartbeat_ms);
    found->second->add({{++state_->number, {}, {}}});
  }
}

std::vector<Status::Told> Teller::told() const {
  std::map<std::string, Status::Told, std::less<>> by_channel;
  {
    const MutexLock lock(state_->mutex);
    for (const auto& [key, line] : state_->lines) {
      const Status::Told one = line->told();
      const auto [found, made] = by_channel.try_emplace(key.first, one);
      Status::Told& all = found->second;
      if (made) {
        continue;
      }
      if (one.last_failure_ms > all.last_failure_ms) {
        all.last_failure_ms = one.last_failure_ms;
        all.failure = one.failure;
      }
      all.last_success_ms = std::max(all.last_success_ms, one.last_success_ms);
      all.waiting += one.waiting;
      all.successes += one.successes;
      all.failures += one.failures;
    }
  }
  std::vector<Status::Told> found;
  for (const std::string_view channel : kChannels) {
    if (const auto one = by_channel.find(channel); one != by_channel.end()) {
      found.push_back(one->second);
    }
  }
  return found;
}

}  // namespace tutela::watch
