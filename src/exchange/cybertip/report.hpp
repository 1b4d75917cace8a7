// Report: the <report> of the CyberTipline (documentation, appendix B), but for the incident.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "exchange/cybertip/incident.hpp"
#include "exchange/cybertip/parts.hpp"

namespace tutela::cybertip {

struct LegalProcessInternational {
  static constexpr std::string_view kName = "servedLegalProcessInternational";
  std::optional<CountryCode> flea_country;
  One<bool> text;

  static void fields(auto& self, auto& visit) {
    visit("@fleaCountry", self.flea_country, "Choose the country that served it.");
    visit("#text", self.text, "Say whether law enforcement abroad has served legal process.");
  }
};

struct LawEnforcement {
  static constexpr std::string_view kName = "lawEnforcement";
  One<Text<255>> agency_name;
  std::optional<Text<100>> case_number;
  std::optional<ContactPerson> officer_contact;
  std::optional<bool> reported_to_le;
  std::optional<bool> served_domestic;
  std::optional<LegalProcessInternational> served_international;

  static void fields(auto& self, auto& visit) {
    visit("agencyName", self.agency_name, "Give the name of the agency.");
    visit("caseNumber", self.case_number, "Give the number of their case.");
    visit("officerContact", self.officer_contact, "Say who the officer on the case is.");
    visit("reportedToLe", self.reported_to_le, "Say whether your company reported it to them.");
    visit("servedLegalProcessDomestic",
          self.served_domestic,
          "Say whether law enforcement at home has served legal process.");
    visit("servedLegalProcessInternational",
          self.served_international,
          "Say whether law enforcement abroad has served legal process.");
  }
};

struct Reporter {
  static constexpr std::string_view kName = "reporter";
  One<Person> reporting_person;
  std::optional<ContactPerson> contact_person;
  std::optional<LongText> company_template;
  std::optional<LongText> terms_of_service;
  std::optional<Url> legal_url;

  static void fields(auto& self, auto& visit) {
    visit("reportingPerson", self.reporting_person, "Say who reports, with an e-mail address.");
    visit("contactPerson",
          self.contact_person,
          "Say whom law enforcement should ask, if somebody else.");
    visit("companyTemplate",
          self.company_template,
          "Say what every report of your company says, such as how to serve legal process.");
    visit("termsOfService", self.terms_of_service, "Give the terms of service that matter here.");
    visit("legalURL", self.legal_url, "Give a web address with further information.");
  }
};

/// What is said alike of the accounts of whoever is reported, of recipients and of victims.
struct Account {
  std::optional<Text<255>> esp_identifier;
  std::optional<Text<100>> esp_service;
  std::optional<bool> compromised_account;
  std::optional<Text<256>> screen_name;
  std::vector<Text<255>> display_names;
  std::vector<Url> profile_urls;
  std::optional<LongText> profile_bio;
  std::vector<IpCaptureEvent> ip_captures;
  std::vector<DeviceId> device_ids;
  std::vector<ReportId> prior_reports;
  std::optional<TemporarilyDisabled> temporarily_disabled;
  std::optional<PermanentlyDisabled> permanently_disabled;
  std::optional<EstimatedLocation> estimated_location;
  std::optional<bool> all_emails_reported;

  static void profile_fields(auto& self, auto& visit) {
    visit("espIdentifier", self.esp_identifier, "Give the id of the account in your system.");
    visit("espService", self.esp_service, "Give the product or service that was used.");
    visit("compromisedAccount",
          self.compromised_account,
          "Say whether somebody took the account over.");
    visit("screenName", self.screen_name, "Give the screen name.");
    visit("displayName", self.display_names, "Give display names other than the screen name.");
    visit("profileUrl", self.profile_urls, "Give the addresses of the profile.");
    visit("profileBio", self.profile_bio, "Copy what the profile says of its user.");
    visit("ipCaptureEvent", self.ip_captures, "Give the IP addresses used, and when.");
    visit("deviceId", self.device_ids, "Give the devices used, and when.");
  }

  static void standing_fields(auto& self, auto& visit) {
    visit("accountTemporarilyDisabled",
          self.temporarily_disabled,
          "Say whether the account was disabled for a time.");
    visit("accountPermanentlyDisabled",
          self.permanently_disabled,
          "Say whether the account was disabled for good.");
    visit("estimatedLocation", self.estimated_location, "Give the location as you estimate it.");
    visit("allEmailsReported",
          self.all_emails_reported,
          "Say whether these are all the e-mail addresses.");
  }
};

struct PersonOrUserReported : Account {
  static constexpr std::string_view kName = "personOrUserReported";
  std::optional<Person> person;
  std::optional<Text<300>> vehicle_description;
  std::optional<bool> third_party_user_reported;
  std::optional<Text<255>> group_identifier;
  std::vector<AssociatedAccount> associated_accounts;
  std::optional<LongText> additional_info;

  static void fields(auto& self, auto& visit) {
    visit("personOrUserReportedPerson", self.person, "Say who the reported person is.");
    visit("vehicleDescription", self.vehicle_description, "Describe the vehicle.");
    profile_fields(self, visit);
    visit("thirdPartyUserReported",
          self.third_party_user_reported,
          "Say whether the account is with another company and you know nothing further.");
    visit("priorCTReports", self.prior_reports, "Give ids of earlier CyberTipline reports.");
    visit("groupIdentifier",
          self.group_identifier,
          "Give the name or id of an organized group, if you believe that there is one.");
    standing_fields(self, visit);
    visit(
        "associatedAccount", self.associated_accounts, "Give the other accounts of the same user.");
    visit("additionalInfo", self.additional_info, "Say what fits nowhere else.");
  }
};

struct IntendedRecipient : Account {
  static constexpr std::string_view kName = "intendedRecipient";
  std::optional<Person> person;
  std::optional<Text<255>> group_identifier;
  std::optional<LongText> additional_info;

  static void fields(auto& self, auto& visit) {
    visit("intendedRecipientPerson", self.person, "Say who the intended recipient is.");
    profile_fields(self, visit);
    visit("priorCTReports", self.prior_reports, "Give ids of earlier CyberTipline reports.");
    visit("groupIdentifier",
          self.group_identifier,
          "Give the name or id of an organized group, if you believe that there is one.");
    standing_fields(self, visit);
    visit("additionalInfo", self.additional_info, "Say what fits nowhere else.");
  }
};

struct Victim : Account {
  static constexpr std::string_view kName = "victim";
  One<Person> person;
  std::optional<Text<255>> school_name;
  std::vector<AssociatedAccount> associated_accounts;
  std::optional<LongText> additional_info;

  static void fields(auto& self, auto& visit) {
    visit("victimPerson", self.person, "Say who the child is.");
    profile_fields(self, visit);
    visit("schoolName", self.school_name, "Give the name of the school.");
    visit("priorCTReports", self.prior_reports, "Give ids of earlier CyberTipline reports.");
    standing_fields(self, visit);
    visit(
        "associatedAccount", self.associated_accounts, "Give the other accounts of the same user.");
    visit("additionalInfo", self.additional_info, "Say what fits nowhere else.");
  }
};

struct Report {
  static constexpr std::string_view kName = "report";
  std::optional<BatchedReport> batched_report;
  One<IncidentSummary> incident_summary;
  std::vector<InternetDetails> internet_details;
  std::optional<LawEnforcement> law_enforcement;
  One<Reporter> reporter;
  std::vector<PersonOrUserReported> reported;
  std::vector<IntendedRecipient> recipients;
  std::vector<Victim> victims;
  std::optional<LongText> additional_info;

  static void fields(auto& self, auto& visit) {
    visit("batchedReport",
          self.batched_report,
          "Say so if several people are reported together for one file that went viral.");
    visit("incidentSummary", self.incident_summary, "Say what happened.");
    visit("internetDetails", self.internet_details, "Say where on the internet it happened.");
    visit("lawEnforcement", self.law_enforcement, "Say which law enforcement knows of it.");
    visit("reporter", self.reporter, "Say who reports.");
    visit("personOrUserReported", self.reported, "Say who is suspected.");
    visit("intendedRecipient", self.recipients, "Say whom it was meant for.");
    visit("victim", self.victims, "Say which children are victims.");
    visit("additionalInfo", self.additional_info, "Say what fits nowhere else.");
  }
};

}  // namespace tutela::cybertip
