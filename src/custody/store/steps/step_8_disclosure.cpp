#include "custody/store/steps/steps.hpp"

namespace tutela::store {

// Packages for law enforcement: who got what, under which reference, by whose approval. What is to
// be disclosed, and to which key, is fixed when it is asked for.
const std::string_view kDisclosure = R"sql(
CREATE TABLE disclosure (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  request_id TEXT NOT NULL UNIQUE, case_ref TEXT NOT NULL,
  agency TEXT NOT NULL, reference TEXT NOT NULL, legal_basis TEXT NOT NULL,
  recipient_kind TEXT NOT NULL, recipient TEXT NOT NULL, fingerprint TEXT NOT NULL,
  state TEXT NOT NULL, failure TEXT NOT NULL, objects BIGINT NOT NULL,
  package_bytes BIGINT, package_sha256 TEXT,
  created_ms BIGINT NOT NULL, started_ms BIGINT, finished_ms BIGINT
);
CREATE INDEX disclosure_by_tenant ON disclosure (tenant_id, id);
CREATE INDEX disclosure_running ON disclosure (id) WHERE state = 'running';
CREATE TABLE disclosure_object (
  disclosure_id TEXT NOT NULL REFERENCES disclosure (id), position BIGINT NOT NULL,
  tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  evidence_id TEXT NOT NULL REFERENCES evidence (id),
  PRIMARY KEY (disclosure_id, position)
);
CREATE INDEX disclosure_object_by_evidence ON disclosure_object (evidence_id);
)sql";

}  // namespace tutela::store
