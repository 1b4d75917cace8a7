// Signals of a list: adding, removing, importing, exporting.
#include <charconv>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>

#include "service/http/handlers.hpp"
#include "service/http/json.hpp"
#include "service/http/problem.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::size_t kSignalsMax = 1000;  // in one JSON body
constexpr std::size_t kKindBytesMax = 16;
constexpr std::size_t kValueBytesMax = 64;
constexpr std::int64_t kExportPage = 5000;

Error bad_parameter(std::string message) {
  return {ErrorKind::kInvalidInput, "request.bad_parameter", std::move(message)};
}

Result<std::int64_t> after_of(const Request& request) {
  const auto text = request.query_value("after");
  std::int64_t after = 0;
  if (text) {
    const char* end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, after);
    if (error != std::errc() || stop != end || after < 0) {
      return bad_parameter("after must be the id of a signal");
    }
  }
  return after;
}

/// The JSON body as lines of an import.
Result<std::string> read_signals(std::string_view body) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(body));
  const auto signals = reader.optional_array("signals", kSignalsMax);
  TUTELA_TRY(reader.finish());
  if (!signals) {
    return Error{ErrorKind::kInvalidInput, "request.missing_field", "the field signals is missing"};
  }
  std::string lines;
  for (const json::value& item : *signals) {
    if (!item.is_object()) {
      return Error{
          ErrorKind::kInvalidInput, "request.bad_field", "the field signals must hold objects"};
    }
    ObjectReader signal(item.get_object());
    const std::string kind = signal.text("kind", kKindBytesMax);
    const std::string value = signal.text("value", kValueBytesMax);
    TUTELA_TRY(signal.finish());
    TUTELA_TRY(match::parse_signal_kind(kind));
    lines += kind + "," + value + "\n";
  }
  return lines;
}

Result<std::vector<std::string>> read_values(std::string_view body) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(body));
  const auto values = reader.optional_array("values", kSignalsMax);
  TUTELA_TRY(reader.finish());
  if (!values) {
    return Error{ErrorKind::kInvalidInput, "request.missing_field", "the field values is missing"};
  }
  std::vector<std::string> all;
  for (const json::value& item : *values) {
    const json::string* text = item.if_string();
    if (text == nullptr || text->size() > kValueBytesMax) {
      return Error{
          ErrorKind::kInvalidInput, "request.bad_field", "the field values must hold hashes"};
    }
    all.emplace_back(text->data(), text->size());
  }
  return all;
}

/// Imports and answers with the report; a file with bad lines is a problem that lists them.
Response import_text(App& app,
                     const Request& request,
                     std::string_view text,
                     const lists::ImportOptions& options) {
  const auto id = list_of(app, request);
  if (!id) {
    return problem(id.error(), request.id);
  }
  lists::ImportReport report;
  const auto imported =
      app.pipeline.lists().import_signals(request.principal->actor, *id, text, options, report);
  if (!imported) {
    json::object extra;
    if (imported.error().code == "list.bad_lines") {
      extra["bad"] = report.bad;
      extra["bad_lines"] = bad_lines_json(report);
    }
    return problem(imported.error(), request.id, extra);
  }
  if (const auto refreshed = app.pipeline.refresh_generation(); !refreshed) {
    return problem(refreshed.error(), request.id);
  }
  return json_response(200, import_json(report));
}

Result<std::vector<lists::Signal>> page_of(
    App& app, const store::Actor& actor, const Uuid& list, std::int64_t after, std::int64_t limit) {
  std::vector<lists::Signal> page;
  TUTELA_TRY(app.pipeline.lists().export_signals(
      actor, list, after, limit, [&](const lists::Signal& signal) {
        page.push_back(signal);
        return ok();
      }));
  return page;
}

Result<json::object> signals_page(App& app, const Request& request) {
  constexpr std::int64_t kLimitMax = 1000;
  TUTELA_TRY_ASSIGN(const std::int64_t limit, limit_of(request, 100, kLimitMax));
  TUTELA_TRY_ASSIGN(const std::int64_t after, after_of(request));
  TUTELA_TRY_ASSIGN(const Uuid id, list_of(app, request));
  TUTELA_TRY_ASSIGN(const std::vector<lists::Signal> page,
                    page_of(app, request.principal->actor, id, after, limit));
  json::array items;
  for (const lists::Signal& signal : page) {
    items.push_back(
        {{"id", signal.id}, {"kind", match::to_string(signal.kind)}, {"value", signal.value}});
  }
  json::object body = {{"items", std::move(items)}};
  if (static_cast<std::int64_t>(page.size()) == limit) {
    body["next"] = page.back().id;
  }
  return body;
}

/// Walks a list page by page; each call gives the next lines.
class Export {
 public:
  Export(App& app, store::Actor actor, const Uuid& list)
      : app_(app), actor_(std::move(actor)), list_(list) {}

  Result<std::optional<std::string>> next() {
    TUTELA_TRY_ASSIGN(const std::vector<lists::Signal> page,
                      page_of(app_, actor_, list_, after_, kExportPage));
    if (page.empty()) {
      return std::optional<std::string>();
    }
    std::string lines;
    for (const lists::Signal& signal : page) {
      lines += std::string(match::to_string(signal.kind)) + "," + signal.value + "\n";
    }
    after_ = page.back().id;
    return std::optional(std::move(lines));
  }

 private:
  App& app_;
  store::Actor actor_;
  Uuid list_;
  std::int64_t after_ = 0;
};

}  // namespace

Response get_signals(App& app, const Request& request) {
  const auto page = signals_page(app, request);
  return page ? json_response(200, *page) : problem(page.error(), request.id);
}

Response post_signals(App& app, const Request& request) {
  const auto lines = read_signals(request.body);
  return lines ? import_text(app, request, *lines, {}) : problem(lines.error(), request.id);
}

Response delete_signals(App& app, const Request& request) {
  const auto remove = [&]() -> Result<std::int64_t> {
    TUTELA_TRY_ASSIGN(const std::vector<std::string> values, read_values(request.body));
    TUTELA_TRY_ASSIGN(const Uuid id, list_of(app, request));
    TUTELA_TRY_ASSIGN(const std::int64_t removed,
                      app.pipeline.lists().remove_signals(request.principal->actor, id, values));
    TUTELA_TRY(app.pipeline.refresh_generation());
    return removed;
  };
  const auto removed = remove();
  return removed ? json_response(200, {{"removed", *removed}})
                 : problem(removed.error(), request.id);
}

Response post_import(App& app, const Request& request) {
  const auto skip_bad = request.query_value("skip_bad").value_or("false");
  if (skip_bad != "true" && skip_bad != "false") {
    return problem(bad_parameter("skip_bad must be true or false"), request.id);
  }
  lists::ImportOptions options;
  options.skip_bad = skip_bad == "true";
  if (const auto name = request.query_value("kind")) {
    const auto kind = match::parse_signal_kind(*name);
    if (!kind) {
      return problem(kind.error(), request.id);
    }
    options.kind = *kind;
  }
  return import_text(app, request, request.body, options);
}

Response get_export(App& app, const Request& request) {
  const auto id = list_of(app, request);
  if (!id) {
    return problem(id.error(), request.id);
  }
  auto walk = std::make_shared<Export>(app, request.principal->actor, *id);
  // The first page before the head, so that a refusal is a proper problem.
  auto first = walk->next();
  if (!first) {
    return problem(first.error(), request.id);
  }
  Response response;
  response.content_type = "text/csv; charset=utf-8";
  response.body = std::move(*first).value_or("");
  response.more = [walk] {
    return walk->next();
  };
  return response;
}

}  // namespace tutela::http
