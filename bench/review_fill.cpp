// Fills the store of a server with open cases and with people who are signed in, for
// review_bench.py: review_fill FOLDER CASES PEOPLE. Prints the secret of a session a line.
//
// Findings go through cases::add_finding, and people are invited as always. Rows of our own are
// what would take hours or a password each: contents with their matches, evidence without its
// bytes, and the sessions.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "casework/cases/cases.hpp"
#include "crypto/digest.hpp"
#include "custody/store/store.hpp"
#include "service/auth/opaque.hpp"
#include "service/auth/people.hpp"

namespace {

using namespace tutela;

constexpr std::int64_t kDayMs = 24LL * 3'600'000;
constexpr std::int64_t kSpanMs = 5 * kDayMs;  // so that most are past their first look
constexpr std::int64_t kSignals = 60'000;
constexpr std::int64_t kUnit = 500;  // findings of one unit of work
const store::Actor kDoor{"default", "token:door", "service"};

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "review_fill: %s\n", result.error().message.c_str());
    std::exit(2);
  }
  return *std::move(result);
}

std::string hex_of(const std::string& text) {
  return to_hex(crypto::sha256_of(as_bytes(text)));
}

struct List {
  Uuid id;
  std::string classification;
  std::string purpose = "known_csam";
};

class Filling {
 public:
  Filling(store::Database& database, UtcMs now_ms) : database_(database), now_ms_(now_ms) {}

  void lists();
  void cases(std::int64_t count);
  void urgent();
  void people(std::int64_t count);

 private:
  // What one finding is about.
  struct Found {
    cases::Finding finding;
    UtcMs at_ms = 0;
    std::int64_t number = 0;
  };

  Found make(std::int64_t number, UtcMs at_ms) const;
  static Status insert(store::Transaction& transaction, const Found& found);
  static Status insert_match(store::Transaction& transaction, const Found& found);

  store::Database& database_;
  const UtcMs now_ms_;
  std::vector<List> lists_;
  std::vector<Uuid> opened_;
};

void Filling::lists() {
  for (const char* const word : {"A1", "A2", "B1", "B2"}) {
    lists_.push_back({new_uuid(now_ms_), word});
  }
  lists_.push_back({new_uuid(now_ms_), "self_reported", "self_reported"});
  must(database_.write([&](store::Transaction& transaction) -> Status {
    for (const List& list : lists_) {
      TUTELA_TRY(transaction.execute(
          "INSERT INTO list (id, tenant_id, principal_id, name, source, provenance, legal_process, "
          "classification, purpose, action, automation, pdq_distance_max, version, state, "
          "signal_count, created_ms, updated_ms) VALUES (:id, 'default', 'system', :name, 'bench', "
          "'', '', :classification, :purpose, 'hold', 0, 31, 1, 'active', :count, :created, "
          ":updated)",
          {to_string(list.id),
           "bench-" + list.purpose + "-" + list.classification,
           list.classification,
           list.purpose,
           kSignals / static_cast<std::int64_t>(lists_.size()),
           now_ms_,
           now_ms_}));
    }
    for (std::int64_t i = 0; i < kSignals; ++i) {
      const List& list = lists_[static_cast<std::size_t>(i) % lists_.size()];
      TUTELA_TRY(transaction.execute(
          "INSERT INTO signal (tenant_id, principal_id, list_id, kind, value, added_version, "
          "created_ms) VALUES ('default', 'system', :list, 'sha256', :value, 1, :at)",
          {to_string(list.id), hex_of("signal " + std::to_string(i)), now_ms_}));
    }
    for (const List& list : lists_) {
      TUTELA_TRY(transaction.execute(
          "INSERT INTO list_change (tenant_id, principal_id, list_id, kind, first_id, last_id, "
          "at_ms) VALUES ('default', 'system', :list, 'activated', 0, 0, :at)",
          {to_string(list.id), now_ms_}));
    }
    return ok();
  }));
}

// Of a hundred: 70 near matches, 20 exact ones on trusted lists, 8 self-reported, a report of a
// user and something held. A fifth names no account; one in twenty has the bytes of the one before.
Filling::Found Filling::make(std::int64_t number, UtcMs at_ms) const {
  Found found;
  found.number = number;
  found.at_ms = at_ms;
  cases::Finding& finding = found.finding;
  const std::int64_t share = number * 37 % 100;
  finding.content_id = new_uuid(at_ms);
  finding.sha256 = hex_of("content " + std::to_string(number % 20 == 3 ? number - 1 : number));
  finding.external_id = "post-" + std::to_string(number);
  if (number % 5 != 0) {
    finding.account = "account-" + std::to_string(number);
  }
  if (share >= 98) {
    finding.origin = share == 98 ? cases::Origin::kUserReport : cases::Origin::kHeld;
    return found;
  }
  const bool self_reported = share >= 90;
  const List& list = self_reported ? lists_.back() : lists_[static_cast<std::size_t>(number) % 4];
  finding.list_id = list.id;
  finding.list_purpose = list.purpose;
  finding.classification = list.classification;
  finding.exact = share >= 70 && !self_reported;
  finding.trusted = finding.exact;
  // Two accounts share a signal now and then; without an account that would make it one case.
  finding.signal_id = finding.account ? 20'000 + number % 40'000 : 1 + number / 5 % 20'000;
  return found;
}

Status Filling::insert_match(store::Transaction& transaction, const Found& found) {
  const cases::Finding& finding = found.finding;
  const std::string content = to_string(finding.content_id);
  TUTELA_TRY(transaction.execute(
      "INSERT INTO content_frame (content_id, tenant_id, principal_id, frame, quality, pdq) VALUES "
      "(:content, 'default', 'token:door', 0, 90, :pdq)",
      {content, finding.sha256}));
  if (finding.list_id) {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO content_match (id, content_id, tenant_id, principal_id, list_id, "
        "list_version, signal_id, kind, distance, orientation, frame, strength, at_ms) VALUES "
        "(:id, :content, 'default', 'token:door', :list, 1, :signal, :kind, :distance, 'upright', "
        "0, :strength, :at)",
        {to_string(new_uuid(found.at_ms)),
         content,
         to_string(*finding.list_id),
         finding.signal_id,
         finding.exact ? "sha256" : "pdq",
         std::int64_t{finding.exact ? 0 : 12},
         finding.exact ? "exact" : "near",
         found.at_ms}));
  }
  return ok();
}

// A content as the ledger has it once it was judged, and its evidence.
Status Filling::insert(store::Transaction& transaction, const Found& found) {
  const cases::Finding& finding = found.finding;
  const std::string content = to_string(finding.content_id);
  TUTELA_TRY(transaction.execute(
      "INSERT INTO content (id, tenant_id, principal_id, door, source, external_id, size_bytes, "
      "md5, sha1, sha256, received_ms, instance_id, attempts, verdict, decided_ms, media_type, "
      "width, height, frames_total, action, labels, spooled) VALUES (:id, 'default', 'token:door', "
      "'http', 'api', :external_id, 100000, '', '', :sha256, :received, 'bench', 1, 'match', "
      ":decided, 'image/jpeg', 1600, 1004, 1, 'hold', '', 0)",
      {content, store::to_value(finding.external_id), finding.sha256, found.at_ms, found.at_ms}));
  for (const char* const event : {"received", "match"}) {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO ledger (tenant_id, principal_id, content_id, event, detail, at_ms) VALUES "
        "('default', 'token:door', :content, :event, '', :at)",
        {content, event, found.at_ms}));
  }
  if (finding.account) {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO content_uploader (content_id, tenant_id, principal_id, account, at_ms) VALUES "
        "(:content, 'default', 'token:door', :account, :at)",
        {content, *finding.account, found.at_ms}));
  }
  TUTELA_TRY(insert_match(transaction, found));
  TUTELA_TRY_ASSIGN(const auto of,
                    cases::add_finding(transaction, kDoor, {}, found.at_ms, finding));
  TUTELA_TRY(transaction.execute(
      "INSERT INTO evidence (id, tenant_id, principal_id, content_id, case_ref, media_type, "
      "size_bytes, md5, sha1, sha256, epoch, state, sealed_ms) VALUES (:id, 'default', 'system', "
      ":content, :case_ref, 'image/jpeg', 100000, :md5, :sha1, :sha256, 1, 'kept', :at)",
      {to_string(new_uuid(found.at_ms)),
       content,
       of ? to_string(*of) : std::string(),
       finding.sha256.substr(0, 32),
       finding.sha256.substr(0, 40),
       finding.sha256,
       found.at_ms}));
  return ok();
}

void Filling::cases(std::int64_t count) {
  std::int64_t number = 0;
  std::int64_t contents = 0;
  std::set<Uuid> opened;
  while (static_cast<std::int64_t>(opened.size()) < count) {
    must(database_.write([&](store::Transaction& transaction) -> Status {
      for (std::int64_t i = 0; i < kUnit && static_cast<std::int64_t>(opened.size()) < count; ++i) {
        const UtcMs at_ms =
            now_ms_ - kSpanMs + kSpanMs * static_cast<std::int64_t>(opened.size()) / count;
        const Found first = make(++number, at_ms);
        TUTELA_TRY(insert(transaction, first));
        ++contents;
        TUTELA_TRY_ASSIGN(const auto of,
                          cases::case_of(transaction, "default", first.finding.content_id));
        opened.insert(of.value_or(Uuid{}));
        // A tenth has two to five items: the same account posted again.
        for (std::int64_t more = 0; number % 10 == 1 && more <= number % 4; ++more, ++contents) {
          Found next = first;
          next.finding.content_id = new_uuid(at_ms);
          next.finding.sha256 = hex_of(first.finding.sha256 + std::to_string(more));
          TUTELA_TRY(insert(transaction, next));
        }
      }
      return ok();
    }));
  }
  opened_.assign(opened.begin(), opened.end());
  std::fprintf(stderr,
               "%lld open cases with %lld contents\n",
               static_cast<long long>(opened_.size()),
               static_cast<long long>(contents));
}

// About one in a hundred, of every kind, marked by a lead as in the console.
void Filling::urgent() {
  const SystemClock clock;
  cases::Cases cases(database_, clock, {});
  cases::Person lead;
  lead.actor = {"default", "person:bench", "lead"};
  lead.is_lead = true;
  for (std::size_t i = 50; i < opened_.size(); i += 97) {
    const cases::Case of = must(cases.find(lead, opened_[i]));
    must(cases.mark(lead, of.id, {of.version, ""}, {cases::Mark::kImminentHarm}));
  }
}

void Filling::people(std::int64_t count) {
  const SystemClock clock;
  auth::People people(database_, clock);
  for (std::int64_t i = 0; i < count; ++i) {
    const auth::Role role = i % 20 == 19 ? auth::Role::kLead : auth::Role::kReviewer;
    const auto invited =
        must(people.invite({"default", "system", "system"}, "bench-" + std::to_string(i), role));
    const std::string id = to_string(invited.person.id);
    const std::string secret = auth::new_opaque("tutelas_");
    must(database_.write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY(transaction.execute(
          "UPDATE person SET state = 'active', invitation = NULL, invitation_ends_ms = NULL WHERE "
          "id = :id",
          {id}));
      TUTELA_TRY(transaction.execute(
          "INSERT INTO person_session (id, tenant_id, principal_id, person_id, hash, stage, "
          "failures, created_ms, seen_ms, ends_ms, fresh_until_ms) VALUES (:id, 'default', "
          ":principal, :person, :hash, 'open', 0, :created, :seen, :ends, 0)",
          {to_string(new_uuid(now_ms_)),
           "person:" + id,
           id,
           auth::hash_of(secret),
           now_ms_,
           now_ms_,
           now_ms_ + kDayMs}));
      return ok();
    }));
    std::printf("%s\n", secret.c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: review_fill FOLDER CASES PEOPLE\n");
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  const auto database = must(store::Database::open({.path = folder / "tutela.db"}));
  Filling filling(*database, SystemClock().now_ms());
  filling.lists();
  filling.cases(std::atoll(argv[2]));
  filling.urgent();
  filling.people(std::atoll(argv[3]));
  return 0;
}
