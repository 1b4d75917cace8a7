#include "service/reporting/paper.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace tutela::reporting {

namespace json = boost::json;

namespace {

constexpr std::size_t kPlacesMax = cybertip::kFilesMax;

/// The first part of a path, which is taken from it.
std::string_view take_part(std::string_view& path) {
  const std::size_t slash = std::min(path.find('/'), path.size());
  const std::string_view part = path.substr(0, slash);
  path.remove_prefix(std::min(slash + 1, path.size()));
  return part;
}

/// A place in an array.
bool read_place(std::string_view part, std::size_t& place) {
  const char* const end = part.data() + part.size();
  const auto [stop, error] = std::from_chars(part.data(), end, place);
  return !part.empty() && error == std::errc() && stop == end && place < kPlacesMax;
}

json::value& make(json::value& in, std::string_view path) {
  json::value* at = &in;
  while (!path.empty()) {
    const std::string_view part = take_part(path);
    std::size_t place = 0;
    if (read_place(part, place)) {
      json::array& all = at->is_array() ? at->get_array() : at->emplace_array();
      if (all.size() <= place) {
        all.resize(place + 1);
      }
      at = &all[place];
    } else {
      json::object& group = at->is_object() ? at->get_object() : at->emplace_object();
      at = &group[part];
    }
  }
  return *at;
}

}  // namespace

json::string to_text(std::string_view from) {
  return json::string(from.begin(), from.end());
}

const json::value* find(const json::value& in, std::string_view path) {
  const json::value* at = &in;
  while (at != nullptr && !path.empty()) {
    const std::string_view part = take_part(path);
    std::size_t place = 0;
    if (const json::object* const group = at->if_object()) {
      at = group->if_contains(part);
    } else if (const json::array* const all = at->if_array()) {
      at = read_place(part, place) && place < all->size() ? &(*all)[place] : nullptr;
    } else {
      at = nullptr;
    }
  }
  return at;
}

const cybertip::Origin* origin_of(const std::map<std::string, cybertip::Origin>& origins,
                                  std::string_view path) {
  while (true) {
    const auto found = origins.find(std::string(path));
    if (found != origins.end()) {
      return &found->second;
    }
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) {
      return nullptr;
    }
    path = path.substr(0, slash);
  }
}

void for_each_leaf(const json::value& in, const std::string& path, const OnLeaf& on_leaf) {
  const std::string before = path.empty() ? "" : path + "/";
  if (const json::object* const group = in.if_object()) {
    for (const auto& member : *group) {
      for_each_leaf(member.value(), before + std::string(member.key()), on_leaf);
    }
  } else if (const json::array* const all = in.if_array()) {
    for (std::size_t i = 0; i < all->size(); ++i) {
      for_each_leaf((*all)[i], before + std::to_string(i), on_leaf);
    }
  } else {
    on_leaf(path, in);
  }
}

std::string to_json(const std::vector<cybertip::Origin>& origins) {
  json::array entries;
  for (const cybertip::Origin& origin : origins) {
    json::object entry;
    entry["path"] = to_text(origin.path);
    entry["source"] = to_text(origin.source);
    entry["detail"] = to_text(origin.detail);
    entries.push_back(std::move(entry));
  }
  return json::serialize(entries);
}

Result<std::map<std::string, cybertip::Origin>> read_origins(std::string_view provenance) {
  const Error corrupt{
      ErrorKind::kCorrupted, "store.corrupt", "where fields come from cannot be read"};
  boost::system::error_code failed;
  const json::value entries = json::parse(provenance, failed);
  if (failed || !entries.is_array()) {
    return corrupt;
  }
  std::map<std::string, cybertip::Origin> origins;
  for (const json::value& entry : entries.get_array()) {
    std::string parts[3];
    const std::string_view names[3] = {"path", "source", "detail"};
    for (std::size_t i = 0; i < 3; ++i) {
      const json::value* const value = find(entry, names[i]);
      if (value == nullptr || !value->is_string()) {
        return corrupt;
      }
      parts[i] = std::string(value->get_string());
    }
    const std::string path = parts[0];
    origins[path] = {std::move(parts[0]), std::move(parts[1]), std::move(parts[2])};
  }
  return origins;
}

Result<json::value> read_document(std::string_view body) {
  const Error bad{ErrorKind::kInvalidInput,
                  "report.bad_document",
                  "a document is a JSON object with \"report\" and \"files\", of at most 256 KiB"};
  if (body.size() > cybertip::kDocumentBytesMax) {
    return bad;
  }
  boost::system::error_code failed;
  json::value document = json::parse(body, failed);
  if (failed || !document.is_object()) {
    return bad;
  }
  json::object& whole = document.get_object();
  if (!whole.contains("files")) {
    whole["files"].emplace_array();
  }
  const json::value* const report = whole.if_contains("report");
  const bool groups = report != nullptr && report->is_object() && whole["files"].is_array();
  if (!groups || !std::ranges::all_of(whole["files"].get_array(),
                                      [](const json::value& file) { return file.is_object(); })) {
    return bad;
  }
  return document;
}

Paper::Paper() {
  body_ = {{"report", json::object()}, {"files", json::array()}};
}

void Paper::put(std::string_view path,
                json::value value,
                std::string_view source,
                std::string_view detail) {
  if (value.is_string() && value.get_string().empty()) {
    return;
  }
  make(body_, path) = std::move(value);
  const std::string where(path);
  origins_[where] = {where, std::string(source), std::string(detail)};
}

void Paper::add(std::string_view path,
                json::value value,
                std::string_view source,
                std::string_view detail) {
  const json::value* const present = find(body_, path);
  const std::size_t place =
      present != nullptr && present->is_array() ? present->get_array().size() : 0;
  put(std::string(path) + "/" + std::to_string(place), std::move(value), source, detail);
}

std::string Paper::text() const {
  return json::serialize(body_);
}

std::string Paper::provenance() const {
  std::vector<cybertip::Origin> all;
  for_each_leaf(body_, "", [&](const std::string& path, const json::value&) {
    if (const cybertip::Origin* const origin = origin_of(origins_, path)) {
      all.push_back({path, origin->source, origin->detail});
    }
  });
  return to_json(all);
}

}  // namespace tutela::reporting
