// Server: the HTTP API of one Tutela, from configuration to a clean stop.
//
// Owns its threads: two for connections, pools for what blocks, two for background work. One a
// process, because it takes the process's signals: SIGTERM and SIGINT stop it, SIGHUP reloads.
#pragma once

#include <filesystem>

#include "service/config/config.hpp"

namespace tutela::http {

struct ServeOptions {
  std::filesystem::path config_file;  // empty: defaults and environment
  config::Environment environment;
  bool check_only = false;  // read configuration, policy and TLS files, say "ok" or what is wrong
};

/// Serves until a signal ends it. Returns the exit status: 0 after a clean stop, 2 when it could
/// not start or did not finish in time. With port 0 the log line "listening" says which it got.
int serve(const ServeOptions& options);

}  // namespace tutela::http
