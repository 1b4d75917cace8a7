// What a client sends to the simulator is read or refused; a form says the same in pieces of any
// size, and a document that fits the schema can be judged by the rules.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "service/cybertip_simulator/desk.hpp"
#include "service/cybertip_simulator/faults.hpp"
#include "service/cybertip_simulator/form.hpp"

namespace {

using namespace tutela;

struct Taken {
  bool good = false;
  std::optional<std::int64_t> id;
  std::string file;

  friend bool operator==(const Taken&, const Taken&) = default;
};

Taken take(std::string_view body, std::size_t piece) {
  Taken taken;
  auto form = cybertip_simulator::Form::open("multipart/form-data; boundary=b",
                                             [&](ByteView bytes) { taken.file += as_text(bytes); });
  for (std::size_t at = 0; at < body.size(); at += piece) {
    if (!form->feed(as_bytes(body.substr(at, piece)))) {
      return {};
    }
  }
  if (!form->finish()) {
    return {};
  }
  taken.good = true;
  taken.id = form->id();
  return taken;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 3 == 0) {
    const Taken whole = take(text, text.size() + 1);
    if (take(text, 1) != whole || take(text, 1 + data[0]) != whole) {
      std::abort();
    }
    return 0;
  }
  if (data[0] % 3 == 1) {
    static_cast<void>(cybertip_simulator::parse_faults(text));
    auto form = cybertip_simulator::Form::open(text, [](ByteView) {});
    if (form) {
      static_cast<void>(form->feed(as_bytes("id=1")));
      static_cast<void>(form->finish());
    }
    return 0;
  }
  cybertip_simulator::Desk desk(1);
  const auto opened = desk.submit(text, 1'760'000'000'000);
  if (opened.code == 0 && desk.finish(*opened.report_id, 1'760'000'000'000).code != 0) {
    std::abort();
  }
  static_cast<void>(desk.file_info(text, 1'760'000'000'000));
  return 0;
}
