#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "exchange/cybertip/cybertip.hpp"
#include "exchange/cybertip/describe.hpp"

namespace tutela::cybertip {
namespace {

namespace json = boost::json;

class Form {
 public:
  std::string write(const Group& root) {
    add_group(root);
    return json::serialize(
        json::object{{"root", root.name}, {"groups", groups_}, {"words", words_}});
  }

 private:
  void add_group(const Group& group) {
    if (groups_.contains(group.name)) {
      return;
    }
    groups_[group.name] = nullptr;  // keeps its place before the groups that it holds
    json::array fields;
    for (const Field& field : group.fields) {
      fields.push_back(describe(field));
    }
    groups_[group.name] = json::object{{"choice", group.choice}, {"fields", std::move(fields)}};
  }

  json::object describe(const Field& field) {
    json::object object{{"name", field.name},
                        {"kind", name_of(field.leaf.kind)},
                        {"min", field.least},
                        {"max", field.most},
                        {"help", field.help}};
    if (field.group != nullptr) {
      object["group"] = field.group->name;
      add_group(*field.group);
    }
    if (field.leaf.length_max > 0) {
      object["length_max"] = field.leaf.length_max;
    }
    if (field.leaf.least != field.leaf.most) {
      object["least"] = field.leaf.least;
      object["most"] = field.leaf.most;
    }
    if (!field.leaf.words.empty()) {
      object["words"] = field.leaf.words_name;
      words_[field.leaf.words_name] = json::array(field.leaf.words.begin(), field.leaf.words.end());
    }
    return object;
  }

  json::object groups_;
  json::object words_;
};

}  // namespace

std::string_view form_json() {
  static const std::string form = Form().write(description());
  return form;
}

}  // namespace tutela::cybertip
