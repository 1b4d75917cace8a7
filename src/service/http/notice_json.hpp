// Notice JSON: what people outside told us as the API shows it, and what callers send of it.
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "casework/intake/notices.hpp"
#include "service/contact/contact.hpp"
#include "service/http/app.hpp"
#include "service/http/request.hpp"
#include "service/http/review_json.hpp"

namespace tutela::http {

/// What is shown of notices to who asks.
class NoticeJson {
 public:
  NoticeJson(App& app, const Request& request);

  [[nodiscard]] boost::json::object of(const intake::Notice& of);
  [[nodiscard]] boost::json::object whole(const intake::Whole& whole);

 private:
  /// "<name>" and "<name>_name", where there is somebody.
  void sign(boost::json::object& body,
            const std::string& name,
            const std::optional<std::string>& principal_id);

  UtcMs now_ms_;
  Names names_;
};

[[nodiscard]] boost::json::object queue_count_json(const intake::QueueCount& count);
[[nodiscard]] boost::json::object flood_json(const intake::Flood& flood);

/// What somebody hands in.
struct Submission {
  intake::NewNotice notice;
  contact::Contact contact;
  std::string reporter;      // who of the service's own, as the service names them; may be empty
  bool says_sender = false;  // it does not follow from the token
};

/// The bodies of POST /v1/notices and POST /v1/notices/paste. Bounds of the body itself are those
/// of intake::check().
Result<Submission> read_submission(const Request& request);
Result<Submission> read_paste(const Request& request);

}  // namespace tutela::http
