#include "service/webhooks/body.hpp"

#include <boost/json.hpp>

namespace tutela::webhooks {

std::string id_of(const outbox::Message& message) {
  return "msg_" + std::to_string(message.id) + "_" + std::to_string(message.created_ms);
}

std::optional<std::string> body_of(const outbox::Message& message) {
  boost::system::error_code failed;
  const boost::json::value payload = boost::json::parse(message.payload, failed);
  if (failed || !payload.is_object()) {
    return std::nullopt;
  }
  // The payload goes out as it was written, in the order in which it was written.
  return R"({"type":)" + boost::json::serialize(boost::json::string(message.topic)) +
         R"(,"timestamp":")" + to_rfc3339(message.created_ms) + R"(","data":)" + message.payload +
         "}";
}

}  // namespace tutela::webhooks
