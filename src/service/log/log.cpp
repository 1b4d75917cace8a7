#include "service/log/log.hpp"

#include <atomic>
#include <memory>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace tutela::log {

namespace {

std::atomic<bool> json_lines{false};

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = std::make_shared<spdlog::logger>("tutela",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarn:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::string text_line(std::string_view event, std::initializer_list<Field> fields) {
  std::string line(event);
  for (const Field& field : fields) {
    line += " " + std::string(field.name) + "=";
    if (const auto* text = std::get_if<std::string>(&field.value)) {
      const bool plain = text->find_first_of(" \t\r\n\"=") == std::string::npos;
      line += plain ? *text : boost::json::serialize(*text);
    } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
      line += std::to_string(*number);
    } else {
      line += fmt::format("{:.3f}", std::get<double>(field.value));
    }
  }
  return line;
}

/// The members after time and level, without the opening brace.
std::string json_line(std::string_view event, std::initializer_list<Field> fields) {
  boost::json::object object = {{"event", event}};
  for (const Field& field : fields) {
    std::visit([&](const auto& value) { object[field.name] = value; }, field.value);
  }
  return boost::json::serialize(object).substr(1);
}

}  // namespace

void configure_log(const config::LogConfig& config) {
  json_lines.store(config.format == "json");
  spdlog::logger& log = logger();
  log.set_pattern(json_lines.load() ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v)"
                                    : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                  spdlog::pattern_time_type::utc);
  log.set_level(spdlog::level::from_str(config.level));
}

void log_event(Level level, std::string_view event, std::initializer_list<Field> fields) {
  spdlog::logger& log = logger();
  const auto spdlog_level = level_of(level);
  if (log.should_log(spdlog_level)) {
    log.log(spdlog_level, json_lines.load() ? json_line(event, fields) : text_line(event, fields));
  }
}

}  // namespace tutela::log
