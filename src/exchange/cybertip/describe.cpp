#include "exchange/cybertip/describe.hpp"

#include "exchange/cybertip/model.hpp"
#include "exchange/cybertip/visit.hpp"

namespace tutela::cybertip {
namespace {

template <class T>
const Group& group_of();

template <class T>
Field field_of(std::string_view name, std::string_view help) {
  Field field{.name = name, .help = help, .leaf = {}};
  if constexpr (Structure<T> || Choice<T>) {
    field.leaf.kind = Choice<T> ? Kind::kChoice : Kind::kGroup;
    field.group = &group_of<T>();
  } else {
    field.leaf = leaf_info<T>();
  }
  return field;
}

class Describer {
 public:
  explicit Describer(std::vector<Field>& fields) : fields_(fields) {}

  template <class Member>
  void operator()(std::string_view name, const Member& /*member*/, std::string_view help) {
    Field field = field_of<typename Cardinality<Member>::Value>(name, help);
    field.least = Cardinality<Member>::kLeast;
    field.most = Cardinality<Member>::kMany ? kItemsMax : 1;
    fields_.push_back(field);
  }

 private:
  std::vector<Field>& fields_;
};

template <class... Alternatives>
Group choice_of(const std::variant<Alternatives...>* /*type*/) {
  Group group{.name = "internetDetails", .choice = true, .fields = {}};
  (group.fields.push_back(field_of<Alternatives>(Alternatives::kName, Alternatives::kHelp)), ...);
  return group;
}

template <class T>
Group make_group() {
  if constexpr (Choice<T>) {
    return choice_of(static_cast<const T*>(nullptr));
  } else {
    Group group{.name = T::kName, .fields = {}};
    Describer describer(group.fields);
    const T nothing{};
    T::fields(nothing, describer);
    return group;
  }
}

template <class T>
const Group& group_of() {
  static const Group group = make_group<T>();
  return group;
}

}  // namespace

const Group& description() {
  return group_of<Submission>();
}

}  // namespace tutela::cybertip
