// OpenAPI: spec/openapi.yaml as JSON, embedded at build time (embed_openapi.py).
#pragma once

#include <string_view>

namespace tutela::http {

[[nodiscard]] std::string_view openapi_json() noexcept;

}  // namespace tutela::http
