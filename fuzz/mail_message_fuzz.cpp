// What a process that read a message says of it: any bytes, from somebody else's hands.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "service/mail_message/mail_message.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tutela::mail_message;
  const auto read = decode(std::as_bytes(std::span(data, size)));
  if (!read) {
    return 0;
  }
  const bool clean = clean_text(read->text, kTextBytesMax) == read->text &&
                     clean_line(read->subject, kLineBytesMax) == read->subject &&
                     clean_line(read->address, kLineBytesMax) == read->address;
  const auto again = decode(encode(*read));
  if (!clean || !again || again->text != read->text || again->files != read->files) {
    std::abort();
  }
  return 0;
}
