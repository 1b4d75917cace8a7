// Writes messages and sends them: send FOLDER URL MESSAGES SECONDS SECRET... Ends with 0 as soon as
// all were delivered, with 1 when they were not in time. Prints what the sender tells.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "service/webhooks/webhooks.hpp"

namespace tutela {
namespace {

Status write_messages(store::Database& database, const Clock& clock, int count) {
  return database.write([&](store::Transaction& transaction) -> Status {
    for (int n = 0; n < count; ++n) {
      const std::string payload =
          "{\"n\":" + std::to_string(n) + ",\"text\":\"\\u00e9 \xc3\xa9 \\\"quoted\\\"\"}";
      TUTELA_TRY(store::add_outbox(transaction,
                                   {"default", "person:lead", "lead"},
                                   clock.now_ms(),
                                   {"case.action", std::to_string(n % 3), 1, payload}));
    }
    return ok();
  });
}

Result<bool> send_all(const std::string& folder,
                      int count,
                      int seconds,
                      const webhooks::Options& options) {
  const SystemClock clock;
  TUTELA_TRY_ASSIGN(const auto database, store::Database::open({.path = folder + "/tutela.db"}));
  TUTELA_TRY(write_messages(*database, clock, count));
  outbox::Outbox outbox(*database, clock);
  TUTELA_TRY_ASSIGN(
      const auto sender,
      webhooks::Sender::start(*database,
                              clock,
                              options,
                              {},
                              [](std::string_view what, std::int64_t id, std::string_view failure) {
                                std::printf("%.*s %lld %.*s\n",
                                            static_cast<int>(what.size()),
                                            what.data(),
                                            static_cast<long long>(id),
                                            static_cast<int>(failure.size()),
                                            failure.data());
                              }));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (std::chrono::steady_clock::now() < end) {
    TUTELA_TRY_ASSIGN(const auto counts, outbox.counts("default", options.topics));
    if (counts.waiting + counts.dead == 0) {
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

}  // namespace
}  // namespace tutela

int main(int argc, char** argv) {
  if (argc < 6) {
    std::fputs("usage: send FOLDER URL MESSAGES SECONDS SECRET...\n", stderr);
    return 2;
  }
  tutela::webhooks::Options options;
  options.url = argv[2];
  options.allow_private = true;
  options.timeout_ms = 8'000;
  options.secrets.assign(argv + 5, argv + argc);
  const auto done = tutela::send_all(argv[1], std::atoi(argv[3]), std::atoi(argv[4]), options);
  if (!done) {
    std::fprintf(stderr, "%s\n", done.error().message.c_str());
    return 2;
  }
  return *done ? 0 : 1;
}
