// Objects, key records and epoch files as an attacker with the store of blobs would leave them:
// hostile bytes never open, and an edited honest object opens only if the edit changed nothing.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "custody/evidence_format/epoch_file.hpp"
#include "custody/evidence_format/key_record.hpp"
#include "custody/evidence_format/object.hpp"

namespace {

using tutela::Bytes;
using tutela::ByteView;
namespace format = tutela::evidence_format;

const tutela::Uuid kId = *tutela::parse_uuid("01890a5d-ac96-774b-bcce-b302099a8057");

const tutela::crypto::Key& key() {
  static const tutela::crypto::Key made = tutela::crypto::Key::random();
  return made;
}

bool opens(ByteView sealed) {
  if (sealed.size() < format::kObjectHeaderSize) {
    return false;
  }
  auto opener = format::ObjectOpener::open(
      sealed.first(format::kObjectHeaderSize), sealed.size(), kId, key());
  sealed = sealed.subspan(format::kObjectHeaderSize);
  Bytes room(format::kChunk);
  while (opener && opener->next_size() > 0) {
    const std::size_t size = std::min(opener->next_size(), sealed.size());
    if (size == 0 || !opener->next(sealed.first(size), room)) {
      return false;
    }
    sealed = sealed.subspan(size);
  }
  return opener && sealed.empty();
}

Bytes seal_honest() {
  const Bytes content(70'000, std::byte{3});
  format::ObjectSealer sealer(kId, key());
  Bytes out(format::ObjectSealer::room_for(content.size()));
  out.resize(sealer.update(content, out).size());
  const auto sink = [&](ByteView bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
    return tutela::ok();
  };
  TUTELA_CHECK(sealer.finish({content.size(), {}, 1, "image/png"}, sink));
  return out;
}

void check_parsers(ByteView input) {
  const auto record = format::parse_key_record(input);
  if (record) {
    const Bytes again = format::encode(*record);
    TUTELA_CHECK(std::ranges::equal(again, input));
    TUTELA_CHECK(!format::unwrap_object_key(*record, key(), record->object_id));
  }
  const auto file = format::parse_epoch_file(tutela::as_text(input));
  if (file) {
    TUTELA_CHECK(format::parse_epoch_file(format::encode(*file)));
  }
  const auto name = format::parse_key_name(tutela::as_text(input));
  TUTELA_CHECK(!name || format::key_name(*name) == tutela::as_text(input));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Bytes honest = seal_honest();
  const ByteView input = std::as_bytes(std::span(data, size));
  check_parsers(input);
  TUTELA_CHECK(!opens(input));
  if (size < 4) {
    return 0;
  }
  // The first three bytes say where, the fourth how much is cut, the rest overwrites.
  const std::size_t at = (data[0] * 65'536U + data[1] * 256U + data[2]) % honest.size();
  Bytes edited(honest.begin(), honest.end() - static_cast<std::ptrdiff_t>(data[3]));
  if (at < edited.size()) {
    const std::size_t count = std::min(size - 4, edited.size() - at);
    std::copy_n(input.begin() + 4, count, edited.begin() + static_cast<std::ptrdiff_t>(at));
  }
  TUTELA_CHECK(opens(edited) == (edited == honest));
  return 0;
}
