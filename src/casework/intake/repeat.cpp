// Repetitions: a notice that is sent again with the key of one that is there. The same one gets the
// first answer; another one is an error, so that nothing of it is lost unseen.
//
// Files are compared by their bytes: whoever sends a form again sends them again, and they are
// other contents then. A contact is compared as far as there is one: what was sealed cannot be read
// here, and a digest of it would let whoever has the key guess it. A source is not compared: it is
// a pseudonym of a day, and whoever has the key is the sender.
#include <algorithm>

#include "casework/intake/rows.hpp"

namespace tutela::intake {

using store::Row;
using store::Transaction;

namespace {

struct Earlier {
  Accepted accepted;
  UtcMs received_ms = 0;
  bool same_words = false;
};

Result<std::optional<Earlier>> find_earlier(Transaction& transaction,
                                            const store::Actor& actor,
                                            const NewNotice& notice,
                                            const std::string& body) {
  std::optional<Earlier> found;
  TUTELA_TRY(transaction.query(
      "SELECT n.id, n.number, n.queue, n.due_ms, n.received_ms, n.channel, n.kind, n.sender, "
      "n.imminent, n.language, n.country, n.reference, n.body, CASE WHEN EXISTS (SELECT "
      "1 FROM notice_contact c WHERE c.notice_id = n.id) THEN 1 ELSE 0 END FROM notice n WHERE "
      "n.tenant_id = :tenant AND n.principal_id = :principal AND n.idempotency_key = :key",
      {actor.tenant_id, actor.principal_id, *notice.idempotency_key},
      [&](const Row& row) -> Status {
        Earlier& earlier = found.emplace();
        Accepted& accepted = earlier.accepted;
        TUTELA_TRY_ASSIGN(accepted.id, parse_uuid(row.text(0)));
        accepted.number = row.text(1);
        TUTELA_TRY_ASSIGN(accepted.queue, parse_queue(row.text(2)));
        accepted.due_ms = row.integer(3);
        accepted.repeated = true;
        accepted.has_contact = row.integer(13) != 0;
        earlier.received_ms = row.integer(4);
        earlier.same_words =
            row.text(5) == to_string(notice.channel) && row.text(6) == to_string(notice.kind) &&
            row.text(7) == to_string(notice.sender) && (row.integer(8) != 0) == notice.imminent &&
            row.text(9) == notice.language && row.text(10) == notice.country &&
            (row.is_null(11) ? std::string() : row.text(11)) == notice.reference.value_or("") &&
            row.text(12) == body && (notice.contact || !accepted.has_contact);
        return ok();
      }));
  return found;
}

/// Digests of contents; where the ledger no longer has one, its id.
Result<std::vector<std::string>> digests_of(Transaction& transaction,
                                            const std::string& tenant_id,
                                            const std::vector<Uuid>& files) {
  std::vector<std::string> digests;
  for (const Uuid& file : files) {
    std::string digest = to_string(file);
    TUTELA_TRY(
        transaction.query("SELECT sha256 FROM content WHERE id = :id AND tenant_id = :tenant",
                          {to_string(file), tenant_id},
                          [&](const Row& row) {
                            digest = row.text(0);
                            return ok();
                          }));
    digests.push_back(std::move(digest));
  }
  std::ranges::sort(digests);
  const auto rest = std::ranges::unique(digests);
  digests.erase(rest.begin(), rest.end());
  return digests;
}

/// The files that came with it, not what was added.
Result<std::vector<Uuid>> first_files(Transaction& transaction, const Earlier& earlier) {
  std::vector<Uuid> files;
  TUTELA_TRY(transaction.query(
      "SELECT content_id FROM notice_file WHERE notice_id = :id AND at_ms <= :received",
      {to_string(earlier.accepted.id), earlier.received_ms},
      [&](const Row& row) -> Status {
        TUTELA_TRY_ASSIGN(const Uuid file, parse_uuid(row.text(0)));
        files.push_back(file);
        return ok();
      }));
  return files;
}

}  // namespace

Result<std::optional<Accepted>> find_repeated(Transaction& transaction,
                                              const store::Actor& actor,
                                              const NewNotice& notice,
                                              const std::string& body) {
  if (!notice.idempotency_key) {
    return std::optional<Accepted>();
  }
  TUTELA_TRY_ASSIGN(std::optional<Earlier> earlier, find_earlier(transaction, actor, notice, body));
  if (!earlier) {
    return std::optional<Accepted>();
  }
  TUTELA_TRY_ASSIGN(const std::vector<Uuid> files, first_files(transaction, *earlier));
  TUTELA_TRY_ASSIGN(const auto before, digests_of(transaction, actor.tenant_id, files));
  TUTELA_TRY_ASSIGN(const auto now, digests_of(transaction, actor.tenant_id, notice.files));
  if (!earlier->same_words || before != now) {
    return Error{ErrorKind::kConflict,
                 "idempotency.mismatch",
                 "this idempotency key was used for another notice; nothing of this one was taken: "
                 "send it with a new key, its files by the ids that they have"};
  }
  return std::optional(std::move(earlier->accepted));
}

Result<std::optional<Accepted>> Notices::accepted_with(const store::Actor& actor,
                                                       const std::string& key) {
  NewNotice any;
  any.idempotency_key = key;
  std::optional<Accepted> accepted;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(std::optional<Earlier> earlier,
                      find_earlier(transaction, actor, any, std::string()));
    if (earlier) {
      accepted = std::move(earlier->accepted);
    }
    return ok();
  }));
  return accepted;
}

}  // namespace tutela::intake
