#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "exchange/cybertip/model.hpp"
#include "exchange/cybertip/visit.hpp"

namespace tutela::cybertip {
namespace {

namespace json = boost::json;

template <class T>
json::value value_of(const T& value);

class Writer {
 public:
  template <class Member>
  void operator()(std::string_view name, const Member& member, std::string_view /*help*/) {
    if constexpr (Cardinality<Member>::kMany) {
      if (!member.empty()) {
        json::array array;
        for (const auto& each : member) {
          array.push_back(value_of(each));
        }
        object_[name] = std::move(array);
      }
    } else if (member) {
      object_[name] = value_of(*member);
    }
  }

  json::object take() { return std::move(object_); }

 private:
  json::object object_;
};

template <class T>
json::value value_of(const T& value) {
  if constexpr (Structure<T>) {
    Writer writer;
    T::fields(value, writer);
    return writer.take();
  } else if constexpr (Choice<T>) {
    return std::visit(
        []<class Chosen>(const Chosen& chosen) {
          json::object object;
          object[Chosen::kName] = value_of(chosen);
          return object;
        },
        value);
  } else if constexpr (std::is_same_v<T, bool>) {
    return value;
  } else if constexpr (std::is_same_v<T, Mark>) {
    return true;
  } else if constexpr (requires { value.value(); }) {
    return value.value();
  } else {
    return json::string(value.text());
  }
}

}  // namespace

std::string write_json(const Submission& submission) {
  return json::serialize(value_of(submission));
}

}  // namespace tutela::cybertip
