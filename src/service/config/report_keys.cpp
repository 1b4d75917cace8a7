#include <algorithm>
#include <array>

#include "service/config/keys.hpp"

namespace tutela::config {

namespace {

// Lengths are those of the Reporting API's documentation.
constexpr std::size_t kShortMax = 100;
constexpr std::size_t kLongMax = 2000;
constexpr std::size_t kTermsMax = 3000;
constexpr std::size_t kEmailMax = 255;
constexpr std::size_t kLocalPartMax = 64;
constexpr std::size_t kNumberMax = 50;
constexpr std::size_t kLinkMax = 2083;

bool is_line(std::string_view text, std::size_t bytes_max) {
  return text.size() <= bytes_max && std::ranges::all_of(text, [](char c) {
           return static_cast<unsigned char>(c) >= 0x20U && c != 0x7F;
         });
}

bool is_address(std::string_view text, std::size_t bytes_max) {
  return text.size() <= bytes_max &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

std::string_view wrong_short(std::string_view text) {
  return is_line(text, kShortMax) ? "" : "must be one line of at most 100 bytes";
}

std::string_view wrong_long(std::string_view text) {
  return is_line(text, kLongMax) ? "" : "must be one line of at most 2000 bytes";
}

std::string_view wrong_terms(std::string_view text) {
  const bool good = text.size() <= kTermsMax && std::ranges::all_of(text, [](char c) {
                      return static_cast<unsigned char>(c) >= 0x20U || c == '\n' || c == '\t';
                    });
  return good ? "" : "must be at most 3000 bytes without control characters";
}

std::string_view wrong_number(std::string_view text) {
  return is_line(text, kNumberMax) ? "" : "must be one line of at most 50 bytes";
}

std::string_view wrong_email(std::string_view text) {
  const std::size_t at = text.find('@');
  const bool good = is_address(text, kEmailMax) && at != std::string_view::npos && at > 0 &&
                    at <= kLocalPartMax && at + 1 < text.size() &&
                    text.find_first_of("@<>,;\"\\", at + 1) == std::string_view::npos &&
                    text.find_first_of("<>,;\"\\") == std::string_view::npos;
  return text.empty() || good ? "" : "must be an e-mail address";
}

std::string_view wrong_country(std::string_view text) {
  const bool good =
      text.size() == 2 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
  return text.empty() || good ? "" : "must be a country code of two capital letters, like US";
}

std::string_view wrong_link(std::string_view text) {
  const bool scheme = text.starts_with("https://") || text.starts_with("http://");
  return text.empty() || (scheme && is_address(text, kLinkMax)) ? "" : "must be an https URL";
}

/// Whether the scheme may be used with the host is for whoever calls: service/authorities.
std::string_view wrong_service(std::string_view text) {
  return wrong_link(text).empty() && text.find_first_of("?#@") == std::string_view::npos
             ? ""
             : "must be an https URL without a user or a query";
}

std::string_view wrong_mail_server(std::string_view text) {
  const bool scheme = text.starts_with("smtps://") || text.starts_with("smtp://");
  const bool good =
      scheme && is_address(text, kLinkMax) && text.find_first_of("?#@") == std::string_view::npos;
  return text.empty() || good ? "" : "must be smtps://host or smtp://host:port";
}

std::string_view wrong_authority(std::string_view text) {
  return text.empty() || parse_authority(text)
             ? ""
             : "must be one line: name | webhook, email or by_hand | country | address | file";
}

std::string_view wrong_phone(std::string_view text) {
  return text.empty() || parse_phone(text) ? "" : "must be one line: name | number | hours";
}

constexpr auto kKeys = std::to_array<Key>({
    {.name = "reporting.company",
     .slot = [](Config& c) { return Slot{&c.reporting.company}; },
     .help = "the operator's name, as authorities know it",
     .complaint = wrong_short},
    {.name = "reporting.email",
     .slot = [](Config& c) { return Slot{&c.reporting.email}; },
     .help = "e-mail address of the person who reports; the CyberTipline needs one",
     .complaint = wrong_email},
    {.name = "reporting.first_name",
     .slot = [](Config& c) { return Slot{&c.reporting.first_name}; },
     .help = "first name of the person who reports",
     .complaint = wrong_short},
    {.name = "reporting.last_name",
     .slot = [](Config& c) { return Slot{&c.reporting.last_name}; },
     .help = "last name of the person who reports",
     .complaint = wrong_short},
    {.name = "reporting.phone",
     .slot = [](Config& c) { return Slot{&c.reporting.phone}; },
     .help = "phone number of the person who reports",
     .complaint = wrong_number},
    {.name = "reporting.contact_first_name",
     .slot = [](Config& c) { return Slot{&c.reporting.contact_first_name}; },
     .help = "first name of whom authorities may ask; empty: whoever reports",
     .complaint = wrong_short},
    {.name = "reporting.contact_last_name",
     .slot = [](Config& c) { return Slot{&c.reporting.contact_last_name}; },
     .help = "last name of whom authorities may ask",
     .complaint = wrong_short},
    {.name = "reporting.contact_email",
     .slot = [](Config& c) { return Slot{&c.reporting.contact_email}; },
     .help = "e-mail address of whom authorities may ask",
     .complaint = wrong_email},
    {.name = "reporting.contact_phone",
     .slot = [](Config& c) { return Slot{&c.reporting.contact_phone}; },
     .help = "phone number of whom authorities may ask",
     .complaint = wrong_number},
    {.name = "reporting.terms_of_service",
     .slot = [](Config& c) { return Slot{&c.reporting.terms_of_service}; },
     .help = "the terms of service that reports name; at most 3000 characters",
     .complaint = wrong_terms},
    {.name = "reporting.legal_url",
     .slot = [](Config& c) { return Slot{&c.reporting.legal_url}; },
     .help = "where law enforcement reads how to serve process: https://...",
     .complaint = wrong_link},
    {.name = "reporting.platform",
     .slot = [](Config& c) { return Slot{&c.reporting.platform}; },
     .help = "name of the service that incidents happen on",
     .complaint = wrong_short},
    {.name = "reporting.service_country",
     .slot = [](Config& c) { return Slot{&c.reporting.service_country}; },
     .help = "two letters: where the operator is established",
     .complaint = wrong_country},
    {.name = "reporting.server_country",
     .slot = [](Config& c) { return Slot{&c.reporting.server_country}; },
     .help = "two letters: where the bytes lie",
     .complaint = wrong_country},
    {.name = "reporting.public_doors",
     .slot = [](Config& c) { return Slot{&c.reporting.public_doors}; },
     .help = "doors, between blanks, behind which everybody sees what was let through",
     .complaint = wrong_long},
    {.name = "reporting.routes",
     .slot = [](Config& c) { return Slot{&c.reporting.routes}; },
     .help = "which authorities a report goes to, rules separated by ;, empty: ncmec",
     .complaint = wrong_long},
    {.name = "reporting.authority_1",
     .slot = [](Config& c) { return Slot{&c.reporting.authorities[0]}; },
     .help = "an authority: name | webhook, email or by_hand | country | address | file",
     .secret_path = true,
     .complaint = wrong_authority},
    {.name = "reporting.authority_2",
     .slot = [](Config& c) { return Slot{&c.reporting.authorities[1]}; },
     .help = "an authority: name | webhook, email or by_hand | country | address | file",
     .secret_path = true,
     .complaint = wrong_authority},
    {.name = "reporting.authority_3",
     .slot = [](Config& c) { return Slot{&c.reporting.authorities[2]}; },
     .help = "an authority: name | webhook, email or by_hand | country | address | file",
     .secret_path = true,
     .complaint = wrong_authority},
    {.name = "reporting.authority_4",
     .slot = [](Config& c) { return Slot{&c.reporting.authorities[3]}; },
     .help = "an authority: name | webhook, email or by_hand | country | address | file",
     .secret_path = true,
     .complaint = wrong_authority},
    {.name = "reporting.authority_5",
     .slot = [](Config& c) { return Slot{&c.reporting.authorities[4]}; },
     .help = "an authority: name | webhook, email or by_hand | country | address | file",
     .secret_path = true,
     .complaint = wrong_authority},
    {"reporting.second_person",
     [](Config& c) { return Slot{&c.reporting.second_person}; },
     "a release needs another person's"},
    {"reporting.automatic",
     [](Config& c) { return Slot{&c.reporting.automatic}; },
     "exact matches on lists with automation are released without a person"},
    {"reporting.urgent_minutes",
     [](Config& c) { return Slot{&c.reporting.urgent_minutes}; },
     "what is urgent is reported within so long",
     1,
     1440},
    {"reporting.escalate_minutes",
     [](Config& c) { return Slot{&c.reporting.escalate_minutes}; },
     "so long before that somebody is told",
     1,
     1440},
    {"reporting.horizon_days",
     [](Config& c) { return Slot{&c.reporting.horizon_days}; },
     "days of trying before a person must look",
     3,
     30},
    {"reporting.calls_per_minute",
     [](Config& c) { return Slot{&c.reporting.calls_per_minute}; },
     "calls to one authority in a minute",
     1,
     6000},
    {.name = "reporting.phone_1",
     .slot = [](Config& c) { return Slot{&c.reporting.phones[0]}; },
     .help = "whom to call when somebody is in danger: name | number | hours",
     .complaint = wrong_phone},
    {.name = "reporting.phone_2",
     .slot = [](Config& c) { return Slot{&c.reporting.phones[1]}; },
     .help = "whom to call when somebody is in danger: name | number | hours",
     .complaint = wrong_phone},
    {.name = "reporting.phone_3",
     .slot = [](Config& c) { return Slot{&c.reporting.phones[2]}; },
     .help = "whom to call when somebody is in danger: name | number | hours",
     .complaint = wrong_phone},
    {.name = "cybertip.url",
     .slot = [](Config& c) { return Slot{&c.cybertip.url}; },
     .help = "NCMEC's Reporting API; empty: reports are filed by hand",
     .complaint = wrong_service},
    {.name = "cybertip.username",
     .slot = [](Config& c) { return Slot{&c.cybertip.username}; },
     .help = "what NCMEC gave you",
     .complaint = wrong_short},
    {.name = "cybertip.password",
     .slot = [](Config& c) { return Slot{&c.cybertip.password}; },
     .help = "better read from a file: TUTELA_CYBERTIP__PASSWORD_FILE",
     .secret = true,
     .complaint = wrong_short},
    {"cybertip.ca_file",
     [](Config& c) { return Slot{&c.cybertip.ca_file}; },
     "PEM file of a simulator's authority; empty: the system's"},
    {"cybertip.timeout_ms",
     [](Config& c) { return Slot{&c.cybertip.timeout_ms}; },
     "an answer arrives within so long",
     1000,
     600000},
    {.name = "smtp.server",
     .slot = [](Config& c) { return Slot{&c.smtp.server}; },
     .help = "mail server: smtps://host or smtp://host:587 (STARTTLS)",
     .complaint = wrong_mail_server},
    {.name = "smtp.username",
     .slot = [](Config& c) { return Slot{&c.smtp.username}; },
     .help = "name at the mail server; empty: none is asked for",
     .complaint = wrong_short},
    {.name = "smtp.password",
     .slot = [](Config& c) { return Slot{&c.smtp.password}; },
     .help = "better read from a file: TUTELA_SMTP__PASSWORD_FILE",
     .secret = true,
     .complaint = wrong_short},
    {.name = "smtp.from",
     .slot = [](Config& c) { return Slot{&c.smtp.from}; },
     .help = "sender of e-mail: to authorities, of alarms, to people on duty",
     .complaint = wrong_email},
    {"smtp.ca_file",
     [](Config& c) { return Slot{&c.smtp.ca_file}; },
     "PEM file of the mail server's authority; empty: the system's"},
    {"smtp.allow_plain",
     [](Config& c) { return Slot{&c.smtp.allow_plain}; },
     "a mail server on this machine may be used without TLS"},
});

}  // namespace

std::span<const Key> report_keys() noexcept {
  return kKeys;
}

}  // namespace tutela::config
