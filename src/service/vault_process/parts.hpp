// Parts: what a Keeper is made of, in the order in which it is opened. Internal to this module.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/mutex.hpp"
#include "casework/reports/reports.hpp"
#include "crypto/secret.hpp"
#include "custody/audit/log.hpp"
#include "custody/audit/sequencer.hpp"
#include "service/auth/sign_in.hpp"
#include "service/vault_process/keeper.hpp"
#include "service/vault_process/places.hpp"
#include "service/vault_process/receipt_keys.hpp"

namespace tutela::vault_process {

struct Keeper::Parts {
  explicit Parts(const Clock& clock_now) : clock(clock_now) {}

  static Result<std::unique_ptr<Parts>> open(const config::Config& config, const Clock& clock);

  const Clock& clock;
  audit::LogOptions log_options;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<audit::Sequencer> sequencer TUTELA_GUARDED_BY(following);
  std::unique_ptr<blobs::Blobs> blobs;
  std::string key_id;
  std::uint64_t view_bytes_max = 0;
  std::unique_ptr<vault::Vault> vault;
  std::unique_ptr<dual_control::DualControl> dual_control;
  std::unique_ptr<exposure::Budgets> budgets;
  std::unique_ptr<opening::Opening> opening;
  std::unique_ptr<preservation::Preservation> preservation;
  std::unique_ptr<reports::Reports> reports;
  std::unique_ptr<disclosure::Disclosures> disclosures;
  auth::SessionRules session_rules;
  std::unique_ptr<workers::Workers> workers;
  std::optional<ReceiptKeys> receipt_keys;
  std::optional<crypto::Key> intake_key;  // opens who sent notices
  std::string intake_key_id;

  Mutex following;  // the log has one writer
  Mutex mutex;
  std::size_t damaged TUTELA_GUARDED_BY(mutex) = 0;  // objects, by the last look at all
  std::uint64_t signed_entries TUTELA_GUARDED_BY(mutex) = 0;
};

/// What the log can prove, for a package. Signs what is not signed yet when it is asked.
class LogProofs final : public disclosure::Proofs {
 public:
  LogProofs(const audit::LogOptions& options,
            store::Database& database,
            std::function<Status()> follow);

  Result<std::string> checkpoint(std::int64_t size) override;
  Result<disclosure::Proof> prove(std::int64_t index) override;

 private:
  const audit::LogOptions& options_;
  store::Database& database_;
  std::function<Status()> follow_;
  std::optional<audit::Log> log_;
};

}  // namespace tutela::vault_process
