// Document: a small valid document that tests change at one place, as "path" and JSON.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "exchange/cybertip/cybertip.hpp"

namespace tutela::cybertip {

inline const UtcMs kNow = *parse_time("2026-11-22T12:00:00Z");

class Document {
 public:
  Document()
      : value_(boost::json::parse(R"({"report": {
          "incidentSummary": {"incidentType": "Child Sex Trafficking",
                              "incidentDateTime": "2026-11-20T08:00:00-07:00"},
          "reporter": {"reportingPerson": {"firstName": "John", "lastName": "Smith",
                                           "email": [{"#text": "jsmith@example.com"}]}}}})")) {}

  /// Sets what stands at `path`, and makes what is missing on the way: a list where a number
  /// follows, else an object.
  Document&& set(std::string_view path, std::string_view json) && {
    boost::json::value* at = &value_;
    while (!path.empty()) {
      const std::string_view name = path.substr(0, path.find('/'));
      path.remove_prefix(std::min(path.size(), name.size() + 1));
      at = &step(*at, name);
    }
    *at = boost::json::parse(std::string(json));
    return std::move(*this);
  }

  Document&& remove(std::string_view path, std::string_view name) && {
    boost::json::value* at = &value_;
    while (!path.empty()) {
      const std::string_view part = path.substr(0, path.find('/'));
      path.remove_prefix(std::min(path.size(), part.size() + 1));
      at = &step(*at, part);
    }
    at->as_object().erase(name);
    return std::move(*this);
  }

  [[nodiscard]] std::string text() const { return boost::json::serialize(value_); }

 private:
  static boost::json::value& step(boost::json::value& at, std::string_view name) {
    if (name.find_first_not_of("0123456789") != std::string_view::npos) {
      if (!at.is_object()) {
        at.emplace_object();
      }
      return at.as_object()[name];
    }
    if (!at.is_array()) {
      at.emplace_array();
    }
    const std::size_t number = std::stoul(std::string(name));
    if (at.as_array().size() <= number) {
      at.as_array().resize(number + 1);
    }
    return at.as_array()[number];
  }

  boost::json::value value_;
};

inline std::string listed(const std::vector<Problem>& problems) {
  std::string all;
  for (const Problem& each : problems) {
    all += "\n  " + each.path + " [" + each.code + "] " + each.message;
  }
  return all;
}

inline void expect_fine(const Document& document) {
  const Verdict verdict = check(document.text(), kNow);
  EXPECT_TRUE(verdict.checked.has_value()) << document.text() << listed(verdict.problems);
  EXPECT_TRUE(verdict.problems.empty());
}

/// Exactly one problem, told in a sentence.
inline void expect_problem(const Document& document, std::string_view path, std::string_view code) {
  const Verdict verdict = check(document.text(), kNow);
  EXPECT_FALSE(verdict.checked.has_value());
  ASSERT_EQ(verdict.problems.size(), 1U) << document.text() << listed(verdict.problems);
  const Problem& problem = verdict.problems.front();
  EXPECT_EQ(problem.path, path);
  EXPECT_EQ(problem.code, code);
  EXPECT_TRUE(problem.message.ends_with('.')) << problem.message;
}

}  // namespace tutela::cybertip
