// Log: events with fields, one line each, to stderr, as text or JSON. Thread-safe.
//
// Never content, hashes, file names or what callers call their things.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "service/config/config.hpp"

namespace tutela::log {

enum class Level : std::uint8_t { kDebug, kInfo, kWarn, kError };

struct Field {
  std::string_view name;
  std::variant<std::string, std::int64_t, double> value;
};

void configure_log(const config::LogConfig& config);
void log_event(Level level, std::string_view event, std::initializer_list<Field> fields = {});

}  // namespace tutela::log
