#include "service/watch/runner.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include <unistd.h>

#include "base/mutex.hpp"
#include "crypto/secret.hpp"
#include "custody/audit/entry.hpp"
#include "service/log/log.hpp"
#include "service/watch/actor.hpp"
#include "service/watch/canary_list.hpp"
#include "service/watch/courier.hpp"
#include "watch/ledger/coverage.hpp"

namespace tutela::watch {
namespace {

using canaries::Expected;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr milliseconds kLookWhilePending{50};
constexpr milliseconds kLook{500};
/// Between two attempts to make the list whole, or to write an entry.
constexpr milliseconds kAgain{10'000};
/// The first ones after a start come sooner, so that it is soon known how things stand.
constexpr milliseconds kFirstWithin{4'000};
/// A busy disk may hold a commit up for so long.
constexpr milliseconds kPatienceMin{10'000};
constexpr std::size_t kEntriesMax = 48;
constexpr std::size_t kStockMin = 4;
constexpr std::size_t kStockMax = 16;
/// A stock lasts so long.
constexpr std::size_t kStockSeconds = 120;

std::int64_t ms_between(Steady::time_point from, Steady::time_point until) {
  return duration_cast<milliseconds>(until - from).count();
}

/// What is sent in turn: a door's canaries of one format, or a door's negative ones.
struct Line {
  std::size_t door = 0;
  Expected expected = Expected::kMatch;
  std::string format;  // of the next
  milliseconds offset{0};
  Steady::time_point due{};
  std::optional<Round> round{};
};

/// How the canaries of a door and format fared.
struct Record {
  Last last = Last::kNone;
  bool mistaken = false;  // the last negative one was
  std::optional<Steady::time_point> sent_at;
  std::optional<Steady::time_point> good_at;
  CanaryLine line;
};

/// How the canaries of an hour fared, for its entry in the audit log.
struct Hour {
  std::int64_t begin_ms = 0;
  std::int64_t ended = 0;
  std::int64_t good = 0;
};

}  // namespace

struct Runner::State {
  State(store::Database& store,
        lists::Lists& lists_now,
        ledger::Ledger& ledger,
        const Clock& at,
        RunnerOptions with,
        const crypto::Key& key,
        std::unique_ptr<DoorClient> made)
      : database(store),
        lists(lists_now),
        clock(at),
        options(std::move(with)),
        seeds(key),
        client(std::move(made)),
        canaries(store, at, to_string(new_uuid(at.now_ms()))),
        stock(drawing(), seeds, [this] { client->wake(); }),
        courier(canaries, ledger, stock, *client, options.doors) {}

  store::Database& database;
  lists::Lists& lists;
  const Clock& clock;
  const RunnerOptions options;
  const canaries::Seeds seeds;
  const std::unique_ptr<DoorClient> client;
  canaries::Canaries canaries;
  Stock stock;
  Courier courier;

  // Of the thread.
  std::shared_ptr<const config::Config> settings;
  std::vector<std::string> formats;
  std::vector<Line> waiting;
  std::map<std::pair<std::size_t, std::string>, Record> records;
  bool list_wanted = true;
  Steady::time_point list_again;
  Hour hour;
  std::deque<Hour> entries;  // not yet written
  Steady::time_point entries_again;

  std::atomic<bool> stop = false;
  std::atomic<bool> woken = false;
  mutable Mutex mutex;
  std::vector<Record> published TUTELA_GUARDED_BY(mutex);
  std::string list_problem TUTELA_GUARDED_BY(mutex);
  Steady::time_point moved_at TUTELA_GUARDED_BY(mutex) = Steady::now();
  milliseconds patience TUTELA_GUARDED_BY(mutex){0};
  std::thread thread;

  [[nodiscard]] DrawingOptions drawing() const;
  void run();
  void adopt(std::shared_ptr<const config::Config> next);
  void plan();
  void keep_list_whole();
  bool step();
  void begin(Line& line);
  void ended(Line& line, const Ended& how);
  void turn_hour();
  void publish();
  [[nodiscard]] milliseconds interval() const;
};

DrawingOptions Runner::State::drawing() const {
  DrawingOptions drawn;
  std::error_code failed;
  drawn.program = options.program.empty() ? std::filesystem::read_symlink("/proc/self/exe", failed)
                                          : options.program;
  drawn.arguments = {"canary", "draw", "--with-parent", std::to_string(::getpid())};
  return drawn;
}

milliseconds Runner::State::interval() const {
  return std::chrono::seconds(settings->watch.canary_seconds);
}

/// Takes settings that have changed; what is still wanted keeps its history.
void Runner::State::adopt(std::shared_ptr<const config::Config> next) {
  settings = std::move(next);
  formats = settings->watch.canary_seconds == 0 ? std::vector<std::string>()
                                                : config::words_of(settings->watch.canary_formats);
  courier.find_doors(*settings);
  plan();
  const std::size_t doors = options.doors.size();
  const std::size_t each =
      doors * std::clamp(kStockSeconds / std::max<std::size_t>(settings->watch.canary_seconds, 1),
                         kStockMin,
                         kStockMax);
  Stock::Wanted wanted;
  for (const std::string& format : formats) {
    wanted[{format, Expected::kMatch}] = each;
    wanted[{format, Expected::kNoMatch}] = 2 * doors;
  }
  stock.want(wanted);
  std::erase_if(records, [&](const auto& record) {
    return std::ranges::find(formats, record.first.second) == formats.end();
  });
}

/// Spreads the lines evenly over an interval.
void Runner::State::plan() {
  for (Line& line : waiting) {
    if (line.round) {
      courier.drop(*line.round);
    }
  }
  waiting.clear();
  for (std::size_t door = 0; door < options.doors.size() && !formats.empty(); ++door) {
    for (const std::string& format : formats) {
      waiting.push_back({.door = door, .expected = Expected::kMatch, .format = format});
      records[{door, format}].line.state.door = options.doors[door].door;
      records[{door, format}].line.state.format = format;
    }
    waiting.push_back({.door = door, .expected = Expected::kNoMatch, .format = formats.front()});
  }
  const auto now = Steady::now();
  const auto count = static_cast<std::int64_t>(std::max<std::size_t>(waiting.size(), 1));
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    const auto place = static_cast<std::int64_t>(i);
    waiting[i].offset = interval() * place / count;
    waiting[i].due = now + std::min(interval(), kFirstWithin) * place / count;
  }
}

void Runner::State::keep_list_whole() {
  const auto now = Steady::now();
  if (!list_wanted || now < list_again || formats.empty()) {
    return;
  }
  list_again = now + kAgain;
  const Result<bool> made = ensure_canary_list(lists, seeds);
  if (made && *made && options.list_changed) {
    static_cast<void>(options.list_changed().has_value());  // else the next look of the server does
  }
  list_wanted = !made;
  const MutexLock lock(mutex);
  list_problem = made ? "" : std::string(made.error().code);
}

void Runner::State::begin(Line& line) {
  line.round = Courier::begin(
      line.door, line.format, line.expected, milliseconds(settings->watch.canary_timeout_ms));
  // The next one at the line's place in time, which comes once an interval.
  const auto now = Steady::now();
  line.due = now - now.time_since_epoch() % interval() + line.offset;
  if (line.due <= now) {
    line.due += interval();
  }
  Record& record = records[{line.door, line.format}];
  if (line.expected == Expected::kMatch) {
    record.sent_at = now;
    record.line.last_sent_ms = clock.now_ms();
  }
}

void Runner::State::ended(Line& line, const Ended& how) {
  const bool good = how.last == Last::kGood;
  Record& record = records[{line.door, line.format}];
  if (line.expected == Expected::kMatch) {
    record.last = how.last;
    record.line.sent += 1;
    record.line.good += good ? 1 : 0;
    if (good) {
      record.good_at = Steady::now();
      record.line.last_good_ms = clock.now_ms();
      record.line.state.took_ms = how.took.count();
    }
  } else {
    record.mistaken = how.last == Last::kMistaken;
    record.line.negatives_sent += 1;
    record.line.negatives_good += good ? 1 : 0;
    if (!record.mistaken) {  // else the same format again, so that it is soon seen to be good
      const auto at = std::ranges::find(formats, line.format);
      line.format = at == formats.end() || at + 1 == formats.end() ? formats.front() : *(at + 1);
    }
  }
  hour.ended += 1;
  hour.good += good ? 1 : 0;
  list_wanted = list_wanted || how.last == Last::kMissed;
  line.round.reset();
}

/// Whether something is on its way.
bool Runner::State::step() {
  bool pending = false;
  const auto now = Steady::now();
  const bool all_now = woken.exchange(false);
  for (Line& line : waiting) {
    if (!line.round && (all_now || now >= line.due)) {
      begin(line);
    }
    if (line.round) {
      if (const auto end = courier.advance(*line.round)) {
        ended(line, *end);
      }
    }
    pending = pending || line.round.has_value();
  }
  return pending;
}

/// Writes of every hour whether its canaries were good; best effort.
void Runner::State::turn_hour() {
  const UtcMs now_ms = clock.now_ms();
  const std::int64_t begin_ms = now_ms - now_ms % ledger::kHourMs;
  const auto now = Steady::now();
  if (hour.begin_ms != begin_ms) {
    if (hour.ended > 0) {
      entries.push_back(hour);
    }
    if (entries.size() > kEntriesMax) {
      entries.pop_front();
    }
    hour = {begin_ms, 0, 0};
    entries_again = now;
    static_cast<void>(canaries.forget_old().has_value());  // the next hour tries again
  }
  while (!entries.empty() && now >= entries_again) {
    const Hour& done = entries.front();
    const audit::Entry entry{"watch.canaries",
                             "hour:" + std::to_string(done.begin_ms),
                             "canary",
                             done.good == done.ended ? "good" : "bad"};
    if (!audit::record(database, system_actor(), now_ms, entry)) {
      entries_again = now + kAgain;
      return;
    }
    entries.pop_front();
  }
}

void Runner::State::publish() {
  std::vector<Record> all;
  for (std::size_t door = 0; door < options.doors.size(); ++door) {
    for (const std::string& format : formats) {
      all.push_back(records[{door, format}]);
    }
  }
  const MutexLock lock(mutex);
  published = std::move(all);
  moved_at = Steady::now();
  patience = std::max(kPatienceMin, milliseconds(settings->watch.canary_timeout_ms));
}

void Runner::State::run() {
  while (!stop) {
    if (auto next = options.settings(); next != settings) {
      adopt(std::move(next));
    }
    keep_list_whole();
    const bool pending = step();
    turn_hour();
    publish();
    courier.take(client->drive(pending ? kLookWhilePending : kLook));
  }
}

Runner::Runner(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Runner>> Runner::start(store::Database& database,
                                              lists::Lists& lists,
                                              ledger::Ledger& ledger,
                                              const Clock& clock,
                                              RunnerOptions options) {
  TUTELA_TRY_ASSIGN(const crypto::Key key,
                    crypto::load_or_create_key(options.settings()->store.folder / "canary.key"));
  TUTELA_TRY_ASSIGN(std::unique_ptr<DoorClient> client, DoorClient::open());
  auto state = std::make_unique<State>(
      database, lists, ledger, clock, std::move(options), key, std::move(client));
  state->adopt(state->options.settings());
  state->publish();
  state->thread = std::thread([running = state.get()] { running->run(); });
  return std::unique_ptr<Runner>(new Runner(std::move(state)));
}

Runner::~Runner() {
  state_->stop = true;
  state_->client->wake();
  state_->thread.join();
}

std::vector<CanaryLine> Runner::lines() const {
  const auto now = Steady::now();
  const MutexLock lock(state_->mutex);
  const bool stuck = now - state_->moved_at > state_->patience;
  std::vector<CanaryLine> lines;
  for (const Record& record : state_->published) {
    CanaryLine line = record.line;
    line.state.last = record.mistaken ? Last::kMistaken : record.last;
    if (stuck) {
      line.state.last = Last::kUnanswered;
    }
    line.state.since_sent_ms = record.sent_at ? ms_between(*record.sent_at, now) : -1;
    line.state.since_good_ms = record.good_at ? ms_between(*record.good_at, now) : -1;
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string Runner::problem() const {
  {
    const MutexLock lock(state_->mutex);
    if (!state_->list_problem.empty()) {
      return state_->list_problem;
    }
  }
  return state_->stock.problem();
}

void Runner::wake() {
  state_->woken = true;
  state_->client->wake();
}

}  // namespace tutela::watch
