#include "service/vault_process/parts.hpp"

#include <utility>

#include "crypto/sealed_box.hpp"
#include "service/contact/contact.hpp"
#include "service/review/rules.hpp"
#include "service/vault_process/opened.hpp"

namespace tutela::vault_process {

Result<std::unique_ptr<Keeper::Parts>> Keeper::Parts::open(const config::Config& config,
                                                           const Clock& clock) {
  const Places places = places_of(config);
  auto parts = std::make_unique<Parts>(clock);
  TUTELA_TRY_ASSIGN(Opened opened, open_vault(config, clock));
  parts->database = std::move(opened.database);
  parts->blobs = std::move(opened.blobs);
  parts->key_id = std::move(opened.key_id);
  parts->vault = std::move(opened.vault);
  store::Database& database = *parts->database;
  parts->view_bytes_max = config.limits.size_bytes_max;
  parts->log_options = log_options_of(config);
  parts->session_rules = session_rules_of(config);
  TUTELA_TRY_ASSIGN(parts->sequencer, audit::Sequencer::open(parts->log_options, database));
  parts->dual_control =
      std::make_unique<dual_control::DualControl>(database, clock, request_rules_of(config));
  parts->budgets =
      std::make_unique<exposure::Budgets>(database, clock, review::exposure_rules(config));
  parts->opening = std::make_unique<opening::Opening>(
      database,
      *parts->dual_control,
      *parts->budgets,
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
  TUTELA_TRY_ASSIGN(parts->receipt_keys, ReceiptKeys::open(places.folder));
  TUTELA_TRY_ASSIGN(parts->intake_key, crypto::load_or_create_key(places.folder / "intake.key"));
  TUTELA_TRY_ASSIGN(
      parts->intake_key_id,
      contact::publish(database, crypto::box_public_key(*parts->intake_key), clock.now_ms()));
  // Only to say who may have which file: rules of release play no part.
  parts->reports =
      std::make_unique<reports::Reports>(database, *parts->dual_control, clock, reports::Rules{});
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
  if (!log_) {
    return Error{ErrorKind::kInternal, "audit.no_checkpoint", "a proof is of a checkpoint"};
  }
  TUTELA_TRY_ASSIGN(const audit::Proof proof, log_->prove(static_cast<std::uint64_t>(index)));
  return disclosure::Proof{proof.leaf, audit::to_text(proof)};
}

}  // namespace tutela::vault_process
