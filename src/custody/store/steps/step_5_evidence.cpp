#include "custody/store/steps/steps.hpp"

namespace tutela::store {

// Preserved objects. The bytes, and the wrapped keys that open them, are not in this database.
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
)sql";

}  // namespace tutela::store
