#include "custody/store/steps/steps.hpp"

namespace tutela::store {

// Cases and what is decided of them; what a decision does; exposure of people. Events, decisions
// and views only ever grow. The outbox is made anew: a delivered message goes away, and its number,
// which others keep, must never be another's.
// `waiting` is the queue of a case that is undecided; the indexes of what waits hold nothing else.
const std::string_view kReview = R"sql(
CREATE TABLE review_case (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  version BIGINT NOT NULL, queue TEXT NOT NULL, state TEXT NOT NULL, origin TEXT NOT NULL,
  account TEXT, external_id TEXT, severity BIGINT NOT NULL, marks TEXT NOT NULL,
  spread BIGINT NOT NULL, reports BIGINT NOT NULL, items BIGINT NOT NULL,
  needs_view INTEGER NOT NULL, rank_ms BIGINT NOT NULL, opened_ms BIGINT NOT NULL,
  first_look_due_ms BIGINT NOT NULL, first_look_ms BIGINT, decision_due_ms BIGINT NOT NULL,
  decided_ms BIGINT, undo_until_ms BIGINT, report_due_ms BIGINT, reported_ms BIGINT,
  outcome TEXT, classification TEXT, lock_by TEXT, lock_until_ms BIGINT, closed_ms BIGINT,
  waiting TEXT, due_ms BIGINT
);
CREATE INDEX review_case_queue
  ON review_case (tenant_id, waiting, rank_ms, id, severity, needs_view)
  WHERE waiting IS NOT NULL;
CREATE INDEX review_case_waiting ON review_case (tenant_id, rank_ms, id)
  WHERE waiting IS NOT NULL;
CREATE INDEX review_case_unseen ON review_case (tenant_id, rank_ms, id)
  WHERE needs_view = 0 AND waiting IS NOT NULL;
CREATE INDEX review_case_overdue ON review_case (tenant_id, waiting, due_ms, id)
  WHERE waiting IS NOT NULL;
CREATE INDEX review_case_oldest ON review_case (tenant_id, waiting, opened_ms, id)
  WHERE waiting IS NOT NULL;
CREATE INDEX review_case_by_rank ON review_case (tenant_id, (rank_ms + 0), id);
CREATE INDEX review_case_by_due ON review_case (tenant_id, due_ms, id) WHERE due_ms IS NOT NULL;
CREATE INDEX review_case_by_account ON review_case (tenant_id, account, id)
  WHERE account IS NOT NULL;
CREATE INDEX review_case_by_state ON review_case (tenant_id, state, rank_ms, id);
CREATE INDEX review_case_by_time ON review_case (tenant_id, opened_ms, id);
CREATE INDEX review_case_to_close ON review_case (undo_until_ms) WHERE state = 'decided';
CREATE INDEX review_case_report_due ON review_case (tenant_id, report_due_ms)
  WHERE report_due_ms IS NOT NULL AND reported_ms IS NULL;
CREATE INDEX review_case_locked ON review_case (tenant_id, lock_by) WHERE lock_by IS NOT NULL;
CREATE TABLE case_item (
  content_id TEXT PRIMARY KEY REFERENCES content (id), tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, case_id TEXT NOT NULL REFERENCES review_case (id),
  origin TEXT NOT NULL, exact INTEGER NOT NULL, trusted INTEGER NOT NULL DEFAULT 0,
  automation INTEGER NOT NULL DEFAULT 0, list_id TEXT, classification TEXT NOT NULL,
  at_ms BIGINT NOT NULL
);
CREATE INDEX case_item_by_case ON case_item (case_id, content_id);
CREATE TABLE case_key (
  tenant_id TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, case_id TEXT NOT NULL
    REFERENCES review_case (id), principal_id TEXT NOT NULL, undecided INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, kind, value, case_id)
);
CREATE INDEX case_key_undecided ON case_key (tenant_id, kind, value, case_id)
  WHERE undecided = 1;
CREATE INDEX case_key_by_case ON case_key (case_id);
CREATE TABLE case_event (
  id INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES review_case (id), kind TEXT NOT NULL, detail TEXT NOT NULL,
  at_ms BIGINT NOT NULL
);
CREATE INDEX case_event_by_case ON case_event (case_id, id);
CREATE INDEX case_event_by_kind ON case_event (tenant_id, kind, at_ms);
CREATE TABLE case_note (
  id INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES review_case (id), text TEXT NOT NULL, at_ms BIGINT NOT NULL
);
CREATE INDEX case_note_by_case ON case_note (case_id, id);
CREATE TABLE case_link (
  case_id TEXT NOT NULL REFERENCES review_case (id), other_id TEXT NOT NULL
    REFERENCES review_case (id), kind TEXT NOT NULL, tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, at_ms BIGINT NOT NULL,
  PRIMARY KEY (case_id, other_id, kind)
);
CREATE TABLE case_decision (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES review_case (id), round BIGINT NOT NULL, role TEXT NOT NULL,
  basis TEXT NOT NULL, outcome TEXT NOT NULL, classification TEXT NOT NULL,
  annotations TEXT NOT NULL, confidence TEXT NOT NULL, note TEXT NOT NULL, views BIGINT NOT NULL,
  at_ms BIGINT NOT NULL, undone_ms BIGINT
);
CREATE INDEX case_decision_by_case ON case_decision (case_id, at_ms);
CREATE INDEX case_decision_by_time ON case_decision (tenant_id, at_ms);
CREATE TABLE case_decision_item (
  decision_id TEXT NOT NULL REFERENCES case_decision (id), content_id TEXT NOT NULL
    REFERENCES content (id), tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  classification TEXT NOT NULL, annotations TEXT NOT NULL,
  PRIMARY KEY (decision_id, content_id)
);
CREATE TABLE case_draft (
  case_id TEXT NOT NULL REFERENCES review_case (id), principal_id TEXT NOT NULL,
  tenant_id TEXT NOT NULL, body TEXT NOT NULL, at_ms BIGINT NOT NULL,
  PRIMARY KEY (case_id, principal_id)
);
CREATE TABLE case_command (
  tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL, key TEXT NOT NULL, command TEXT NOT NULL,
  answer TEXT NOT NULL, at_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, principal_id, key)
);
CREATE INDEX case_command_by_time ON case_command (at_ms);
CREATE TABLE case_sample (
  case_id TEXT PRIMARY KEY REFERENCES review_case (id), tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, kind TEXT NOT NULL, of_case TEXT, outcome TEXT NOT NULL,
  classification TEXT NOT NULL, answered_by TEXT, answer TEXT, answered_ms BIGINT,
  at_ms BIGINT NOT NULL
);
CREATE INDEX case_sample_by_time ON case_sample (tenant_id, answered_ms);
CREATE TABLE case_action (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES review_case (id), decision_id TEXT NOT NULL
    REFERENCES case_decision (id), kind TEXT NOT NULL, target TEXT NOT NULL, state TEXT NOT NULL,
  outbox_id BIGINT, failure TEXT NOT NULL, at_ms BIGINT NOT NULL, done_ms BIGINT
);
CREATE INDEX case_action_by_case ON case_action (case_id, at_ms);
CREATE INDEX case_action_by_outbox ON case_action (outbox_id) WHERE outbox_id IS NOT NULL;
CREATE INDEX case_action_debt ON case_action (tenant_id, at_ms) WHERE state <> 'done';
CREATE TABLE case_appeal (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES review_case (id), decision_id TEXT NOT NULL
    REFERENCES case_decision (id), token_hash TEXT NOT NULL, state TEXT NOT NULL,
  statement TEXT NOT NULL, asked_ms BIGINT, due_ms BIGINT, tell_after_ms BIGINT,
  decided_by TEXT, decided_ms BIGINT, reason TEXT NOT NULL, at_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX case_appeal_by_token ON case_appeal (token_hash);
CREATE INDEX case_appeal_by_case ON case_appeal (case_id);
CREATE INDEX case_appeal_waiting ON case_appeal (tenant_id, due_ms) WHERE state = 'asked';
CREATE INDEX case_assignment_by_assignee ON case_assignment (tenant_id, assignee, case_ref);
CREATE INDEX content_by_sha256 ON content (tenant_id, sha256);
CREATE INDEX case_appeal_to_tell ON case_appeal (tell_after_ms) WHERE tell_after_ms IS NOT NULL;
CREATE INDEX evidence_view_by_time ON evidence_view (tenant_id, at_ms);
CREATE TABLE content_uploader (
  content_id TEXT PRIMARY KEY REFERENCES content (id), tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, account TEXT NOT NULL, at_ms BIGINT NOT NULL
);
CREATE INDEX content_uploader_by_account ON content_uploader (tenant_id, account);
ALTER TABLE evidence_view ADD COLUMN points BIGINT NOT NULL DEFAULT 0;
ALTER TABLE evidence_view ADD COLUMN frame BIGINT NOT NULL DEFAULT 0;
ALTER TABLE evidence_view ADD COLUMN shown INTEGER NOT NULL DEFAULT 0;
CREATE INDEX evidence_view_by_case ON evidence_view (tenant_id, case_ref);
CREATE INDEX evidence_view_by_passed_time ON evidence_view (tenant_id, at_passed_ms);
CREATE TABLE exposure_rest (
  id INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  start_passed_ms BIGINT NOT NULL, end_passed_ms BIGINT NOT NULL
);
CREATE INDEX exposure_rest_by_person ON exposure_rest (tenant_id, principal_id, end_passed_ms);
CREATE TABLE exposure_choice (
  tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL, kind TEXT NOT NULL, at_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, principal_id, kind)
);
CREATE TABLE exposure_limit (
  tenant_id TEXT NOT NULL, subject TEXT NOT NULL, principal_id TEXT NOT NULL,
  points_per_shift BIGINT NOT NULL, at_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, subject)
);
CREATE TABLE concern (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, kind TEXT NOT NULL, at_ms BIGINT NOT NULL
);
CREATE TABLE outbox_next (
  id INTEGER PRIMARY KEY AUTOINCREMENT, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  topic TEXT NOT NULL, key TEXT NOT NULL, payload_version BIGINT NOT NULL, payload TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting', attempts BIGINT NOT NULL, next_at_ms BIGINT,
  failure TEXT NOT NULL DEFAULT '', created_ms BIGINT NOT NULL
);
INSERT INTO outbox_next (id, tenant_id, principal_id, topic, key, payload_version, payload,
  attempts, next_at_ms, created_ms) SELECT id, tenant_id, principal_id, topic, key,
  payload_version, payload, attempts, next_at_ms, created_ms FROM outbox ORDER BY id;
DROP TABLE outbox;
ALTER TABLE outbox_next RENAME TO outbox;
CREATE INDEX outbox_due ON outbox (topic, state, next_at_ms, id, tenant_id);
CREATE INDEX outbox_in_order ON outbox (topic, key, id);
CREATE INDEX outbox_dead ON outbox (tenant_id, id) WHERE state = 'dead';
)sql";

}  // namespace tutela::store
