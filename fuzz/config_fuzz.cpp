// The configuration file: any text gives a configuration or problems, and bounded ones.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/bytes.hpp"
#include "service/config/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = tutela::as_text(std::as_bytes(std::span(data, size)));
  const auto config = tutela::config::parse(text, {});
  if (config && !tutela::config::parse_listen(config->server.listen)) {
    std::abort();  // what was accepted can be listened on
  }
  return 0;
}
