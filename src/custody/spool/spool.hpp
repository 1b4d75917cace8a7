// Spool: the sealed, bounded place for the bytes of items that are owed a scan, held or matched.
//
// One file an item, sealed with a random key of its own (crypto/seal), never on disk in clear. An
// item is durable (file and folder entry synced) before finish() returns. Thread-safe; a Writer
// belongs to one caller and must not outlive its Spool.
//
// Several processes may use one folder. Each counts the files when it opens and again when it finds
// the spool full, so that together they may pass the bound by what they are writing at the moment.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "crypto/secret.hpp"

namespace tutela::spool {

struct SpoolOptions {
  std::filesystem::path folder;
  std::uint64_t size_bytes_max = 10ULL << 30;  // of all files together
};

class Spool {
 public:
  /// Creates the folder (mode 0700; its parent must exist); removes the unfinished files of
  /// processes that died, never those of living ones; counts what is there.
  static Result<std::unique_ptr<Spool>> open(SpoolOptions options, crypto::Key key);
  ~Spool();

  class Writer {
   public:
    Writer(Writer&&) noexcept;
    Writer& operator=(Writer&&) noexcept;
    ~Writer();  // removes what was not finished

    /// Errors: kLimitExceeded "spool.full" (the bound or the disk); "file.*". After an error the
    /// item is gone and every further call returns kInternal "spool.ended".
    Status append(ByteView plain);
    /// Seals, syncs, renames into place, syncs the folder. May be called once.
    Status finish();

   private:
    friend class Spool;
    struct State;
    explicit Writer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
  };

  /// Errors: kLimitExceeded "spool.full".
  Result<Writer> create(const Uuid& id);

  /// Errors: kNotFound "spool.missing", kCorrupted "seal.corrupt", kLimitExceeded "seal.too_large".
  Result<Bytes> read(const Uuid& id, std::uint64_t size_bytes_max) const;

  /// Removing what is not there is success.
  Status remove(const Uuid& id);

  [[nodiscard]] bool contains(const Uuid& id) const;
  /// Every finished item, in no order.
  Result<std::vector<Uuid>> list() const;
  /// Sealed bytes of all files, with what is being written.
  [[nodiscard]] std::uint64_t size_bytes() const noexcept;

 private:
  struct State;
  explicit Spool(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tutela::spool
