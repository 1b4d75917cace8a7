// Incident: what happened and where on the internet (documentation, B.1 and B.2).
#pragma once

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "exchange/cybertip/parts.hpp"

namespace tutela::cybertip {

struct BatchedReport {
  static constexpr std::string_view kName = "batchedReport";
  One<BatchReason> reason;

  static void fields(auto& self, auto& visit) {
    visit("@reason", self.reason, "Choose why several people are reported together.");
  }
};

struct ReportAnnotations {
  static constexpr std::string_view kName = "reportAnnotations";
  std::optional<Mark> sextortion;
  std::optional<Mark> csam_solicitation;
  std::optional<Mark> minor_to_minor_interaction;
  std::optional<Mark> spam;
  std::optional<Mark> sadistic_online_exploitation;

  static void fields(auto& self, auto& visit) {
    visit("sextortion", self.sextortion, "Mark sextortion.");
    visit("csamSolicitation", self.csam_solicitation, "Mark solicitation of abuse material.");
    visit("minorToMinorInteraction",
          self.minor_to_minor_interaction,
          "Mark an interaction between minors.");
    visit("spam", self.spam, "Mark spam.");
    visit("sadisticOnlineExploitation",
          self.sadistic_online_exploitation,
          "Mark sadistic online exploitation.");
  }
};

struct IncidentSummary {
  static constexpr std::string_view kName = "incidentSummary";
  One<IncidentType> incident_type;
  std::optional<Text<256>> platform;
  std::optional<Text<3000>> escalate_to_high_priority;  // the reason; its presence escalates
  std::optional<ReportAnnotations> annotations;
  One<Timestamp> incident_date_time;
  std::optional<Text<3000>> incident_date_time_description;

  static void fields(auto& self, auto& visit) {
    visit("incidentType", self.incident_type, "Choose what type of incident is reported.");
    visit("platform", self.platform, "Give the full name of the application where it happened.");
    visit("escalateToHighPriority",
          self.escalate_to_high_priority,
          "Say why this is urgent, such as immediate risk to a child; any text here escalates.");
    visit("reportAnnotations", self.annotations, "Mark what describes the incident.");
    visit("incidentDateTime", self.incident_date_time, "Say when the incident happened.");
    visit("incidentDateTimeDescription",
          self.incident_date_time_description,
          "Say how that date and time is meant.");
  }
};

/// What every place has where an incident may have happened.
struct IncidentDetail {
  static constexpr bool kMayBeEmpty = true;
  std::optional<LongText> additional_info;

  static void last_field(auto& self,
                         auto& visit,
                         std::string_view help = "Say what fits nowhere else.") {
    visit("additionalInfo", self.additional_info, help);
  }
};

struct WebPageIncident : IncidentDetail {
  static constexpr std::string_view kName = "webPageIncident";
  static constexpr std::string_view kHelp = "It happened on a web page.";
  std::optional<bool> third_party_hosted_content;
  std::vector<Url> urls;

  static void fields(auto& self, auto& visit) {
    visit("@thirdPartyHostedContent",
          self.third_party_hosted_content,
          "Say whether another company hosts it and you know nothing further.");
    visit("url", self.urls, "Give the web addresses where it happened.");
    last_field(self, visit);
  }
};

struct EmailIncident : IncidentDetail {
  static constexpr std::string_view kName = "emailIncident";
  static constexpr std::string_view kHelp = "It happened by e-mail.";
  std::vector<Email> email_addresses;
  std::optional<LongText> content;

  static void fields(auto& self, auto& visit) {
    visit("emailAddress",
          self.email_addresses,
          "Give the addresses; each must also stand with a person of this report.");
    visit("content", self.content, "Give headers, subject and content of the message.");
    last_field(self, visit);
  }
};

struct NewsgroupIncident : IncidentDetail {
  static constexpr std::string_view kName = "newsgroupIncident";
  static constexpr std::string_view kHelp = "It happened in a newsgroup.";
  std::optional<Text<255>> name;
  std::vector<Email> email_addresses;
  std::optional<LongText> content;

  static void fields(auto& self, auto& visit) {
    visit("name", self.name, "Give the name of the newsgroup.");
    visit("emailAddress",
          self.email_addresses,
          "Give the addresses; each must also stand with a person of this report.");
    visit("content", self.content, "Give headers, subject and content of the posting.");
    last_field(self, visit);
  }
};

struct ChatImIncident : IncidentDetail {
  static constexpr std::string_view kName = "chatImIncident";
  static constexpr std::string_view kHelp = "It happened in a chat or by instant messages.";
  std::optional<Text<255>> chat_client;
  std::optional<Text<255>> chat_room_name;
  std::optional<LongText> content;

  static void fields(auto& self, auto& visit) {
    visit("chatClient", self.chat_client, "Give the program or service that was used.");
    visit("chatRoomName", self.chat_room_name, "Give the name of the room.");
    visit("content", self.content, "Give the content of the chat.");
    last_field(self, visit);
  }
};

struct OnlineGamingIncident : IncidentDetail {
  static constexpr std::string_view kName = "onlineGamingIncident";
  static constexpr std::string_view kHelp = "It happened in an online game.";
  std::optional<Text<255>> game_name;
  std::optional<Text<255>> console;
  std::optional<LongText> content;

  static void fields(auto& self, auto& visit) {
    visit("gameName", self.game_name, "Give the name of the game.");
    visit("console", self.console, "Give the name of the console.");
    visit("content", self.content, "Give the content of the chat in the game.");
    last_field(self, visit);
  }
};

struct CellPhoneIncident : IncidentDetail {
  static constexpr std::string_view kName = "cellPhoneIncident";
  static constexpr std::string_view kHelp = "They spoke or wrote mainly by cell phone.";
  std::optional<Phone> phone_number;
  std::optional<Latitude> latitude;
  std::optional<Longitude> longitude;

  static void fields(auto& self, auto& visit) {
    visit("phoneNumber", self.phone_number, "Give the number of the cell phone.");
    visit("latitude", self.latitude, "Give the latitude in degrees; south is negative.");
    visit("longitude", self.longitude, "Give the longitude in degrees; west is negative.");
    last_field(self, visit);
  }
};

struct NonInternetIncident : IncidentDetail {
  static constexpr std::string_view kName = "nonInternetIncident";
  static constexpr std::string_view kHelp = "It happened neither on the internet nor by phone.";
  std::optional<Text<255>> location_name;
  std::vector<Address> incident_addresses;

  static void fields(auto& self, auto& visit) {
    visit("locationName", self.location_name, "Give the name of the place.");
    visit("incidentAddress", self.incident_addresses, "Give the addresses of the place.");
    last_field(self, visit, "Describe in detail what is reported.");
  }
};

struct Peer2peerIncident : IncidentDetail {
  static constexpr std::string_view kName = "peer2peerIncident";
  static constexpr std::string_view kHelp = "It happened in a peer-to-peer network.";
  std::optional<Text<255>> client;
  std::vector<IpCaptureEvent> ip_captures;
  std::optional<LongText> file_names;

  static void fields(auto& self, auto& visit) {
    visit("client", self.client, "Give the program that was used.");
    visit("ipCaptureEvent", self.ip_captures, "Give the IP addresses used, and when.");
    visit("fileNames", self.file_names, "Give the names of the files.");
    last_field(self, visit);
  }
};

/// Exactly one of them.
using InternetDetails = std::variant<WebPageIncident,
                                     EmailIncident,
                                     NewsgroupIncident,
                                     ChatImIncident,
                                     OnlineGamingIncident,
                                     CellPhoneIncident,
                                     NonInternetIncident,
                                     Peer2peerIncident>;

}  // namespace tutela::cybertip
