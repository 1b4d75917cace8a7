// Notices: everything that people outside tell us, from the receipt to the answer.
//
// Accepting is one short unit of work: the notice with number, PIN and promise, its subjects,
// files, sealed contact, event and entry of the audit log (kind, channel and queue, never words,
// subjects or names). Which case it belongs to is found afterwards (service/intake). Nothing is
// ever refused because there is much of it: what one source sends beyond Limits::per_source_hour
// waits in Queue::kFlood, grouped by that source, and its imminent ones stay imminent while they
// are few.
//
// Whoever has number and PIN may follow, add and withdraw; a wrong number, a wrong PIN and one that
// is locked are the same error after the same work. Thread-safe, also between processes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "casework/intake/model.hpp"
#include "casework/intake/promises.hpp"
#include "crypto/secret.hpp"
#include "custody/store/store.hpp"

namespace tutela::intake {

struct Limits {
  std::uint32_t per_source_hour = 10;  // further ones are a flood; half without proof of work
  std::uint32_t imminent_per_source_hour = 3;  // further imminent ones, too
  std::uint32_t files_max = 5;
  std::uint32_t pin_tries_max = 10;  // then locked for an hour
  std::uint32_t additions_max = 50;  // of one notice
  std::uint32_t keep_days = 180;     // after it is closed; 0: for ever
};

struct Rules {
  Promises promises;
  Limits limits;
};

/// What somebody gave us to write to them, sealed for the vault process: see crypto/sealed_box.hpp.
struct SealedContact {
  std::string key_id;
  std::string sealed;  // base64; of a JSON object {"name","email","phone"}, at most 4 KiB
};

struct NewNotice {
  Channel channel = Channel::kPage;
  Kind kind = Kind::kOther;
  Sender sender = Sender::kAnyone;
  bool imminent = false;
  std::string language = "en";  // of answers: "en" "de"
  std::string country;
  Body body;
  std::vector<Uuid> files;  // contents of the ledger, owed or judged; at most files_max
  std::optional<SealedContact> contact;
  std::optional<std::string> reference;
  std::optional<Uuid> partner_id;
  std::optional<std::string> idempotency_key;
  std::string source;   // opaque, of whoever sent it (source_of()); empty: a partner or ours
  bool proved = false;  // proof of work, or a token
};

struct Accepted {
  Uuid id;
  std::string number;
  std::string pin;  // eight digits; nobody can read it again. Empty where the key was used before
  Queue queue = Queue::kPublic;
  UtcMs due_ms = 0;
  bool repeated = false;
  bool has_contact = false;  // of the first, where it is repeated
};

/// What its sender sees of it, and nothing else.
struct Followed {
  Uuid id;
  std::string number;
  State state = State::kOpen;
  UtcMs received_ms = 0;
  UtcMs due_ms = 0;
  bool looked_at = false;  // somebody has taken it
  bool imminent = false;
  std::string language;
  std::optional<Outcome> outcome;
  std::string answer;
  std::optional<UtcMs> answered_ms;
  std::optional<Outcome> earlier;  // of the last answer, where it waits for another one
  std::optional<UtcMs> earlier_ms;
  std::vector<Message> messages;  // without who of us wrote them
};

struct Filter {
  std::optional<Queue> queue;
  std::optional<State> state;
  bool waiting = false;  // open, question
  std::optional<Kind> kind;
  std::optional<Uuid> case_id;
  std::optional<Uuid> partner_id;
  std::optional<std::string> flood_key;
  std::optional<std::string> number;
  std::string after;
  std::int64_t limit = 50;  // at most 200
};

struct Page {
  std::vector<Notice> notices;  // waiting: by due time; else the newest first
  std::string next;
};

struct QueueCount {
  Queue queue = Queue::kPublic;
  std::int64_t waiting = 0;
  std::int64_t taken = 0;
  std::int64_t due_soon = 0;  // escalate_ms is over
  std::int64_t overdue = 0;
  std::optional<UtcMs> oldest_ms;
  std::optional<UtcMs> next_due_ms;
};

/// How promises were kept, for anybody to see.
struct Kept {
  Queue queue = Queue::kPublic;
  std::int64_t received = 0;
  std::int64_t kept = 0;
  std::int64_t broken = 0;  // answered late, or not yet and overdue
  std::int64_t withdrawn = 0;
  std::int64_t took_ms_mean = 0;
};

struct Flood {
  std::string key;
  std::int64_t notices = 0;
  std::int64_t imminent = 0;  // of them
  UtcMs first_ms = 0;
  UtcMs last_ms = 0;
};

struct Whole {
  Notice of;
  Body body;
  std::vector<Uuid> files;
  std::vector<Message> messages;
  std::vector<Event> events;      // the newest 200, the oldest first
  std::int64_t same_subject = 0;  // other notices about the same
};

/// Of one command on a notice: kConflict "notice.changed" where the version is another by now.
struct Command {
  std::int64_t version = 0;
};

class Notices {
 public:
  /// `key` makes numbers' PINs and sources unreadable (crypto::load_or_create_key of
  /// <store>/intake.key). `rules` is asked at each call.
  Notices(store::Database& database,
          const Clock& clock,
          crypto::Key key,
          std::function<Rules()> rules);

  /// A day's pseudonym of an address (an IPv6 one by its /64), or of a mail address: the same
  /// within a day and not to be traced back.
  [[nodiscard]] std::string source_of(std::string_view address) const;

  /// Durable when it returns. The same notice with the same key is the first one, without its PIN.
  /// Errors: those of check(); kLimitExceeded "notice.too_many_files"; kConflict
  /// "idempotency.mismatch" (another notice, or other files, with a key that was used),
  /// "notice.file_taken"; kInvalidInput "notice.bad_<field>", "idempotency.bad_key".
  Result<Accepted> accept(const store::Actor& actor, const NewNotice& notice);

  /// What accept() gave `actor` for this key, whatever the notice says, without its PIN; none where
  /// it was not used.
  Result<std::optional<Accepted>> accepted_with(const store::Actor& actor, const std::string& key);

  /// Another PIN for a notice that `actor` handed in, where nobody was told the one it has: that
  /// one opens nothing from then on. Error: kNotFound "notice.not_found".
  Result<std::string> renew_pin(const store::Actor& actor, const Uuid& id);

  /// Errors of the four: kNotFound "notice.unknown" (number or PIN); kConflict "notice.over".
  Result<Followed> follow(std::string_view number, std::string_view pin);
  /// `text` and `files`: at least one of them. Reopens what was answered, with a new promise; the
  /// former answer is a message then. With files it is to be sorted again. Errors: those of
  /// accept(); kLimitExceeded "notice.too_many_additions".
  Result<Followed> add(std::string_view number,
                       std::string_view pin,
                       std::string_view text,
                       const std::vector<Uuid>& files);
  /// The contact is erased at once. A case that it joined goes on.
  Result<Followed> withdraw(std::string_view number, std::string_view pin);

  Result<Page> list(const std::string& tenant_id, const Filter& filter);
  Result<Whole> whole(const std::string& tenant_id, const Uuid& id);
  Result<std::vector<QueueCount>> counts(const std::string& tenant_id);  // all queues
  Result<std::vector<Flood>> floods(const std::string& tenant_id, std::int64_t limit);
  /// Of the last `days`, with what is overdue now; queues where there was something.
  Result<std::vector<Kept>> kept(const std::string& tenant_id, std::int64_t days);

  // Errors of the five: kNotFound "notice.not_found"; kConflict "notice.changed",
  // "notice.not_waiting"; kInvalidInput "notice.bad_text" for words of ours.
  /// Somebody of ours works on it; the first look of an imminent one ends its alarm.
  Result<Notice> take(const store::Actor& actor, const Uuid& id, Command command);
  Result<Notice> ask(const store::Actor& actor,
                     const Uuid& id,
                     Command command,
                     std::string_view question);
  /// Error: kInvalidInput "notice.bad_outcome" (outcomes_of()); kConflict "notice.not_verified".
  Result<Notice> answer(const store::Actor& actor,
                        const Uuid& id,
                        Command command,
                        Outcome outcome,
                        std::string_view words);
  /// The promise may come earlier by it, never later than it was said.
  Result<Notice> move(const store::Actor& actor,
                      const Uuid& id,
                      Command command,
                      Queue queue,
                      std::string_view reason);
  /// An authority's request: verified, or refused; `how` says how that is known.
  /// Error: kInvalidInput "notice.not_a_request".
  Result<Notice> verify(const store::Actor& actor,
                        const Uuid& id,
                        Command command,
                        bool verified,
                        std::string_view how);

  /// The oldest that have no place yet. `place` runs in the unit of work that notes the case, and
  /// returns none where there is nothing for a case (detection, law requests). A notice that has a
  /// case comes again when files were added to it. One whose place fails stays, and others go on;
  /// `place` may be called for a notice again whose unit of work was not written.
  using Place = std::function<Result<std::optional<Uuid>>(
      store::Transaction&, const Notice&, const Body&, const std::vector<Uuid>& files)>;
  Result<std::size_t> sort(std::size_t limit, const Place& place);

  /// Escalates what is half over, closes what was answered long ago, removes what is kept no
  /// longer; each in a unit of work of its own, so that one that fails keeps no other waiting.
  /// `deputy` names whom to tell (a person's principal), empty: nobody; what it writes is written
  /// with the escalation, and it may be called again where that was not.
  using Deputy = std::function<Result<std::string>(store::Transaction&, const Notice&)>;

  /// What stayed as it was, and has its turn again at the next tick.
  struct Failed {
    Uuid id;
    std::string_view step;  // "escalate" "close" "remove"
    Error error;
  };

  struct Ticked {
    std::vector<Notice> escalated;
    std::size_t removed = 0;
    std::vector<Failed> failed;  // at most 100 of each step
  };

  /// Whether the case of a notice is closed, or gone: then it keeps the notice no longer.
  using CaseOver = std::function<Result<bool>(store::Transaction&, const Uuid& case_id)>;

  /// Without `case_over` no notice that has a case is removed. Error: the store's, where it gives
  /// nothing to look at, or takes nothing.
  Result<Ticked> tick(const Deputy& deputy, const CaseOver& case_over = {});

 private:
  store::Database& database_;
  const Clock& clock_;
  crypto::Key key_;
  std::function<Rules()> rules_;
};

/// The sealed contact of a notice, for the vault process: its caller writes the entry in the same
/// unit of work. Error: kNotFound "notice.no_contact".
Result<SealedContact> contact_of(store::Transaction& transaction,
                                 const std::string& tenant_id,
                                 const Uuid& id);

/// A further subject of a notice, such as ("content", SHA-256 in hex) of one of its files.
Status add_subject(store::Transaction& transaction,
                   const Notice& notice,
                   std::string_view kind,
                   std::string_view value);
/// Others that are about one of the same, the newest first, at most `limit`.
Result<std::vector<Notice>> same_subject(store::Transaction& transaction,
                                         const Notice& notice,
                                         std::size_t limit);

/// Notices of a case that wait for its decision, for answering them when it is closed.
Result<std::vector<Uuid>> waiting_of_case(store::Transaction& transaction, const Uuid& case_id);

}  // namespace tutela::intake
