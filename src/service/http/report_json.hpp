// Report JSON: reports as the API shows them, and what callers send of them.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "casework/reports/registered.hpp"
#include "casework/reports/reports.hpp"
#include "service/http/app.hpp"
#include "service/http/request.hpp"
#include "service/http/review_json.hpp"
#include "service/reporting/desk.hpp"

namespace tutela::http {

/// Who acts on reports.
[[nodiscard]] reports::Person reporter_of(const Request& request);
Result<reports::Command> report_command_of(const Request& request, std::int64_t version);

/// What is shown of reports to who asks.
class ReportJson {
 public:
  ReportJson(App& app, const Request& request);

  [[nodiscard]] boost::json::object of(const reports::Report& of);
  [[nodiscard]] boost::json::object whole(const reports::Whole& whole);
  [[nodiscard]] boost::json::object document(const reporting::Shown& shown);

 private:
  /// "<name>" and "<name>_name".
  void sign(boost::json::object& body, const std::string& name, const std::string& principal_id);
  /// What the caller may do with it now.
  [[nodiscard]] boost::json::array can(const reports::Report& of) const;

  const Request& request_;
  UtcMs now_ms_;
  Names names_;
};

[[nodiscard]] boost::json::object registered_json(const reports::Registered& entry,
                                                  std::int64_t retention_days);
[[nodiscard]] boost::json::object change_json(const cybertip::Change& change);

}  // namespace tutela::http
