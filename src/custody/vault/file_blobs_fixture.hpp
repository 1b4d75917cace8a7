// Blobs for tests of the vault: the simplest store in a folder, and one that fails when told to.
#pragma once

#include <filesystem>
#include <fstream>
#include <set>

#include "base/file.hpp"
#include "custody/blobs/blobs.hpp"

namespace tutela::vault {

class FileBlobs final : public blobs::Blobs {
 public:
  explicit FileBlobs(std::filesystem::path folder) : folder_(std::move(folder)) {}

  Result<std::unique_ptr<blobs::Writer>> create(std::string_view name,
                                                std::optional<UtcMs>) override {
    return std::unique_ptr<blobs::Writer>(std::make_unique<FileWriter>(path(name)));
  }

  Result<std::unique_ptr<blobs::Reader>> open(std::string_view name) override {
    auto bytes = get(name, std::uint64_t{1} << 32);
    if (!bytes) {
      return std::move(bytes).error();
    }
    return std::unique_ptr<blobs::Reader>(std::make_unique<BytesReader>(*std::move(bytes)));
  }

  Status replace(std::string_view name, ByteView bytes) override {
    return write_file_atomic(path(name), bytes);
  }

  Result<Bytes> get(std::string_view name, std::uint64_t size_bytes_max) override {
    auto bytes = read_file(path(name), size_bytes_max);
    if (!bytes && bytes.error().kind == ErrorKind::kNotFound) {
      return Error{ErrorKind::kNotFound, "blob.missing", "missing"};
    }
    return bytes;
  }

  Status remove(std::string_view name) override {
    std::error_code error;
    std::filesystem::remove(path(name), error);
    return ok();
  }

  Status list(std::string_view prefix,
              const std::function<Status(std::string_view)>& on_name) override {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
      const std::string name = std::filesystem::relative(entry.path(), folder_).string();
      if (entry.is_regular_file() && name.starts_with(prefix)) {
        names.insert(name);
      }
    }
    for (const std::string& name : names) {
      TUTELA_TRY(on_name(name));
    }
    return ok();
  }

  Result<blobs::Scrub> scrub(std::string_view,
                             const std::function<bool()>&,
                             const std::function<void(const blobs::Scrub&)>&) override {
    return blobs::Scrub();
  }

 private:
  struct FileWriter final : blobs::Writer {
    explicit FileWriter(std::filesystem::path to) : path(std::move(to)) {}

    Status append(ByteView more) override {
      bytes.insert(bytes.end(), more.begin(), more.end());
      return ok();
    }

    Status finish() override { return write_file_atomic(path, bytes); }

    std::filesystem::path path;
    Bytes bytes;
  };

  struct BytesReader final : blobs::Reader {
    explicit BytesReader(Bytes all) : bytes(std::move(all)) {}

    Result<std::size_t> read(std::span<std::byte> out) override {
      const std::size_t take = std::min(out.size(), bytes.size() - at);
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), take, out.begin());
      at += take;
      return take;
    }

    [[nodiscard]] std::uint64_t size_bytes() const noexcept override { return bytes.size(); }

    Bytes bytes;
    std::size_t at = 0;
  };

  std::filesystem::path path(std::string_view name) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    return folder_ / name;
  }

  const std::filesystem::path folder_;
};

inline Result<std::unique_ptr<blobs::Blobs>> open_test_blobs(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  return std::unique_ptr<blobs::Blobs>(std::make_unique<FileBlobs>(folder));
}

inline std::filesystem::path path_of_blob(const std::filesystem::path& folder,
                                          const std::string& name) {
  return folder / name;
}

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
