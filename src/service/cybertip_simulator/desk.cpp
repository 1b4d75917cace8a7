#include "service/cybertip_simulator/desk.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/bytes.hpp"
#include "crypto/secret.hpp"
#include "service/cybertip_simulator/rules.hpp"

namespace tutela::cybertip_simulator {

namespace {

std::string new_file_id() {
  std::array<std::byte, 16> bytes{};
  crypto::random_bytes(bytes);
  return to_hex(bytes);
}

unsigned status_of(std::int64_t code) {
  switch (code) {
    case 0:
      return 200;
    case 1210:
    case 5001:
    case 5002:
      return 404;
    case 5101:
    case 5102:
      return 409;
    default:
      break;
  }
  switch (code / 1000) {
    case 1:
      return 500;
    case 2:
      return 401;
    case 3:
      return 403;
    default:
      return 400;
  }
}

/// The document's own complaint, or that of the rules; nothing where it is good.
std::optional<Reply> refuse_document(const Document& document, std::string_view root) {
  if (!document.malformed.empty()) {
    return refusal(4110, document.malformed);
  }
  if (!document.invalid.empty()) {
    return refusal(4100, document.invalid);
  }
  if (document.root.name != root) {
    return refusal(4100, "the document must be a " + std::string(root));
  }
  return {};
}

std::int64_t number_of(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data() + begin, text.data() + text.size(), value);
  return read.ec == std::errc() ? value : 0;
}

std::string token_of(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) {
    return {};
  }
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

}  // namespace

std::string_view to_string(Stage value) noexcept {
  switch (value) {
    case Stage::kOpen:
      return "open";
    case Stage::kFinished:
      return "finished";
    case Stage::kRetracted:
      return "retracted";
    case Stage::kExpired:
      return "expired";
  }
  return "";
}

Reply refusal(std::int64_t code, std::string_view why) {
  Reply reply;
  reply.code = code;
  reply.http_status = status_of(code);
  reply.description = why;
  return reply;
}

void Desk::expire(UtcMs now_ms) {
  for (auto& [id, report] : reports_) {
    const UtcMs end_ms = std::max(report.opened_ms + kOpenMs, report.changed_ms + kIdleMs);
    if (report.stage == Stage::kOpen && now_ms > end_ms) {
      report.stage = Stage::kExpired;
    }
  }
}

void Desk::expire_now(std::int64_t id) {
  const auto at = reports_.find(id);
  if (at != reports_.end() && at->second.stage == Stage::kOpen) {
    at->second.stage = Stage::kExpired;
  }
}

void Desk::expire_all() {
  for (auto& [id, report] : reports_) {
    expire_now(id);
  }
}

Desk::Found Desk::find_open(std::int64_t id, UtcMs now_ms) {
  expire(now_ms);
  Found found;
  const auto at = reports_.find(id);
  if (at == reports_.end() || at->second.stage == Stage::kExpired) {
    found.refused = refusal(5001, "Report does not exist");
    return found;
  }
  if (at->second.stage == Stage::kRetracted) {
    found.refused = refusal(5101, "Report already retracted");
  } else if (at->second.stage == Stage::kFinished) {
    found.refused = refusal(5102, "Report already finished");
  } else {
    found.report = &at->second;
  }
  found.refused.report_id = id;
  return found;
}

Reply Desk::submit(std::string_view xml, UtcMs now_ms) {
  expire(now_ms);
  const Document document = read_document(xml);
  if (auto refused = refuse_document(document, "report")) {
    return *std::move(refused);
  }
  if (std::string wrong = complaint_of_report(document.root, now_ms); !wrong.empty()) {
    return refusal(4100, wrong);
  }
  if (reports_.size() >= kReportsMax) {
    return refusal(1100, "the simulator holds no more reports");
  }
  StoredReport report;
  report.id = next_id_++;
  report.batched = is_batched(document.root);
  report.opened_ms = now_ms;
  report.changed_ms = now_ms;
  report.xml = xml;
  Reply reply;
  reply.report_id = report.id;
  reports_.emplace(report.id, std::move(report));
  return reply;
}

Reply Desk::upload(std::int64_t id, const Received& file, UtcMs now_ms) {
  Found found = find_open(id, now_ms);
  if (found.report == nullptr) {
    return found.refused;
  }
  if (found.report->files.size() >= kFilesMax) {
    return refusal(1111, "the simulator holds no more files of a report");
  }
  found.report->changed_ms = now_ms;
  found.report->files.push_back({new_file_id(), file.md5, file.size_bytes, {}});
  Reply reply;
  reply.report_id = id;
  reply.file_id = found.report->files.back().id;
  reply.hash = file.md5;
  return reply;
}

Reply Desk::file_info(std::string_view xml, UtcMs now_ms) {
  const Document document = read_document(xml);
  if (auto refused = refuse_document(document, "fileDetails")) {
    return *std::move(refused);
  }
  const std::int64_t id = number_of(document.root.child_text("reportId"));
  Found found = find_open(id, now_ms);
  if (found.report == nullptr) {
    return found.refused;
  }
  const std::string file_id = token_of(document.root.child_text("fileId"));
  auto& files = found.report->files;
  const auto file = std::find_if(
      files.begin(), files.end(), [&](const StoredFile& one) { return one.id == file_id; });
  if (file == files.end()) {
    return refusal(5002, "File does not exist");
  }
  if (std::string wrong = complaint_of_file(document.root, found.report->batched, now_ms);
      !wrong.empty()) {
    return refusal(4100, wrong);
  }
  if (!file->details.empty()) {
    return refusal(4100, "file details may be submitted once per uploaded file");
  }
  file->details = xml;
  found.report->changed_ms = now_ms;
  Reply reply;
  reply.report_id = id;
  return reply;
}

Reply Desk::finish(std::int64_t id, UtcMs now_ms) {
  Found found = find_open(id, now_ms);
  if (found.report == nullptr) {
    return found.refused;
  }
  if (found.report->batched && found.report->files.size() > 1) {
    return refusal(4100, "only 1 uploaded file is allowed in a batched report");
  }
  found.report->stage = Stage::kFinished;
  Reply reply;
  reply.report_id = id;
  reply.done = true;
  for (const StoredFile& file : found.report->files) {
    reply.file_ids.push_back(file.id);
  }
  return reply;
}

Reply Desk::retract(std::int64_t id, UtcMs now_ms) {
  Found found = find_open(id, now_ms);
  if (found.report == nullptr) {
    return found.refused;
  }
  found.report->stage = Stage::kRetracted;
  Reply reply;
  reply.report_id = id;
  return reply;
}

}  // namespace tutela::cybertip_simulator
