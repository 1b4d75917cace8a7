// A whole vault in a folder of its own, for tests: database, key folders, and a folder of blobs.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "custody/evidence_format/key_record.hpp"
#include "custody/vault/file_blobs_fixture.hpp"
#include "custody/vault/vault.hpp"
#include "support/folder.hpp"

namespace tutela::vault {

inline Bytes random_bytes_of(std::size_t size, unsigned seed) {
  Bytes bytes(size);
  std::mt19937_64 random(seed);
  for (std::byte& byte : bytes) {
    byte = static_cast<std::byte>(random());
  }
  return bytes;
}

inline crypto::Key key_of(unsigned value) {
  return *crypto::Key::from_bytes(Bytes(32, static_cast<std::byte>(value)));
}

inline void flip_bit(const std::filesystem::path& path, std::size_t at) {
  Bytes bytes = *read_file(path, 1U << 26);
  bytes.at(at) ^= std::byte{1};
  std::ofstream out(path, std::ios::binary);
  out.write(as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::vector<std::filesystem::path> files_under(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  if (std::filesystem::exists(folder)) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) {
        files.push_back(entry.path());
      }
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// What a test, or a process that a test starts, has of a vault. Members in order of dependence.
struct World {
  explicit World(std::filesystem::path in) : folder(std::move(in)) {
    auto opened = store::Database::open({.path = folder / "tutela.db"});
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    database = *std::move(opened);
    auto store = open_test_blobs(folder / "blobs");
    EXPECT_TRUE(store) << (store ? "" : store.error().message);
    blobs = std::make_unique<FaultyBlobs>(*std::move(store));
  }

  Result<std::unique_ptr<Vault>> try_open(unsigned kek = 1) {
    return Vault::open({{folder / "epochs", folder / "copy"}, 30},
                       make_file_key(key_of(kek)),
                       *database,
                       *blobs,
                       clock);
  }

  void open(unsigned kek = 1) {
    auto opened = try_open(kek);
    ASSERT_TRUE(opened) << opened.error().code << ": " << opened.error().message;
    vault = *std::move(opened);
  }

  Result<Evidence> seal(const Bytes& content, NewEvidence what = {{}, "case-1", "image/jpeg", {}}) {
    TUTELA_TRY_ASSIGN(Vault::Writer writer, vault->seal(actor, std::move(what)));
    TUTELA_TRY(writer.append(content));
    return writer.finish();
  }

  Result<Bytes> read(const Uuid& id) {
    TUTELA_TRY_ASSIGN(
        const audit::Recorded entry,
        audit::record(*database,
                      actor,
                      clock.now_ms(),
                      {"evidence.open", "evidence:" + tutela::to_string(id), "review", "ok"}));
    TUTELA_TRY_ASSIGN(Vault::Reader reader, vault->read(id, entry));
    Bytes content;
    Bytes buffer(300'000);
    while (true) {
      TUTELA_TRY_ASSIGN(const std::size_t got, reader.read(buffer));
      if (got == 0) {
        return content;
      }
      content.insert(
          content.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got));
    }
  }

  /// As casework/preservation would.
  void set_state(const Uuid& id, State state) {
    EXPECT_TRUE(database->write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY(transaction.execute("UPDATE evidence SET state = :state WHERE id = :id",
                                     {std::string(to_string(state)), tutela::to_string(id)}));
      return ok();
    }));
  }

  std::int64_t count(const std::string& from) {
    std::int64_t rows = -1;
    EXPECT_TRUE(database->read([&](store::Transaction& transaction) {
      return transaction.query("SELECT COUNT(*) FROM " + from, {}, [&](const store::Row& row) {
        rows = row.integer(0);
        return ok();
      });
    }));
    return rows;
  }

  std::int64_t entries(const std::string& action) {
    return count("audit WHERE action = '" + action + "'");
  }

  Status turn() {
    return vault->turn_epochs([] { return false; }, [](std::uint64_t, std::uint64_t) {});
  }

  std::filesystem::path object_path(const Uuid& id) const {
    return path_of_blob(folder / "blobs", evidence_format::object_name(id));
  }

  std::filesystem::path key_path(const Uuid& id) const {
    return path_of_blob(folder / "blobs", evidence_format::key_name(id));
  }

  std::filesystem::path epoch_path(int epoch, const char* in = "epochs") const {
    return folder / in / ("epoch-" + std::to_string(epoch) + ".key");
  }

  const std::filesystem::path folder;
  const store::Actor actor{"default", "person:1", "lead"};
  ManualClock clock{1'700'000'000'000};
  std::unique_ptr<store::Database> database;
  std::unique_ptr<FaultyBlobs> blobs;
  std::unique_ptr<Vault> vault;
};

class VaultTest : public ::testing::Test {
 protected:
  void SetUp() override { world_.open(); }

  void restart(unsigned kek = 1) {
    world_.vault.reset();
    world_.open(kek);
  }

  testing::TemporaryFolder folder_;
  World world_{folder_.path()};
};

}  // namespace tutela::vault
