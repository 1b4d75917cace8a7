// What reaches the authorities of the configuration.
#include <algorithm>
#include <utility>

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "service/reporting/setup.hpp"

namespace tutela::reporting {

namespace {

constexpr std::uint64_t kFileBytesMax = 1U << 20;

Result<std::string> text_of_file(const std::string& path) {
  TUTELA_TRY_ASSIGN(const Bytes bytes, read_file(path, kFileBytesMax));
  std::string text(as_text(bytes));
  std::ranges::replace(text, '\r', '\n');
  return text;
}

Result<std::unique_ptr<authorities::Channel>> open_line(const config::Config& config,
                                                        const config::AuthorityLine& line) {
  TUTELA_TRY_ASSIGN(std::string text, text_of_file(line.file));
  if (line.channel == "webhook") {
    authorities::WebhookOptions options;
    options.url = line.address;
    std::ranges::replace(text, '\n', ' ');
    options.secrets = config::words_of(text);
    options.allow_private = is_of_this_machine(line.address);
    return authorities::open_webhook(options);
  }
  authorities::EmailOptions options;
  options.server = config.smtp.server;
  options.username = config.smtp.username;
  options.password = config.smtp.password;
  options.from = config.smtp.from;
  options.to = line.address;
  options.key = std::move(text);
  options.ca_file = config.smtp.ca_file.string();
  options.allow_plain = config.smtp.allow_plain;
  return authorities::open_email(options);
}

}  // namespace

Result<std::vector<Served>> open_authorities(const config::Config& config) {
  TUTELA_TRY_ASSIGN(std::vector<reports::Authority> all, authorities_of(config));
  const std::vector<config::AuthorityLine> lines = config::authorities_of(config.reporting);
  std::vector<Served> served;
  for (std::size_t i = 0; i < all.size(); ++i) {
    Served one{std::move(all[i]), nullptr};
    if (one.authority.channel == reports::Channel::kCybertip) {
      TUTELA_TRY_ASSIGN(one.channel, authorities::open_cybertip(cybertip_options(config)));
    } else if (one.authority.channel != reports::Channel::kByHand) {
      TUTELA_TRY_ASSIGN(one.channel, open_line(config, lines[i - 1]));  // the first is ncmec
    }
    served.push_back(std::move(one));
  }
  return served;
}

}  // namespace tutela::reporting
