#include "casework/disclosure/tar.hpp"

#include <archive.h>
#include <archive_entry.h>

namespace tutela::disclosure {
namespace {

constexpr int kBlock = 64 * 1024;
constexpr int kMode = 0400;

struct FreeArchive {
  void operator()(archive* what) const noexcept { archive_write_free(what); }
};

struct FreeEntry {
  void operator()(archive_entry* what) const noexcept { archive_entry_free(what); }
};

struct Written {
  Bytes ready;
  bool over = false;  // whatever comes now is not wanted
};

la_ssize_t keep(archive* /*unused*/, void* context, const void* bytes, std::size_t size) {
  Written& written = *static_cast<Written*>(context);
  if (written.over) {
    return -1;
  }
  const auto* const first = static_cast<const std::byte*>(bytes);
  written.ready.insert(written.ready.end(), first, first + size);
  return static_cast<la_ssize_t>(size);
}

Error broken() {
  return Error{ErrorKind::kInternal,
               "disclosure.archive",
               "the archive's writer refused a file of the package; report this fault"};
}

}  // namespace

struct Tar::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// An archive that is not whole is filled up when it is freed, with as many zeros as are missing,
  /// unless nobody takes them. archive_write_fail() would do, but then its buffers are never freed.
  ~State() { written.over = true; }

  Written written;  // outlives the archive, which writes to it
  std::unique_ptr<archive, FreeArchive> writer{archive_write_new()};
  bool good = false;
  UtcMs time_ms = 0;
  std::uint64_t missing = 0;
};

Tar::Tar(UtcMs time_ms) : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.time_ms = time_ms;
  archive* const writer = state.writer.get();
  state.good = writer != nullptr && archive_write_set_format_pax_restricted(writer) == ARCHIVE_OK &&
               archive_write_add_filter_none(writer) == ARCHIVE_OK &&
               archive_write_set_bytes_per_block(writer, kBlock) == ARCHIVE_OK &&
               archive_write_set_bytes_in_last_block(writer, 1) == ARCHIVE_OK &&
               archive_write_open(writer, &state.written, nullptr, keep, nullptr) == ARCHIVE_OK;
}

Tar::Tar(Tar&&) noexcept = default;
Tar& Tar::operator=(Tar&&) noexcept = default;
Tar::~Tar() = default;

Status Tar::begin(const std::string& path, std::uint64_t size_bytes) {
  State& state = *state_;
  const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
  if (!state.good || state.missing != 0 || entry == nullptr) {
    return broken();
  }
  archive_entry_set_pathname(entry.get(), path.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), kMode);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size_bytes));
  archive_entry_set_mtime(entry.get(), static_cast<time_t>(state.time_ms / 1000), 0);
  state.missing = size_bytes;
  if (archive_write_header(state.writer.get(), entry.get()) != ARCHIVE_OK) {
    return broken();
  }
  return ok();
}

Status Tar::append(ByteView bytes) {
  State& state = *state_;
  if (bytes.size() > state.missing ||
      archive_write_data(state.writer.get(), bytes.data(), bytes.size()) !=
          static_cast<la_ssize_t>(bytes.size())) {
    return broken();
  }
  state.missing -= bytes.size();
  return ok();
}

Status Tar::finish() {
  State& state = *state_;
  if (!state.good || state.missing != 0 || archive_write_close(state.writer.get()) != ARCHIVE_OK) {
    return broken();
  }
  return ok();
}

void Tar::take(Bytes& out) {
  Bytes& ready = state_->written.ready;
  if (out.empty()) {
    out.swap(ready);
  } else {
    out.insert(out.end(), ready.begin(), ready.end());
  }
  ready.clear();
}

}  // namespace tutela::disclosure
