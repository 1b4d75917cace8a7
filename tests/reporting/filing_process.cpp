#include "reporting/filing_process.hpp"

#include <algorithm>
#include <csignal>
#include <memory>
#include <utility>

#include "base/fault.hpp"
#include "custody/dual_control/dual_control.hpp"
#include "service/reporting/filer.hpp"
#include "support/evidence_rows.hpp"

namespace tutela::testing {

namespace {

constexpr int kFailed = 3;

class TextFile final : public authorities::Source {
 public:
  explicit TextFile(std::string text) : text_(std::move(text)) {}

  Result<std::size_t> read(std::span<std::byte> out) override {
    TUTELA_TRY(fault::reach("filing.within_file"));
    const ByteView left = as_bytes(text_).subspan(at_);
    const std::size_t size = std::min({out.size(), left.size(), std::size_t{4}});
    std::copy_n(left.begin(), size, out.begin());
    at_ += size;
    return size;
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

class GeneratedFile final : public authorities::Source {
 public:
  explicit GeneratedFile(std::uint64_t size) : size_(size) {}

  Result<std::size_t> read(std::span<std::byte> out) override {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size_ - at_));
    generate(at_, out.first(size));
    at_ += size;
    return size;
  }

 private:
  std::uint64_t size_;
  std::uint64_t at_ = 0;
};

Result<std::unique_ptr<authorities::Source>> open_file(const std::string& what) {
  const std::size_t colon = what.find(':');
  const std::string rest = what.substr(colon + 1);
  if (what.starts_with("generated:")) {
    return std::unique_ptr<authorities::Source>(std::make_unique<GeneratedFile>(std::stoull(rest)));
  }
  return std::unique_ptr<authorities::Source>(std::make_unique<TextFile>(rest));
}

/// Dies or stops around the calls of the real channel.
class Mortal final : public authorities::Channel {
 public:
  Mortal(std::unique_ptr<Channel> channel, int stop_at)
      : channel_(std::move(channel)), stop_at_(stop_at) {}

  authorities::Took take(const authorities::Task& task) override {
    static_cast<void>(fault::reach("filing.before_call"));
    if (++calls_ == stop_at_) {
      std::raise(SIGSTOP);
    }
    authorities::Took took = channel_->take(task);
    static_cast<void>(fault::reach("filing.after_call"));
    return took;
  }

  authorities::Reached status() override { return channel_->status(); }

 private:
  std::unique_ptr<Channel> channel_;
  int stop_at_;
  int calls_ = 0;
};

Result<std::unique_ptr<authorities::Channel>> open_channel(const FilingOrder& order) {
  authorities::CybertipOptions options;
  options.url = order.url;
  options.username = kFilingUser;
  options.password = order.password;
  options.connect_timeout_ms = 20'000;
  options.timeout_ms = order.timeout_ms;
  options.stall_ms = order.timeout_ms;
  options.calls_per_minute = 1'000'000;
  TUTELA_TRY_ASSIGN(auto channel, authorities::open_cybertip(options));
  return std::unique_ptr<authorities::Channel>(
      std::make_unique<Mortal>(std::move(channel), order.stop_at));
}

Status file_reports(const FilingOrder& order) {
  const ManualClock clock(order.now_ms);
  TUTELA_TRY_ASSIGN(auto database, store::Database::open({.path = order.folder + "/tutela.db"}));
  dual_control::DualControl dual_control(*database, clock, {});
  reports::Reports reports(*database, dual_control, clock, {});
  reporting::FilerOptions options;
  options.lease_ms = kFilingLeaseMs;
  reporting::Served served;
  served.authority.name = "ncmec";
  served.authority.channel = reports::Channel::kCybertip;
  served.authority.environment = reports::Environment::kSimulated;
  served.authority.jurisdiction = "US";
  TUTELA_TRY_ASSIGN(served.channel, open_channel(order));
  options.authorities.push_back(std::move(served));
  reporting::Filer filer(
      reports,
      clock,
      std::move(options),
      [&](const reports::Leased&, std::int64_t file) {
        return open_file(order.files.at(static_cast<std::size_t>(file)));
      },
      [](std::string_view, const Uuid&, std::string_view) {});
  TUTELA_TRY(filer.work([] { return false; }));
  return ok();
}

}  // namespace

void generate(std::uint64_t at, std::span<std::byte> out) {
  // Any part of it alone is as quickly made as the whole, and no two of its blocks are the same.
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint64_t place = at + i;
    out[i] = static_cast<std::byte>((place * 131U) ^ (place >> 8U) ^ (place >> 20U));
  }
}

std::vector<std::string> to_arguments(const FilingOrder& order) {
  std::vector<std::string> arguments = {kFilingWord,
                                        order.folder,
                                        order.url,
                                        order.password,
                                        std::to_string(order.now_ms),
                                        std::to_string(order.stop_at),
                                        std::to_string(order.timeout_ms)};
  arguments.insert(arguments.end(), order.files.begin(), order.files.end());
  return arguments;
}

int run_filing_process(int count, char** arguments) {
  const std::vector<std::string> given(arguments + 1, arguments + count);
  FilingOrder order;
  order.folder = given.at(1);
  order.url = given.at(2);
  order.password = given.at(3);
  order.now_ms = std::stoll(given.at(4));
  order.stop_at = std::stoi(given.at(5));
  order.timeout_ms = std::stoll(given.at(6));
  order.files.assign(given.begin() + 7, given.end());
  const Status filed = file_reports(order);
  if (!filed) {
    std::fprintf(stderr, "%s\n", std::string(filed.error().code).c_str());
  }
  return filed ? 0 : kFailed;
}

}  // namespace tutela::testing
