// Receipts: signed statements that items were scanned. The vault process makes them, and enters
// that they were given out; uploaders get none.
#include <string>

#include "service/http/custody.hpp"
#include "service/http/handlers.hpp"
#include "service/http/problem.hpp"

namespace tutela::http {

namespace {

Result<std::string> receipt_for(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(request.parameter("id")));
  return app.custody.vault.receipt(request.principal->actor, id);
}

Response json_text(std::string body) {
  Response response;
  response.body = std::move(body);
  return response;
}

}  // namespace

Response get_receipt(App& app, const Request& request) {
  auto receipt = receipt_for(app, request);
  return receipt ? json_text(*std::move(receipt)) : problem(receipt.error(), request.id);
}

// Anyone may ask, so the vault process is asked once a minute at most.
Response get_receipt_keys(App& app, const Request& request) {
  const auto keys = app.receipt_keys.get([&] { return app.custody.vault.receipt_keys(); });
  return keys ? json_text(**keys) : problem(keys.error(), request.id);
}

}  // namespace tutela::http
