// `tutela bench index`: the index of PDQ signals on this machine.
#pragma once

namespace CLI {
class App;
}  // namespace CLI

namespace tutela::cli {

struct Session;

/// Adds it under `bench`.
void add_bench_index(CLI::App& bench, Session& session);

}  // namespace tutela::cli
