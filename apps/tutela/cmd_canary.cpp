// tutela canary: the process that draws a server's canaries.
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/thread.hpp"
#include "commands.hpp"
#include "service/vault_client/child.hpp"
#include "watch/canaries/orders.hpp"

namespace tutela::cli {
namespace {

constexpr const char* kClosing =
    "A server starts it by itself, so that encoders of pictures stay out of the server. Reads\n"
    "orders from standard input to its end, one a line, and writes the pictures to standard\n"
    "output, each after its length in four bytes (0: it could not be made).\n"
    "Exit status: 0 done, 2 error.\n"
    "Example: tutela canary draw < orders > pictures";

constexpr std::size_t kOrderBytesMax = 160;
constexpr rlim_t kCpuSecondsMax = 300;

/// All of standard input. Error: kLimitExceeded "canary.too_many".
Result<std::string> read_orders() {
  std::string text;
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count < 0) {
      return system_error("file.unreadable", "read orders");
    }
    if (count == 0) {
      return text;
    }
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > canaries::kOrdersMax * kOrderBytesMax) {
      return Error{ErrorKind::kLimitExceeded, "canary.too_many", "these are too many orders"};
    }
  }
}

Result<std::vector<canaries::Order>> parse_orders(std::string_view text) {
  std::vector<canaries::Order> orders;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    TUTELA_TRY_ASSIGN(canaries::Order order, canaries::parse_order(text.substr(0, end)));
    orders.push_back(std::move(order));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return orders;
}

int draw(int parent) {
  if (parent != 0) {
    vault_client::die_with_parent(parent);
  }
  // Whoever knows the seeds knows what is on the list.
  ::prctl(PR_SET_DUMPABLE, 0);
  const rlimit cpu{kCpuSecondsMax, kCpuSecondsMax};
  ::setrlimit(RLIMIT_CPU, &cpu);
  lower_priority_of_this_thread();
  const Result<std::string> text = read_orders();
  if (!text) {
    return fail(text.error());
  }
  const auto orders = parse_orders(*text);
  if (!orders) {
    return fail(orders.error());
  }
  int status = kNothingFound;
  for (const canaries::Order& order : *orders) {
    Result<Bytes> picture = canaries::encode(order.format, order.seed, order.fresh);
    if (!picture) {
      status = fail(picture.error());
    }
    const bool fits = picture && picture->size() <= canaries::kPictureBytesMax;
    const Bytes frame = canaries::frame_of(fits ? ByteView(*picture) : ByteView());
    if (const Status written = write_all(STDOUT_FILENO, frame); !written) {
      return fail(written.error());
    }
  }
  return status;
}

}  // namespace

void add_canary(CLI::App& app, Session& session) {
  CLI::App& canary = add_command(app, "canary", "Draws canaries for a server");
  canary.require_subcommand(1);
  CLI::App& command =
      add_command(canary, "draw", "Draws the pictures that standard input asks for", kClosing);
  const auto parent = std::make_shared<int>(0);
  command.add_option("--with-parent", *parent, "End when this process ends")->group("");
  command.callback([&session, parent] {
    session.run = [parent] {
      return draw(*parent);
    };
  });
}

}  // namespace tutela::cli
