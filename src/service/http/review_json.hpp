// Review JSON: cases and what belongs to them as the API shows them, and what callers say of them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "casework/cases/appeals.hpp"
#include "casework/cases/cases.hpp"
#include "casework/cases/decisions.hpp"
#include "custody/exposure/exposure.hpp"
#include "custody/outbox/outbox.hpp"
#include "service/http/app.hpp"
#include "service/http/json.hpp"
#include "service/http/request.hpp"

namespace tutela::http {

/// The names of the tenant's people, looked up once, when the first is asked for. Of one request.
class Names {
 public:
  Names(App& app, const Request& request) : app_(app), request_(request) {}

  /// Of "person:<id>"; absent for anybody else, and where names cannot be read.
  [[nodiscard]] std::optional<std::string> find(const std::string& principal_id);

  /// As find(), or the id itself.
  [[nodiscard]] std::string of(const std::string& principal_id) {
    return find(principal_id).value_or(principal_id);
  }

 private:
  App& app_;
  const Request& request_;
  std::optional<std::map<std::string, std::string>> names_;
};

/// Who asks for a review.
[[nodiscard]] cases::Person person_of(const Request& request);

/// What is shown of cases to who asks.
class CaseJson {
 public:
  CaseJson(App& app, const Request& request);

  [[nodiscard]] boost::json::object of(const cases::Case& of);
  [[nodiscard]] boost::json::object item(const cases::Item& item);
  [[nodiscard]] boost::json::object event(const cases::Event& event);
  [[nodiscard]] boost::json::object note(const cases::Note& note);
  [[nodiscard]] boost::json::object decision(const cases::Decision& decision);
  [[nodiscard]] boost::json::object appeal(const cases::Appeal& appeal);

 private:
  /// A sample looks like any other case, but for leads.
  [[nodiscard]] std::string_view origin(cases::Origin origin) const noexcept;
  /// "who", and "name" where there is one.
  void sign(boost::json::object& body, const std::string& principal_id);

  const std::string& own_id_;
  bool is_lead_;
  UtcMs now_ms_;
  Names names_;
};

[[nodiscard]] boost::json::object link_json(const cases::Link& link);
[[nodiscard]] boost::json::object action_json(const cases::Action& action);
[[nodiscard]] boost::json::object appeal_state_json(const cases::Appeal& appeal);
[[nodiscard]] boost::json::object delivery_json(const outbox::Message& message);

/// A time, where there is one.
void set_time(boost::json::object& body, std::string_view name, std::optional<UtcMs> time_ms);

// What callers send.

Result<cases::Verdict> read_verdict(ObjectReader reader);
/// Cases with the versions that were seen; each command has a key of its own.
Result<std::vector<std::pair<Uuid, cases::Command>>> read_versions(boost::json::array members,
                                                                   const Request& request);
/// `of_many`: which of the commands of one request. Error: kInvalidInput "request.bad_header".
Result<cases::Command> command_of(const Request& request,
                                  std::int64_t version,
                                  std::string_view of_many = {});

/// The id that the path names.
Result<Uuid> id_of(const Request& request);
Result<std::optional<UtcMs>> query_time(const Request& request, std::string_view name);
Result<std::optional<bool>> query_flag(const Request& request, std::string_view name);
Result<std::optional<std::int64_t>> query_integer(const Request& request,
                                                  std::string_view name,
                                                  std::int64_t min,
                                                  std::int64_t max);

[[nodiscard]] Response answer_json(const Result<boost::json::object>& body,
                                   const Request& request,
                                   int status = 200);
[[nodiscard]] Response answer_empty(const Status& done, const Request& request, int status = 204);

}  // namespace tutela::http
