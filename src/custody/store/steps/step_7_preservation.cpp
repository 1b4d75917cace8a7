#include "custody/store/steps/steps.hpp"

namespace tutela::store {

// How long evidence is kept and why, what stops its destruction, and how that was done.
// evidence.due_ms is the latest end of its bases, NULL until preservation has seen the object.
const std::string_view kPreservation = R"sql(
ALTER TABLE evidence ADD COLUMN due_ms BIGINT;
CREATE INDEX evidence_by_due ON evidence (state, due_ms, id);
CREATE INDEX evidence_without_clock ON evidence (id) WHERE due_ms IS NULL;
CREATE TABLE preservation_basis (
  id INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  evidence_id TEXT NOT NULL REFERENCES evidence (id), kind TEXT NOT NULL, reference TEXT NOT NULL,
  start_ms BIGINT NOT NULL, end_ms BIGINT NOT NULL, set_ms BIGINT NOT NULL,
  UNIQUE (evidence_id, kind, reference)
);
CREATE TABLE legal_hold (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  evidence_id TEXT REFERENCES evidence (id), case_ref TEXT, reference TEXT NOT NULL,
  review_ms BIGINT, set_ms BIGINT NOT NULL,
  released_ms BIGINT, released_by TEXT, release_reference TEXT,
  CHECK ((evidence_id IS NULL) <> (case_ref IS NULL))
);
CREATE INDEX legal_hold_of_object ON legal_hold (evidence_id) WHERE released_ms IS NULL;
CREATE INDEX legal_hold_of_case ON legal_hold (tenant_id, case_ref) WHERE released_ms IS NULL;
CREATE TABLE destruction (
  evidence_id TEXT PRIMARY KEY REFERENCES evidence (id), tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, ground TEXT NOT NULL, reference TEXT NOT NULL,
  asked_by TEXT NOT NULL, approved_by TEXT NOT NULL, begun_ms BIGINT NOT NULL,
  entry_index BIGINT, shredding_ms BIGINT, destroyed_ms BIGINT, final_ms BIGINT, certificate TEXT
);
CREATE INDEX destruction_unfinished ON destruction (evidence_id) WHERE destroyed_ms IS NULL;
CREATE TABLE preservation_event (
  id INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  evidence_id TEXT NOT NULL REFERENCES evidence (id), what TEXT NOT NULL, state TEXT NOT NULL,
  reference TEXT NOT NULL, due_ms BIGINT, at_ms BIGINT NOT NULL
);
CREATE INDEX preservation_event_of_object ON preservation_event (evidence_id, id);
CREATE TABLE preservation_clock (
  id BIGINT PRIMARY KEY, seen_ms BIGINT NOT NULL, jump_ms BIGINT
);
)sql";

}  // namespace tutela::store
