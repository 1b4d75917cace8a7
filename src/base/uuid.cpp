#include "base/uuid.hpp"

#include <mutex>
#include <span>

#include <sys/random.h>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "base/mutex.hpp"

namespace tutela {
namespace {

// The 12 bits after the time count up within a millisecond (RFC 9562, section 6.2, method 1), so
// that ids made in one process sort in the order in which they were made.
struct Sequence {
  Mutex mutex;
  UtcMs last_ms TUTELA_GUARDED_BY(mutex) = 0;
  unsigned counter TUTELA_GUARDED_BY(mutex) = 0;
};

struct Stamp {
  UtcMs time_ms;
  unsigned counter;
};

Stamp next_stamp(UtcMs now_ms, unsigned random12) {
  static Sequence sequence;
  const MutexLock lock(sequence.mutex);
  if (now_ms > sequence.last_ms) {
    sequence.last_ms = now_ms;
    sequence.counter = random12 & 0x7FF;
  } else if (++sequence.counter > 0xFFF) {
    ++sequence.last_ms;
    sequence.counter = 0;
  }
  return {sequence.last_ms, sequence.counter};
}

}  // namespace

Uuid new_uuid(UtcMs now_ms) {
  Uuid id;
  TUTELA_CHECK(::getrandom(id.bytes.data(), id.bytes.size(), 0) ==
               static_cast<ssize_t>(id.bytes.size()));
  const unsigned random12 =
      std::to_integer<unsigned>(id.bytes[6]) * 256 + std::to_integer<unsigned>(id.bytes[7]);
  const Stamp stamp = next_stamp(now_ms, random12 & 0xFFF);
  for (int i = 0; i < 6; ++i) {
    id.bytes[static_cast<std::size_t>(i)] = static_cast<std::byte>(stamp.time_ms >> (40 - 8 * i));
  }
  id.bytes[6] = static_cast<std::byte>(0x70 | (stamp.counter >> 8));
  id.bytes[7] = static_cast<std::byte>(stamp.counter & 0xFF);
  id.bytes[8] = (id.bytes[8] & std::byte{0x3F}) | std::byte{0x80};
  return id;
}

std::string to_string(const Uuid& id) {
  std::string text = to_hex(id.bytes);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) {
    text.insert(at, 1, '-');
  }
  return text;
}

Result<Uuid> parse_uuid(std::string_view text) {
  const auto malformed = [] {
    return Error{ErrorKind::kInvalidInput,
                 "uuid.malformed",
                 "expected an id like 01890a5d-ac96-774b-bcce-b302099a8057"};
  };
  if (text.size() != 36) {
    return malformed();
  }
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) {
      return malformed();
    }
    if (!dash) {
      digits.push_back(text[i]);
    }
  }
  Uuid id;
  if (!parse_hex(digits, id.bytes)) {
    return malformed();
  }
  return id;
}

}  // namespace tutela
