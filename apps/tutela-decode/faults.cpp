#include "tutela-decode/faults.hpp"

#if defined(TUTELA_FAULT_HOOKS)

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.hpp"
#include "engine/inspect/inspect.hpp"
#include "engine/redact/redact.hpp"
#include "engine/sandbox/sandbox.hpp"

namespace tutela::decode {

namespace {

struct Fault {
  std::string_view name;
  void (*act)(int reply);
};

Bytes make_honest_reply() {
  return inspect::encode_reply(Error{ErrorKind::kInvalidInput, "media.corrupt", "made up"});
}

void say(int reply, ByteView bytes) {
  static_cast<void>(write_all(reply, bytes).has_value());
  ::_exit(0);
}

void loop(int /*reply*/) {
  while (true) {
    ::getpid();  // an effect, without which a compiler may drop the loop
  }
}

void close_and_loop(int reply) {
  ::close(reply);
  loop(reply);
}

void crash(int /*reply*/) {
  __builtin_trap();
}

void call_socket(int /*reply*/) {
  ::syscall(SYS_socket, 2, 1, 0);
}

void call_open(int /*reply*/) {
  ::syscall(SYS_openat, -100, "/etc/passwd", 0);
}

void call_execve(int /*reply*/) {
  ::syscall(SYS_execve, "/bin/true", nullptr, nullptr);
}

void take_memory(int /*reply*/) {
  static char* volatile last = nullptr;  // an effect, as above
  while (true) {
    // tidy:allow(new): taking memory without an end is what this fault does.
    last = new char[1 << 20];
    std::memset(last, 1, 1 << 20);
  }
}

void exit_badly(int reply) {
  static_cast<void>(write_all(reply, make_honest_reply()).has_value());
  ::_exit(1);
}

void say_nothing(int /*reply*/) {
  ::_exit(0);
}

void say_garbage(int reply) {
  say(reply, Bytes(100, std::byte{0xA5}));
}

void say_too_much(int reply) {
  say(reply, Bytes(8 * inspect::kReplyBytesMax, std::byte{0}));
}

void say_too_little(int reply) {
  const Bytes honest = make_honest_reply();
  say(reply, ByteView(honest).first(honest.size() - 1));
}

void say_one_byte_more(int reply) {
  Bytes honest = make_honest_reply();
  honest.push_back(std::byte{0});
  say(reply, honest);
}

void claim_wrong_counts(int reply) {
  inspect::Inspection lie;
  lie.report.type = media::MediaType::kPng;
  lie.report.frames_decoded = 1;
  lie.frames.resize(7);
  say(reply, inspect::encode_reply(lie));
}

void say_more_than_any_view(int reply) {
  say(reply, Bytes(2 * redact::kReplyBytesMax, std::byte{0}));
}

redact::View make_view(std::uint32_t side, std::uint32_t channels) {
  return {.tiles = {{0, redact::make_picture(side, side, channels)}}};
}

/// The whole picture, where less was asked for.
void show_everything(int reply) {
  say(reply, redact::encode_reply(make_view(2048, 3)));
}

void show_colours(int reply) {
  say(reply, redact::encode_reply(make_view(16, 3)));
}

void show_too_few_pixels(int reply) {
  redact::View view = make_view(16, 1);
  view.tiles.front().picture.pixels.pop_back();
  say(reply, redact::encode_reply(view));
}

void show_thirteen_tiles(int reply) {
  redact::View view{.frames_total = 13};
  for (std::uint32_t frame = 0; frame < 13; ++frame) {
    view.tiles.push_back({frame, redact::make_picture(16, 16, 1)});
  }
  say(reply, redact::encode_reply(view));
}

void show_nothing(int reply) {
  say(reply, redact::encode_reply(make_view(0, 1)));
}

/// Honest error "media.empty" when nothing of the server is within reach, else another one.
void look_around(int reply) {
  int open = 0;
  for (int fd = sandbox::kSanitizerBuild ? STDERR_FILENO + 1 : 0; fd < 4096; ++fd) {
    open += fd != reply && ::close(fd) == 0 ? 1 : 0;
  }
  const bool alone = open == 0 && std::getenv("TUTELA_TEST_SECRET") == nullptr;
  say(reply,
      inspect::encode_reply(
          Error{ErrorKind::kInvalidInput, alone ? "media.empty" : "media.corrupt", "seen"}));
}

constexpr Fault kFaults[] = {
    {"loop", loop},
    {"close-and-loop", close_and_loop},
    {"crash", crash},
    {"abort",
     [](int) {
       std::abort();
     }},
    {"socket", call_socket},
    {"open", call_open},
    {"execve", call_execve},
    {"memory", take_memory},
    {"exit-badly", exit_badly},
    {"say-nothing", say_nothing},
    {"say-garbage", say_garbage},
    {"say-too-much", say_too_much},
    {"say-too-little", say_too_little},
    {"say-one-byte-more", say_one_byte_more},
    {"claim-wrong-counts", claim_wrong_counts},
    {"look-around", look_around},
    {"say-more-than-any-view", say_more_than_any_view},
    {"show-everything", show_everything},
    {"show-colours", show_colours},
    {"show-too-few-pixels", show_too_few_pixels},
    {"show-thirteen-tiles", show_thirteen_tiles},
    {"show-nothing", show_nothing},
};

}  // namespace

void act_out_fault(ByteView item, int reply) {
  constexpr std::string_view kPrefix = "TUTELA-FAULT:";
  const std::string_view text = as_text(item);
  if (!text.starts_with(kPrefix)) {
    return;
  }
  const auto* const fault =
      std::find_if(std::begin(kFaults), std::end(kFaults), [&](const Fault& candidate) {
        return candidate.name == text.substr(kPrefix.size());
      });
  if (fault != std::end(kFaults)) {
    fault->act(reply);
  }
}

}  // namespace tutela::decode

#endif
