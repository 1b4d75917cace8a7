#include <set>
#include <string>

#include "exchange/cybertip/document_fixture.hpp"

namespace tutela::cybertip {
namespace {

namespace json = boost::json;

json::object form() {
  return json::parse(std::string(form_json())).as_object();
}

json::object field(const json::object& all, std::string_view group, std::string_view name) {
  for (const json::value& each :
       all.at("groups").as_object().at(group).as_object().at("fields").as_array()) {
    if (each.as_object().at("name").as_string() == name) {
      return each.as_object();
    }
  }
  ADD_FAILURE() << group << " has no " << name;
  return {};
}

TEST(CybertipForm, DescribesAFieldAsTheDocumentationDoes) {
  const json::object all = form();
  EXPECT_EQ(all.at("root"), "submission");
  EXPECT_EQ(field(all, "incidentSummary", "platform"), json::parse(R"({
              "name": "platform", "kind": "text", "min": 0, "max": 1, "length_max": 256,
              "help": "Give the full name of the application where it happened."})"));
  EXPECT_EQ(field(all, "incidentSummary", "incidentType").at("words"), "incidentType");
  EXPECT_EQ(all.at("words").as_object().at("incidentType").as_array().size(), 8U);
  EXPECT_EQ(field(all, "report", "internetDetails").at("kind"), "choice");
  EXPECT_EQ(field(all, "email", "@verified").at("kind"), "yes_no");
  EXPECT_EQ(field(all, "person", "age").at("most"), 150);
  EXPECT_EQ(field(all, "details", "nameValuePair").at("min"), 1);
}

TEST(CybertipForm, IsWholeAndHelpsWithEveryField) {
  const json::object all = form();
  const json::object& groups = all.at("groups").as_object();
  std::set<std::string> named;
  for (const auto& [name, group] : groups) {
    EXPECT_FALSE(group.as_object().at("fields").as_array().empty()) << name;
    for (const json::value& value : group.as_object().at("fields").as_array()) {
      const json::object& each = value.as_object();
      const std::string_view help = each.at("help").as_string();
      EXPECT_TRUE(help.size() > 8 && help.ends_with('.')) << name << " " << each.at("name");
      if (each.contains("group")) {
        EXPECT_TRUE(groups.contains(each.at("group").as_string()));
        named.insert(std::string(each.at("group").as_string()));
      }
      if (each.at("kind") == "word") {
        EXPECT_TRUE(all.at("words").as_object().contains(each.at("words").as_string()));
      }
    }
  }
  EXPECT_EQ(named.size() + 1, groups.size());
  EXPECT_EQ(groups.at("internetDetails").as_object().at("choice"), true);
  EXPECT_EQ(groups.at("internetDetails").as_object().at("fields").as_array().size(), 8U);
}

}  // namespace
}  // namespace tutela::cybertip
