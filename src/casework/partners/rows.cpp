#include "casework/partners/rows.hpp"

#include <algorithm>

#include "base/utf8.hpp"
#include "custody/store/columns.hpp"

namespace tutela::partners {

const std::string_view kPartnerColumns =
    "id, version, kind, name, organisation, country, role, email, phone, url, note, deputy_id, "
    "token_id, confirm_days, absent_from_ms, absent_until_ms, confirmed_ms, confirmed_by, "
    "ended_ms, at_ms";

namespace {

constexpr std::size_t kFieldBytesMax = 200;
constexpr std::size_t kNoteBytesMax = 2000;
constexpr std::size_t kTokenBytesMax = 64;
constexpr std::int64_t kConfirmDaysMax = 3650;

constexpr Kind kKinds[] = {Kind::kAuthority,
                           Kind::kHotline,
                           Kind::kFlagger,
                           Kind::kCouncil,
                           Kind::kResearcher,
                           Kind::kService};

Error bad(std::string_view code, std::string_view must) {
  constexpr std::string_view kPrefix = "partner.bad_";
  return {ErrorKind::kInvalidInput,
          code,
          std::string(code.substr(kPrefix.size())) + " of a partner must be " + std::string(must)};
}

bool is_field(std::string_view text) {
  return text.size() <= kFieldBytesMax && is_utf8_text(text, Breaks::kNone);
}

/// One word that somebody's program may open or write to: no blanks, quotes or brackets.
bool is_address(std::string_view text) {
  return is_field(text) && text.find_first_of(" \"'<>\\`,;") == std::string_view::npos;
}

bool is_mail(std::string_view text) {
  const std::size_t at = text.find('@');
  return is_address(text) && at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos;
}

bool is_country(std::string_view text) {
  return text.size() == 2 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

std::string_view to_string(Kind value) noexcept {
  switch (value) {
    case Kind::kAuthority:
      return "authority";
    case Kind::kHotline:
      return "hotline";
    case Kind::kFlagger:
      return "flagger";
    case Kind::kCouncil:
      return "council";
    case Kind::kResearcher:
      return "researcher";
    case Kind::kService:
      return "service";
  }
  return "";
}

Result<Kind> parse_kind(std::string_view text) {
  for (const Kind kind : kKinds) {
    if (to_string(kind) == text) {
      return kind;
    }
  }
  return bad("partner.bad_kind", "authority, hotline, flagger, council, researcher or service");
}

Status check(const Details& details) {
  if (details.name.empty() || !is_field(details.name)) {
    return bad("partner.bad_name", "1 to 200 bytes of text on one line");
  }
  const std::pair<std::string_view, std::string_view> lines[] = {
      {"partner.bad_organisation", details.organisation},
      {"partner.bad_role", details.role},
      {"partner.bad_phone", details.phone}};
  for (const auto& [code, value] : lines) {
    if (!is_field(value)) {
      return bad(code, "at most 200 bytes of text on one line");
    }
  }
  if (!details.country.empty() && !is_country(details.country)) {
    return bad("partner.bad_country", "two capital letters of ISO 3166-1, or absent");
  }
  if (!details.email.empty() && !is_mail(details.email)) {
    return bad("partner.bad_email", "one mail address, or absent");
  }
  constexpr std::string_view kHttps = "https://";
  if (!details.url.empty() && (!is_address(details.url) || !details.url.starts_with(kHttps) ||
                               details.url.size() == kHttps.size())) {
    return bad("partner.bad_url", "an https:// address, or absent");
  }
  if (details.note.size() > kNoteBytesMax || !is_utf8_text(details.note, Breaks::kLinesAndTabs)) {
    return bad("partner.bad_note", "at most 2000 bytes of text");
  }
  if (details.token_id && (details.token_id->empty() || details.token_id->size() > kTokenBytesMax ||
                           !is_address(*details.token_id))) {
    return bad("partner.bad_token", "the id of an API token, or absent");
  }
  if (details.confirm_days < 1 || details.confirm_days > kConfirmDaysMax) {
    return bad("partner.bad_confirm_days", "from 1 to 3650");
  }
  if (details.absent_from_ms.has_value() != details.absent_until_ms.has_value() ||
      (details.absent_from_ms && *details.absent_from_ms >= *details.absent_until_ms)) {
    return bad("partner.bad_absent_from", "with absent_until, which is later, or both absent");
  }
  return ok();
}

std::vector<store::Value> values_of(const Details& details) {
  return {std::string(to_string(details.kind)),
          details.name,
          details.organisation,
          details.country,
          details.role,
          details.email,
          details.phone,
          details.url,
          details.note,
          details.deputy_id ? store::Value(to_string(*details.deputy_id)) : store::Value(),
          store::to_value(details.token_id),
          details.confirm_days,
          store::to_value(details.absent_from_ms),
          store::to_value(details.absent_until_ms)};
}

Result<Partner> read_row(const store::Row& row, UtcMs now_ms) {
  Partner partner;
  Details& details = partner.details;
  TUTELA_TRY_ASSIGN(partner.id, parse_uuid(row.text(0)));
  partner.version = row.integer(1);
  TUTELA_TRY_ASSIGN(details.kind, parse_kind(row.text(2)));
  details.name = row.text(3);
  details.organisation = row.text(4);
  details.country = row.text(5);
  details.role = row.text(6);
  details.email = row.text(7);
  details.phone = row.text(8);
  details.url = row.text(9);
  details.note = row.text(10);
  if (!row.is_null(11)) {
    TUTELA_TRY_ASSIGN(details.deputy_id, parse_uuid(row.text(11)));
  }
  if (!row.is_null(12)) {
    details.token_id = row.text(12);
  }
  details.confirm_days = row.integer(13);
  details.absent_from_ms = optional_integer(row, 14);
  details.absent_until_ms = optional_integer(row, 15);
  partner.confirmed_ms = row.integer(16);
  partner.confirmed_by = row.text(17);
  partner.ended_ms = optional_integer(row, 18);
  partner.at_ms = row.integer(19);
  partner.stale =
      !partner.ended_ms && now_ms - partner.confirmed_ms >= details.confirm_days * kDayMs;
  partner.absent = details.absent_from_ms && *details.absent_from_ms <= now_ms &&
                   now_ms < *details.absent_until_ms;
  return partner;
}

}  // namespace tutela::partners
