#include <algorithm>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "exchange/cybertip/cybertip.hpp"
#include "exchange/cybertip/describe.hpp"
#include "exchange/cybertip/model.hpp"
#include "exchange/cybertip/visit.hpp"

namespace tutela::cybertip {
namespace {

namespace json = boost::json;

/// Drafts are compared as they are, with their mistakes; only the order comes from the model.
class Comparison {
 public:
  void group(const Group& group,
             const json::value* before,
             const json::value* after,
             const std::string& path) {
    const json::object* old_fields = before != nullptr ? before->if_object() : nullptr;
    const json::object* new_fields = after != nullptr ? after->if_object() : nullptr;
    const bool misfit =
        (before != nullptr && old_fields == nullptr) || (after != nullptr && new_fields == nullptr);
    const bool empty = (before == nullptr && new_fields != nullptr && new_fields->empty()) ||
                       (after == nullptr && old_fields != nullptr && old_fields->empty());
    if (misfit || empty) {
      leaf(before, after, path);
      return;
    }
    for (const Field& each : group.fields) {
      field(
          each, find(old_fields, each.name), find(new_fields, each.name), path_to(path, each.name));
    }
    unknown(group, old_fields, new_fields, path);
  }

  std::vector<Change> take() { return std::move(changes_); }

 private:
  static const json::value* find(const json::object* object, std::string_view name) {
    return object == nullptr ? nullptr : object->if_contains(name);
  }

  static std::string text(const json::value* value) {
    if (value == nullptr) {
      return {};
    }
    return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
  }

  void leaf(const json::value* before, const json::value* after, const std::string& path) {
    if (before == nullptr && after == nullptr) {
      return;
    }
    if (before == nullptr || after == nullptr || *before != *after) {
      changes_.push_back({path, text(before), text(after)});
    }
  }

  void one(const Field& field,
           const json::value* before,
           const json::value* after,
           const std::string& path) {
    if (field.group != nullptr) {
      group(*field.group, before, after, path);
    } else {
      leaf(before, after, path);
    }
  }

  void field(const Field& field,
             const json::value* before,
             const json::value* after,
             const std::string& path) {
    if (field.most == 1) {
      one(field, before, after, path);
      return;
    }
    const json::array* old_items = before != nullptr ? before->if_array() : nullptr;
    const json::array* new_items = after != nullptr ? after->if_array() : nullptr;
    if ((before != nullptr && old_items == nullptr) || (after != nullptr && new_items == nullptr)) {
      leaf(before, after, path);
      return;
    }
    const std::size_t old_size = old_items == nullptr ? 0 : old_items->size();
    const std::size_t new_size = new_items == nullptr ? 0 : new_items->size();
    for (std::size_t i = 0; i < std::max(old_size, new_size); ++i) {
      one(field,
          i < old_size ? &(*old_items)[i] : nullptr,
          i < new_size ? &(*new_items)[i] : nullptr,
          path_to(path, i));
    }
  }

  /// Names that the model does not know, in the order in which they stand.
  void unknown(const Group& group,
               const json::object* before,
               const json::object* after,
               const std::string& path) {
    const auto strange = [&](std::string_view name) {
      return std::ranges::find(group.fields, name, &Field::name) == group.fields.end();
    };
    for (const json::object* each : {before, after}) {
      if (each == nullptr) {
        continue;
      }
      for (const auto& [key, value] : *each) {
        const std::string_view name(key.data(), key.size());
        const bool seen = each == after && find(before, name) != nullptr;
        if (strange(name) && !seen) {
          leaf(find(before, name), find(after, name), path_to(path, name));
        }
      }
    }
  }

  std::vector<Change> changes_;
};

Result<json::value> parse_document(std::string_view document) {
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = kDepthMax;
  if (document.size() <= kDocumentBytesMax) {
    json::value value = json::parse(document, error, {}, options);
    if (!error && value.is_object()) {
      return value;
    }
  }
  return Error{ErrorKind::kInvalidInput,
               "cybertip.bad_document",
               "a document is a JSON object of at most 256 KiB: send it as it was read"};
}

}  // namespace

Result<std::vector<Change>> changes(std::string_view before, std::string_view after) {
  TUTELA_TRY_ASSIGN(const json::value old_document, parse_document(before));
  TUTELA_TRY_ASSIGN(const json::value new_document, parse_document(after));
  Comparison comparison;
  comparison.group(description(), &old_document, &new_document, "");
  return comparison.take();
}

}  // namespace tutela::cybertip
