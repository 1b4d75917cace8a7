#include "base/clock.hpp"

#include <chrono>
#include <cstdio>
#include <ctime>

#include "base/fault.hpp"

namespace tutela {

namespace {

/// Armed, the clock stands still.
[[maybe_unused]] UtcMs unless_stopped(UtcMs now_ms) {
  static std::atomic<UtcMs> last_ms{0};
  if (!TUTELA_FAULT_ARMED("clock.now")) {
    last_ms = now_ms;
  }
  return last_ms;
}

}  // namespace

UtcMs SystemClock::now_ms() const {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  const UtcMs now_ms =
      duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  if constexpr (fault::kCompiledIn) {
    return unless_stopped(now_ms);
  }
  return now_ms;
}

std::string to_rfc3339(UtcMs time_ms) {
  std::int64_t seconds = time_ms / 1000;
  std::int64_t ms = time_ms % 1000;
  if (ms < 0) {
    ms += 1000;
    --seconds;
  }
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[80];
  std::snprintf(text,
                sizeof text,
                "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                parts.tm_year + 1900,
                parts.tm_mon + 1,
                parts.tm_mday,
                parts.tm_hour,
                parts.tm_min,
                parts.tm_sec,
                static_cast<int>(ms));
  return text;
}

namespace {

/// Takes fixed parts off the front of a text. After a part that is not there it stays failed.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : rest_(text) {}

  int number(std::size_t digits, int max) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char digit = take();
      failed_ = failed_ || digit < '0' || digit > '9';
      value = value * 10 + (digit - '0');
    }
    failed_ = failed_ || value > max;
    return value;
  }

  char one_of(std::string_view choices) {
    const char taken = take();
    failed_ = failed_ || choices.find(taken) == std::string_view::npos;
    return taken;
  }

  /// Takes the character if it is next.
  bool skip(char wanted) {
    const bool there = rest_.starts_with(wanted);
    rest_.remove_prefix(there ? 1 : 0);
    return there;
  }

  /// ".120" as milliseconds; further digits are dropped.
  int fraction() {
    int ms = 0;
    int scale = 100;
    std::size_t digits = 0;
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') {
      ms += (take() - '0') * scale;
      scale /= 10;
      ++digits;
    }
    failed_ = failed_ || digits == 0;
    return ms;
  }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  [[nodiscard]] bool whole() const { return !failed_ && rest_.empty(); }

 private:
  char take() {
    if (rest_.empty()) {
      failed_ = true;
      return '\0';
    }
    const char taken = rest_[0];
    rest_.remove_prefix(1);
    return taken;
  }

  std::string_view rest_;
  bool failed_ = false;
};

/// Minutes east of UTC.
int read_zone(TimeReader& reader) {
  const char sign = reader.one_of("Zz+-");
  if (sign != '+' && sign != '-') {
    return 0;
  }
  const int hours = reader.number(2, 23);
  reader.one_of(":");
  const int minutes = hours * 60 + reader.number(2, 59);
  return sign == '-' ? -minutes : minutes;
}

}  // namespace

Result<UtcMs> parse_time(std::string_view text) {
  using std::chrono::day;
  using std::chrono::month;
  using std::chrono::year;
  TimeReader reader(text);
  const int years = reader.number(4, 9999);
  reader.one_of("-");
  const int months = reader.number(2, 12);
  reader.one_of("-");
  const int days = reader.number(2, 31);
  std::int64_t ms = 0;
  if (!reader.at_end()) {
    reader.one_of("Tt ");
    const std::int64_t hours = reader.number(2, 23);
    reader.one_of(":");
    const std::int64_t minutes = reader.number(2, 59);
    reader.one_of(":");
    const std::int64_t seconds = reader.number(2, 60);  // a leap second is the next one
    ms = ((hours * 60 + minutes) * 60 + seconds) * 1000;
    ms += reader.skip('.') ? reader.fraction() : 0;
    ms -= std::int64_t{read_zone(reader)} * 60'000;
  }
  const std::chrono::year_month_day date(
      year(years), month(static_cast<unsigned>(months)), day(static_cast<unsigned>(days)));
  if (!reader.whole() || !date.ok() || years < 1970) {
    return Error{
        ErrorKind::kInvalidInput, "time.bad", "a time reads 2026-11-22 or 2026-11-22T03:52:33Z"};
  }
  const auto since_1970 = std::chrono::sys_days(date).time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count() + ms;
}

}  // namespace tutela
