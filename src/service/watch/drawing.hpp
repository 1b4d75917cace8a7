// Drawing: one run of the process that draws canaries. Internal to watch.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "watch/canaries/orders.hpp"

namespace tutela::watch {

struct DrawingOptions {
  std::filesystem::path program;
  std::vector<std::string> arguments;
  std::chrono::milliseconds longest = std::chrono::seconds(60);
};

/// Starts the program with a pipe each way, gives it the orders and takes what it draws; ends it
/// when it is too slow, sends what it must not, or `stop` becomes true. Blocks. In the order of the
/// orders; a picture that could not be made is empty. Errors: kUnavailable "canary.no_pictures";
/// kCorrupted "canary.bad_frame".
Result<std::vector<Bytes>> draw_pictures(const DrawingOptions& options,
                                         const std::vector<canaries::Order>& orders,
                                         const std::atomic<bool>& stop);

}  // namespace tutela::watch
