// `tutela bench intake`: notices handed in to a real server, and what a kill -9 does to them.
#pragma once

namespace CLI {
class App;
}  // namespace CLI

namespace tutela::cli {

struct Session;

/// Adds it under `bench`.
void add_bench_intake(CLI::App& bench, Session& session);

}  // namespace tutela::cli
