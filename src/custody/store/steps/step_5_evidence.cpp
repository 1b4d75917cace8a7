#include "custody/store/steps/steps.hpp"

namespace tutela::store {

// Preserved objects. The bytes, and the wrapped keys that open them, are not in this database.
// An epoch's key is destroyed at `promised_ms` at the latest; `vault_shredded` says from when on an
// object is gone for every backup. `vault_sealing` names objects that a crash may have left without
// their row.
const std::string_view kEvidence = R"sql(
CREATE TABLE evidence (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  content_id TEXT REFERENCES content (id), case_ref TEXT NOT NULL,
  media_type TEXT NOT NULL, size_bytes BIGINT NOT NULL,
  md5 TEXT NOT NULL, sha1 TEXT NOT NULL, sha256 TEXT NOT NULL,
  epoch BIGINT NOT NULL, state TEXT NOT NULL, sealed_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX evidence_by_content ON evidence (content_id) WHERE content_id IS NOT NULL;
CREATE INDEX evidence_by_case ON evidence (tenant_id, case_ref, id);
CREATE INDEX evidence_by_epoch ON evidence (epoch, state);
CREATE TABLE vault_epoch (
  epoch BIGINT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  key_id TEXT NOT NULL, created_ms BIGINT NOT NULL, promised_ms BIGINT, destroyed_ms BIGINT
);
CREATE TABLE vault_sealing (
  evidence_id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  at_ms BIGINT NOT NULL
);
CREATE TABLE vault_shredded (
  evidence_id TEXT PRIMARY KEY REFERENCES evidence (id), tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, epoch BIGINT NOT NULL, final_ms BIGINT NOT NULL,
  at_ms BIGINT NOT NULL
);
)sql";

}  // namespace tutela::store
