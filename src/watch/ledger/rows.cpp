#include "watch/ledger/rows.hpp"

namespace tutela::ledger {
namespace {

using store::Row;
using store::Transaction;

constexpr std::size_t kPdqDigits = 64;

Error corrupt() {
  return Error{ErrorKind::kCorrupted,
               "store.corrupt",
               "a row of the ledger holds what this program never writes: restore a backup"};
}

media::MediaType type_of_mime(std::string_view mime) {
  using media::MediaType;
  for (const MediaType type : {MediaType::kJpeg,
                               MediaType::kPng,
                               MediaType::kWebp,
                               MediaType::kGif,
                               MediaType::kTiff,
                               MediaType::kAvif,
                               MediaType::kHeic,
                               MediaType::kBmp}) {
    if (mime == media::mime_type(type)) {
      return type;
    }
  }
  return MediaType::kUnknown;
}

Result<fingerprint::Orientation> parse_orientation(std::string_view text) {
  for (std::size_t i = 0; i < fingerprint::kOrientations; ++i) {
    const auto orientation = static_cast<fingerprint::Orientation>(i);
    if (text == fingerprint::to_string(orientation)) {
      return orientation;
    }
  }
  return corrupt();
}

constexpr std::string_view kColumns =
    "SELECT c.id, c.tenant_id, c.principal_id, c.door, c.source, c.external_id, c.size_bytes, "
    "c.md5, c.sha1, c.sha256, c.received_ms, c.attempts, c.verdict, c.reason, c.decided_ms, "
    "c.media_type, c.width, c.height, c.frames_total, c.decoder, c.damaged, c.partial, "
    "c.quality_low, c.action, c.rule, c.labels, c.decision_reason, c.policy_version, c.dry_run, "
    "c.spooled, c.lists_position, c.revision, c.canary, c.let_through FROM content c ";

Result<Arrival> read_arrival(const Row& row) {
  Arrival arrival;
  TUTELA_TRY_ASSIGN(arrival.id, parse_uuid(row.text(0)));
  arrival.door = row.text(3);
  arrival.source = row.text(4);
  if (!row.is_null(5)) {
    arrival.external_id = row.text(5);
  }
  arrival.size_bytes = static_cast<std::uint64_t>(row.integer(6));
  TUTELA_TRY(parse_hex(row.text(7), arrival.digests.md5));
  TUTELA_TRY(parse_hex(row.text(8), arrival.digests.sha1));
  TUTELA_TRY(parse_hex(row.text(9), arrival.digests.sha256));
  arrival.received_ms = row.integer(10);
  return arrival;
}

media::DecodeReport read_report(const Row& row) {
  media::DecodeReport report;
  report.type = type_of_mime(row.text(15));
  report.width = static_cast<std::uint32_t>(row.integer(16));
  report.height = static_cast<std::uint32_t>(row.integer(17));
  report.frames_total = static_cast<std::uint32_t>(row.integer(18));
  report.decoder = row.text(19);
  report.damaged = row.integer(20) != 0;
  report.partial = row.integer(21) != 0;
  return report;
}

Result<Content> read_content(const Row& row) {
  Content content;
  TUTELA_TRY_ASSIGN(content.arrival, read_arrival(row));
  content.tenant_id = row.text(1);
  content.principal_id = row.text(2);
  content.attempts = static_cast<std::uint32_t>(row.integer(11));
  content.decided_ms = row.integer(14);
  Outcome& outcome = content.outcome;
  TUTELA_TRY_ASSIGN(outcome.verdict, policy::parse_verdict(row.text(12)));
  outcome.reason = row.text(13);
  if (!row.is_null(15)) {
    outcome.inspection = inspect::Inspection{read_report(row), {}};
  }
  outcome.quality_low = row.integer(22) != 0;
  outcome.keep_bytes = row.integer(29) != 0;
  outcome.lists_position = row.integer(30);
  content.revision = row.integer(31);
  content.canary = row.integer(32) != 0;
  content.let_through = row.integer(33) != 0;
  outcome.canary = content.canary && outcome.verdict != policy::Verdict::kOwed;
  if (!row.is_null(23)) {
    TUTELA_TRY_ASSIGN(outcome.decision.action, policy::parse_action(row.text(23)));
    outcome.decision.rule = row.text(24);
    outcome.decision.labels = split_lines(row.text(25));
    outcome.decision.reason = row.text(26);
    outcome.decision.policy_version = row.text(27);
    outcome.decision.dry_run = split_lines(row.text(28));
  }
  return content;
}

Status read_frames(Transaction& transaction, Content& content) {
  inspect::Inspection& inspection = *content.outcome.inspection;
  TUTELA_TRY(transaction.query(
      "SELECT frame, quality, pdq FROM content_frame WHERE content_id = :id ORDER BY frame",
      {to_string(content.arrival.id)},
      [&](const Row& row) -> Status {
        TUTELA_TRY_ASSIGN(auto pdq, hashes_from_text(row.text(2), row.integer(1)));
        inspection.frames.push_back({static_cast<std::uint32_t>(row.integer(0)), pdq});
        return ok();
      }));
  inspection.report.frames_decoded = static_cast<std::uint32_t>(inspection.frames.size());
  return ok();
}

Status read_matches(Transaction& transaction, Content& content) {
  return transaction.query(
      "SELECT m.id, m.list_id, l.name, m.list_version, m.signal_id, m.kind, m.distance, "
      "m.orientation, m.frame, m.strength FROM content_match m "
      "LEFT JOIN list l ON l.id = m.list_id WHERE m.content_id = :id ORDER BY m.id",
      {to_string(content.arrival.id)},
      [&](const Row& row) -> Status {
        MatchRow match;
        TUTELA_TRY_ASSIGN(match.id, parse_uuid(row.text(0)));
        TUTELA_TRY_ASSIGN(match.list_id, parse_uuid(row.text(1)));
        match.list_name = row.text(2);
        match.list_version = row.integer(3);
        match.signal_id = row.integer(4);
        TUTELA_TRY_ASSIGN(match.kind, match::parse_signal_kind(row.text(5)));
        match.distance = static_cast<int>(row.integer(6));
        TUTELA_TRY_ASSIGN(match.orientation, parse_orientation(row.text(7)));
        match.frame = static_cast<std::uint32_t>(row.integer(8));
        match.strength =
            row.text(9) == "exact" ? policy::Strength::kExact : policy::Strength::kNear;
        content.outcome.matches.push_back(std::move(match));
        return ok();
      });
}

}  // namespace

store::Value optional_text(const std::optional<std::string>& text) {
  return text ? store::Value{*text} : store::Value{};
}

std::string join_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += text.empty() ? line : "\n" + line;
  }
  return text;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

std::string hashes_to_text(const fingerprint::PdqResult& pdq) {
  std::string text;
  for (const fingerprint::Pdq256& hash : pdq.hashes) {
    text += fingerprint::to_hex(hash);
  }
  return text;
}

Result<fingerprint::PdqResult> hashes_from_text(std::string_view text, std::int64_t quality) {
  fingerprint::PdqResult pdq;
  if (text.size() != kPdqDigits * pdq.hashes.size() || quality < 0 || quality > 100) {
    return corrupt();
  }
  for (std::size_t i = 0; i < pdq.hashes.size(); ++i) {
    TUTELA_TRY_ASSIGN(pdq.hashes[i],
                      fingerprint::parse_pdq(text.substr(i * kPdqDigits, kPdqDigits)));
  }
  pdq.quality = static_cast<std::uint8_t>(quality);
  return pdq;
}

Status add_event(store::Transaction& transaction,
                 const store::Actor& actor,
                 const Uuid& id,
                 std::string_view event,
                 std::string_view detail,
                 UtcMs at_ms) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO ledger (tenant_id, principal_id, content_id, event, detail, at_ms) "
      "VALUES (:tenant, :principal, :content, :event, :detail, :at)",
      {actor.tenant_id,
       actor.principal_id,
       to_string(id),
       std::string(event),
       std::string(detail),
       at_ms}));
  return ok();
}

Status read_contents(Transaction& transaction,
                     std::string_view where_clause,
                     const std::vector<store::Value>& values,
                     std::vector<Content>& out) {
  TUTELA_TRY(transaction.query(
      std::string(kColumns) + std::string(where_clause), values, [&](const Row& row) -> Status {
        TUTELA_TRY_ASSIGN(Content content, read_content(row));
        out.push_back(std::move(content));
        return ok();
      }));
  for (Content& content : out) {
    if (content.outcome.inspection) {
      TUTELA_TRY(read_frames(transaction, content));
    }
    TUTELA_TRY(read_matches(transaction, content));
  }
  return ok();
}

}  // namespace tutela::ledger
