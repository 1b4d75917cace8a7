#include "service/http/search.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <span>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "base/bytes.hpp"
#include "custody/audit/entry.hpp"
#include "service/http/handlers.hpp"
#include "service/http/json.hpp"
#include "service/http/problem.hpp"

namespace tutela::http {

namespace json = boost::json;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t kHashDigitsMax = 64;
constexpr std::size_t kHitsMax = 1000;  // shown of one hash
constexpr std::size_t kPieceBytes = 64U << 10;
constexpr std::chrono::milliseconds kPieceTime{20};

using ListNames = std::map<Uuid, std::string>;

ByteView digest_of(const SearchQuery& query) {
  return ByteView(query.digest).first(lists::size_bytes_of(query.kind));
}

Result<SearchQuery> read_query(ObjectReader reader) {
  const std::string kind = reader.text("kind", 16);
  const std::string value = reader.text("value", kHashDigitsMax);
  const auto distance_max = reader.optional_integer("distance_max", 0, match::kPdqDistanceMax);
  TUTELA_TRY(reader.finish());
  SearchQuery query;
  TUTELA_TRY_ASSIGN(query.kind, match::parse_signal_kind(kind));
  if (query.kind == match::SignalKind::kPdq) {
    TUTELA_TRY_ASSIGN(query.pdq, fingerprint::parse_pdq(value));
    if (distance_max) {
      query.distance_max = static_cast<int>(*distance_max);
    }
    return query;
  }
  if (distance_max) {
    return Error{ErrorKind::kInvalidInput,
                 "request.bad_field",
                 "the field distance_max belongs to pdq alone; digests are exact"};
  }
  TUTELA_TRY(parse_hex(value, std::span(query.digest).first(lists::size_bytes_of(query.kind))));
  return query;
}

Result<SearchQuery> read_member(json::value& item) {
  if (!item.is_object()) {
    return Error{ErrorKind::kInvalidInput, "request.bad_field", "it must be an object"};
  }
  return read_query(ObjectReader(std::move(item.get_object())));
}

json::array hits_json(const std::vector<match::Hit>& hits,
                      const match::Generation& generation,
                      const ListNames& names) {
  json::array all;
  for (const match::Hit& hit : hits) {
    if (all.size() == kHitsMax) {
      break;
    }
    const match::ListEntry& list = generation.lists()[hit.list];
    const auto name = names.find(list.id);
    all.push_back({{"list_id", to_string(list.id)},
                   {"list_name", name == names.end() ? "" : name->second},
                   {"list_version", list.version},
                   {"signal_id", hit.signal_id},
                   {"kind", match::to_string(hit.kind)},
                   {"distance", hit.distance},
                   {"strength", hit.kind == match::SignalKind::kSha256 ? "exact" : "near"}});
  }
  return all;
}

std::string result_text(const SearchQuery& query,
                        const match::Generation& generation,
                        const ListNames& names) {
  const auto hits = query.kind == match::SignalKind::kPdq
                        ? generation.search_pdq({std::span(&query.pdq, 1), 0}, query.distance_max)
                        : generation.search_digest(query.kind, digest_of(query));
  return json::serialize(json::object({{"kind", match::to_string(query.kind)},
                                       {"hits", hits_json(hits, generation, names)},
                                       {"hits_total", hits.size()}}));
}

Result<ListNames> names_of_lists(App& app, const store::Actor& actor) {
  TUTELA_TRY_ASSIGN(const std::vector<lists::List> all, app.pipeline.lists().all(actor));
  ListNames names;
  for (const lists::List& list : all) {
    names.emplace(list.id, list.spec.name);
  }
  return names;
}

/// Before anything is answered: a lookup that cannot be recorded is not made.
Status audit_search(App& app, const Request& request, std::size_t count) {
  const store::Actor& actor = request.principal->actor;
  return app.pipeline.database().write([&](store::Transaction& transaction) {
    return audit::add(transaction,
                      actor,
                      app.clock.now_ms(),
                      {.action = "signal.search",
                       .object = "request:" + to_string(request.id),
                       .purpose = "lookup",
                       .result = "ok hashes: " + std::to_string(count)});
  });
}

/// All of the hashes are counted against the token, or none and the answer says why.
std::optional<Response> refuse_too_many(App& app, const Request& request, std::size_t count) {
  const std::uint32_t limit = app.settings.get()->server.searches_per_minute;
  if (count > limit) {
    return problem({ErrorKind::kLimitExceeded,
                    "search.over_limit",
                    "a token may look up " + std::to_string(limit) +
                        " hashes a minute here (server.searches_per_minute) and these are " +
                        std::to_string(count) + "; send fewer at once"},
                   request.id);
  }
  const std::int64_t wait_ms = app.searches.take(request.principal->actor.principal_id,
                                                 static_cast<std::uint32_t>(count),
                                                 limit,
                                                 app.clock.now_ms());
  if (wait_ms == 0) {
    return std::nullopt;
  }
  Response response = problem({ErrorKind::kLimitExceeded,
                               "search.too_many",
                               "this token looked up too many hashes; nothing was looked up now, "
                               "try again after the time in Retry-After"},
                              request.id);
  response.headers.emplace_back("Retry-After", std::to_string((wait_ms + 999) / 1000));
  return response;
}

}  // namespace

Result<std::vector<SearchQuery>> read_search(std::string_view body,
                                             std::optional<std::size_t>& bad) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(body));
  std::vector<SearchQuery> queries;
  auto several = reader.optional_array("queries", kSearchQueriesMax);
  if (!several) {
    TUTELA_TRY_ASSIGN(SearchQuery one, read_query(std::move(reader)));
    queries.push_back(std::move(one));
    return queries;
  }
  TUTELA_TRY(reader.finish());
  queries.reserve(several->size());
  for (json::value& item : *several) {
    auto one = read_member(item);
    if (!one) {
      bad = queries.size();
      Error error = std::move(one).error();
      error.message = "queries[" + std::to_string(*bad) + "]: " + error.message;
      return error;
    }
    queries.push_back(*std::move(one));
  }
  return queries;
}

SearchAnswer::SearchAnswer(App& app,
                           store::Actor actor,
                           std::vector<SearchQuery> queries,
                           SearchFormat format)
    : app_(app), actor_(std::move(actor)), queries_(std::move(queries)), format_(format) {}

Result<std::optional<std::string>> SearchAnswer::next() {
  if (whole()) {
    return std::optional<std::string>();
  }
  const auto until = steady_clock::now() + kPieceTime;
  const auto generation = app_.pipeline.generation();
  TUTELA_TRY_ASSIGN(const ListNames names, names_of_lists(app_, actor_));
  const bool lines = format_ == SearchFormat::kLines;
  std::string text;
  do {
    if (!lines) {
      text += done_ == 0 ? R"({"results":[)" : ",";
    }
    text += result_text(queries_[done_], *generation, names);
    text += lines ? "\n" : "";
    ++done_;
  } while (!whole() && text.size() < kPieceBytes && steady_clock::now() < until);
  if (whole() && !lines) {
    text += "]}";
  }
  return std::optional(std::move(text));
}

Response post_search(App& app, const Request& request) {
  std::optional<std::size_t> bad;
  auto queries = read_search(request.body, bad);
  if (!queries) {
    return problem(
        queries.error(), request.id, bad ? json::object({{"index", *bad}}) : json::object());
  }
  if (auto refused = refuse_too_many(app, request, queries->size())) {
    return *std::move(refused);
  }
  if (const auto audited = audit_search(app, request, queries->size()); !audited) {
    return problem(audited.error(), request.id);
  }
  const auto answer = std::make_shared<SearchAnswer>(
      app,
      request.principal->actor,
      *std::move(queries),
      request.accepts_ndjson ? SearchFormat::kLines : SearchFormat::kArray);
  // The first piece before the head, so that a failure is a proper problem; mostly it is all.
  auto first = answer->next();
  if (!first) {
    return problem(first.error(), request.id);
  }
  Response response;
  response.content_type = request.accepts_ndjson ? "application/x-ndjson" : "application/json";
  response.body = std::move(*first).value_or("");
  if (!answer->whole()) {
    response.more = [answer] {
      return answer->next();
    };
  }
  return response;
}

}  // namespace tutela::http
