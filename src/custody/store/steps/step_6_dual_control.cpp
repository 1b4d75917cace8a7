#include "custody/store/steps/steps.hpp"

namespace tutela::store {

// What needs two people, and who looked at what. Columns *_passed_ms are in time that passed, which
// a clock that is set back cannot take away (dual_control/moment.hpp); the others are for people.
const std::string_view kDualControl = R"sql(
CREATE TABLE passed_time (
  id INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  seen_ms BIGINT NOT NULL, passed_ms BIGINT NOT NULL
);
INSERT INTO passed_time (id, tenant_id, principal_id, seen_ms, passed_ms)
  VALUES (1, 'default', 'system', 0, 0);
CREATE TABLE dual_request (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  kind TEXT NOT NULL, object TEXT NOT NULL, case_ref TEXT NOT NULL, purpose TEXT NOT NULL,
  reason TEXT NOT NULL, solo INTEGER NOT NULL, state TEXT NOT NULL, created_ms BIGINT NOT NULL,
  usable_from_ms BIGINT NOT NULL, usable_from_passed_ms BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL, expires_passed_ms BIGINT NOT NULL,
  decided_by TEXT, decided_ms BIGINT, used_ms BIGINT
);
CREATE INDEX dual_request_by_time ON dual_request (tenant_id, created_ms);
CREATE INDEX dual_request_waiting ON dual_request (tenant_id, created_ms) WHERE state = 'waiting';
CREATE INDEX dual_request_open ON dual_request (expires_ms)
  WHERE state IN ('waiting', 'approved');
CREATE TABLE evidence_view (
  id INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  evidence_id TEXT NOT NULL REFERENCES evidence (id), case_ref TEXT NOT NULL,
  purpose TEXT NOT NULL, grade TEXT NOT NULL, at_ms BIGINT NOT NULL, at_passed_ms BIGINT NOT NULL
);
CREATE INDEX evidence_view_by_evidence ON evidence_view (evidence_id, principal_id);
CREATE INDEX evidence_view_by_person ON evidence_view (tenant_id, principal_id, at_passed_ms);
CREATE TABLE evidence_viewer_allowance (
  id INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  evidence_id TEXT NOT NULL REFERENCES evidence (id), reason TEXT NOT NULL, at_ms BIGINT NOT NULL
);
CREATE INDEX evidence_viewer_allowance_by_evidence ON evidence_viewer_allowance (evidence_id);
CREATE TABLE break_glass (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  evidence_id TEXT NOT NULL REFERENCES evidence (id), case_ref TEXT NOT NULL, reason TEXT NOT NULL,
  at_ms BIGINT NOT NULL, reviewed_by TEXT, reviewed_ms BIGINT
);
CREATE INDEX break_glass_open ON break_glass (tenant_id, principal_id) WHERE reviewed_ms IS NULL;
)sql";

}  // namespace tutela::store
