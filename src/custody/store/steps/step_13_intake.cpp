#include "custody/store/steps/steps.hpp"

namespace tutela::store {

// What people outside tell us ("notices"; a report is what goes to an authority). A notice is
// durable, with its number and its promise, in one short unit of work; what it is about joins cases
// afterwards, so that a flood waits for nothing and nobody. Who sent it lies sealed in a table of
// its own: this process can write it and not read it. Everything that joins is a subject. Counts of
// kept promises outlive the rows. What waits is counted from its index alone. Partners are whom we
// work with outside, duty who answers inside.
const std::string_view kIntake = R"sql(
CREATE TABLE notice (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  version BIGINT NOT NULL, number TEXT NOT NULL UNIQUE, pin_hash TEXT NOT NULL,
  pin_tries BIGINT NOT NULL DEFAULT 0, pin_locked_until_ms BIGINT,
  channel TEXT NOT NULL, kind TEXT NOT NULL, sender TEXT NOT NULL, queue TEXT NOT NULL,
  state TEXT NOT NULL, imminent INTEGER NOT NULL, language TEXT NOT NULL, country TEXT NOT NULL,
  reference TEXT, partner_id TEXT, idempotency_key TEXT, body TEXT NOT NULL,
  source TEXT, proved INTEGER NOT NULL, flood_key TEXT,
  received_ms BIGINT NOT NULL, due_ms BIGINT NOT NULL, escalate_ms BIGINT NOT NULL,
  escalated_ms BIGINT, escalated_to TEXT, sorted_ms BIGINT, case_id TEXT,
  taken_by TEXT, taken_ms BIGINT, outcome TEXT, answer TEXT, answered_ms BIGINT, closed_ms BIGINT,
  verified TEXT, verified_by TEXT, verified_ms BIGINT, waiting INTEGER
);
CREATE UNIQUE INDEX notice_by_key ON notice (tenant_id, principal_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
CREATE INDEX notice_unsorted ON notice (received_ms, id) WHERE sorted_ms IS NULL;
CREATE INDEX notice_waiting ON notice (tenant_id, queue, due_ms, id, received_ms, escalate_ms,
  taken_ms, flood_key, imminent, waiting) WHERE waiting = 1;
CREATE INDEX notice_to_escalate ON notice (escalate_ms, id)
  WHERE waiting = 1 AND escalated_ms IS NULL;
CREATE INDEX notice_by_case ON notice (case_id, id) WHERE case_id IS NOT NULL;
CREATE INDEX notice_by_source ON notice (tenant_id, source, imminent, received_ms)
  WHERE source IS NOT NULL;
CREATE INDEX notice_by_flood ON notice (tenant_id, flood_key, id) WHERE flood_key IS NOT NULL;
CREATE INDEX notice_by_time ON notice (tenant_id, received_ms, id);
CREATE INDEX notice_answered ON notice (answered_ms, id) WHERE state = 'answered';
CREATE INDEX notice_closed ON notice (closed_ms, id) WHERE closed_ms IS NOT NULL;
CREATE TABLE notice_subject (
  notice_id TEXT NOT NULL REFERENCES notice (id), tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (notice_id, kind, value)
);
CREATE INDEX notice_subject_by_value ON notice_subject (tenant_id, kind, value, notice_id);
CREATE TABLE notice_file (
  content_id TEXT PRIMARY KEY, notice_id TEXT NOT NULL REFERENCES notice (id),
  tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL, at_ms BIGINT NOT NULL
);
CREATE INDEX notice_file_by_notice ON notice_file (notice_id);
CREATE TABLE notice_contact (
  notice_id TEXT PRIMARY KEY REFERENCES notice (id), tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, key_id TEXT NOT NULL, sealed TEXT NOT NULL
);
CREATE TABLE notice_message (
  id INTEGER PRIMARY KEY, notice_id TEXT NOT NULL REFERENCES notice (id), tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, author TEXT NOT NULL, body TEXT NOT NULL, at_ms BIGINT NOT NULL
);
CREATE INDEX notice_message_by_notice ON notice_message (notice_id, id);
CREATE TABLE notice_event (
  id INTEGER PRIMARY KEY, notice_id TEXT NOT NULL REFERENCES notice (id), tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL, at_ms BIGINT NOT NULL
);
CREATE INDEX notice_event_by_notice ON notice_event (notice_id, id);
CREATE TABLE notice_promise_day (
  tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL, day_ms BIGINT NOT NULL, queue TEXT NOT NULL,
  received BIGINT NOT NULL, kept BIGINT NOT NULL, broken BIGINT NOT NULL, took_ms BIGINT NOT NULL,
  took_ms_max BIGINT NOT NULL, withdrawn BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, day_ms, queue)
);
CREATE TABLE intake_key (
  key_id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  public_key TEXT NOT NULL, at_ms BIGINT NOT NULL
);
CREATE TABLE partner (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  version BIGINT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, organisation TEXT NOT NULL,
  country TEXT NOT NULL, role TEXT NOT NULL, email TEXT NOT NULL, phone TEXT NOT NULL,
  url TEXT NOT NULL, note TEXT NOT NULL, deputy_id TEXT, token_id TEXT,
  confirm_days BIGINT NOT NULL, confirmed_ms BIGINT NOT NULL, confirmed_by TEXT NOT NULL,
  absent_from_ms BIGINT, absent_until_ms BIGINT, ended_ms BIGINT, at_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX partner_by_token ON partner (token_id)
  WHERE token_id IS NOT NULL AND ended_ms IS NULL;
CREATE TABLE duty (
  tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL, queue TEXT NOT NULL, person_id TEXT NOT NULL,
  deputy_id TEXT, at_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, queue)
);
CREATE TABLE duty_absence (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  person_id TEXT NOT NULL, from_ms BIGINT NOT NULL, until_ms BIGINT NOT NULL
);
CREATE INDEX duty_absence_by_person ON duty_absence (tenant_id, person_id, until_ms);
CREATE TABLE duty_shift (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  person_id TEXT NOT NULL, from_ms BIGINT NOT NULL, until_ms BIGINT NOT NULL
);
CREATE INDEX duty_shift_by_time ON duty_shift (tenant_id, until_ms);
ALTER TABLE review_case ADD COLUMN topic TEXT NOT NULL DEFAULT 'content';
CREATE INDEX content_told_to_keep ON content (id)
  WHERE door = 'intake' AND verdict <> 'owed' AND spooled = 1;
)sql";

}  // namespace tutela::store
