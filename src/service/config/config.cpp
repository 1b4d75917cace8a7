#include "service/config/config.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>

#include <toml++/toml.h>
#include <unistd.h>

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "service/config/keys.hpp"

namespace tutela::config {

namespace {

constexpr std::uint64_t kFileBytesMax = 1U << 20;
constexpr std::size_t kProblemsMax = 100;
constexpr std::string_view kPrefix = "TUTELA_";
constexpr std::string_view kFileSuffix = "_FILE";

// Documented variables of ours that are not configuration.
constexpr auto kNotConfiguration = std::to_array<std::string_view>({"TUTELA_FAULT",
                                                                    "TUTELA_FAULT_FILE",
                                                                    "TUTELA_PDQ_KERNEL",
                                                                    "TUTELA_MATCH_KERNEL",
                                                                    "TUTELA_CONFIG",
                                                                    "TUTELA_TOKEN",
                                                                    "TUTELA_URL"});

using Scalar = std::variant<std::string, std::int64_t, bool>;
using Problems = std::vector<std::string>;

/// What is wrong with the value, without repeating it; nothing when it was stored.
using Complaint = std::optional<std::string>;

std::string one_of(std::string_view choices) {
  return "must be one of: " + std::string(choices);
}

bool is_choice(std::string_view choices, const std::string& text) {
  return (" " + std::string(choices) + " ").find(" " + text + " ") != std::string::npos;
}

Complaint store_text(const Key& key, const Slot& slot, const std::string& text) {
  if (text.find('\0') != std::string::npos) {
    return "must not hold a zero byte";
  }
  if (!key.choices.empty() &&
      (text.find(' ') != std::string::npos || !is_choice(key.choices, text))) {
    return one_of(key.choices);
  }
  const std::string_view wrong = key.complaint != nullptr ? key.complaint(text) : "";
  if (!wrong.empty()) {
    return std::string(wrong);
  }
  if (auto* const* path = std::get_if<std::filesystem::path*>(&slot)) {
    **path = text;
  } else {
    *std::get<std::string*>(slot) = text;
  }
  return {};
}

Complaint store_number(const Key& key, const Slot& slot, std::int64_t number) {
  if (number < 0 || static_cast<std::uint64_t>(number) < key.min ||
      static_cast<std::uint64_t>(number) > key.max) {
    return "must be from " + std::to_string(key.min) + " to " + std::to_string(key.max);
  }
  if (auto* const* wide = std::get_if<std::uint64_t*>(&slot)) {
    **wide = static_cast<std::uint64_t>(number);
  } else {
    *std::get<std::uint32_t*>(slot) = static_cast<std::uint32_t>(number);
  }
  return {};
}

bool takes_text(const Slot& slot) {
  return std::holds_alternative<std::string*>(slot) ||
         std::holds_alternative<std::filesystem::path*>(slot);
}

Complaint store(const Key& key, Config& config, const Scalar& value) {
  const Slot slot = key.slot(config);
  if (takes_text(slot)) {
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr ? store_text(key, slot, *text) : Complaint("must be a text in quotes");
  }
  if (bool* const* flag = std::get_if<bool*>(&slot)) {
    const bool* given = std::get_if<bool>(&value);
    if (given == nullptr) {
      return "must be true or false";
    }
    **flag = *given;
    return {};
  }
  const auto* number = std::get_if<std::int64_t>(&value);
  return number != nullptr ? store_number(key, slot, *number) : Complaint("must be a whole number");
}

/// The text of a variable as the kind of value that its key takes; a text where it does not fit, so
/// that store() complains.
Scalar scalar_of(const Slot& slot, const std::string& text) {
  if (takes_text(slot)) {
    return text;
  }
  if (std::holds_alternative<bool*>(slot)) {
    return text == "true" || text == "false" ? Scalar(text == "true") : Scalar(text);
  }
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end && !text.empty() ? Scalar(number) : Scalar(text);
}

std::string text_of(const Slot& slot) {
  if (const auto* text = std::get_if<std::string*>(&slot)) {
    return **text;
  }
  if (const auto* path = std::get_if<std::filesystem::path*>(&slot)) {
    return (*path)->string();
  }
  if (const auto* flag = std::get_if<bool*>(&slot)) {
    return **flag ? "true" : "false";
  }
  if (const auto* wide = std::get_if<std::uint64_t*>(&slot)) {
    return std::to_string(**wide);
  }
  return std::to_string(*std::get<std::uint32_t*>(slot));
}

/// Both slots are of one key, hence of one type.
void copy(const Slot& from, const Slot& to) {
  std::visit(
      [&](auto* source) {
        if (auto* const* target = std::get_if<decltype(source)>(&to)) {
          **target = *source;
        }
      },
      from);
}

std::string variable_of(std::string_view key) {
  std::string name(kPrefix);
  for (const char c : key) {
    if (c == '.') {
      name += "__";
    } else {
      name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
  }
  return name;
}

const Key* key_of_variable(std::string_view variable) {
  const auto table = key_table();
  const auto found = std::ranges::find_if(
      table, [&](const Key& key) { return variable_of(key.name) == variable; });
  return found == table.end() ? nullptr : &*found;
}

/// Keys come from the file: cut, and only plain characters are repeated.
std::string printable(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, 64)) {
    out += std::isgraph(static_cast<unsigned char>(c)) != 0 ? c : '?';
  }
  return out;
}

void read_value(std::string_view name, const toml::node& node, Config& config, Problems& problems) {
  const std::string where = "line " + std::to_string(node.source().begin.line) + ": ";
  const Key* key = find_key(name);
  if (key == nullptr) {
    problems.push_back(where + "unknown key " + printable(name));
    return;
  }
  Complaint complaint = "must be a single value";
  if (const auto* text = node.as_string()) {
    complaint = store(*key, config, text->get());
  } else if (const auto* number = node.as_integer()) {
    complaint = store(*key, config, number->get());
  } else if (const auto* flag = node.as_boolean()) {
    complaint = store(*key, config, flag->get());
  }
  if (complaint) {
    problems.push_back(where + std::string(name) + " " + *complaint);
  }
}

void read_table(const toml::table& root, Config& config, Problems& problems) {
  for (const auto& [section, node] : root) {
    const toml::table* table = node.as_table();
    if (table == nullptr) {
      read_value(section.str(), node, config, problems);
      continue;
    }
    const std::string prefix = std::string(section.str()) + ".";
    const bool known = std::ranges::any_of(
        key_table(), [&](const Key& key) { return key.name.starts_with(prefix); });
    if (!known) {
      problems.push_back("line " + std::to_string(table->source().begin.line) +
                         ": unknown section " + printable(section.str()));
      continue;
    }
    for (const auto& [name, value] : *table) {
      read_value(prefix + std::string(name.str()), value, config, problems);
    }
  }
}

void read_toml(std::string_view text, Config& config, Problems& problems) {
  try {
    const toml::table root = toml::parse(text);
    read_table(root, config, problems);
  } catch (const toml::parse_error& error) {
    problems.push_back("line " + std::to_string(error.source().begin.line) +
                       ": not TOML: " + std::string(error.description()));
  } catch (const std::exception& error) {
    problems.push_back(std::string("not TOML: ") + error.what());
  }
}

Result<std::string> text_of_file(const std::filesystem::path& path) {
  TUTELA_TRY_ASSIGN(const Bytes bytes, read_file(path, kFileBytesMax));
  std::string text(as_text(bytes));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
    text.pop_back();
  }
  return text;
}

void read_variable(const std::string& variable,
                   const std::string& value,
                   const Environment& environment,
                   Config& config,
                   Problems& problems) {
  const Key* key = key_of_variable(variable);
  std::string text = value;
  if (key == nullptr && std::string_view(variable).ends_with(kFileSuffix)) {
    const std::string plain = variable.substr(0, variable.size() - kFileSuffix.size());
    key = key_of_variable(plain);
    if (key != nullptr && environment.contains(plain)) {
      problems.push_back(variable + ": " + plain + " is set too; set one of them");
      return;
    }
    if (key != nullptr) {
      auto content = text_of_file(value);
      if (!content) {
        problems.push_back(variable + ": " + content.error().message);
        return;
      }
      text = *std::move(content);
    }
  }
  if (key == nullptr) {
    problems.push_back(printable(variable) + ": no such key");
    return;
  }
  if (const auto complaint = store(*key, config, scalar_of(key->slot(config), text))) {
    problems.push_back(variable + " " + *complaint);
  }
}

void read_environment(const Environment& environment, Config& config, Problems& problems) {
  for (const auto& [variable, value] : environment) {
    const bool ours = std::string_view(variable).starts_with(kPrefix);
    if (ours && std::ranges::find(kNotConfiguration, variable) == kNotConfiguration.end()) {
      read_variable(variable, value, environment, config, problems);
    }
  }
}

/// What follows the scheme of an https URL, or of an http one of this machine. Empty: neither.
std::string_view after_scheme(std::string_view url) {
  constexpr std::string_view kHttps = "https://";
  constexpr std::string_view kHttp = "http://";
  if (url.starts_with(kHttps)) {
    return url.substr(kHttps.size());
  }
  for (const std::string_view host : {"127.0.0.1", "localhost", "[::1]"}) {
    const std::string_view rest = url.starts_with(kHttp) ? url.substr(kHttp.size()) : "";
    const std::string_view after = rest.starts_with(host) ? rest.substr(host.size()) : "?";
    if (after.empty() || after[0] == ':' || after[0] == '/') {
      return rest;
    }
  }
  return {};
}

bool has_none_of(std::string_view text, std::string_view characters) {
  return !text.empty() && text.find_first_of(characters) == std::string_view::npos;
}

void check_reporting(const Config& config, Problems& problems) {
  const bool mail = std::ranges::any_of(
      authorities_of(config.reporting),
      [](const AuthorityLine& authority) { return authority.channel == "email"; });
  if (!config.cybertip.url.empty() &&
      (config.cybertip.username.empty() || config.cybertip.password.empty())) {
    problems.emplace_back("cybertip.url needs cybertip.username and cybertip.password");
  }
  if (!config.cybertip.url.empty() && config.reporting.email.empty()) {
    problems.emplace_back("cybertip.url needs reporting.email: of the person who reports");
  }
  if (mail && (config.smtp.server.empty() || config.smtp.from.empty())) {
    problems.emplace_back("an authority by email needs smtp.server and smtp.from");
  }
  if (!config.smtp.server.empty() && config.smtp.from.empty()) {
    problems.emplace_back("smtp.server needs smtp.from: the address that mails come from");
  }
  if (config.reporting.automatic && config.cases.sample_percent == 0 && !config.people.solo) {
    problems.emplace_back(
        "reporting.automatic needs cases.sample_percent: people look at some of it afterwards");
  }
  std::vector<std::string> names = {"ncmec"};
  for (const AuthorityLine& authority : authorities_of(config.reporting)) {
    if (std::ranges::find(names, authority.name) != names.end()) {
      problems.emplace_back("reporting.authority_1 to _5 need names of their own; ncmec is taken");
      break;
    }
    names.push_back(authority.name);
  }
}

void check_people(const Config& config, Problems& problems) {
  const std::string& url = config.people.public_url;
  if (!url.empty() && !has_none_of(after_scheme(url), "/?#@ \\\"<>;")) {
    problems.emplace_back("people.public_url must be https://host without a path");
  }
  const std::string& issuer = config.oidc.issuer;
  if (issuer.empty()) {
    return;
  }
  if (!has_none_of(after_scheme(issuer), "?#@ \\\"<>;")) {
    problems.emplace_back("oidc.issuer must be an https URL");
  }
  if (url.empty() || config.oidc.client_id.empty() || config.oidc.client_secret.empty()) {
    problems.emplace_back(
        "oidc.issuer needs oidc.client_id, oidc.client_secret and people.public_url");
  }
}

/// What no single key can tell.
void check_together(const Config& config, Problems& problems) {
  if (!parse_listen(config.server.listen)) {
    problems.emplace_back("server.listen must be host:port, [v6]:port or unix:/path");
  }
  if (!config.server.metrics_listen.empty() && !parse_listen(config.server.metrics_listen)) {
    problems.emplace_back("server.metrics_listen must be empty, host:port or unix:/path");
  }
  if (config.server.tls_certificate.empty() != config.server.tls_key.empty()) {
    problems.emplace_back("server.tls_certificate and server.tls_key go together: set both");
  }
  if (config.store.folder.empty()) {
    problems.emplace_back("store.folder must not be empty");
  }
  if (config.people.solo && config.people.trustee.empty()) {
    problems.emplace_back("people.solo needs people.trustee: who is told");
  }
  if (!config.webhook.url.empty() && words_of(config.webhook.secrets).empty()) {
    problems.emplace_back("webhook.url needs webhook.secrets: what messages are signed with");
  }
  check_people(config, problems);
  check_reporting(config, problems);
}

Error invalid(const Problems& problems) {
  std::string message;
  for (std::size_t i = 0; i < std::min(problems.size(), kProblemsMax); ++i) {
    message += (i == 0 ? "" : "\n") + problems[i];
  }
  return {ErrorKind::kInvalidInput, "config.invalid", std::move(message)};
}

}  // namespace

std::vector<KeyHelp> keys(const Config& values) {
  Config copy = values;  // slots point into what may be written
  std::vector<KeyHelp> all;
  for (const Key& key : key_table()) {
    all.push_back({std::string(key.name),
                   variable_of(key.name),
                   readable(key, text_of(key.slot(copy))),
                   std::string(key.help),
                   key.reloadable});
  }
  return all;
}

Environment process_environment() {
  Environment all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) {
      all.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return all;
}

Result<Config> parse(std::string_view toml, const Environment& environment) {
  Config config;
  Problems problems;
  if (toml.size() > kFileBytesMax) {
    return invalid({"the file is over 1 MiB"});
  }
  read_toml(toml, config, problems);
  read_environment(environment, config, problems);
  check_together(config, problems);
  if (!problems.empty()) {
    return invalid(problems);
  }
  return config;
}

Result<Config> load(const std::filesystem::path& file, const Environment& environment) {
  if (file.empty()) {
    return parse("", environment);
  }
  TUTELA_TRY_ASSIGN(const Bytes bytes, read_file(file, kFileBytesMax));
  return parse(as_text(bytes), environment);
}

std::vector<std::string> needs_restart(const Config& before, const Config& after) {
  Config left = before;
  Config right = after;
  std::vector<std::string> changed;
  for (const Key& key : key_table()) {
    if (!key.reloadable && text_of(key.slot(left)) != text_of(key.slot(right))) {
      changed.emplace_back(key.name);
    }
  }
  return changed;
}

Config with_reloadable(const Config& present, const Config& next) {
  Config merged = present;
  Config from = next;
  for (const Key& key : key_table()) {
    if (key.reloadable) {
      copy(key.slot(from), key.slot(merged));
    }
  }
  return merged;
}

Result<ListenAddress> parse_listen(std::string_view text) {
  const auto bad = [] {
    return Error{ErrorKind::kInvalidInput,
                 "config.bad_listen",
                 "an address must be host:port, [v6]:port or unix:/path"};
  };
  constexpr std::string_view kUnix = "unix:";
  constexpr std::size_t kUnixPathMax = 107;  // sun_path less its zero
  ListenAddress address;
  if (text.starts_with(kUnix)) {
    const std::string_view path = text.substr(kUnix.size());
    if (!path.starts_with('/') || path.size() > kUnixPathMax || path.ends_with('/')) {
      return bad();
    }
    address.unix_path = path;
    return address;
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return bad();
  }
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.starts_with('[') && host.ends_with(']');
  if (bracketed) {
    host = host.substr(1, host.size() - 2);
  }
  const std::string_view port = text.substr(colon + 1);
  const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (host.empty() || (!bracketed && host.find_first_of(":[]") != std::string_view::npos) ||
      port.empty() || error != std::errc() || stop != port.data() + port.size()) {
    return bad();
  }
  address.host = host;
  return address;
}

}  // namespace tutela::config
