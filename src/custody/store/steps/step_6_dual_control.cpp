#include "custody/store/steps/steps.hpp"

namespace tutela::store {

// What needs two people, and who looked at what.
const std::string_view kDualControl = R"sql(
CREATE TABLE dual_request (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  kind TEXT NOT NULL, object TEXT NOT NULL, case_ref TEXT NOT NULL, purpose TEXT NOT NULL,
  reason TEXT NOT NULL, state TEXT NOT NULL, created_ms BIGINT NOT NULL,
  usable_from_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL,
  decided_by TEXT, decided_ms BIGINT, used_ms BIGINT
);
CREATE INDEX dual_request_waiting ON dual_request (tenant_id, created_ms) WHERE state = 'waiting';
CREATE TABLE evidence_view (
  id INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  evidence_id TEXT NOT NULL REFERENCES evidence (id), case_ref TEXT NOT NULL,
  purpose TEXT NOT NULL, grade TEXT NOT NULL, at_ms BIGINT NOT NULL
);
CREATE INDEX evidence_view_by_evidence ON evidence_view (evidence_id, principal_id);
CREATE TABLE evidence_viewer_allowance (
  id INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  evidence_id TEXT NOT NULL REFERENCES evidence (id), reason TEXT NOT NULL, at_ms BIGINT NOT NULL
);
CREATE TABLE break_glass (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  evidence_id TEXT NOT NULL REFERENCES evidence (id), case_ref TEXT NOT NULL, reason TEXT NOT NULL,
  at_ms BIGINT NOT NULL, reviewed_by TEXT, reviewed_ms BIGINT
);
)sql";

}  // namespace tutela::store
