// Model of intake: notices, which is what people outside tell us. (A report is what goes to an
// authority.) Values and pure functions; nothing here touches a database.
//
// Words of the outside (JSON, rows, forms) are those of to_string(); parse_*() gives kInvalidInput
// "notice.bad_<what>", which names the words there are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"

namespace tutela::intake {

/// How it came. desk: somebody of ours pasted what another service or a caller said.
enum class Channel : std::uint8_t { kPage, kApi, kMail, kDesk };

enum class Kind : std::uint8_t {
  kContent,       // a picture, a video, a post
  kSolicitation,  // somebody asks, offers or entices in writing
  kAccount,       // somebody, whatever they posted
  kDetection,     // "your detection looks off": researchers and councils
  kLawRequest,    // preservation or data; nothing happens before it is verified
  kOther,
};

enum class Sender : std::uint8_t {
  kAnyone,
  kVictim,    // "this is me"
  kGuardian,  // "this is my child"
  kFlagger,
  kHotline,
  kResearcher,
  kCouncil,
  kAuthority,
  kService,
};

/// Each with its own promise, in the order in which they are answered. flood: many from one source,
/// kept, grouped and visible, displacing nothing.
enum class Queue : std::uint8_t {
  kImminent,
  kVictim,
  kFlagger,
  kLaw,
  kDetection,
  kPublic,
  kFlood,
};

/// The one list of them: whatever else names them all goes by it, or is held against it by a test.
inline constexpr std::array kQueues = {Queue::kImminent,
                                       Queue::kVictim,
                                       Queue::kFlagger,
                                       Queue::kLaw,
                                       Queue::kDetection,
                                       Queue::kPublic,
                                       Queue::kFlood};

/// question: we asked, and wait for whoever sent it. answered: they have our answer and may come
/// back to it. closed: nothing more happens.
enum class State : std::uint8_t { kOpen, kQuestion, kAnswered, kWithdrawn, kClosed };

/// What whoever sent it is told, each a few sentences of the catalogue. None of them says whether
/// something is on a list, nor what an authority was told.
enum class Outcome : std::uint8_t {
  kActed,        // we acted on what you told us about
  kGone,         // it is not there any more
  kNoViolation,  // we looked, and leave it
  kHandled,      // we have done what we can with it (files alone; detection)
  kElsewhere,    // it is not with us; this is where to go
  kDeclined,     // of requests that could not be verified, or that we may not do
  kDone,         // of requests that were done
};

/// How far an authority's request is: none (other kinds), unverified, verified, refused.
enum class Verified : std::uint8_t { kNone, kUnverified, kVerified, kRefused };

std::string_view to_string(Channel value) noexcept;
std::string_view to_string(Kind value) noexcept;  // "content" ... "law_request"
std::string_view to_string(Sender value) noexcept;
std::string_view to_string(Queue value) noexcept;
std::string_view to_string(State value) noexcept;
std::string_view to_string(Outcome value) noexcept;  // "acted" "gone" "no_violation" ...
std::string_view to_string(Verified value) noexcept;
Result<Channel> parse_channel(std::string_view text);
Result<Kind> parse_kind(std::string_view text);
Result<Sender> parse_sender(std::string_view text);
Result<Queue> parse_queue(std::string_view text);
Result<State> parse_state(std::string_view text);
Result<Outcome> parse_outcome(std::string_view text);
Result<Verified> parse_verified(std::string_view text);
/// Open or question: we owe an answer.
[[nodiscard]] bool is_waiting(State state) noexcept;

// The most characters (code points of Unicode, utf8_length()) of each text, whichever way it comes.
// Forms, API, paste and mail have these and no others.
inline constexpr std::size_t kTextMax = 8000;
inline constexpr std::size_t kLinkMax = 2000;
inline constexpr std::size_t kAccountMax = 256;
inline constexpr std::size_t kWhoMax = 256;
inline constexpr std::size_t kWhenMax = 64;
inline constexpr std::size_t kMessageMax = 4000;  // of a chat, and between its sender and us
inline constexpr std::size_t kWordsMax = 2000;    // beside an outcome
inline constexpr std::size_t kReasonMax = 500;    // of ours
inline constexpr std::size_t kReferenceMax = 128;
inline constexpr std::size_t kWholeMax = 65'536;  // texts, links, accounts and messages together
inline constexpr std::size_t kLinksMax = 50;
inline constexpr std::size_t kAccountsMax = 50;
inline constexpr std::size_t kMessagesMax = 200;

/// One message of a chat, as the person who reports it gives it.
struct Said {
  std::string who;
  std::string when;  // their words or RFC 3339
  std::string text;
};

/// What a notice is about. All UTF-8 without control characters but line ends and tabs.
struct Body {
  std::string text;
  std::vector<std::string> links;  // http, https, or any other word
  std::vector<std::string> accounts;
  std::vector<Said> messages;
};

/// Error: kInvalidInput "notice.too_long", "notice.bad_text", "notice.empty" (nothing in it, and no
/// file), which names the field.
Status check(const Body& body, bool has_files);
/// {"text","links","accounts","messages":[{"who","when","text"}]}. Errors: "notice.bad_json".
[[nodiscard]] std::string to_json(const Body& body);
Result<Body> body_from_json(std::string_view json);

struct Message {
  bool from_sender = false;  // else ours
  std::string principal_id;  // of ours
  std::string text;
  UtcMs at_ms = 0;
};

struct Event {
  std::int64_t number = 0;
  std::string kind;  // "received" "sorted" "taken" "asked" "added" "answered" "withdrawn" ...
  std::string principal_id;
  std::string detail;  // a JSON object of ids, words of closed sets, and reasons that ours gave
  UtcMs at_ms = 0;
};

struct Notice {
  Uuid id;
  std::string tenant_id;
  std::int64_t version = 0;
  std::string number;  // "T-7K4M-29QX-HDAB"
  Channel channel = Channel::kPage;
  Kind kind = Kind::kOther;
  Sender sender = Sender::kAnyone;
  Queue queue = Queue::kPublic;
  State state = State::kOpen;
  bool imminent = false;
  std::string language;                  // "en"
  std::string country;                   // ISO 3166-1 alpha-2, or empty
  std::optional<std::string> reference;  // the sender's own, of partners and authorities
  std::optional<Uuid> partner_id;
  bool proved = false;  // with proof of work or a token
  std::optional<std::string> flood_key;
  bool has_contact = false;  // somebody left a name or an address, sealed
  UtcMs received_ms = 0;
  UtcMs due_ms = 0;  // the promise
  std::optional<UtcMs> escalated_ms;
  std::optional<std::string> escalated_to;  // a person
  std::optional<UtcMs> sorted_ms;
  std::optional<Uuid> case_id;
  std::optional<std::string> taken_by;
  std::optional<UtcMs> answered_ms;
  std::optional<Outcome> outcome;
  std::string answer;  // added to the outcome's sentences
  std::optional<UtcMs> closed_ms;
  Verified verified = Verified::kNone;
  std::optional<std::string> verified_by;
};

/// Where a notice waits first.
[[nodiscard]] Queue queue_of(Kind kind, Sender sender, bool imminent, bool flood) noexcept;
/// The outcomes that may be told: of files alone nothing that depends on what they are.
[[nodiscard]] std::vector<Outcome> outcomes_of(const Notice& notice, const Body& body);

}  // namespace tutela::intake
