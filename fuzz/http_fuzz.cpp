// What the API reads from callers: multipart bodies, content types, JSON, lookups, labels. The same
// body fed in two ways must be read in the same way.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/bytes.hpp"
#include "service/http/json.hpp"
#include "service/http/multipart.hpp"
#include "service/http/search.hpp"
#include "service/http/text.hpp"

namespace {

namespace http = tutela::http;

/// Everything that came out, in order.
std::string read(std::string_view body, std::size_t piece, const http::MultipartRules& rules) {
  std::string out;
  http::MultipartSink sink;
  sink.on_field = [&](std::string_view name, std::string value) {
    out += "field " + std::string(name) + "=" + value + ";";
    return tutela::ok();
  };
  sink.on_file_begin = [&] {
    out += "file ";
    return tutela::ok();
  };
  sink.on_file_bytes = [&](tutela::ByteView bytes) {
    out += tutela::as_text(bytes);
    return tutela::ok();
  };
  http::MultipartReader reader("XX", sink, rules);
  for (std::size_t at = 0; at < body.size(); at += piece) {
    if (const auto fed = reader.feed(tutela::as_bytes(body.substr(at, piece))); !fed) {
      return {};  // how much came out before the error depends on the pieces
    }
  }
  return reader.finish() ? out : std::string();
}

/// Within its bounds or an error; one that blames a query of an array says which.
void read_search(std::string_view body) {
  std::optional<std::size_t> bad;
  const auto queries = http::read_search(body, bad);
  const bool good = queries
                        ? !queries->empty() && queries->size() <= http::kSearchQueriesMax && !bad
                        : bad.has_value() == queries.error().message.starts_with("queries[");
  if (!good) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = tutela::as_text(std::as_bytes(std::span(data, size)));
  const http::MultipartRules form = {.file_name = "files", .files_max = 3, .in_any_order = true};
  for (const http::MultipartRules& rules : {http::MultipartRules(), form}) {
    const std::string whole = read(text, size + 1, rules);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}}) {
      const std::string pieces = read(text, piece, rules);
      if (!whole.empty() && !pieces.empty() && whole != pieces) {
        std::abort();
      }
    }
  }
  if (const auto boundary = http::multipart_boundary(text);
      boundary && !http::is_label(*boundary, 70)) {
    std::abort();
  }
  if (auto reader = http::ObjectReader::parse(text)) {
    const std::string value = reader->text("a", 64);
    if (value.size() > 64) {
      std::abort();
    }
    static_cast<void>(reader->optional_integer("b", 0, 9));
    static_cast<void>(reader->optional_array("c", 3));
  }
  read_search(text);
  static_cast<void>(http::has_token(text, "respond-async"));
  return 0;
}
