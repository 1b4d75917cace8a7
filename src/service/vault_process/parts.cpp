#include "service/vault_process/parts.hpp"

#include <utility>

#include "custody/blobs/folder_blobs.hpp"
#include "custody/blobs/s3_blobs.hpp"
#include "custody/vault/keys.hpp"

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

}  // namespace

Result<std::unique_ptr<Keeper::Parts>> Keeper::Parts::open(const config::Config& config,
                                                           const Clock& clock) {
  const Places places = places_of(config);
  auto parts = std::make_unique<Parts>(clock);
  TUTELA_TRY(make_folder(places.folder));
  TUTELA_TRY_ASSIGN(
      parts->database,
      store::Database::open({.path = places.database, .group_access = config.store.group_access}));
  store::Database& database = *parts->database;
  TUTELA_TRY_ASSIGN(std::unique_ptr<vault::KeyEncryptionKey> key,
                    vault::open_key(places.key, places.key_is_ours));
  parts->key_id = key->id();
  TUTELA_TRY_ASSIGN(parts->blobs, open_blobs(config, places));
  TUTELA_TRY_ASSIGN(parts->vault,
                    vault::Vault::open({places.epochs, config.vault.epoch_days},
                                       std::move(key),
                                       database,
                                       *parts->blobs,
                                       clock));
  parts->view_bytes_max = config.limits.size_bytes_max;
  parts->log_options = log_options_of(config);
  parts->session_rules = session_rules_of(config);
  TUTELA_TRY_ASSIGN(parts->sequencer, audit::Sequencer::open(parts->log_options, database));
  parts->dual_control =
      std::make_unique<dual_control::DualControl>(database, clock, request_rules_of(config));
  parts->opening = std::make_unique<opening::Opening>(
      database,
      *parts->dual_control,
      clock,
      opening::Rules{config.vault.viewers_max, config.vault.views_per_hour});
  TUTELA_TRY_ASSIGN(crypto::Key seed,
                    crypto::load_or_create_key(places.folder / "certificate.key"));
  TUTELA_TRY_ASSIGN(
      parts->preservation,
      preservation::Preservation::open(
          database,
          clock,
          preservation_rules_of(config),
          preservation::Signer{"tutela/destruction", crypto::SigningKey(std::move(seed))},
          preservation::approvals_of(*parts->dual_control),
          preservation::destruction_by(*parts->vault)));
  parts->disclosures =
      std::make_unique<disclosure::Disclosures>(database, *parts->dual_control, clock);
  TUTELA_TRY(parts->disclosures->recover({}));
  TUTELA_TRY_ASSIGN(
      parts->workers,
      workers::Workers::start({config.workers.program.empty() ? workers::default_worker_program()
                                                              : config.workers.program,
                               config.workers.processes_max,
                               config.limits}));
  return parts;
}

LogProofs::LogProofs(const audit::LogOptions& options,
                     store::Database& database,
                     std::function<Status()> follow)
    : options_(options), database_(database), follow_(std::move(follow)) {}

Result<std::string> LogProofs::checkpoint(std::int64_t size) {
  TUTELA_TRY(follow_());
  TUTELA_TRY_ASSIGN(audit::Log log, audit::Log::open(options_, database_));
  log_ = std::move(log);
  if (log_->checkpoint().head.size < static_cast<std::uint64_t>(size)) {
    return Error{ErrorKind::kUnavailable,
                 "audit.not_sequenced",
                 "the audit log is not signed up to here yet; try again"};
  }
  return log_->note();
}

Result<disclosure::Proof> LogProofs::prove(std::int64_t index) {
  TUTELA_TRY_ASSIGN(const audit::Proof proof, log_->prove(static_cast<std::uint64_t>(index)));
  return disclosure::Proof{proof.leaf, audit::to_text(proof)};
}

}  // namespace tutela::vault_process
