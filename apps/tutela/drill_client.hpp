// DrillClient: what the drill and measurements ask the server over HTTP, with a connection that is
// kept. One thread at a time.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tutela::cli {

struct DrillAnswer {
  long status = 0;  // 0: none came in time
  std::string body;
};

class DrillClient {
 public:
  /// `url` is that of the server, without a path; `media_type` that of what is posted. Error:
  /// kUnavailable "drill.no_client".
  static Result<std::unique_ptr<DrillClient>> open(
      std::string url,
      std::string token,
      const std::string& media_type = "application/octet-stream");
  ~DrillClient();
  DrillClient(const DrillClient&) = delete;
  DrillClient& operator=(const DrillClient&) = delete;

  DrillAnswer get(const std::string& path, std::chrono::milliseconds patience);
  DrillAnswer post(const std::string& path, ByteView body, std::chrono::milliseconds patience);

 private:
  struct State;
  explicit DrillClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tutela::cli
