// What an operator writes as the address and secret of a receiver is refused or works, and a
// message goes out as JSON or not at all.
#include <cstdlib>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "service/webhooks/body.hpp"
#include "service/webhooks/webhooks.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tutela;
  const std::string text(reinterpret_cast<const char*>(data), size);
  webhooks::Options options;
  options.secrets = {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
  options.url = text;
  if (webhooks::check(options) && !text.empty() && text.find_first_of("hH") != 0) {
    std::abort();
  }
  options.url = "https://example.org/";
  options.secrets = {text};
  if (webhooks::check(options).has_value() !=
      webhooks::sign(options.secrets, "msg_1", 1, text).has_value()) {
    std::abort();
  }
  outbox::Message message;
  message.topic = text;
  message.payload = text;
  if (const auto body = webhooks::body_of(message)) {
    boost::system::error_code failed;
    const boost::json::value whole = boost::json::parse(*body, failed);
    if (failed || whole.as_object().size() != 3 ||
        whole.as_object().at("data") != boost::json::parse(text)) {
      std::abort();
    }
  }
  return 0;
}
