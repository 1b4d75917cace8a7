#include "bench.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/file.hpp"
#include "base/mutex.hpp"
#include "commands.hpp"
#include "drill_client.hpp"
#include "drill_server.hpp"
#include "output.hpp"
#include "scratch_folder.hpp"
#include "service/auth/auth.hpp"

namespace tutela::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kClosing =
    "A server of its own is started on a folder beside the data folder, which is removed at the\n"
    "end; notices are handed in over kept connections as fast as they are answered, while the\n"
    "server sorts them into cases. At the end every number that was answered is looked up.\n"
    "Exit status: 0 measured and nothing is lost, 1 an answered notice is not there, 2 error.\n"
    "Examples:\n"
    "  tutela bench intake\n"
    "  tutela bench intake --kill";

constexpr int kLost = 1;
constexpr std::int64_t kAboutTheSame = 4;  // notices about one link
constexpr milliseconds kPatience{10'000};
constexpr milliseconds kStartPatience{60'000};
constexpr milliseconds kStep{50};

struct IntakeOptions {
  unsigned connections = 32;
  std::int64_t seconds = 30;
  std::int64_t per_second = 0;
  bool kill = false;
  bool json = false;
};

struct Sent {
  std::vector<std::string> numbers;
  std::vector<double> took_ms;
  std::int64_t refused = 0;     // answered otherwise
  std::int64_t unanswered = 0;  // the connection ended
};

struct Found {
  std::int64_t rows = 0;
  std::int64_t sorted = 0;
  std::int64_t lost = 0;
};

class Bench {
 public:
  Bench(const IntakeOptions& options, fs::path folder)
      : options_(options),
        folder_(std::move(folder)),
        server_({folder_ / "tutela.toml", folder_ / "faults", folder_ / "server.log"}) {}

  Status prepare(const Clock& clock);
  /// Starts the server, and waits until it answers.
  Status start();
  Result<Sent> send();

  void stop() { server_.stop(); }

  /// What the database has of it; when nobody writes it.
  Result<Found> look_up(const std::vector<std::string>& numbers) const;

  [[nodiscard]] double seconds() const noexcept { return seconds_; }

 private:
  std::string body(std::int64_t number) const;
  void send_some(Sent& sent);
  void send_one(DrillClient& client, std::int64_t number, Sent& sent) const;

  const IntakeOptions& options_;
  const fs::path folder_;
  DrillServer server_;
  std::string url_;
  std::string token_;
  std::atomic<std::int64_t> next_{0};
  steady_clock::time_point begin_;
  double seconds_ = 0;
};

Status Bench::prepare(const Clock& clock) {
  TUTELA_TRY_ASSIGN(const std::uint16_t port, free_port());
  const std::string listen = fmt::format("127.0.0.1:{}", port);
  url_ = "http://" + listen;
  config::Config config;
  config.store.folder = folder_ / "data";
  {
    TUTELA_TRY_ASSIGN(const auto pipeline, pipeline::Pipeline::open(config, clock));
    auth::Auth auth(pipeline->database(), clock);
    TUTELA_TRY_ASSIGN(const auth::Scopes scopes, auth::parse_scopes("report"));
    TUTELA_TRY_ASSIGN(const auth::NewToken token, auth.create(actor(), "bench", scopes, {}));
    token_ = token.secret;
  }
  const std::string text = fmt::format(
      "[server]\nlisten = \"{}\"\nmetrics_listen = \"\"\n\n[store]\nfolder = \"{}\"\n\n"
      "[watch]\ncanary_seconds = 0\n\n[log]\nlevel = \"warn\"\n",
      listen,
      config.store.folder.string());
  return write_file_atomic(folder_ / "tutela.toml", as_bytes(text));
}

Status Bench::start() {
  TUTELA_TRY(server_.start());
  TUTELA_TRY_ASSIGN(const auto client, DrillClient::open(url_, token_));
  const auto until = steady_clock::now() + kStartPatience;
  while (client->get("/livez", kPatience).status != 200) {
    if (!server_.running() || steady_clock::now() > until) {
      return Error{
          ErrorKind::kUnavailable,
          "bench.no_server",
          "the server does not start; what it said is in " + (folder_ / "server.log").string()};
    }
    std::this_thread::sleep_for(kStep);
  }
  return ok();
}

std::string Bench::body(std::int64_t number) const {
  const std::int64_t subject = number / kAboutTheSame;
  return json::serialize(json::object{
      {"kind", "content"},
      {"text",
       fmt::format("Notice {} of a measurement: a few sentences, as somebody would write them who "
                   "has seen something and wants that somebody looks at it soon. It was there this "
                   "morning, and it was still there when I wrote this.",
                   number)},
      {"links", json::array{fmt::format("https://example.org/posts/{}", subject)}},
      {"accounts", json::array{fmt::format("account-{}", subject)}}});
}

void Bench::send_one(DrillClient& client, std::int64_t number, Sent& sent) const {
  const std::string text = body(number);
  const auto begin = steady_clock::now();
  const DrillAnswer answer = client.post("/v1/notices", as_bytes(text), kPatience);
  const std::chrono::duration<double, std::milli> took = steady_clock::now() - begin;
  if (answer.status == 0) {
    ++sent.unanswered;
    std::this_thread::sleep_for(kStep);  // it may be dead, and come back
    return;
  }
  json::error_code failed;
  const json::value value = json::parse(answer.body, failed);
  const json::object* const object = failed ? nullptr : value.if_object();
  const json::value* const receipt =
      answer.status == 201 && object != nullptr ? object->if_contains("number") : nullptr;
  if (receipt == nullptr || !receipt->is_string()) {
    ++sent.refused;
    return;
  }
  sent.numbers.emplace_back(receipt->get_string());
  sent.took_ms.push_back(took.count());
}

/// On one connection, until the time is over.
void Bench::send_some(Sent& sent) {
  const auto client = DrillClient::open(url_, token_, "application/json");
  if (!client) {
    ++sent.refused;
    return;
  }
  const auto until = begin_ + std::chrono::seconds(options_.seconds);
  while (steady_clock::now() < until) {
    const std::int64_t number = next_++;
    if (options_.per_second > 0) {
      const auto at = begin_ + std::chrono::microseconds(number * 1'000'000 / options_.per_second);
      if (at >= until) {
        return;
      }
      std::this_thread::sleep_until(at);
    }
    send_one(**client, number, sent);
  }
}

Result<Sent> Bench::send() {
  std::vector<Sent> of_each(options_.connections);
  begin_ = steady_clock::now();
  Status restarted = ok();
  {
    std::vector<std::jthread> senders;
    for (Sent& sent : of_each) {
      senders.emplace_back([this, &sent] { send_some(sent); });
    }
    if (options_.kill) {
      std::this_thread::sleep_until(begin_ + std::chrono::milliseconds(options_.seconds * 500));
      server_.kill();
      restarted = start();
    }
  }
  TUTELA_TRY(restarted);
  seconds_ = std::chrono::duration<double>(steady_clock::now() - begin_).count();
  Sent all;
  for (Sent& sent : of_each) {
    all.numbers.insert(all.numbers.end(), sent.numbers.begin(), sent.numbers.end());
    all.took_ms.insert(all.took_ms.end(), sent.took_ms.begin(), sent.took_ms.end());
    all.refused += sent.refused;
    all.unanswered += sent.unanswered;
  }
  std::ranges::sort(all.took_ms);
  return all;
}

Result<Found> Bench::look_up(const std::vector<std::string>& numbers) const {
  TUTELA_TRY_ASSIGN(const auto database,
                    store::Database::open({.path = folder_ / "data" / "tutela.db"}));
  std::set<std::string> there;
  Found found;
  TUTELA_TRY(database->read([&](store::Transaction& transaction) {
    return transaction.query(
        "SELECT number, sorted_ms FROM notice", {}, [&](const store::Row& row) {
          there.insert(row.text(0));
          found.sorted += row.is_null(1) ? 0 : 1;
          return ok();
        });
  }));
  found.rows = static_cast<std::int64_t>(there.size());
  found.lost = std::ranges::count_if(
      numbers, [&](const std::string& number) { return !there.contains(number); });
  return found;
}

double at(const std::vector<double>& sorted, std::size_t percent) {
  return sorted.empty() ? 0 : sorted[sorted.size() * percent / 100];
}

void print(const IntakeOptions& options, const Sent& sent, const Found& found, double seconds) {
  const double rate = static_cast<double>(sent.numbers.size()) / seconds;
  if (options.json) {
    print_json({{"connections", options.connections},
                {"killed", options.kill},
                {"seconds", seconds},
                {"accepted", sent.numbers.size()},
                {"per_second", rate},
                {"p50_ms", at(sent.took_ms, 50)},
                {"p99_ms", at(sent.took_ms, 99)},
                {"refused", sent.refused},
                {"unanswered", sent.unanswered},
                {"sorted", found.sorted},
                {"rows", found.rows},
                {"lost", found.lost}});
    return;
  }
  fmt::print(
      "{} notices accepted in {:.1f} s over {}: {:.0f} a second, p50 {:.1f} ms, p99 {:.1f} "
      "ms\n{} refused, {} unanswered{}; {} of {} have their place; {} of those answered "
      "are lost\n",
      sent.numbers.size(),
      seconds,
      counted(options.connections, "connection"),
      rate,
      at(sent.took_ms, 50),
      at(sent.took_ms, 99),
      sent.refused,
      sent.unanswered,
      options.kill ? " (the server was killed in the middle)" : "",
      found.sorted,
      found.rows,
      found.lost);
}

Result<int> measure(const IntakeOptions& options, const fs::path& folder, const Clock& clock) {
  Bench bench(options, folder);
  TUTELA_TRY(bench.prepare(clock));
  TUTELA_TRY(bench.start());
  TUTELA_TRY_ASSIGN(const Sent sent, bench.send());
  bench.stop();
  TUTELA_TRY_ASSIGN(const Found found, bench.look_up(sent.numbers));
  print(options, sent, found, bench.seconds());
  return found.lost == 0 ? kNothingFound : kLost;
}

int bench_intake(const Session& session, const IntakeOptions& options) {
  const auto config = load_config(session);
  if (!config) {
    return fail(config.error());
  }
  const auto folder = ScratchFolder::beside(config->store.folder);
  if (!folder) {
    return fail(folder.error());
  }
  const Result<int> status = measure(options, folder->path(), session.clock);
  return status ? *status : fail(status.error());
}

}  // namespace

void add_bench_intake(CLI::App& bench, Session& session) {
  CLI::App& command =
      add_command(bench, "intake", "Notices handed in to a server, and a kill -9", kClosing);
  const auto options = std::make_shared<IntakeOptions>();
  command.add_option("--connections", options->connections, "How many are kept")
      ->check(CLI::Range(1U, 512U));
  command.add_option("--seconds", options->seconds, "For how long")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{3600}));
  command.add_option("--per-second", options->per_second, "At most so many; 0: as fast as it goes")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{100'000}));
  command.add_flag("--kill", options->kill, "Kill the server with signal 9 in the middle");
  command.add_flag("--json", options->json, "One JSON object");
  command.callback([&session, options] {
    session.run = [&session, options] {
      return bench_intake(session, *options);
    };
  });
}

}  // namespace tutela::cli
