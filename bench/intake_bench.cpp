// Durable notices a second: one caller, 32 that share commits, and 32 of one flood; then senders
// who follow with the right PIN and with wrong ones.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "casework/intake/notices.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tutela;

constexpr int kCallers = 32;

/// Calls `act` with the number of the call; ends the program on an error.
double calls_per_second(int callers, const std::function<bool(std::int64_t)>& act) {
  std::atomic<bool> stop{false};
  std::atomic<std::int64_t> calls{0};
  std::vector<std::thread> threads;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < callers; ++i) {
    threads.emplace_back([&] {
      while (!stop.load()) {
        if (!act(calls.fetch_add(1))) {
          std::fprintf(stderr, "a call failed\n");
          std::exit(2);
        }
      }
    });
  }
  std::this_thread::sleep_for(5s);
  stop = true;
  for (std::thread& thread : threads) {
    thread.join();
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return static_cast<double>(calls.load()) / took.count();
}

/// As somebody writes it: some sentences, a link, an account, five messages.
intake::NewNotice notice_of(std::int64_t number, const std::string& source) {
  intake::NewNotice notice;
  notice.kind = intake::Kind::kContent;
  notice.source = source;
  notice.proved = true;
  for (int i = 0; i < 12; ++i) {
    notice.body.text += "Somebody posts pictures of me, and I do not know what to do. ";
  }
  notice.body.links = {"https://example.org/post/" + std::to_string(number)};
  notice.body.accounts = {"account-" + std::to_string(number % 1000)};
  notice.body.messages.assign(5, {"them", "yesterday", "words of about this length, or longer"});
  notice.contact = intake::SealedContact{"0123456789abcdef", std::string(200, 'c')};
  notice.idempotency_key = "key-" + source + std::to_string(number);
  return notice;
}

intake::Rules rules_of() {
  intake::Rules rules;
  rules.promises.ms.fill(86'400'000);
  return rules;
}

void measure(store::Database& database) {
  const SystemClock clock;
  intake::Notices notices(database, clock, crypto::Key::random(), rules_of);
  const store::Actor actor{"default", "intake:page", "service"};
  const auto accept = [&](const std::string& name, bool flood) {
    return [&notices, &actor, name, flood](std::int64_t number) {
      const std::string source = flood ? name : name + std::to_string(number);
      intake::NewNotice notice = notice_of(number, source);
      return notices.accept(actor, notice).has_value();
    };
  };
  const double alone = calls_per_second(1, accept("alone", false));
  const double many = calls_per_second(kCallers, accept("many", false));
  const double flood = calls_per_second(kCallers, accept("flood", true));
  std::printf(
      "intake: durable notices a second, 1 caller %.0f, %d callers %.0f, of one flood "
      "%.0f\n",
      alone,
      kCallers,
      many,
      flood);
  const auto began = std::chrono::steady_clock::now();
  const Result<std::size_t> sorted = notices.sort(
      5000, [](auto&&...) -> Result<std::optional<Uuid>> { return std::optional<Uuid>(); });
  const std::chrono::duration<double> sorting = std::chrono::steady_clock::now() - began;
  std::printf("intake: sorted a second, by 1 caller %.0f\n",
              static_cast<double>(sorted ? *sorted : 0) / sorting.count());
  const Result<intake::Accepted> known = notices.accept(actor, notice_of(0, "known"));
  if (!known) {
    std::exit(2);
  }
  const double right = calls_per_second(kCallers, [&](std::int64_t) {
    return notices.follow(known->number, known->pin).has_value();
  });
  // After ten of them its notice is locked, so this is both.
  const double wrong = calls_per_second(
      1, [&](std::int64_t) { return !notices.follow(known->number, "wrong").has_value(); });
  const double unknown = calls_per_second(
      1, [&](std::int64_t) { return !notices.follow("T-0000-0000-0012", known->pin).has_value(); });
  std::printf(
      "intake: followed a second, right PIN %.0f; by 1 caller, wrong PIN %.0f, unknown number "
      "%.0f, ratio %.2f\n",
      right,
      wrong,
      unknown,
      unknown / wrong);
  const auto start = std::chrono::steady_clock::now();
  const bool counted = notices.counts("default").has_value();
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  std::printf(
      "intake: counts of all that waits %.0f ms%s\n", took.count(), counted ? "" : " failed");
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path folder =
      std::filesystem::path(argc > 1 ? argv[1] : ".") /
      ("intake-bench-" + to_string(new_uuid(SystemClock().now_ms())));
  std::filesystem::create_directories(folder);
  auto database = store::Database::open({.path = folder / "tutela.db"});
  if (!database) {
    std::fprintf(stderr, "%s\n", database.error().message.c_str());
    return 2;
  }
  measure(**database);
  database->reset();
  std::filesystem::remove_all(folder);
  return 0;
}
