#include "custody/store/steps/steps.hpp"

namespace tutela::store {

// What keeps detection from being off unseen. Counts are kept by hour in the unit of work of what
// they count, so that they cost the same at any size and outlive the rows. An item counts in the
// hour in which it arrived: once as 'arrived', and once under its present verdict. Canaries count
// in tables of their own and nowhere else. A list's state at a position of the history has a digest
// over all that made it, which names it without telling what is in it: each step has a random salt,
// so that nobody can try values (spec/scan-receipt.md).
const std::string_view kWatch = R"sql(
ALTER TABLE content ADD COLUMN canary INTEGER NOT NULL DEFAULT 0;
ALTER TABLE content ADD COLUMN let_through INTEGER NOT NULL DEFAULT 0;
CREATE TABLE coverage_hour (
  tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL, hour_ms BIGINT NOT NULL,
  door TEXT NOT NULL, media_type TEXT NOT NULL, verdict TEXT NOT NULL, reason TEXT NOT NULL,
  items BIGINT NOT NULL, size_bytes BIGINT NOT NULL, took_ms BIGINT NOT NULL,
  took_ms_max BIGINT NOT NULL, let_through BIGINT NOT NULL, last_ms BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, hour_ms, door, media_type, verdict, reason)
);
CREATE TABLE match_hour (
  tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL, hour_ms BIGINT NOT NULL,
  list_id TEXT NOT NULL REFERENCES list (id), door TEXT NOT NULL, media_type TEXT NOT NULL,
  items BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, hour_ms, list_id, door, media_type)
);
CREATE TABLE judged_at (
  tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL, lists_position BIGINT NOT NULL,
  items BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, lists_position)
);
INSERT INTO coverage_hour SELECT tenant_id, 'system', received_ms - received_ms % 3600000, door, '',
  'arrived', '', COUNT(*), SUM(size_bytes), 0, 0, 0, MAX(received_ms) FROM content
  GROUP BY tenant_id, received_ms - received_ms % 3600000, door;
INSERT INTO coverage_hour SELECT tenant_id, 'system', received_ms - received_ms % 3600000, door,
  COALESCE(media_type, ''), verdict, COALESCE(reason, ''), COUNT(*), SUM(size_bytes),
  SUM(decided_ms - received_ms), MAX(decided_ms - received_ms), 0, MAX(received_ms) FROM content
  WHERE verdict <> 'owed' GROUP BY tenant_id, received_ms - received_ms % 3600000, door,
  COALESCE(media_type, ''), verdict, COALESCE(reason, '');
INSERT INTO match_hour SELECT c.tenant_id, 'system', c.received_ms - c.received_ms % 3600000,
  m.list_id, c.door, COALESCE(c.media_type, ''), COUNT(DISTINCT c.id) FROM content c
  JOIN content_match m ON m.content_id = c.id GROUP BY c.tenant_id,
  c.received_ms - c.received_ms % 3600000, m.list_id, c.door, COALESCE(c.media_type, '');
INSERT INTO judged_at SELECT tenant_id, 'system', lists_position, COUNT(*) FROM content
  WHERE verdict <> 'owed' GROUP BY tenant_id, lists_position;
CREATE TABLE canary (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  instance_id TEXT NOT NULL, door TEXT NOT NULL, format TEXT NOT NULL, expected TEXT NOT NULL,
  sha256 TEXT NOT NULL UNIQUE, registered_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL,
  content_id TEXT, used_ms BIGINT, verdict TEXT, decided_ms BIGINT, echoed_ms BIGINT
);
CREATE INDEX canary_by_content ON canary (content_id) WHERE content_id IS NOT NULL;
CREATE INDEX canary_by_time ON canary (registered_ms);
CREATE TABLE canary_hour (
  tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL, hour_ms BIGINT NOT NULL,
  door TEXT NOT NULL, format TEXT NOT NULL, expected TEXT NOT NULL,
  sent BIGINT NOT NULL, good BIGINT NOT NULL, took_ms BIGINT NOT NULL, took_ms_max BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, hour_ms, door, format, expected)
);
CREATE TABLE alarm_event (
  id INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  instance_id TEXT NOT NULL, code TEXT NOT NULL, object TEXT NOT NULL, level TEXT NOT NULL,
  what TEXT NOT NULL, why TEXT NOT NULL, at_ms BIGINT NOT NULL
);
CREATE TABLE watch_beat (
  instance_id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  started_ms BIGINT NOT NULL, at_ms BIGINT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE sample_audit (
  content_id TEXT PRIMARY KEY REFERENCES content (id), tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, lists_position BIGINT NOT NULL, state TEXT NOT NULL,
  detail TEXT NOT NULL, asked_ms BIGINT NOT NULL, done_ms BIGINT
);
CREATE INDEX sample_audit_owed ON sample_audit (asked_ms) WHERE state = 'owed';
CREATE INDEX sample_audit_by_time ON sample_audit (state, done_ms);
CREATE TABLE list_state (
  position INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  list_id TEXT NOT NULL REFERENCES list (id), version BIGINT NOT NULL, active INTEGER NOT NULL,
  signals BIGINT NOT NULL, salt TEXT NOT NULL, digest TEXT NOT NULL, at_ms BIGINT NOT NULL
);
CREATE INDEX list_state_by_list ON list_state (list_id, position);
CREATE INDEX list_change_by_list ON list_change (list_id, id);
INSERT INTO list_state SELECT (SELECT MAX(c.id) FROM list_change c WHERE c.list_id = l.id),
  l.tenant_id, 'system', l.id, l.version, 1, l.signal_count, '', '', l.updated_ms FROM list l
  WHERE l.state = 'active';
CREATE INDEX content_owed_by_door ON content (tenant_id, canary, door, received_ms)
  WHERE verdict = 'owed';
CREATE INDEX content_canary ON content (id) WHERE canary = 1;
CREATE INDEX ledger_verdict ON ledger (tenant_id, id) WHERE event = 'verdict';
CREATE INDEX idempotency_by_content ON idempotency (content_id);
CREATE INDEX rescan_finding_by_content ON rescan_finding (content_id);
CREATE INDEX case_decision_item_by_content ON case_decision_item (content_id);
CREATE INDEX case_sample_of_case ON case_sample (of_case);
)sql";

}  // namespace tutela::store
