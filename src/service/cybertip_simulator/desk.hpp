// Desk: the reports that the simulated service has, and what may be done with each when.
//
// A pure state machine over an injected time: open -> finished, retracted or expired; nothing leads
// out of these three. An open report is deleted 24 hours after it was opened or an hour after the
// last upload or file details, whichever is later (documentation, /finish). Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "service/cybertip_simulator/xml.hpp"

namespace tutela::cybertip_simulator {

inline constexpr std::int64_t kOpenMs = 24LL * 3'600'000;
inline constexpr std::int64_t kIdleMs = 3'600'000;
inline constexpr std::size_t kReportsMax = 100'000;
inline constexpr std::size_t kFilesMax = 10'000;

enum class Stage : std::uint8_t { kOpen, kFinished, kRetracted, kExpired };
std::string_view to_string(Stage value) noexcept;  // "open" "finished" "retracted" "expired"

struct StoredFile {
  std::string id;
  std::string md5;
  std::uint64_t size_bytes = 0;
  std::string details;  // the XML of /fileinfo; empty: none yet
};

struct StoredReport {
  std::int64_t id = 0;
  Stage stage = Stage::kOpen;
  bool batched = false;
  UtcMs opened_ms = 0;
  UtcMs changed_ms = 0;  // the last upload or details
  std::string xml;
  std::vector<StoredFile> files;
};

/// What the service says: code and HTTP status of the documentation's list.
struct Reply {
  std::int64_t code = 0;
  unsigned http_status = 200;
  std::string description = "Success";
  std::optional<std::int64_t> report_id;
  std::string file_id;
  std::string hash;
  bool done = false;  // a reportDoneResponse, with the files
  std::vector<std::string> file_ids;
};

/// With the HTTP status that goes with a code. The documentation states it of 4100 alone (400); the
/// others are ours: 1xxx 500, 1210 404, 2xxx 401, 3xxx 403, 4xxx 400, 5001 and 5002 404, 51xx 409.
Reply refusal(std::int64_t code, std::string_view why);

struct Received {
  std::string md5;
  std::uint64_t size_bytes = 0;
};

class Desk {
 public:
  /// Ids count up from `first_id`.
  explicit Desk(std::int64_t first_id) : next_id_(first_id) {}

  Reply submit(std::string_view xml, UtcMs now_ms);
  Reply upload(std::int64_t id, const Received& file, UtcMs now_ms);
  Reply file_info(std::string_view xml, UtcMs now_ms);
  Reply finish(std::int64_t id, UtcMs now_ms);
  Reply retract(std::int64_t id, UtcMs now_ms);

  /// Deletes what is too old; every call above does it first.
  void expire(UtcMs now_ms);
  /// As if its time were over; nothing where it is not open.
  void expire_now(std::int64_t id);
  void expire_all();

  [[nodiscard]] const std::map<std::int64_t, StoredReport>& reports() const noexcept {
    return reports_;
  }

 private:
  struct Found {
    StoredReport* report = nullptr;  // open
    Reply refused;                   // otherwise
  };

  Found find_open(std::int64_t id, UtcMs now_ms);

  std::int64_t next_id_;
  std::map<std::int64_t, StoredReport> reports_;
};

}  // namespace tutela::cybertip_simulator
