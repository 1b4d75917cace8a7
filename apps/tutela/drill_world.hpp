// DrillWorld: an instance of its own for a drill: data, list, tokens, configuration, server,
// receiver of alarms, and the flow of uploads. Called from one thread, but for what its parts
// allow.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "drill_client.hpp"
#include "drill_place.hpp"
#include "drill_receiver.hpp"
#include "drill_server.hpp"
#include "drill_uploads.hpp"

namespace tutela::cli {

/// What the configuration says besides addresses; the rest is as by default.
struct DrillSettings {
  std::uint32_t canary_seconds = 30;
  std::uint32_t heartbeat_seconds = 15;
  bool quick = false;
  bool scan = true;
  bool sample_all = false;  // every item without a match is audited

  /// How long a dead-man's switch waits before it says that there is silence.
  [[nodiscard]] std::chrono::milliseconds silence() const {
    return std::chrono::milliseconds(2500 * heartbeat_seconds);
  }
};

/// What the server says of itself.
struct DrillStatus {
  bool reachable = false;
  bool ready = false;
  std::string level;                  // "ok" "degraded" "blind"; empty: it does not say
  std::vector<std::string> codes;     // of alarms
  std::vector<std::string> not_good;  // canaries: "http/jpeg none"
  std::size_t canaries = 0;
  std::int64_t owed = 0;
  std::int64_t samples_owed = 0;

  /// Canaries of every kind come back good, and nothing is owed.
  [[nodiscard]] bool works() const { return not_good.empty() && canaries > 0 && owed == 0; }

  /// Nor is anything said to be wrong, but for what looks back over a longer time than the drill
  /// waits for: workers that died within five minutes, items of the last hour.
  [[nodiscard]] bool all_good() const;
};

/// Whether alarms of this code stay for long after what they are about.
[[nodiscard]] bool looks_back(std::string_view code);

class DrillWorld {
 public:
  /// Makes everything but the flow of uploads and starts the server. `place` outlives it.
  static Result<std::unique_ptr<DrillWorld>> make(DrillPlace& place, const DrillSettings& settings);

  /// Begins the flow of uploads. Error: kUnavailable "drill.no_client".
  Status start_uploads();

  [[nodiscard]] DrillPlace& place() noexcept { return place_; }

  [[nodiscard]] DrillServer& server() noexcept { return server_; }

  [[nodiscard]] DrillReceiver& receiver() noexcept { return *receiver_; }

  [[nodiscard]] DrillUploads& uploads() noexcept { return *uploads_; }

  [[nodiscard]] const DrillSettings& settings() const noexcept { return settings_; }

  [[nodiscard]] std::filesystem::path database() const { return place_.data() / "tutela.db"; }

  DrillStatus status();
  /// Arms points in the server and its vault process; empty: none.
  [[nodiscard]] Status arm(std::string_view lines) const;
  /// Writes the configuration and has the server take it.
  Status configure(const DrillSettings& settings);
  /// A command of this program on the instance's data.
  [[nodiscard]] Status command(std::vector<std::string> arguments) const;

  /// The signals of the list, in hex.
  [[nodiscard]] const std::vector<std::string>& known_signals() const noexcept { return known_; }

  /// Adds these signals to the list with a command.
  [[nodiscard]] Status import_signals(const std::vector<std::string>& signals) const;

  [[nodiscard]] const std::vector<std::string>& late_signals() const noexcept { return late_; }

  static constexpr std::string_view kList = "drill";

 private:
  DrillWorld(DrillPlace& place, const DrillSettings& settings);
  Status prepare();
  Status write_config() const;

  DrillPlace& place_;
  DrillSettings settings_;
  std::string url_;
  std::string listen_;
  std::string webhook_secret_;
  std::string upload_token_;
  std::string watch_token_;
  std::vector<std::string> known_;
  std::vector<std::string> late_;
  std::unique_ptr<DrillReceiver> receiver_;
  DrillServer server_;
  std::unique_ptr<DrillClient> client_;
  std::unique_ptr<DrillUploads> uploads_;
};

}  // namespace tutela::cli
