#include "custody/store/migrations.hpp"

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

constexpr std::string_view kAll[] = {kFirst};

}  // namespace

std::span<const std::string_view> migrations() noexcept {
  return kAll;
}

}  // namespace tutela::store
