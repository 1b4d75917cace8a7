// Channel: one authority as something that takes steps (casework/reports/filing.hpp).
//
// A channel keeps nothing between calls: what happened stands in the journal. take() blocks, with
// bounded time for everything, and never throws away an answer: what it cannot read is kUnclear
// where the step may have worked, and kTrouble only where it certainly did not. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "casework/reports/filing.hpp"
#include "casework/reports/reports.hpp"
#include "exchange/cybertip/cybertip.hpp"
#include "service/mail/mail.hpp"

namespace tutela::authorities {

/// Plain bytes of one file, from the vault: up to out.size(), 0 at the end.
class Source {
 public:
  virtual ~Source() = default;
  virtual Result<std::size_t> read(std::span<std::byte> out) = 0;
};

using OpenFile = std::function<Result<std::unique_ptr<Source>>(std::int64_t file)>;

struct Task {
  const reports::Leased& leased;
  const reports::Next& next;
  const cybertip::Checked* checked = nullptr;  // of channel cybertip
  OpenFile open_file;
  /// Called about every second of a long upload, to renew the lease; an error ends the step.
  std::function<Status(std::int64_t bytes)> on_progress;
};

/// With this word begins the description of every answer of a simulator.
inline constexpr std::string_view kSimulated = "SIMULATED";

struct Took {
  reports::Phase phase = reports::Phase::kUnclear;
  std::optional<std::int64_t> code;
  std::optional<std::int64_t> http_status;
  std::string description;  // at most 2000 bytes, without file names, digests and persons
  std::string request_ref;
  std::string authority_id;           // submit, deliver
  std::string file_id;                // upload
  std::vector<std::string> file_ids;  // finish
  std::string raw;         // finish, deliver, and a retract that found it finished: the answer
  bool simulated = false;  // the answer says that it came from a simulator
};

/// Whether an authority can be reached with what is configured.
struct Reached {
  bool ok = false;
  std::string message;  // what it said, or what went wrong and what to do
};

class Channel {
 public:
  virtual ~Channel() = default;
  virtual Took take(const Task& task) = 0;
  virtual Reached status() = 0;
};

/// NCMEC's Reporting API over HTTPS (libcurl).
struct CybertipOptions {
  std::string url;  // "https://exttest.cybertip.org/ispws"
  std::string username;
  std::string password;
  std::string ca_file;  // of a simulator's certificate; empty: the system's
  std::int64_t connect_timeout_ms = 20'000;
  std::int64_t timeout_ms = 120'000;  // of an answer; an upload may take longer while bytes flow
  std::int64_t stall_ms = 60'000;     // without a byte an upload ends
  std::int64_t calls_per_minute = 120;
};

/// report.cybertip.org is production and exttest.cybertip.org test, over https alone; every other
/// host is a simulator. http is for a simulator on this machine (127.0.0.1, ::1, localhost).
/// Error: kInvalidInput "config.bad_cybertip_url".
Result<reports::Environment> environment_of(std::string_view url);
Result<std::unique_ptr<Channel>> open_cybertip(const CybertipOptions& options);

/// A signed message (Standard Webhooks) to a hotline: the document, where it comes from and its
/// page, never pictures. Delivered when the receiver answers 2xx; its body's {"reference": "..."}
/// is the authority's id.
struct WebhookOptions {
  std::string url;
  std::vector<std::string> secrets;
  bool allow_private = false;
  std::int64_t timeout_ms = 15'000;
};

Result<std::unique_ptr<Channel>> open_webhook(const WebhookOptions& options);

/// An e-mail with the document and its page, encrypted to the authority's OpenPGP key; without a
/// key nothing is sent. The same Message-ID at every attempt.
struct EmailOptions : mail::Options {
  std::string key;  // armored, of the authority
};

Result<std::unique_ptr<Channel>> open_email(const EmailOptions& options);

}  // namespace tutela::authorities
