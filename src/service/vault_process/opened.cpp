#include "service/vault_process/opened.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "custody/blobs/folder_blobs.hpp"
#include "custody/blobs/s3_blobs.hpp"
#include "custody/vault/keys.hpp"
#include "service/vault_process/places.hpp"

namespace tutela::vault_process {

namespace {

Result<std::unique_ptr<blobs::Blobs>> open_blobs(const config::Config& config,
                                                 const Places& places) {
  if (config.vault.objects == "folder") {
    return blobs::open_folder(places.objects);
  }
  blobs::S3Options options;
  options.endpoint = config.s3.endpoint;
  options.region = config.s3.region;
  options.bucket = config.s3.bucket;
  options.access_key = config.s3.access_key;
  options.secret_key = config.s3.secret_key;
  options.object_lock = config.s3.object_lock;
  return blobs::open_s3(std::move(options));
}

Status make_folder(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) {
    return Error{ErrorKind::kUnavailable,
                 "vault.no_folder",
                 "the vault's folder cannot be made: " + failed.message()};
  }
  return ok();
}

bool holds_epochs(const std::filesystem::path& folder) {
  std::error_code failed;
  const std::filesystem::directory_iterator entries(folder, failed);
  return !failed && std::any_of(begin(entries), end(entries), [](const auto& entry) {
    return entry.path().filename().string().starts_with("epoch-");
  });
}

// A key is only made where nothing was wrapped yet: beside epochs a fresh one opens nothing, and
// would stand where the lost one is to be put.
Result<std::unique_ptr<vault::KeyEncryptionKey>> open_key(const Places& places) {
  const bool create =
      places.key_is_ours && std::none_of(places.epochs.begin(), places.epochs.end(), holds_epochs);
  auto key = vault::open_key(places.key, create);
  if (!key && key.error().kind == ErrorKind::kNotFound) {
    return Error{ErrorKind::kNotFound,
                 "vault.no_key",
                 "the key-encryption key is not where vault.key says; put it back, or make it out "
                 "of shares with tutela vault join-key"};
  }
  return key;
}

}  // namespace

Result<Opened> open_vault(const config::Config& config, const Clock& clock) {
  const Places places = places_of(config);
  Opened opened;
  TUTELA_TRY(make_folder(places.folder));
  TUTELA_TRY_ASSIGN(
      opened.database,
      store::Database::open({.path = places.database, .group_access = config.store.group_access}));
  TUTELA_TRY_ASSIGN(std::unique_ptr<vault::KeyEncryptionKey> key, open_key(places));
  opened.key_id = key->id();
  TUTELA_TRY_ASSIGN(opened.blobs, open_blobs(config, places));
  TUTELA_TRY_ASSIGN(
      opened.vault,
      vault::Vault::open({places.epochs,
                          config.vault.epoch_days,
                          config.s3.object_lock ? config.preservation.pending_days : 0},
                         std::move(key),
                         *opened.database,
                         *opened.blobs,
                         clock));
  return opened;
}

}  // namespace tutela::vault_process
