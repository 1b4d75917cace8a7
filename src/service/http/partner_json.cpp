#include "service/http/partner_json.hpp"

#include <algorithm>
#include <utility>

#include "service/http/json.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::size_t kWordBytesMax = 64;
constexpr std::size_t kFieldBytesMax = 200;
constexpr std::size_t kNoteBytesMax = 2000;
constexpr std::int64_t kDaysMax = 3650;
constexpr std::int64_t kDayMs = 86'400'000;

void set_text(json::object& body, std::string_view name, const std::string& text) {
  if (!text.empty()) {
    body[name] = text;
  }
}

Result<std::optional<UtcMs>> time_of(const std::optional<std::string>& text) {
  if (!text) {
    return std::optional<UtcMs>();
  }
  TUTELA_TRY_ASSIGN(const UtcMs time_ms, parse_time(*text));
  return std::optional(time_ms);
}

json::object load_json(const partners::Load& load) {
  json::object body = {{"queue", load.queue},
                       {"waiting", load.waiting},
                       {"arrivals_per_hour", load.arrivals_per_hour},
                       {"promise_seconds", load.promise_ms / 1000}};
  if (load.minutes_each > 0) {
    body["minutes_each"] = load.minutes_each;
  }
  set_time(body, "next_due_at", load.next_due_ms);
  return body;
}

}  // namespace

void PartnerJson::sign(json::object& body,
                       const std::string& name,
                       const std::string& principal_id) {
  body[name] = principal_id;
  if (const auto found = names_.find(principal_id)) {
    body[name + "_name"] = *found;
  }
}

json::object PartnerJson::of(const partners::Partner& partner,
                             std::span<const partners::Partner> all) {
  const partners::Details& details = partner.details;
  json::object body = {{"id", to_string(partner.id)},
                       {"version", partner.version},
                       {"kind", to_string(details.kind)},
                       {"name", details.name},
                       {"confirm_days", details.confirm_days},
                       {"confirmed_at", to_rfc3339(partner.confirmed_ms)},
                       {"at", to_rfc3339(partner.at_ms)},
                       {"stale", partner.stale},
                       {"absent", partner.absent}};
  set_text(body, "organisation", details.organisation);
  set_text(body, "country", details.country);
  set_text(body, "role", details.role);
  set_text(body, "email", details.email);
  set_text(body, "phone", details.phone);
  set_text(body, "url", details.url);
  set_text(body, "note", details.note);
  set_text(body, "token", details.token_id.value_or(""));
  if (details.deputy_id) {
    body["deputy"] = to_string(*details.deputy_id);
    const auto deputy = std::ranges::find(all, *details.deputy_id, &partners::Partner::id);
    if (deputy != all.end()) {
      body["deputy_name"] = deputy->details.name;
    }
  }
  set_time(body, "absent_from", details.absent_from_ms);
  set_time(body, "absent_until", details.absent_until_ms);
  sign(body, "confirmed_by", partner.confirmed_by);
  if (partner.ended_ms) {
    set_time(body, "ended_at", partner.ended_ms);
  } else {
    set_time(body, "confirm_by", partner.confirmed_ms + details.confirm_days * kDayMs);
  }
  return body;
}

json::object PartnerJson::of(const partners::Duty& duty) {
  json::object body = {{"queue", duty.queue}};
  sign(body, "person", duty.person);
  body["person_absent"] = duty.person_absent;
  if (duty.deputy) {
    sign(body, "deputy", *duty.deputy);
    body["deputy_absent"] = duty.deputy_absent;
  }
  return body;
}

json::object PartnerJson::of(const partners::Span& span) {
  json::object body = {{"id", to_string(span.id)},
                       {"from", to_rfc3339(span.from_ms)},
                       {"until", to_rfc3339(span.until_ms)}};
  sign(body, "person", span.person);
  return body;
}

json::array PartnerJson::of(std::span<const partners::Span> spans) {
  json::array items;
  for (const partners::Span& span : spans) {
    items.push_back(of(span));
  }
  return items;
}

json::array holidays_json(const intake::Promises& promises) {
  constexpr std::size_t kDayBytes = 10;
  json::array days;
  for (const std::int64_t day : promises.holidays) {
    days.emplace_back(to_rfc3339(day * kDayMs).substr(0, kDayBytes));
  }
  return days;
}

json::object workload_json(const staffing::Workload& workload) {
  json::array loads;
  for (const partners::Load& load : workload.loads) {
    loads.push_back(load_json(load));
  }
  const partners::Staffing& now = workload.staffing;
  json::object staffing = {{"known", now.known},
                           {"enough", now.enough},
                           {"people_now", now.people_now},
                           {"people_next_day", now.people_next_day},
                           {"hours_needed", now.hours_needed},
                           {"hours_there", now.hours_there}};
  set_time(staffing, "breaks_at", now.breaks_ms);
  set_text(staffing, "breaks_queue", now.breaks_queue);
  return {{"loads", std::move(loads)}, {"staffing", std::move(staffing)}};
}

DetailsReader::DetailsReader(ObjectReader& reader) {
  const auto line = [&](std::string_view name) {
    return reader.optional_text(name, kFieldBytesMax).value_or("");
  };
  kind_ = reader.text("kind", kWordBytesMax);
  details_.name = reader.text("name", kFieldBytesMax);
  details_.organisation = line("organisation");
  details_.country = line("country");
  details_.role = line("role");
  details_.email = line("email");
  details_.phone = line("phone");
  details_.url = line("url");
  details_.note = reader.optional_lines("note", kNoteBytesMax).value_or("");
  deputy_ = reader.optional_text("deputy", kWordBytesMax);
  details_.token_id = reader.optional_text("token", kWordBytesMax);
  details_.confirm_days =
      reader.optional_integer("confirm_days", 1, kDaysMax).value_or(details_.confirm_days);
  absent_from_ = reader.optional_text("absent_from", kWordBytesMax);
  absent_until_ = reader.optional_text("absent_until", kWordBytesMax);
}

Result<partners::Details> DetailsReader::details() && {
  TUTELA_TRY_ASSIGN(details_.kind, partners::parse_kind(kind_));
  if (deputy_) {
    TUTELA_TRY_ASSIGN(details_.deputy_id, parse_uuid(*deputy_));
  }
  TUTELA_TRY_ASSIGN(details_.absent_from_ms, time_of(absent_from_));
  TUTELA_TRY_ASSIGN(details_.absent_until_ms, time_of(absent_until_));
  return std::move(details_);
}

}  // namespace tutela::http
