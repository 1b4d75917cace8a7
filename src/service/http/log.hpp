// Log: the names of service/log as the server's sources use them.
#pragma once

#include "service/log/log.hpp"

namespace tutela::http {

using log::configure_log;
using log::Field;
using log::Level;
using log::log_event;

}  // namespace tutela::http
