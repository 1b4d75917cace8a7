// tutela-mail: reads one e-mail from standard input and says on standard output what is in it
// (service/mail_message). A Tutela server starts it for each message of its mailbox; before it
// looks at the first byte it gives up files, programs, sockets, and time.
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include "base/file.hpp"
#include "engine/sandbox/sandbox.hpp"
#include "service/mime/mime.hpp"

namespace {

using tutela::Bytes;
using tutela::Result;
using tutela::Status;
using tutela::sandbox::Sandbox;

constexpr const char* kHelp =
    "tutela-mail: reads the e-mails of a Tutela server's mailbox, in a locked-down process.\n"
    "\n"
    "The server starts it for each message; it does nothing by hand. See intake.maildir in\n"
    "docs/configuration.md.\n";

constexpr int kExitUsage = 2;
constexpr int kExitFailed = 1;
constexpr tutela::sandbox::WorkerLimits kLimits = {.memory_bytes_max = 1ULL << 30,
                                                   .cpu_seconds_max = 5};

Status lock() {
  TUTELA_TRY_ASSIGN(const Sandbox sandbox, Sandbox::prepare(tutela::sandbox::OnFiles::kRefuse));
  TUTELA_TRY(sandbox.lock_parent());
  return sandbox.lock_worker(::getppid(), kLimits);
}

/// Libraries' warnings may quote the message: nothing is printed.
void fall_silent() {
  const tutela::Fd nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (!tutela::sandbox::kSanitizerBuild) {
    ::dup3(nowhere.get(), STDERR_FILENO, 0);
  }
}

Result<Bytes> read_all(std::size_t size_bytes_max) {
  Bytes bytes;
  std::size_t got = 0;
  do {
    const std::size_t before = bytes.size();
    bytes.resize(before + (1U << 20));
    const ssize_t result = ::read(STDIN_FILENO, bytes.data() + before, bytes.size() - before);
    if (result < 0) {
      return tutela::system_error("mail.unreadable", "read the message");
    }
    got = static_cast<std::size_t>(result);
    bytes.resize(before + got);
  } while (got > 0 && bytes.size() <= size_bytes_max);
  if (bytes.size() > size_bytes_max) {
    return tutela::Error{
        tutela::ErrorKind::kLimitExceeded, "mail.too_large", "the message is too large"};
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<const char* const> arguments(argv, static_cast<std::size_t>(argc));
  if (arguments.size() != 2 || std::string_view(arguments[1]) != "--supervised") {
    std::fputs(kHelp, stderr);
    return kExitUsage;
  }
  // One heap: before it gives a further one's memory back, the C library reads a file of /proc.
  ::mallopt(M_ARENA_MAX, 1);
  tutela::mime::warm_up();
  fall_silent();
  if (!lock()) {
    return kExitUsage;
  }
  const Result<Bytes> message = read_all(tutela::mail_message::kMessageBytesMax);
  if (!message) {
    ::_exit(kExitFailed);
  }
  const Bytes answer = tutela::mail_message::encode(tutela::mime::read(*message));
  ::_exit(tutela::write_all(STDOUT_FILENO, answer) ? 0 : kExitFailed);
}
