#include "service/vault_process/keeper.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/fault.hpp"
#include "engine/redact/redact.hpp"
#include "service/vault_process/parts.hpp"

namespace tutela::vault_process {

using auth::Permission;
using vault_client::Message;

namespace {

constexpr std::size_t kPieceBytes = 256U << 10;
constexpr std::size_t kShortIdBytes = 8;
constexpr std::uint32_t kFramesMax = 1'000'000;
constexpr std::size_t kExpiredMax = 1000;
constexpr std::string_view kEvidence = "evidence:";

Result<std::int32_t> frame_of(const Message& request) {
  const std::string_view text = request.get("frame");
  if (text == "sheet") {
    return redact::kSheet;
  }
  std::uint32_t frame = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), frame);
  if (!text.empty() &&
      (failed != std::errc() || end != text.data() + text.size() || frame > kFramesMax)) {
    return Error{ErrorKind::kInvalidInput,
                 "view.bad_frame",
                 "a frame is a number, 0 the first, or \"sheet\""};
  }
  return static_cast<std::int32_t>(frame);
}

Result<std::int64_t> number_of(const Message& request, std::string_view name) {
  const std::string_view text = request.get(name);
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size() || number < 0) {
    return Error{ErrorKind::kInvalidInput,
                 "vault.bad_message",
                 "a number of the call is none; are both processes of one version?"};
  }
  return number;
}

/// "person:019b05a2": enough to tell people apart on a screenshot, no name.
std::string short_id(const std::string& principal_id) {
  const std::size_t colon = principal_id.find(':');
  const std::string id = colon == std::string::npos ? principal_id : principal_id.substr(colon + 1);
  // The last digits of a UUIDv7 are the random ones.
  return id.size() <= kShortIdBytes ? id : id.substr(id.size() - kShortIdBytes);
}

/// What the ledger says of a content since it arrived; nothing where it does not know it.
Result<std::optional<crypto::Digests>> known_digests(store::Database& database,
                                                     std::string_view tenant_id,
                                                     const Uuid& content_id) {
  std::optional<crypto::Digests> known;
  TUTELA_TRY(database.read([&](store::Transaction& transaction) {
    return transaction.query(
        "SELECT md5, sha1, sha256 FROM content WHERE id = :id AND tenant_id = :tenant_id",
        {to_string(content_id), std::string(tenant_id)},
        [&](const store::Row& row) -> Status {
          crypto::Digests digests;
          if (!parse_hex(row.text(0), digests.md5) || !parse_hex(row.text(1), digests.sha1) ||
              !parse_hex(row.text(2), digests.sha256)) {
            return Error{ErrorKind::kCorrupted,
                         "store.corrupt",
                         "a row of content is not what was written; restore the database"};
          }
          known = digests;
          return ok();
        });
  }));
  return known;
}

/// Sends a package on as it is made. Nothing is put anywhere: whoever receives sees its end or not.
class Forward final : public disclosure::Output {
 public:
  explicit Forward(const Sink& sink) : sink_(sink) {}

  Status write(ByteView bytes) override { return sink_(bytes); }

  Status finish() override { return ok(); }

  void discard() override {}  // whoever receives gets an error where the end would be

 private:
  const Sink& sink_;
};

}  // namespace

Keeper::Keeper(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Keeper::~Keeper() = default;

Result<std::unique_ptr<Keeper>> Keeper::open(const config::Config& config, const Clock& clock) {
  TUTELA_TRY_ASSIGN(std::unique_ptr<Parts> parts, Parts::open(config, clock));
  return std::unique_ptr<Keeper>(new Keeper(std::move(parts)));
}

Result<auth::Principal> Keeper::principal_of(const Message& request) {
  return auth::principal_of_session(
      *parts_->database, parts_->clock.now_ms(), parts_->session_rules, request.get("credential"));
}

Result<auth::Principal> Keeper::fresh_principal_of(const Message& request, Permission permission) {
  TUTELA_TRY_ASSIGN(auth::Principal principal, principal_of(request));
  if (!principal.permissions.has(permission)) {
    return principal;  // refused where it is asked for, with an entry
  }
  if (!principal.session || principal.session->fresh_until_ms <= parts_->clock.now_ms()) {
    return Error{
        ErrorKind::kForbidden, "auth.not_fresh", "give your second factor again, then repeat this"};
  }
  return principal;
}

opening::Requester requester_of(const auth::Principal& principal) {
  const auth::Permissions& may = principal.permissions;
  return opening::Requester{principal.actor,
                            may.has(Permission::kEvidenceView),
                            may.has(Permission::kEvidenceOriginalAsk),
                            may.has(Permission::kEvidenceBreakGlass),
                            may.has(Permission::kEvidenceApprove),
                            principal.assigned_only};
}

Status Keeper::view(const Message& request, const Head& head, const Sink& sink) {
  TUTELA_TRY_ASSIGN(const auth::Principal principal, principal_of(request));
  const opening::Requester requester = requester_of(principal);
  TUTELA_TRY_ASSIGN(const Uuid id, request.id("evidence_id"));
  TUTELA_TRY_ASSIGN(const opening::Purpose purpose, opening::parse_purpose(request.get("purpose")));
  TUTELA_TRY_ASSIGN(const opening::Grade grade, opening::parse_grade(request.get("grade")));
  TUTELA_TRY_ASSIGN(const redact::Grade shown, redact::parse_grade(request.get("grade")));
  TUTELA_TRY_ASSIGN(const std::int32_t frame, frame_of(request));
  TUTELA_TRY(redact::check_request({shown, frame}));  // before an entry says that it was shown
  const std::string case_ref(request.get("case_ref"));
  TUTELA_TRY_ASSIGN(const opening::Viewing viewing,
                    parts_->opening->view(requester, id, case_ref, purpose, grade, frame));
  TUTELA_FAULT_POINT("vault_process.after_entry");
  TUTELA_TRY_ASSIGN(const vault::Evidence evidence,
                    parts_->vault->find(requester.actor.tenant_id, id));
  if (evidence.size_bytes > parts_->view_bytes_max) {  // it would all lie in memory
    return Error{ErrorKind::kLimitExceeded,
                 "media.too_large",
                 "the object is larger than limits allow to be decoded; only its original opens"};
  }
  TUTELA_TRY_ASSIGN(vault::Vault::Reader reader, parts_->vault->read(id, viewing.entry));
  TUTELA_TRY_ASSIGN(workers::ItemBytes item, workers::ItemBytes::create());
  Bytes piece(kPieceBytes);
  while (true) {
    TUTELA_TRY_ASSIGN(const std::size_t size, reader.read(piece));
    if (size == 0) {
      break;
    }
    TUTELA_TRY(item.append(ByteView(piece).first(size)));
  }
  const redact::Mark mark{short_id(requester.actor.principal_id), parts_->clock.now_ms(), case_ref};
  TUTELA_TRY_ASSIGN(const workers::Rendered view,
                    parts_->workers->render(item, {{shown, frame}, mark}));
  Message reply;
  reply.set("media_type", "image/png")
      .set("width", std::to_string(view.width))
      .set("height", std::to_string(view.height))
      .set("frames_total", std::to_string(view.frames_total))
      .set("damaged", view.damaged ? "true" : "false")
      .set("points", std::to_string(viewing.points));
  TUTELA_TRY(head(reply));
  TUTELA_TRY(sink(view.png));
  TUTELA_FAULT_POINT("vault_process.after_view");
  return parts_->opening->shown(requester.actor, viewing.number);
}

Status Keeper::send_original(const Uuid& id,
                             const audit::Recorded& entry,
                             const store::Actor& actor,
                             const Head& head,
                             const Sink& sink) {
  TUTELA_FAULT_POINT("vault_process.after_entry");
  TUTELA_TRY_ASSIGN(const vault::Evidence evidence, parts_->vault->find(actor.tenant_id, id));
  TUTELA_TRY_ASSIGN(vault::Vault::Reader reader, parts_->vault->read(id, entry));
  Message reply;
  reply.set("media_type", evidence.media_type)
      .set("size_bytes", std::to_string(evidence.size_bytes));
  TUTELA_TRY(head(reply));
  Bytes piece(kPieceBytes);
  while (true) {
    TUTELA_TRY_ASSIGN(const std::size_t size, reader.read(piece));
    if (size == 0) {
      return ok();
    }
    TUTELA_TRY(sink(ByteView(piece).first(size)));
  }
}

Status Keeper::original(const Message& request, const Head& head, const Sink& sink) {
  TUTELA_TRY_ASSIGN(const auth::Principal principal,
                    fresh_principal_of(request, Permission::kEvidenceOriginalAsk));
  const opening::Requester requester = requester_of(principal);
  TUTELA_TRY_ASSIGN(const Uuid id, request.id("evidence_id"));
  TUTELA_TRY_ASSIGN(const Uuid request_id, request.id("request_id"));
  TUTELA_TRY_ASSIGN(const audit::Recorded entry,
                    parts_->opening->original(requester, id, request_id));
  return send_original(id, entry, requester.actor, head, sink);
}

Status Keeper::break_glass(const Message& request, const Head& head, const Sink& sink) {
  TUTELA_TRY_ASSIGN(const auth::Principal principal,
                    fresh_principal_of(request, Permission::kEvidenceBreakGlass));
  const opening::Requester requester = requester_of(principal);
  TUTELA_TRY_ASSIGN(const Uuid id, request.id("evidence_id"));
  TUTELA_TRY_ASSIGN(
      const audit::Recorded entry,
      parts_->opening->break_glass(requester, id, request.get("case_ref"), request.get("reason")));
  return send_original(id, entry, requester.actor, head, sink);
}

Status Keeper::package(const Message& request, const Head& head, const Sink& sink) {
  TUTELA_TRY_ASSIGN(const auth::Principal principal,
                    fresh_principal_of(request, Permission::kExportAsk));
  if (!principal.permissions.has(Permission::kExportAsk)) {
    return Error{ErrorKind::kForbidden, "auth.missing_permission", "this needs export_ask"};
  }
  TUTELA_TRY_ASSIGN(const Uuid request_id, request.id("request_id"));
  TUTELA_TRY_ASSIGN(const disclosure::Disclosure asked,
                    parts_->disclosures->find_by_request(principal.actor.tenant_id, request_id));
  bool said = false;
  // What is refused before the first byte is an error, and no package.
  const Sink after_head = [&](ByteView bytes) -> Status {
    if (!said) {
      said = true;
      Message reply;
      reply.set("media_type", "application/octet-stream")
          .set("name",
               to_string(asked.id) + (asked.recipient_kind == disclosure::RecipientKind::kAge
                                          ? ".tar.age"
                                          : ".tar.pgp"));
      TUTELA_TRY(head(reply));
    }
    return sink(bytes);
  };
  Forward output(after_head);
  disclosure::Access access;
  access.open = [&](const Uuid& id, const audit::Recorded& entry) -> Result<disclosure::Read> {
    TUTELA_TRY_ASSIGN(vault::Vault::Reader reader, parts_->vault->read(id, entry));
    auto shared = std::make_shared<vault::Vault::Reader>(std::move(reader));
    return disclosure::Read([shared](std::span<std::byte> out) { return shared->read(out); });
  };
  LogProofs proofs(
      parts_->log_options, *parts_->database, [this] { return follow_log([] { return false; }); });
  access.proofs = &proofs;
  TUTELA_TRY(parts_->disclosures->run(principal.actor, request_id, access, output));
  return ok();
}

Status Keeper::report_file(const Message& request, const Head& head, const Sink& sink) {
  TUTELA_TRY_ASSIGN(const Uuid report, request.id("report_id"));
  TUTELA_TRY_ASSIGN(const std::int64_t lease, number_of(request, "lease"));
  TUTELA_TRY_ASSIGN(const std::int64_t file, number_of(request, "file"));
  const store::Actor actor{std::string(request.get("tenant_id")), "system", "system"};
  TUTELA_TRY_ASSIGN(const audit::Recorded entry,
                    parts_->reports->open_file(actor, report, lease, file));
  std::string_view object = entry.object();
  object.remove_prefix(std::min(kEvidence.size(), object.size()));
  TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(object));
  return send_original(id, entry, actor, head, sink);
}

Result<vault::Vault::Writer> Keeper::seal(const Message& request) {
  vault::NewEvidence what;
  TUTELA_TRY_ASSIGN(const Uuid content_id, request.id("content_id"));
  what.content_id = content_id;
  TUTELA_TRY_ASSIGN(what.known,
                    known_digests(*parts_->database, request.get("tenant_id"), content_id));
  what.case_ref = request.get("case_ref");
  what.media_type = request.get("media_type");
  return parts_->vault->seal(
      {std::string(request.get("tenant_id")), std::string(request.get("principal_id")), "service"},
      std::move(what));
}

Result<Message> Keeper::status() {
  Message message;
  TUTELA_TRY_ASSIGN(const preservation::Counts counts, parts_->preservation->counts());
  TUTELA_TRY_ASSIGN(const preservation::ClockStatus clock, parts_->preservation->clock_status());
  constexpr std::array<std::string_view, 3> kHealth = {"sane", "behind", "jumped"};
  const auto set = [&](std::string_view name, std::int64_t value) {
    message.set(name, std::to_string(value));
  };
  set("kept", counts.kept);
  set("held", counts.held);
  set("due", counts.due);
  set("destroying", counts.destroying);
  set("destroyed", counts.destroyed);
  set("holds", counts.holds);
  set("holds_overdue", counts.holds_overdue);
  message.set("clock", kHealth[static_cast<std::size_t>(clock.health)]);
  message.set("key", parts_->key_id);
  const MutexLock lock(parts_->mutex);
  set("damaged_objects", static_cast<std::int64_t>(parts_->damaged));
  set("signed_entries", static_cast<std::int64_t>(parts_->signed_entries));
  return message;
}

Status Keeper::follow_log(const std::function<bool()>& stop_requested) {
  const MutexLock lock(parts_->following);
  TUTELA_TRY_ASSIGN(const std::uint64_t entries, parts_->sequencer->follow(stop_requested));
  const MutexLock counts(parts_->mutex);
  parts_->signed_entries = entries;
  return ok();
}

Status Keeper::tick(const std::function<bool()>& stop_requested) {
  // One that fails does not stop the others: destruction has a day that was promised. But by a
  // clock that is wrong nothing is destroyed, keys neither.
  const auto expired = parts_->dual_control->expire_due(kExpiredMax);
  const auto moved = parts_->preservation->tick(stop_requested);
  if (moved || !moved.error().code.starts_with("clock.")) {
    TUTELA_TRY(parts_->vault->turn_epochs(stop_requested, {}));
  }
  TUTELA_TRY(expired);
  TUTELA_TRY(moved);
  return ok();
}

Result<blobs::Scrub> Keeper::scrub(const std::function<bool()>& stop_requested) {
  TUTELA_TRY_ASSIGN(blobs::Scrub found, parts_->blobs->scrub("", stop_requested, {}));
  const MutexLock lock(parts_->mutex);
  parts_->damaged = found.corrupt.size();
  return found;
}

}  // namespace tutela::vault_process
