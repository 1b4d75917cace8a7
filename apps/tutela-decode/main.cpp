// tutela-decode: the warmed parent of the decode workers. A Tutela server starts it.
#include <cstdio>
#include <span>
#include <string_view>

#include <malloc.h>

#include "service/workers/protocol.hpp"
#include "tutela-decode/parent.hpp"

namespace {

namespace protocol = tutela::workers::protocol;

constexpr const char* kHelp =
    "tutela-decode: decodes, fingerprints and renders items for a Tutela server, in sandboxed\n"
    "processes.\n"
    "\n"
    "The server starts it and talks to it over a socket; it does nothing by hand. To fingerprint\n"
    "files, run `tutela hash FILE...`.\n";

constexpr int kExitUsage = 2;

int fail(const tutela::Error& error) {
  std::fprintf(stderr,
               "tutela-decode: %.*s: %s\n",
               static_cast<int>(error.code.size()),
               error.code.data(),
               error.message.c_str());
  return kExitUsage;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<const char* const> arguments(argv, static_cast<std::size_t>(argc));
  if (arguments.size() < 2 || std::string_view(arguments[1]) != protocol::kSupervisedFlag) {
    std::fputs(kHelp, stderr);
    return kExitUsage;
  }
  const auto limits = protocol::from_arguments(arguments.subspan(2));
  if (!limits) {
    return fail(limits.error());
  }
  // One heap for all threads of a decoder: before it gives a further one's memory back, the C
  // library reads a file of /proc, and the sandbox ends a worker that opens files.
  ::mallopt(M_ARENA_MAX, 1);
  auto parent = tutela::decode::Parent::prepare(tutela::Fd(protocol::kControlFd), *limits);
  if (!parent) {
    return fail(parent.error());
  }
  parent->serve();
  return 0;
}
