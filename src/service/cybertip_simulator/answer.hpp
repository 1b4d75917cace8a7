// Answer: what goes back over the wire, right or wrong on purpose. Pure.
#pragma once

#include <optional>
#include <string>

#include "service/cybertip_simulator/desk.hpp"
#include "service/cybertip_simulator/faults.hpp"

namespace tutela::cybertip_simulator {

/// Descriptions of all answers begin with it.
inline constexpr std::string_view kMark = "SIMULATED";

struct Answer {
  unsigned http_status = 200;
  std::string content_type;
  std::string body;
};

/// The XML of a reply, marked as simulated: a description where there is one, a comment always.
std::string to_xml(const Reply& reply);

/// Of a reply, as a fault (where there is one) has it.
Answer answer_of(Reply reply, const std::optional<Fault>& fault);

}  // namespace tutela::cybertip_simulator
