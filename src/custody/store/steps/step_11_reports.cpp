#include "custody/store/steps/steps.hpp"

namespace tutela::store {

// Reports to authorities. Documents, steps and receipts only ever grow: a step is written before it
// is taken and again when its answer is there, so that whatever dies in between is known.
// `waiting` is 1 while the report is a debt; the indexes of what waits hold nothing else. What a
// step up to `retried_step` says against going on was mended: a person had it tried again.
const std::string_view kReports = R"sql(
CREATE TABLE report (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  case_id TEXT REFERENCES review_case (id), account TEXT, authority TEXT NOT NULL,
  environment TEXT NOT NULL, jurisdiction TEXT NOT NULL, retention_days BIGINT NOT NULL,
  kind TEXT NOT NULL, corrects TEXT REFERENCES report (id), state TEXT NOT NULL,
  version BIGINT NOT NULL, document BIGINT NOT NULL, priority INTEGER NOT NULL,
  minor INTEGER NOT NULL, due_ms BIGINT, request_id TEXT, released_by TEXT, approved_by TEXT,
  released_ms BIGINT, automatic INTEGER NOT NULL, lease BIGINT NOT NULL, lease_until_ms BIGINT,
  next_at_ms BIGINT, attempts BIGINT NOT NULL, failing_since_ms BIGINT, failure TEXT NOT NULL,
  retried_step BIGINT NOT NULL, authority_id TEXT NOT NULL, simulated INTEGER NOT NULL,
  finished_ms BIGINT, follow_up TEXT NOT NULL, alarm_at_ms BIGINT, at_ms BIGINT NOT NULL,
  waiting INTEGER
);
CREATE INDEX report_by_case ON report (tenant_id, case_id, at_ms, id)
  WHERE case_id IS NOT NULL;
CREATE INDEX report_by_account ON report (tenant_id, account, at_ms, id)
  WHERE account IS NOT NULL;
CREATE INDEX report_by_authority ON report (tenant_id, authority, at_ms, id);
CREATE INDEX report_by_time ON report (tenant_id, at_ms, id);
CREATE INDEX report_by_state ON report (tenant_id, state, at_ms, id);
CREATE INDEX report_prior ON report (tenant_id, account, authority, environment, finished_ms)
  WHERE account IS NOT NULL AND finished_ms IS NOT NULL;
CREATE INDEX report_register ON report (tenant_id, finished_ms, id) WHERE state = 'finished';
CREATE INDEX report_finished ON report (tenant_id, environment, simulated)
  WHERE finished_ms IS NOT NULL;
CREATE INDEX report_to_file ON report (priority, due_ms, id) WHERE next_at_ms IS NOT NULL;
CREATE INDEX report_debt ON report (tenant_id, due_ms, id) WHERE waiting = 1;
CREATE INDEX report_to_follow_up ON report (finished_ms, id) WHERE follow_up = 'owed';
CREATE INDEX report_to_alarm ON report (alarm_at_ms, id) WHERE alarm_at_ms IS NOT NULL;
CREATE UNIQUE INDEX report_one_draft ON report (case_id, authority, kind, environment)
  WHERE case_id IS NOT NULL AND state IN ('draft', 'asked');
CREATE TABLE report_document (
  report_id TEXT NOT NULL REFERENCES report (id), number BIGINT NOT NULL, tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, body TEXT NOT NULL, provenance TEXT NOT NULL, at_ms BIGINT NOT NULL,
  PRIMARY KEY (report_id, number)
);
CREATE TABLE report_file (
  report_id TEXT NOT NULL REFERENCES report (id), number BIGINT NOT NULL, tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, content_id TEXT NOT NULL REFERENCES content (id),
  evidence_id TEXT NOT NULL, md5 TEXT NOT NULL, size_bytes BIGINT NOT NULL,
  PRIMARY KEY (report_id, number)
);
CREATE INDEX report_file_by_content ON report_file (content_id);
CREATE TABLE report_step (
  id INTEGER PRIMARY KEY, report_id TEXT NOT NULL REFERENCES report (id), tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, round BIGINT NOT NULL, step TEXT NOT NULL, file BIGINT NOT NULL,
  authority_id TEXT NOT NULL, file_id TEXT NOT NULL, phase TEXT NOT NULL, code BIGINT,
  http_status BIGINT, description TEXT NOT NULL, request_ref TEXT NOT NULL,
  begun_ms BIGINT NOT NULL, ended_ms BIGINT
);
CREATE INDEX report_step_by_report ON report_step (report_id, id);
CREATE TABLE report_receipt (
  report_id TEXT PRIMARY KEY REFERENCES report (id), tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, raw_base64 TEXT NOT NULL, authority_id TEXT NOT NULL,
  file_ids TEXT NOT NULL, simulated INTEGER NOT NULL, how TEXT NOT NULL, at_ms BIGINT NOT NULL
);
CREATE TABLE report_attestation (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  content_id TEXT NOT NULL REFERENCES content (id), what TEXT NOT NULL, reference TEXT NOT NULL,
  viewed_ms BIGINT NOT NULL, at_ms BIGINT NOT NULL
);
CREATE INDEX report_attestation_by_content ON report_attestation (content_id, id);
CREATE TABLE report_note (
  id INTEGER PRIMARY KEY, report_id TEXT NOT NULL REFERENCES report (id), tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, at_ms BIGINT NOT NULL
);
CREATE INDEX report_note_by_report ON report_note (report_id, id);
CREATE TABLE report_command (
  tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL, key TEXT NOT NULL, command TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, principal_id, key)
);
CREATE INDEX report_command_by_time ON report_command (at_ms);
CREATE TABLE account_facts (
  tenant_id TEXT NOT NULL, account TEXT NOT NULL, principal_id TEXT NOT NULL, body TEXT NOT NULL,
  at_ms BIGINT NOT NULL, PRIMARY KEY (tenant_id, account)
);
CREATE TABLE signal_opinion (
  tenant_id TEXT NOT NULL, signal_id BIGINT NOT NULL, list_id TEXT NOT NULL, case_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, opinion TEXT NOT NULL, at_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, signal_id, case_id)
);
CREATE INDEX signal_opinion_by_list ON signal_opinion (tenant_id, list_id, opinion);
)sql";

}  // namespace tutela::store
