#include "custody/store/steps/steps.hpp"

namespace tutela::store {

// People, how they sign in, and what is assigned to them. Passwords are Argon2id hashes, seeds of
// second factors are sealed with a key that is not in this database, everything else that opens
// something is a SHA-256 of random bytes.
const std::string_view kPeople = R"sql(
CREATE TABLE person (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  name TEXT NOT NULL, role TEXT NOT NULL, state TEXT NOT NULL,
  password TEXT, second_factor TEXT, second_factor_next TEXT, last_step BIGINT NOT NULL,
  invitation TEXT, invitation_ends_ms BIGINT, subject TEXT, created_ms BIGINT NOT NULL,
  UNIQUE (tenant_id, name)
);
CREATE UNIQUE INDEX person_by_invitation ON person (invitation) WHERE invitation IS NOT NULL;
CREATE UNIQUE INDEX person_by_subject ON person (tenant_id, subject) WHERE subject IS NOT NULL;
CREATE TABLE person_recovery (
  person_id TEXT NOT NULL REFERENCES person (id), tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, hash TEXT NOT NULL,
  PRIMARY KEY (person_id, hash)
);
CREATE TABLE person_session (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  person_id TEXT NOT NULL REFERENCES person (id), hash TEXT NOT NULL UNIQUE, stage TEXT NOT NULL,
  failures INTEGER NOT NULL, created_ms BIGINT NOT NULL, seen_ms BIGINT NOT NULL,
  ends_ms BIGINT NOT NULL, fresh_until_ms BIGINT NOT NULL
);
CREATE INDEX person_session_by_person ON person_session (person_id);
CREATE INDEX person_session_by_end ON person_session (ends_ms);
CREATE TABLE case_assignment (
  tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  case_ref TEXT NOT NULL, assignee TEXT NOT NULL, at_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, case_ref, assignee)
);
)sql";

}  // namespace tutela::store
