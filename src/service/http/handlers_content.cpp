// What was found: single items, items that matched, and lookups by hash.
#include <charconv>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>

#include "base/bytes.hpp"
#include "engine/fingerprint/pdq.hpp"
#include "engine/match/match.hpp"
#include "service/http/handlers.hpp"
#include "service/http/json.hpp"
#include "service/http/problem.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::size_t kQueriesMax = 100;
constexpr std::size_t kHashDigitsMax = 64;
constexpr std::size_t kHitsMax = 1000;  // shown of one hash

struct Query {
  match::SignalKind kind = match::SignalKind::kPdq;
  fingerprint::Pdq256 pdq;
  Bytes digest;
  std::optional<int> distance_max;
};

std::size_t digest_bytes(match::SignalKind kind) {
  switch (kind) {
    case match::SignalKind::kMd5:
      return 16;
    case match::SignalKind::kSha1:
      return 20;
    case match::SignalKind::kPdq:
    case match::SignalKind::kSha256:
      return 32;
  }
  return 0;
}

Result<Query> read_query(ObjectReader reader) {
  const std::string kind = reader.text("kind", 16);
  const std::string value = reader.text("value", kHashDigitsMax);
  const auto distance_max = reader.optional_integer("distance_max", 0, match::kPdqDistanceMax);
  TUTELA_TRY(reader.finish());
  Query query;
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
  query.digest.resize(digest_bytes(query.kind));
  TUTELA_TRY(parse_hex(value, query.digest));
  return query;
}

Result<std::vector<Query>> read_queries(std::string_view body) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(body));
  std::vector<Query> queries;
  const auto several = reader.optional_array("queries", kQueriesMax);
  if (!several) {
    TUTELA_TRY_ASSIGN(Query one, read_query(std::move(reader)));
    queries.push_back(std::move(one));
    return queries;
  }
  TUTELA_TRY(reader.finish());
  for (const json::value& item : *several) {
    if (!item.is_object()) {
      return Error{
          ErrorKind::kInvalidInput, "request.bad_field", "the field queries must hold objects"};
    }
    TUTELA_TRY_ASSIGN(Query one, read_query(ObjectReader(item.get_object())));
    queries.push_back(std::move(one));
  }
  return queries;
}

json::array hits_json(const std::vector<match::Hit>& hits,
                      const match::Generation& generation,
                      const std::map<Uuid, std::string>& names) {
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

/// Before anything is answered: a lookup that cannot be recorded is not made.
Status audit_search(App& app, const Request& request) {
  const store::Actor& actor = request.principal->actor;
  return app.pipeline.database().write([&](store::Transaction& transaction) {
    return store::add_audit(transaction,
                            actor,
                            app.clock.now_ms(),
                            {.action = "signal.search",
                             .object = "request:" + to_string(request.id),
                             .purpose = "lookup",
                             .result = "ok"});
  });
}

Result<json::object> search(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const std::vector<Query> queries, read_queries(request.body));
  if (!app.searches.take(request.principal->actor.principal_id,
                         static_cast<std::uint32_t>(queries.size()),
                         app.settings.get()->server.searches_per_minute,
                         app.clock.now_ms())) {
    return Error{ErrorKind::kLimitExceeded,
                 "search.too_many",
                 "this token looked up too many hashes; try again later"};
  }
  TUTELA_TRY(audit_search(app, request));
  TUTELA_TRY_ASSIGN(const std::vector<lists::List> all,
                    app.pipeline.lists().all(request.principal->actor));
  std::map<Uuid, std::string> names;
  for (const lists::List& list : all) {
    names.emplace(list.id, list.spec.name);
  }
  const auto generation = app.pipeline.generation();
  json::array results;
  for (const Query& query : queries) {
    const auto hits =
        query.kind == match::SignalKind::kPdq
            ? generation->search_pdq({std::span(&query.pdq, 1), 0}, query.distance_max)
            : generation->search_digest(query.kind, query.digest);
    results.push_back({{"kind", match::to_string(query.kind)},
                       {"hits", hits_json(hits, *generation, names)},
                       {"hits_total", hits.size()}});
  }
  return json::object({{"results", std::move(results)}});
}

}  // namespace

Result<std::int64_t> limit_of(const Request& request, std::int64_t otherwise, std::int64_t max) {
  const auto text = request.query_value("limit");
  if (!text) {
    return otherwise;
  }
  std::int64_t limit = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, limit);
  if (error != std::errc() || stop != end || limit < 1 || limit > max) {
    return Error{ErrorKind::kInvalidInput,
                 "request.bad_parameter",
                 "limit must be from 1 to " + std::to_string(max)};
  }
  return limit;
}

Response get_content(App& app, const Request& request) {
  const auto id = parse_uuid(request.parameter("id"));
  if (!id) {
    return problem(id.error(), request.id);
  }
  const auto content = app.pipeline.ledger().get(request.principal->actor, *id);
  if (!content) {
    return problem(content.error(), request.id);
  }
  return json_response(200, content_json(*content, Hashes::kShown));
}

Response get_matches(App& app, const Request& request) {
  constexpr std::int64_t kLimitMax = 1000;
  const auto limit = limit_of(request, 100, kLimitMax);
  if (!limit) {
    return problem(limit.error(), request.id);
  }
  ledger::Page page;
  page.limit = *limit;
  if (const auto after = request.query_value("after")) {
    const auto id = parse_uuid(*after);
    if (!id) {
      return problem(id.error(), request.id);
    }
    page.after = to_string(*id);
  }
  const auto contents = app.pipeline.ledger().with_matches(request.principal->actor, page);
  if (!contents) {
    return problem(contents.error(), request.id);
  }
  json::array items;
  for (const ledger::Content& content : *contents) {
    items.push_back(content_json(content, Hashes::kHidden));
  }
  json::object body = {{"items", std::move(items)}};
  if (!contents->empty() && static_cast<std::int64_t>(contents->size()) == *limit) {
    body["next"] = to_string(contents->back().arrival.id);
  }
  return json_response(200, body);
}

Response post_search(App& app, const Request& request) {
  const auto found = search(app, request);
  return found ? json_response(200, *found) : problem(found.error(), request.id);
}

}  // namespace tutela::http
