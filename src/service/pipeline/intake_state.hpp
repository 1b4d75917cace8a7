// What an Intake holds while an item arrives. Internal to the pipeline.
#pragma once

#include <chrono>

#include "crypto/digest.hpp"
#include "service/pipeline/state.hpp"

namespace tutela::pipeline {

struct Intake::State {
  Internals& pipeline;
  store::Actor actor;
  std::uint64_t size_bytes_max;
  ledger::Arrival arrival;
  crypto::Digester digester;
  spool::Spool::Writer writer;
  workers::ItemBytes bytes;
  InFlightGuard in_flight;
  std::chrono::steady_clock::time_point started;
  bool repeated = false;
  bool canary = false;
};

}  // namespace tutela::pipeline
