#include <algorithm>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "exchange/cybertip/model.hpp"
#include "exchange/cybertip/schema.hpp"
#include "exchange/cybertip/visit.hpp"

namespace tutela::cybertip {
namespace {

namespace json = boost::json;

constexpr std::size_t kNameShownMax = 64;

class Problems {
 public:
  explicit Problems(std::vector<Problem>& list) : list_(list) {}

  void add(const std::string& path, std::string_view code, std::string message) {
    if (list_.size() < kProblemsMax) {
      list_.push_back({path, std::string(code), std::move(message)});
    }
  }

  [[nodiscard]] std::size_t count() const { return list_.size(); }

  void add(const std::string& path, const Error& error) { add(path, error.code, error.message); }

  /// "Say when it happened." becomes "Say when it happened: the authority requires ...".
  void missing(const std::string& path, std::string_view help, std::string_view wants) {
    add(path,
        "missing",
        std::string(help.substr(0, help.size() - 1)) + ": the authority requires " +
            std::string(wants) + ".");
  }

 private:
  std::vector<Problem>& list_;
};

/// A name from outside, fit for a path: bounded, and without what is not in names.
std::string shown(std::string_view name) {
  std::string result(name.substr(0, kNameShownMax));
  std::ranges::replace_if(
      result,
      [](char c) {
        return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '@' || c == '#' || c == '_' || c == '-');
      },
      '?');
  return result;
}

std::string_view view_of(const json::string& text) {
  return {text.data(), text.size()};
}

template <class T>
std::optional<T> read_value(const json::value& value, const std::string& path, Problems& problems);

class Reader {
 public:
  Reader(const json::object& object, const std::string& path, Problems& problems)
      : object_(object), path_(path), problems_(problems) {}

  template <class Member>
  void operator()(std::string_view name, Member& member, std::string_view help) {
    using Value = typename Cardinality<Member>::Value;
    known_.push_back(name);
    const std::string path = path_to(path_, name);
    const json::value* value = object_.if_contains(name);
    if (value != nullptr) {
      if constexpr (Cardinality<Member>::kMany) {
        read_list(*value, path, member);
      } else {
        read_one(*value, path, member);
      }
    }
    const bool empty = Cardinality<Member>::kMany && value != nullptr && value->is_array() &&
                       value->get_array().empty();
    if (Cardinality<Member>::kLeast > 0 && (value == nullptr || empty)) {
      problems_.missing(path, help, wants<Value>());
    }
  }

  void refuse_unknown() {
    for (const auto& [key, value] : object_) {
      const std::string_view name(key.data(), key.size());
      if (std::ranges::find(known_, name) == known_.end()) {
        problems_.add(path_to(path_, shown(name)),
                      "unknown",
                      "The authority has no such field here: remove it, or correct its name.");
      }
    }
  }

 private:
  template <class Value>
  static std::string_view wants() {
    if constexpr (Structure<Value> || Choice<Value>) {
      return "it";
    } else {
      return leaf_info<Value>().wants;
    }
  }

  template <class Member>
  void read_one(const json::value& value, const std::string& path, Member& member) {
    using Value = typename Cardinality<Member>::Value;
    const std::size_t before = problems_.count();
    std::optional<Value> read = read_value<Value>(value, path, problems_);
    if (!read) {
      return;
    }
    if (Cardinality<Member>::kLeast == 0) {
      refuse_empty(*read, path, before);
    }
    member.emplace(*std::move(read));
  }

  template <class Member>
  void read_list(const json::value& value, const std::string& path, Member& member) {
    using Value = typename Cardinality<Member>::Value;
    if (!value.is_array()) {
      problems_.add(path, "wrong_shape", "This field can be said more than once: give a list.");
      return;
    }
    const json::array& array = value.get_array();
    if (array.size() > kItemsMax) {
      problems_.add(path, "too_many", "Give at most " + std::to_string(kItemsMax) + " of these.");
      return;
    }
    for (std::size_t i = 0; i < array.size(); ++i) {
      const std::size_t before = problems_.count();
      std::optional<Value> read = read_value<Value>(array[i], path_to(path, i), problems_);
      if (read) {
        refuse_empty(*read, path_to(path, i), before);
        member.push_back(*std::move(read));
      } else if constexpr (Structure<Value> || Choice<Value>) {
        member.emplace_back();  // so that those after it keep their number in paths
      }
    }
  }

  /// A part of which every field is wrong is not blamed for saying nothing as well.
  template <class Value>
  void refuse_empty(const Value& value, const std::string& path, std::size_t problems_before) {
    if constexpr (Structure<Value>) {
      if (says_nothing(value) && problems_.count() == problems_before) {
        problems_.add(path, "empty", "Nothing is said here: fill in a field, or remove this part.");
      }
    }
  }

  const json::object& object_;
  const std::string& path_;
  Problems& problems_;
  std::vector<std::string_view> known_;
};

template <class T>
std::optional<T> read_group(const json::value& value, const std::string& path, Problems& problems) {
  if (!value.is_object()) {
    problems.add(path, "wrong_shape", "This part has fields of its own: give them by name.");
    return std::nullopt;
  }
  T group;
  Reader reader(value.get_object(), path, problems);
  T::fields(group, reader);
  reader.refuse_unknown();
  return group;
}

template <class... Alternatives>
std::optional<std::variant<Alternatives...>> read_choice(std::variant<Alternatives...>* /*type*/,
                                                         const json::value& value,
                                                         const std::string& path,
                                                         Problems& problems) {
  std::optional<std::variant<Alternatives...>> chosen;
  bool known = false;
  if (value.is_object() && value.get_object().size() == 1) {
    const auto& [key, inner] = *value.get_object().begin();
    const std::string_view name(key.data(), key.size());
    const auto try_one = [&]<class T>(const T* /*type*/) {
      if (name == T::kName) {
        known = true;
        if (std::optional<T> read = read_group<T>(inner, path_to(path, name), problems)) {
          chosen = *std::move(read);
        }
      }
    };
    (try_one(static_cast<const Alternatives*>(nullptr)), ...);
  }
  if (!known) {
    problems.add(path, "not_one", "Choose exactly one of the kinds that the authority lists here.");
  }
  return chosen;
}

std::optional<bool> input_of(const json::value& value, const bool* /*type*/) {
  return value.is_bool() ? std::optional(value.get_bool()) : std::nullopt;
}

std::optional<double> input_of(const json::value& value, const double* /*type*/) {
  return value.is_number() ? std::optional(value.to_number<double>()) : std::nullopt;
}

std::optional<std::int64_t> input_of(const json::value& value, const std::int64_t* /*type*/) {
  return value.is_int64() ? std::optional(value.get_int64()) : std::nullopt;
}

std::optional<std::string_view> input_of(const json::value& value,
                                         const std::string_view* /*type*/) {
  return value.is_string() ? std::optional(view_of(value.get_string())) : std::nullopt;
}

template <class Input>
constexpr std::string_view shape_of() {
  if constexpr (std::is_same_v<Input, bool>) {
    return "Give true or false here; leave it out where it is unknown.";
  } else if constexpr (std::is_same_v<Input, std::string_view>) {
    return "Give a text here.";
  } else if constexpr (std::is_same_v<Input, double>) {
    return "Give a number here.";
  } else {
    return "Give a whole number here.";
  }
}

template <class T>
std::optional<T> read_leaf(const json::value& value, const std::string& path, Problems& problems) {
  using Input = typename InputOf<T>::Type;
  const std::optional<Input> input = input_of(value, static_cast<const Input*>(nullptr));
  if (!input) {
    problems.add(path, "wrong_shape", std::string(shape_of<Input>()));
    return std::nullopt;
  }
  if constexpr (std::is_same_v<T, bool>) {
    return input;
  } else {
    Result<T> made = T::make(*input);
    if (!made) {
      problems.add(path, made.error());
      return std::nullopt;
    }
    return *std::move(made);
  }
}

template <class T>
std::optional<T> read_value(const json::value& value, const std::string& path, Problems& problems) {
  if constexpr (Structure<T>) {
    return read_group<T>(value, path, problems);
  } else if constexpr (Choice<T>) {
    return read_choice(static_cast<T*>(nullptr), value, path, problems);
  } else {
    return read_leaf<T>(value, path, problems);
  }
}

}  // namespace

Reading read(std::string_view document) {
  Reading reading;
  Problems problems(reading.problems);
  if (document.size() > kDocumentBytesMax) {
    problems.add("", "too_large", "This document is too large: shorten its longest texts.");
    return reading;
  }
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = kDepthMax;
  const json::value value = json::parse(document, error, {}, options);
  if (error) {
    problems.add("", "bad_json", "This is not a document: it cannot be read as JSON.");
    return reading;
  }
  if (auto submission = read_group<Submission>(value, "", problems)) {
    reading.submission = *std::move(submission);
  }
  return reading;
}

}  // namespace tutela::cybertip
