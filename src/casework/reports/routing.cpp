#include "casework/reports/routing.hpp"

#include <algorithm>

namespace tutela::reports {
namespace {

constexpr std::size_t kTextMax = 8192;
constexpr std::size_t kRoutesMax = 100;
constexpr std::size_t kWordsMax = 300;  // of one condition: there are about 250 countries
constexpr std::string_view kBlank = " \t\r\n";

Error bad_route(std::size_t number, std::string_view why) {
  return {ErrorKind::kInvalidInput,
          "config.bad_route",
          "route " + std::to_string(number) + ": " + std::string(why)};
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) {
      words.push_back(text.substr(0, end));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

bool is_word(std::string_view text, std::string_view more) {
  return !text.empty() && text.size() <= 32 && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || more.find(c) != std::string_view::npos;
  });
}

bool is_country(std::string_view text) {
  return text.size() == 2 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

// "US,CA": no blanks, nothing empty.
Status add_values(std::size_t number,
                  std::string_view name,
                  std::string_view values,
                  std::vector<std::string>& to) {
  if (!to.empty()) {
    return bad_route(number, "give each condition once, with its values separated by commas");
  }
  while (to.size() < kWordsMax) {
    const std::size_t end = std::min(values.find(','), values.size());
    const std::string_view word = values.substr(0, end);
    const bool good = name == "incident" ? is_word(word, "_") : is_country(word);
    if (!good) {
      return bad_route(number,
                       name == "incident"
                           ? "an incident is a word of a-z and _, like csam"
                           : "a country is two capital letters (ISO 3166-1), like US");
    }
    to.emplace_back(word);
    if (end == values.size()) {
      return ok();
    }
    values.remove_prefix(end + 1);
  }
  return bad_route(number, "there are too many values");
}

Status add_condition(std::size_t number, std::string_view text, Route& route) {
  if (text == "urgent") {
    if (route.urgent_only) {
      return bad_route(number, "give each condition once");
    }
    route.urgent_only = true;
    return ok();
  }
  const std::size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  std::vector<std::string>* const to = name == "service"    ? &route.service
                                       : name == "server"   ? &route.server
                                       : name == "account"  ? &route.account
                                       : name == "incident" ? &route.incident
                                                            : nullptr;
  if (to == nullptr || equals == std::string_view::npos) {
    return bad_route(number,
                     "a condition is service=, server=, account=, incident= with its values, or "
                     "urgent");
  }
  return add_values(number, name, text.substr(equals + 1), *to);
}

Result<Route> parse_route(std::size_t number, std::string_view text) {
  const std::vector<std::string_view> words = split(text, kBlank);
  if (words.empty()) {
    return bad_route(number, "there is nothing in it");
  }
  if (!is_word(words[0], "0123456789_-")) {
    return bad_route(number, "it begins with an authority: 1 to 32 of a-z 0-9 _ -");
  }
  Route route;
  route.authority = words[0];
  if (words.size() == 1) {
    return route;
  }
  if (words[1] == "otherwise" && words.size() == 2) {
    route.otherwise = true;
    return route;
  }
  if (words[1] != "if" || words.size() == 2) {
    return bad_route(number, "behind the authority stands \"otherwise\", or \"if\" and conditions");
  }
  for (std::size_t at = 2; at < words.size(); ++at) {
    TUTELA_TRY(add_condition(number, words[at], route));
  }
  return route;
}

// What is not named holds; what is named and not known does not.
bool holds(const std::vector<std::string>& values, std::string_view known) {
  return values.empty() || std::ranges::find(values, known) != values.end();
}

bool applies(const Route& route, const Whereabouts& where) {
  return holds(route.service, where.service_country) && holds(route.server, where.server_country) &&
         holds(route.account, where.account_country.value_or("")) &&
         holds(route.incident, where.incident) && (!route.urgent_only || where.urgent);
}

}  // namespace

Result<std::vector<Route>> parse_routes(std::string_view text) {
  std::vector<Route> routes;
  if (text.size() > kTextMax) {
    return bad_route(1, "the table has more than 8192 bytes");
  }
  if (text.find_first_not_of(kBlank) == std::string_view::npos) {
    return routes;
  }
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(';', begin), text.size());
    TUTELA_TRY_ASSIGN(Route route, parse_route(routes.size() + 1, text.substr(begin, end - begin)));
    routes.push_back(std::move(route));
    if (routes.size() > kRoutesMax) {
      return bad_route(routes.size(), "a table has at most 100 routes");
    }
    begin = end + 1;
  }
  return routes;
}

std::vector<std::string> route(const std::vector<Route>& routes, const Whereabouts& where) {
  std::vector<std::string> names;
  for (const Route& each : routes) {
    const bool chosen = each.otherwise ? names.empty() : applies(each, where);
    if (chosen && std::ranges::find(names, each.authority) == names.end()) {
      names.push_back(each.authority);
    }
  }
  return names;
}

}  // namespace tutela::reports
