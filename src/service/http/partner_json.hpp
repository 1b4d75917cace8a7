// Partner JSON: whom we work with, who is on duty and whether they are enough, as the API shows it.
#pragma once

#include <span>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "casework/intake/promises.hpp"
#include "casework/partners/partners.hpp"
#include "service/http/app.hpp"
#include "service/http/request.hpp"
#include "service/http/review_json.hpp"
#include "service/staffing/staffing.hpp"

namespace tutela::http {

/// What is shown of partners and duty, with the names of people.
class PartnerJson {
 public:
  PartnerJson(App& app, const Request& request) : names_(app, request) {}

  /// `all` is where the names of deputies are looked for.
  [[nodiscard]] boost::json::object of(const partners::Partner& partner,
                                       std::span<const partners::Partner> all);
  [[nodiscard]] boost::json::object of(const partners::Duty& duty);
  [[nodiscard]] boost::json::object of(const partners::Span& span);
  [[nodiscard]] boost::json::array of(std::span<const partners::Span> spans);

 private:
  /// "<name>" and "<name>_name".
  void sign(boost::json::object& body, const std::string& name, const std::string& principal_id);

  Names names_;
};

/// "2026-12-25", in order.
[[nodiscard]] boost::json::array holidays_json(const intake::Promises& promises);
[[nodiscard]] boost::json::object workload_json(const staffing::Workload& workload);

/// The members of PartnerDetails; the caller finishes the reader. Bounds are those of Partners.
class DetailsReader {
 public:
  explicit DetailsReader(ObjectReader& reader);
  /// After reader.finish().
  Result<partners::Details> details() &&;

 private:
  partners::Details details_;
  std::string kind_;
  std::optional<std::string> deputy_;
  std::optional<std::string> absent_from_;
  std::optional<std::string> absent_until_;
};

}  // namespace tutela::http
