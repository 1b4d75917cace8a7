#include "custody/store/migrations.hpp"

#include "custody/store/steps/steps.hpp"

namespace tutela::store {
namespace {

// Ids are UUIDv7 text, times UTC milliseconds, booleans 0 or 1. Every row names its tenant and who
// wrote it. Signals have integer ids, because lists have tens of millions of them.
constexpr std::string_view kFirst = R"sql(
CREATE TABLE token (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL,
  created_ms BIGINT NOT NULL, expires_ms BIGINT, revoked_ms BIGINT,
  UNIQUE (tenant_id, name)
);
CREATE TABLE list (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  name TEXT NOT NULL, source TEXT NOT NULL, provenance TEXT NOT NULL, legal_process TEXT NOT NULL,
  classification TEXT NOT NULL, purpose TEXT NOT NULL, action TEXT NOT NULL,
  automation INTEGER NOT NULL, pdq_distance_max INTEGER NOT NULL,
  version BIGINT NOT NULL, state TEXT NOT NULL, signal_count BIGINT NOT NULL,
  created_ms BIGINT NOT NULL, updated_ms BIGINT NOT NULL,
  UNIQUE (tenant_id, name)
);
CREATE TABLE signal (
  id INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  list_id TEXT NOT NULL REFERENCES list (id), kind TEXT NOT NULL, value TEXT NOT NULL,
  added_version BIGINT NOT NULL, created_ms BIGINT NOT NULL,
  UNIQUE (list_id, kind, value)
);
CREATE INDEX signal_by_value ON signal (kind, value);
CREATE TABLE list_dry_run (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  list_id TEXT NOT NULL REFERENCES list (id), list_version BIGINT NOT NULL,
  sample_size BIGINT NOT NULL, matched BIGINT NOT NULL, unscannable BIGINT NOT NULL,
  at_ms BIGINT NOT NULL
);
CREATE TABLE list_consent (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  list_id TEXT NOT NULL REFERENCES list (id), dry_run_id TEXT NOT NULL REFERENCES list_dry_run (id),
  at_ms BIGINT NOT NULL,
  UNIQUE (list_id, dry_run_id, principal_id)
);
CREATE TABLE content (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  door TEXT NOT NULL, source TEXT NOT NULL, external_id TEXT,
  size_bytes BIGINT NOT NULL, md5 TEXT NOT NULL, sha1 TEXT NOT NULL, sha256 TEXT NOT NULL,
  received_ms BIGINT NOT NULL, instance_id TEXT NOT NULL, attempts INTEGER NOT NULL,
  verdict TEXT NOT NULL, reason TEXT, decided_ms BIGINT,
  media_type TEXT, width INTEGER, height INTEGER, frames_total INTEGER, decoder TEXT,
  damaged INTEGER, partial INTEGER, quality_low INTEGER,
  action TEXT, rule TEXT, labels TEXT, decision_reason TEXT, policy_version TEXT, dry_run TEXT,
  spooled INTEGER NOT NULL
);
CREATE INDEX content_owed ON content (received_ms) WHERE verdict = 'owed';
CREATE INDEX content_by_external_id ON content (tenant_id, external_id);
CREATE INDEX content_by_verdict ON content (tenant_id, verdict, id);
CREATE TABLE content_frame (
  content_id TEXT NOT NULL REFERENCES content (id), tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, frame INTEGER NOT NULL, quality INTEGER NOT NULL, pdq TEXT NOT NULL,
  PRIMARY KEY (content_id, frame)
);
CREATE TABLE content_match (
  id TEXT PRIMARY KEY, content_id TEXT NOT NULL REFERENCES content (id), tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, list_id TEXT NOT NULL, list_version BIGINT NOT NULL,
  signal_id BIGINT NOT NULL, kind TEXT NOT NULL, distance INTEGER NOT NULL,
  orientation TEXT NOT NULL, frame INTEGER NOT NULL, strength TEXT NOT NULL, at_ms BIGINT NOT NULL
);
CREATE INDEX content_match_by_content ON content_match (content_id);
CREATE TABLE ledger (
  id INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  content_id TEXT NOT NULL REFERENCES content (id), event TEXT NOT NULL, detail TEXT NOT NULL,
  at_ms BIGINT NOT NULL
);
CREATE INDEX ledger_by_content ON ledger (content_id);
CREATE TABLE idempotency (
  tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL, key TEXT NOT NULL,
  content_id TEXT NOT NULL REFERENCES content (id), sha256 TEXT NOT NULL, at_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, principal_id, key)
);
CREATE TABLE audit (
  id INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  action TEXT NOT NULL, object TEXT NOT NULL, purpose TEXT NOT NULL, result TEXT NOT NULL,
  at_ms BIGINT NOT NULL
);
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  topic TEXT NOT NULL, key TEXT NOT NULL, payload_version INTEGER NOT NULL, payload TEXT NOT NULL,
  attempts INTEGER NOT NULL, next_at_ms BIGINT NOT NULL, lease TEXT, created_ms BIGINT NOT NULL
);
)sql";

// Lists change in steps that a search can follow: ids of signals are never used twice, every change
// has a position, and removals are remembered. Contents know the position that they were judged at.
// Rescans search again what was judged before, groups join near-duplicates.
constexpr std::string_view kListChanges = R"sql(
CREATE TABLE signal_next (
  id INTEGER PRIMARY KEY AUTOINCREMENT, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  list_id TEXT NOT NULL REFERENCES list (id), kind TEXT NOT NULL, value TEXT NOT NULL,
  added_version BIGINT NOT NULL, created_ms BIGINT NOT NULL,
  UNIQUE (list_id, kind, value)
);
INSERT INTO signal_next SELECT id, tenant_id, principal_id, list_id, kind, value, added_version,
  created_ms FROM signal ORDER BY id;
DROP TABLE signal;
ALTER TABLE signal_next RENAME TO signal;
CREATE INDEX signal_by_value ON signal (kind, value);
CREATE INDEX signal_by_list ON signal (list_id, id);
CREATE TABLE signal_removed (
  id INTEGER PRIMARY KEY AUTOINCREMENT, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  list_id TEXT NOT NULL REFERENCES list (id), signal_id BIGINT NOT NULL
);
CREATE TABLE list_change (
  id INTEGER PRIMARY KEY AUTOINCREMENT, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  list_id TEXT NOT NULL REFERENCES list (id), kind TEXT NOT NULL,
  first_id BIGINT NOT NULL, last_id BIGINT NOT NULL, at_ms BIGINT NOT NULL
);
INSERT INTO list_change (tenant_id, principal_id, list_id, kind, first_id, last_id, at_ms)
  SELECT tenant_id, principal_id, id, 'activated', 0, 0, updated_ms FROM list
  WHERE state = 'active' ORDER BY id;
ALTER TABLE content ADD COLUMN lists_position BIGINT NOT NULL DEFAULT 0;
ALTER TABLE content ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
CREATE INDEX content_match_by_signal ON content_match (signal_id);
CREATE INDEX content_match_by_list ON content_match (list_id, content_id);
CREATE TABLE rescan (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  cause TEXT NOT NULL, list_id TEXT NOT NULL REFERENCES list (id), since_ms BIGINT NOT NULL,
  after_change BIGINT NOT NULL, through_change BIGINT NOT NULL, state TEXT NOT NULL,
  index_id TEXT NOT NULL, at_part BIGINT NOT NULL,
  at_segment BIGINT NOT NULL, at_offset BIGINT NOT NULL,
  end_segment BIGINT NOT NULL, end_offset BIGINT NOT NULL,
  signals BIGINT NOT NULL, contents BIGINT NOT NULL, examined BIGINT NOT NULL,
  found BIGINT NOT NULL, created_ms BIGINT NOT NULL, updated_ms BIGINT NOT NULL,
  finished_ms BIGINT
);
CREATE INDEX rescan_by_list ON rescan (list_id, cause, id);
CREATE INDEX rescan_running ON rescan (created_ms) WHERE state = 'running';
CREATE TABLE rescan_finding (
  rescan_id TEXT NOT NULL REFERENCES rescan (id), content_id TEXT NOT NULL REFERENCES content (id),
  tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  verdict_before TEXT NOT NULL, verdict_after TEXT NOT NULL, at_ms BIGINT NOT NULL,
  PRIMARY KEY (rescan_id, content_id)
);
CREATE TABLE index_mark (
  name TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  position BIGINT NOT NULL
);
CREATE TABLE content_group (
  position INTEGER PRIMARY KEY, content_id TEXT NOT NULL UNIQUE REFERENCES content (id),
  tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL, group_id TEXT NOT NULL
);
CREATE INDEX content_group_by_group ON content_group (group_id, content_id);
)sql";

}  // namespace

std::span<const std::string_view> migrations() noexcept {
  static const std::string_view all[] = {kFirst,
                                         kListChanges,
                                         kAudit,
                                         kPeople,
                                         kEvidence,
                                         kDualControl,
                                         kPreservation,
                                         kDisclosure,
                                         kHandOver,
                                         kReview,
                                         kReports,
                                         kWatch,
                                         kIntake,
                                         kPeopleMail,
                                         kClaims,
                                         kWatchAgain};
  return all;
}

}  // namespace tutela::store
