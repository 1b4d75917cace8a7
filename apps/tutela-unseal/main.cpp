// tutela-unseal: opens one object of the evidence vault from plain files, without database, server
// or configuration, so that evidence can be read when Tutela is gone. spec/evidence-object.md has
// the format.
#include <array>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "base/file.hpp"
#include "crypto/digest.hpp"
#include "custody/evidence_format/epoch_file.hpp"
#include "custody/evidence_format/key_record.hpp"
#include "custody/evidence_format/object.hpp"

namespace {

using namespace std::string_view_literals;
using tutela::Bytes;
using tutela::ByteView;
using tutela::Error;
using tutela::ErrorKind;
using tutela::Fd;
using tutela::Result;
using tutela::Status;
namespace format = tutela::evidence_format;

constexpr std::string_view kHelp =
    "usage: tutela-unseal OBJECT KEY_RECORD EPOCH_FILE KEY_FILE >CONTENT\n"
    "\n"
    "Opens one sealed object and writes its content to standard output.\n"
    "\n"
    "  OBJECT      objects/<xx>/<32 hex digits> of the store of blobs\n"
    "  KEY_RECORD  keys/<xx>/<the same digits> of the same store\n"
    "  EPOCH_FILE  epoch-<n>.key of a key folder; the key record names n\n"
    "  KEY_FILE    the key-encryption key: 64 hex digits, mode 0600\n"
    "\n"
    "Content is whole and unchanged only if the exit status is 0. Nobody records that you read\n"
    "it: do so only where the law lets you, and write down that you did.\n"sv;

// The stores of blobs end each blob with a footer of 48 bytes that begins so.
constexpr std::string_view kFooter = "tutela-blob-1\0\0\0"sv;
constexpr std::size_t kFooterSize = 48;

bool has_footer(ByteView end) {
  return end.size() == kFooterSize && tutela::as_text(end.first(kFooter.size())) == kFooter;
}

Result<tutela::crypto::Key> open_object_key(char** files) {
  TUTELA_TRY_ASSIGN(Bytes record_bytes,
                    tutela::read_file(files[1], format::kKeyRecordSize + kFooterSize));
  if (record_bytes.size() > kFooterSize && has_footer(ByteView(record_bytes).last(kFooterSize))) {
    record_bytes.resize(record_bytes.size() - kFooterSize);
  }
  TUTELA_TRY_ASSIGN(const format::KeyRecord record, format::parse_key_record(record_bytes));
  TUTELA_TRY_ASSIGN(const Bytes epoch_bytes,
                    tutela::read_file(files[2], format::kEpochFileSizeMax));
  TUTELA_TRY_ASSIGN(const format::EpochFile epoch,
                    format::parse_epoch_file(tutela::as_text(epoch_bytes)));
  if (epoch.epoch != record.epoch) {
    return Error{ErrorKind::kInvalidInput,
                 "unseal.wrong_epoch",
                 "the key record needs epoch-" + std::to_string(record.epoch) + ".key"};
  }
  TUTELA_TRY_ASSIGN(const tutela::crypto::Key kek, tutela::crypto::load_key(files[3]));
  for (const format::EpochWrap& wrap : epoch.wraps) {
    const auto key = format::unwrap_for(kek, wrap.wrapped, format::epoch_purpose(epoch.epoch));
    if (key) {
      return format::unwrap_object_key(record, *key, record.object_id);
    }
  }
  return Error{ErrorKind::kCorrupted,
               "unseal.wrong_key",
               "the key file does not open the epoch's key; another key wrapped it"};
}

Status read_exactly(int fd, std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = ::read(fd, out.data(), out.size());
    if (got <= 0) {
      return got == 0 ? Error{ErrorKind::kCorrupted, "vault.corrupt", "the object is cut short"}
                      : tutela::system_error("file.unreadable", "read the object");
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return tutela::ok();
}

// The object's size without the footer of a store.
Result<std::uint64_t> size_of(int fd) {
  const off_t size = ::lseek(fd, 0, SEEK_END);
  std::array<std::byte, kFooterSize> end{};
  if (size < 0) {
    return tutela::system_error("file.unreadable", "find the size of the object");
  }
  const auto at = size - static_cast<off_t>(kFooterSize);
  const bool footer =
      at > 0 && ::pread(fd, end.data(), end.size(), at) == ssize_t{kFooterSize} && has_footer(end);
  if (::lseek(fd, 0, SEEK_SET) != 0) {
    return tutela::system_error("file.unreadable", "read the object");
  }
  return static_cast<std::uint64_t>(footer ? at : size);
}

Status unseal(char** files) {
  TUTELA_TRY_ASSIGN(const tutela::crypto::Key key, open_object_key(files));
  const Fd object(::open(files[0], O_RDONLY | O_CLOEXEC));
  if (!object.valid()) {
    return tutela::system_error("file.unreadable", "open the object");
  }
  TUTELA_TRY_ASSIGN(const std::uint64_t size, size_of(object.get()));
  std::array<std::byte, format::kObjectHeaderSize> header{};
  TUTELA_TRY(read_exactly(object.get(), header));
  TUTELA_TRY_ASSIGN(const tutela::Uuid id, format::parse_object_header(header));
  TUTELA_TRY_ASSIGN(format::ObjectOpener opener, format::ObjectOpener::open(header, size, id, key));
  Bytes sealed(format::kSealedPartMax);
  Bytes room(format::kChunk);
  tutela::crypto::Digester digester;
  while (opener.next_size() > 0) {
    const std::span<std::byte> part = std::span(sealed).first(opener.next_size());
    TUTELA_TRY(read_exactly(object.get(), part));
    TUTELA_TRY_ASSIGN(const ByteView content, opener.next(part, room));
    digester.update(content);
    TUTELA_TRY(tutela::write_all(STDOUT_FILENO, content));
  }
  if (digester.finish() != opener.facts().digests) {
    return Error{ErrorKind::kCorrupted, "vault.corrupt", "the content has other digests"};
  }
  const format::Facts& facts = opener.facts();
  std::fprintf(stderr,
               "object %s: %llu bytes, %s, sealed %s\nsha256 %s\n",
               tutela::to_string(id).c_str(),
               static_cast<unsigned long long>(facts.size_bytes),
               facts.media_type.empty() ? "of unknown type" : facts.media_type.c_str(),
               tutela::to_rfc3339(facts.sealed_ms).c_str(),
               tutela::to_hex(facts.digests.sha256).c_str());
  return tutela::ok();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && argv[1] == "--help"sv) {
    std::fputs(kHelp.data(), stdout);
    return 0;
  }
  if (argc != 5) {
    std::fputs(kHelp.data(), stderr);
    return 2;
  }
  const Status status = unseal(argv + 1);
  if (!status) {
    std::fprintf(stderr, "tutela-unseal: %s\n", status.error().message.c_str());
    return 2;
  }
  return 0;
}
