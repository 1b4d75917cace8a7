// Parts: what the people and accounts of a CyberTipline report are made of (documentation,
// appendix A and B.8). The same conventions hold for every struct of the model:
//
// - One<T> must be said, std::optional<T> may, std::vector<T> is said any number of times and
//   Some<T> at least once. Absent is not false. A draft may lack what must be said; XML is
//   written of what was checked only.
// - fields() is the one description of a struct: the member's name in the schema ("@" attribute,
//   "#text" the text beside attributes), in the schema's order, and a sentence for the form. JSON,
//   XML, form, differences and checks all derive from it.
// - A group that says nothing is a mistake, unless kMayBeEmpty: its presence is a statement then.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "exchange/cybertip/values.hpp"

namespace tutela::cybertip {

template <class T>
struct One : std::optional<T> {
  using std::optional<T>::optional;
};

template <class T>
struct Some : std::vector<T> {
  using std::vector<T>::vector;
};

struct Email {
  static constexpr std::string_view kName = "email";
  std::optional<EmailKind> kind;
  std::optional<bool> verified;
  std::optional<Timestamp> verification_date;
  One<EmailAddress> text;

  static void fields(auto& self, auto& visit) {
    visit("@type", self.kind, "Choose what kind of address this is.");
    visit("@verified", self.verified, "Say whether you verified that the address is theirs.");
    visit("@verificationDate", self.verification_date, "Say when you last verified it.");
    visit("#text", self.text, "Give the e-mail address.");
  }
};

struct Phone {
  static constexpr std::string_view kName = "phone";
  std::optional<PhoneKind> kind;
  std::optional<bool> verified;
  std::optional<Timestamp> verification_date;
  std::optional<CallingCode> country_calling_code;
  std::optional<Extension> extension;
  One<PhoneNumber> text;

  static void fields(auto& self, auto& visit) {
    visit("@type", self.kind, "Choose what kind of number this is.");
    visit("@verified", self.verified, "Say whether you verified that the number is theirs.");
    visit("@verificationDate", self.verification_date, "Say when you last verified it.");
    visit("@countryCallingCode",
          self.country_calling_code,
          "Give the calling code with its plus, as in +44; leave it out of the number then.");
    visit("@extension", self.extension, "Give the extension, digits only.");
    visit("#text", self.text, "Give the phone number.");
  }
};

struct Address {
  static constexpr std::string_view kName = "address";
  std::optional<AddressKind> kind;
  std::optional<Text<255>> address;
  std::optional<Text<100>> city;
  std::optional<Text<20>> zip_code;
  std::optional<UsState> state;
  std::optional<Text<100>> non_usa_state;
  std::optional<CountryCode> country;

  static void fields(auto& self, auto& visit) {
    visit("@type", self.kind, "Choose what kind of address this is.");
    visit("address", self.address, "Give the street address.");
    visit("city", self.city, "Give the city.");
    visit("zipCode", self.zip_code, "Give the zip or postal code.");
    visit("state", self.state, "Choose the state or territory of the United States.");
    visit("nonUsaState", self.non_usa_state, "Give the state or province outside of the USA.");
    visit("country", self.country, "Choose the country by its two letters (ISO 3166-1).");
  }
};

struct Person {
  static constexpr std::string_view kName = "person";
  std::optional<Text<100>> first_name;
  std::optional<Text<100>> last_name;
  std::vector<Phone> phones;
  std::vector<Email> emails;
  std::vector<Address> addresses;
  std::optional<Age> age;
  std::optional<Date> date_of_birth;

  static void fields(auto& self, auto& visit) {
    visit("firstName", self.first_name, "Give the first name.");
    visit("lastName", self.last_name, "Give the last name.");
    visit("phone", self.phones, "Give every phone number that is known.");
    visit("email", self.emails, "Give every e-mail address that is known.");
    visit("address", self.addresses, "Give every address that is known.");
    visit("age", self.age, "Give the age, approximately; not beside a date of birth.");
    visit("dateOfBirth", self.date_of_birth, "Give the date of birth; not beside an age.");
  }
};

struct ContactPerson {
  static constexpr std::string_view kName = "contactPerson";
  std::optional<Text<100>> first_name;
  std::optional<Text<100>> last_name;
  std::vector<Phone> phones;
  std::vector<Email> emails;
  std::vector<Address> addresses;

  static void fields(auto& self, auto& visit) {
    visit("firstName", self.first_name, "Give the first name.");
    visit("lastName", self.last_name, "Give the last name.");
    visit("phone", self.phones, "Give the phone numbers to call.");
    visit("email", self.emails, "Give the e-mail addresses to write to.");
    visit("address", self.addresses, "Give the postal addresses.");
  }
};

struct IpCaptureEvent {
  static constexpr std::string_view kName = "ipCaptureEvent";
  One<IpAddress> ip_address;
  std::optional<EventName> event_name;
  std::optional<Timestamp> date_time;
  std::optional<bool> possible_proxy;
  std::optional<Port> port;

  static void fields(auto& self, auto& visit) {
    visit("ipAddress", self.ip_address, "Give the IP address from which it happened.");
    visit("eventName", self.event_name, "Choose what was done from this address.");
    visit("dateTime", self.date_time, "Say when the address was recorded.");
    visit("possibleProxy", self.possible_proxy, "Say whether you have reason to think of a proxy.");
    visit("port", self.port, "Give the port.");
  }
};

struct DeviceId {
  static constexpr std::string_view kName = "deviceId";
  One<Text<255>> id_type;
  One<Text<2083>> id_value;
  std::optional<EventName> event_name;
  std::optional<Timestamp> date_time;

  static void fields(auto& self, auto& visit) {
    visit("idType", self.id_type, "Say what kind of device id this is, such as IMEI.");
    visit("idValue", self.id_value, "Give the device id.");
    visit("eventName", self.event_name, "Choose what was done with this device.");
    visit("dateTime", self.date_time, "Say when the id was recorded.");
  }
};

struct EstimatedLocation {
  static constexpr std::string_view kName = "estimatedLocation";
  std::optional<bool> verified;
  std::optional<Timestamp> timestamp;
  std::optional<Text<255>> city;
  std::optional<Text<255>> region;
  One<CountryCode> country_code;

  static void fields(auto& self, auto& visit) {
    visit("@verified", self.verified, "Say whether you verified this location.");
    visit("@timestamp", self.timestamp, "Say when you estimated it.");
    visit("city", self.city, "Give the city.");
    visit("region", self.region, "Give the region; in the US the postal abbreviation of a state.");
    visit("countryCode", self.country_code, "Choose the country of the estimated location.");
  }
};

struct TemporarilyDisabled {
  static constexpr std::string_view kName = "accountTemporarilyDisabled";
  std::optional<Timestamp> disabled_date;
  std::optional<bool> user_notified;
  std::optional<Timestamp> user_notified_date;
  std::optional<Timestamp> reenabled_date;
  One<bool> text;

  static void fields(auto& self, auto& visit) {
    visit("@disabledDate", self.disabled_date, "Say when the account was disabled.");
    visit("@userNotified", self.user_notified, "Say whether the user was told.");
    visit("@userNotifiedDate", self.user_notified_date, "Say when the user was told.");
    visit("@reenabledDate", self.reenabled_date, "Say when the account was enabled again.");
    visit("#text", self.text, "Say whether the account was disabled for a time.");
  }
};

struct PermanentlyDisabled {
  static constexpr std::string_view kName = "accountPermanentlyDisabled";
  std::optional<Timestamp> disabled_date;
  std::optional<bool> user_notified;
  std::optional<Timestamp> user_notified_date;
  One<bool> text;

  static void fields(auto& self, auto& visit) {
    visit("@disabledDate", self.disabled_date, "Say when the account was disabled.");
    visit("@userNotified", self.user_notified, "Say whether the user was told.");
    visit("@userNotifiedDate", self.user_notified_date, "Say when the user was told.");
    visit("#text", self.text, "Say whether the account was disabled for good.");
  }
};

struct AccountPlatform {
  static constexpr std::string_view kName = "accountPlatform";
  std::optional<bool> third_party_user;
  One<Text<256>> text;

  static void fields(auto& self, auto& visit) {
    visit("@thirdPartyUser", self.third_party_user, "Say whether this is another company's.");
    visit("#text", self.text, "Give the full name of the application.");
  }
};

struct AssociatedAccount {
  static constexpr std::string_view kName = "associatedAccount";
  One<AccountKind> kind;
  std::optional<AccountPlatform> platform;
  std::optional<Text<256>> first_name;
  std::optional<Text<256>> middle_name;
  std::optional<Text<256>> last_name;
  std::optional<Age> approximate_age;
  std::optional<Date> date_of_birth;
  std::vector<Phone> phones;
  std::vector<Email> emails;
  std::optional<bool> all_emails_reported;
  std::vector<Address> addresses;
  std::optional<Text<256>> esp_service;
  std::optional<Text<256>> esp_identifier;
  std::vector<Url> profile_urls;
  std::optional<Text<256>> screen_name;
  std::vector<Text<255>> display_names;
  std::optional<LongText> profile_bio;
  std::optional<Text<256>> group_identifier;
  std::optional<bool> compromised_account;
  std::optional<TemporarilyDisabled> temporarily_disabled;
  std::optional<PermanentlyDisabled> permanently_disabled;
  std::vector<IpCaptureEvent> ip_captures;
  std::vector<DeviceId> device_ids;
  std::vector<ReportId> prior_reports;
  std::optional<LongText> additional_info;

  static void fields(auto& self, auto& visit) {
    visit("@type", self.kind, "Choose how this account is associated.");
    visit("platform", self.platform, "Give the application that the account belongs to.");
    visit("firstName", self.first_name, "Give the first name.");
    visit("middleName", self.middle_name, "Give the middle name.");
    visit("lastName", self.last_name, "Give the last name.");
    visit("approximateAge", self.approximate_age, "Give the age; not beside a date of birth.");
    visit("dateOfBirth", self.date_of_birth, "Give the date of birth; not beside an age.");
    visit("phone", self.phones, "Give every phone number that is known.");
    visit("email", self.emails, "Give every e-mail address that is known.");
    visit("allEmailsReported", self.all_emails_reported, "Say whether these are all the e-mails.");
    visit("address", self.addresses, "Give every address that is known.");
    visit("espService", self.esp_service, "Give the product or service that was used.");
    visit("espIdentifier", self.esp_identifier, "Give the account's id in your system.");
    visit("profileUrl", self.profile_urls, "Give the addresses of the profile.");
    visit("screenName", self.screen_name, "Give the screen name.");
    visit("displayName", self.display_names, "Give display names other than the screen name.");
    visit("profileBio", self.profile_bio, "Copy what the profile says of its user.");
    visit("groupIdentifier", self.group_identifier, "Give the name or id of an organized group.");
    visit("compromisedAccount", self.compromised_account, "Say whether somebody took it over.");
    visit("accountTemporarilyDisabled", self.temporarily_disabled, "Say what was done for a time.");
    visit("accountPermanentlyDisabled", self.permanently_disabled, "Say what was done for good.");
    visit("ipCaptureEvent", self.ip_captures, "Give the IP addresses used, and when.");
    visit("deviceId", self.device_ids, "Give the devices used, and when.");
    visit("priorCTReport", self.prior_reports, "Give ids of earlier CyberTipline reports.");
    visit("additionalInfo", self.additional_info, "Say what fits nowhere else.");
  }
};

}  // namespace tutela::cybertip
