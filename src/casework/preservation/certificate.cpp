#include "casework/preservation/certificate.hpp"

#include <algorithm>
#include <charconv>

namespace tutela::preservation {
namespace {

constexpr std::string_view kHead = "tutela destruction certificate v1\n";

Error bad(std::string_view what) {
  return {ErrorKind::kInvalidInput,
          "certificate.bad",
          "this is no certificate of destruction: " + std::string(what)};
}

Error not_signed() {
  return {ErrorKind::kCorrupted,
          "certificate.not_signed",
          "the certificate is not signed by this key, or was changed since: do not rely on it"};
}

/// Takes the value of the line "name: value" off the front; empty where that is not the next line.
std::string_view take_line(std::string_view& text, std::string_view name) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  if (end == std::string_view::npos || !line.starts_with(name) ||
      !line.substr(name.size()).starts_with(": ")) {
    text = {};
    return {};
  }
  text.remove_prefix(end + 1);
  return line.substr(name.size() + 2);
}

}  // namespace

std::string_view to_string(Ground ground) noexcept {
  return ground == Ground::kExpired ? "expired" : "law_enforcement_request";
}

Result<Ground> parse_ground(std::string_view text) {
  for (const Ground ground : {Ground::kExpired, Ground::kLawEnforcementRequest}) {
    if (to_string(ground) == text) {
      return ground;
    }
  }
  return Error{ErrorKind::kInvalidInput,
               "certificate.bad_ground",
               "destruction rests on expired or law_enforcement_request"};
}

bool is_line(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 128 && text.front() != ' ' && text.back() != ' ' &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

Result<std::string> certificate_text(const Certificate& certificate) {
  for (const std::string* line : {&certificate.tenant_id,
                                  &certificate.case_ref,
                                  &certificate.reference,
                                  &certificate.asked_by,
                                  &certificate.approved_by}) {
    if (!is_line(*line)) {
      return bad("a part of it is not 1 to 128 printable ASCII characters");
    }
  }
  if (certificate.entry < 0 || !parse_time(to_rfc3339(certificate.destroyed_ms)) ||
      !parse_time(to_rfc3339(certificate.final_ms))) {
    return bad("its entry or a time is out of range");
  }
  std::string text(kHead);
  const auto add = [&](std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\n");
  };
  add("object", to_string(certificate.object));
  add("tenant", certificate.tenant_id);
  add("case", certificate.case_ref);
  add("ground", to_string(certificate.ground));
  add("reference", certificate.reference);
  add("asked-by", certificate.asked_by);
  add("approved-by", certificate.approved_by);
  add("audit-entry", std::to_string(certificate.entry));
  add("destroyed", to_rfc3339(certificate.destroyed_ms));
  add("final-after", to_rfc3339(certificate.final_ms));
  return text;
}

Result<Certificate> parse_certificate_text(std::string_view text) {
  if (text.size() > kCertificateBytesMax || !text.starts_with(kHead)) {
    return bad("it does not begin as one");
  }
  std::string_view rest = text.substr(kHead.size());
  Certificate certificate;
  TUTELA_TRY_ASSIGN(certificate.object, parse_uuid(take_line(rest, "object")));
  certificate.tenant_id = take_line(rest, "tenant");
  certificate.case_ref = take_line(rest, "case");
  TUTELA_TRY_ASSIGN(certificate.ground, parse_ground(take_line(rest, "ground")));
  certificate.reference = take_line(rest, "reference");
  certificate.asked_by = take_line(rest, "asked-by");
  certificate.approved_by = take_line(rest, "approved-by");
  const std::string_view entry = take_line(rest, "audit-entry");
  std::from_chars(entry.data(), entry.data() + entry.size(), certificate.entry);
  TUTELA_TRY_ASSIGN(certificate.destroyed_ms, parse_time(take_line(rest, "destroyed")));
  TUTELA_TRY_ASSIGN(certificate.final_ms, parse_time(take_line(rest, "final-after")));
  // One way to write each certificate: what reads back differently was not written by us.
  const Result<std::string> again = certificate_text(certificate);
  if (!again || *again != text) {
    return bad("its lines are not those of a certificate");
  }
  return certificate;
}

Result<std::string> sign_certificate(const Certificate& certificate,
                                     std::string_view key_name,
                                     const crypto::SigningKey& key) {
  TUTELA_TRY_ASSIGN(const std::string text, certificate_text(certificate));
  if (!audit::is_origin(key_name)) {
    return bad("the name of its key has a blank or a plus");
  }
  return audit::sign_note(text, key_name, key);
}

Result<Certificate> verify_certificate(std::string_view note, const audit::VerifierKey& key) {
  if (note.size() > 2 * kCertificateBytesMax) {
    return bad("it is too long");
  }
  const Result<std::string_view> text = audit::open_note(note, key);
  if (!text) {
    return text.error().code == "audit.bad_signature" ? not_signed() : bad("it is no signed note");
  }
  return parse_certificate_text(*text);
}

}  // namespace tutela::preservation
