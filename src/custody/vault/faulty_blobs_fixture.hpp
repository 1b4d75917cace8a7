// Blobs that fail when a test of the vault tells them to.
#pragma once

#include <memory>
#include <utility>

#include "custody/blobs/blobs.hpp"

namespace tutela::vault {

/// Passes everything on, but for the failures that a test asks for.
class FaultyBlobs final : public blobs::Blobs {
 public:
  explicit FaultyBlobs(std::unique_ptr<blobs::Blobs> real) : real_(std::move(real)) {}

  Result<std::unique_ptr<blobs::Writer>> create(std::string_view name,
                                                std::optional<UtcMs> lock_until_ms) override {
    TUTELA_TRY_ASSIGN(auto writer, real_->create(name, lock_until_ms));
    return std::unique_ptr<blobs::Writer>(std::make_unique<FaultyWriter>(*this, std::move(writer)));
  }

  Result<std::unique_ptr<blobs::Reader>> open(std::string_view name) override {
    return real_->open(name);
  }

  Status replace(std::string_view name, ByteView bytes) override {
    return full_at_replace ? full() : real_->replace(name, bytes);
  }

  Result<Bytes> get(std::string_view name, std::uint64_t size_bytes_max) override {
    return real_->get(name, size_bytes_max);
  }

  Status remove(std::string_view name) override { return real_->remove(name); }

  Status list(std::string_view prefix,
              const std::function<Status(std::string_view)>& on_name) override {
    return real_->list(prefix, on_name);
  }

  Result<blobs::Scrub> scrub(std::string_view prefix,
                             const std::function<bool()>& stop_requested,
                             const std::function<void(const blobs::Scrub&)>& on_progress) override {
    return real_->scrub(prefix, stop_requested, on_progress);
  }

  bool full_at_append = false;
  bool full_at_finish = false;
  bool full_at_replace = false;

 private:
  struct FaultyWriter final : blobs::Writer {
    FaultyWriter(FaultyBlobs& owner, std::unique_ptr<blobs::Writer> writer)
        : faults(owner), real(std::move(writer)) {}

    Status append(ByteView bytes) override {
      return faults.full_at_append ? full() : real->append(bytes);
    }

    Status finish() override { return faults.full_at_finish ? full() : real->finish(); }

    FaultyBlobs& faults;
    std::unique_ptr<blobs::Writer> real;
  };

  static Status full() { return Error{ErrorKind::kLimitExceeded, "blob.full", "the disk is full"}; }

  std::unique_ptr<blobs::Blobs> real_;
};

}  // namespace tutela::vault
