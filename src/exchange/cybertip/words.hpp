// Words: the closed sets of the CyberTipline's schema, in its own words.
#pragma once

#include <array>
#include <string_view>

namespace tutela::cybertip {

struct IncidentTypes {
  static constexpr std::string_view kName = "incidentType";
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"Child Pornography (possession, manufacture, and distribution)",
       "Child Sex Trafficking",
       "Child Sex Tourism",
       "Child Sexual Molestation",
       "Misleading Domain Name",
       "Misleading Words or Digital Images on the Internet",
       "Online Enticement of Children for Sexual Acts",
       "Unsolicited Obscene Material Sent to a Child"});
};

struct BatchReasons {
  static constexpr std::string_view kName = "batchedReportReason";
  static constexpr auto kWords = std::to_array<std::string_view>({"VIRAL_POTENTIAL_MEME"});
};

struct EventNames {
  static constexpr std::string_view kName = "eventName";
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"Login", "Registration", "Purchase", "Upload", "Other", "Unknown"});
};

struct EmailKinds {
  static constexpr std::string_view kName = "emailType";
  static constexpr auto kWords =
      std::to_array<std::string_view>({"Home", "Work", "Business", "Recovery"});
};

struct PhoneKinds {
  static constexpr std::string_view kName = "phoneType";
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"Mobile", "Home", "Business", "Work", "Fax", "Internet", "Recovery"});
};

struct AddressKinds {
  static constexpr std::string_view kName = "addressType";
  static constexpr auto kWords =
      std::to_array<std::string_view>({"Home", "Business", "Billing", "Shipping", "Technical"});
};

struct AccountKinds {
  static constexpr std::string_view kName = "associatedAccountType";
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"Billing", "Linked", "Business", "Creator", "Parent/Guardian", "Other"});
};

struct FileRelevances {
  static constexpr std::string_view kName = "fileRelevance";
  static constexpr auto kWords =
      std::to_array<std::string_view>({"Reported", "Supplemental Reported"});
};

struct Classifications {
  static constexpr std::string_view kName = "industryClassification";
  static constexpr auto kWords = std::to_array<std::string_view>({"A1", "A2", "B1", "B2"});
};

struct MetadataKinds {
  static constexpr std::string_view kName = "metadataType";
  static constexpr auto kWords = std::to_array<std::string_view>({"EXIF", "HASH"});
};

/// Postal abbreviations of states and territories that the schema knows.
struct UsStates {
  static constexpr std::string_view kName = "state";
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"AK", "AL", "AR", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "GU", "HI", "IA",
       "ID", "IL", "IN", "KS", "KY", "LA", "MA", "MD", "ME", "MI", "MN", "MO", "MS", "MT",
       "NC", "ND", "NE", "NH", "NJ", "NM", "NV", "NY", "OH", "OK", "OR", "PA", "PR", "RI",
       "SC", "SD", "TN", "TX", "UT", "VA", "VI", "VT", "WA", "WI", "WV", "WY"});
};

/// ISO 3166-1 alpha-2, and XK, as far as the schema knows them. What the schema has beyond that
/// (A1, A2, O1, AN, AP, EU, FX: no countries of ISO 3166-1) the documentation does not allow.
struct Countries {
  static constexpr std::string_view kName = "country";
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AQ", "AR", "AS", "AT", "AU", "AW", "AX",
       "AZ", "BA", "BB", "BD", "BE", "BF", "BG", "BH", "BI", "BJ", "BL", "BM", "BN", "BO", "BQ",
       "BR", "BS", "BT", "BV", "BW", "BY", "BZ", "CA", "CC", "CD", "CF", "CG", "CH", "CI", "CK",
       "CL", "CM", "CN", "CO", "CR", "CU", "CV", "CW", "CX", "CY", "CZ", "DE", "DJ", "DK", "DM",
       "DO", "DZ", "EC", "EE", "EG", "EH", "ER", "ES", "ET", "FI", "FJ", "FK", "FM", "FO", "FR",
       "GA", "GB", "GD", "GE", "GF", "GG", "GH", "GI", "GL", "GM", "GN", "GP", "GQ", "GR", "GS",
       "GT", "GU", "GW", "GY", "HK", "HM", "HN", "HR", "HT", "HU", "ID", "IE", "IL", "IM", "IN",
       "IO", "IQ", "IR", "IS", "IT", "JE", "JM", "JO", "JP", "KE", "KG", "KH", "KI", "KM", "KN",
       "KP", "KR", "KW", "KY", "KZ", "LA", "LB", "LC", "LI", "LK", "LR", "LS", "LT", "LU", "LV",
       "LY", "MA", "MC", "MD", "ME", "MF", "MG", "MH", "MK", "ML", "MM", "MN", "MO", "MP", "MQ",
       "MR", "MS", "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA", "NC", "NE", "NF", "NG", "NI",
       "NL", "NO", "NP", "NR", "NU", "NZ", "OM", "PA", "PE", "PF", "PG", "PH", "PK", "PL", "PM",
       "PN", "PR", "PS", "PT", "PW", "PY", "QA", "RE", "RO", "RS", "RU", "RW", "SA", "SB", "SC",
       "SD", "SE", "SG", "SH", "SI", "SJ", "SK", "SL", "SM", "SN", "SO", "SR", "SS", "ST", "SV",
       "SX", "SY", "SZ", "TC", "TD", "TF", "TG", "TH", "TJ", "TK", "TL", "TM", "TN", "TO", "TR",
       "TT", "TV", "TW", "TZ", "UA", "UG", "UM", "US", "UY", "UZ", "VA", "VC", "VE", "VG", "VI",
       "VN", "VU", "WF", "WS", "XK", "YE", "YT", "ZA", "ZM", "ZW"});
};

}  // namespace tutela::cybertip
